// Whatever bytes come, a decoder gives pixels or throws a DecodeError, soon, and never writes outside its target.
import fc from 'fast-check';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '#app/decode/decode-error.js';
import { createDecoderState, decodeImage } from '#app/decode/image-decoder.js';
import type { DecoderState } from '#app/decode/image-decoder.js';
import { encodeBitmap } from '#app/loopback/encode/bitmap-encoder.js';
import { GlzEncoder } from '#app/loopback/encode/glz-encoder.js';
import { encodeLz, encodeLzPlt } from '#app/loopback/encode/lz-encoder.js';
import { encodeQuic } from '#app/loopback/encode/quic-encoder.js';
import type { Image } from '#app/protocol/messages/image.js';
import { createGuardedTarget } from '../../support/guarded-target.js';
import { drawPicture } from '../../support/pictures.js';
import type { PictureKind } from '../../support/pictures.js';
import { roomyBudget } from '../../support/roomy-budget.js';

const inflate = (input: Uint8Array, outputBytes: number) => inflateSync(input, { maxOutputLength: outputBytes });
const [width, height] = [37, 11];
const palette = { kind: 'inline', palette: { unique: 1n, entries: [1, 2, 3, 4] } } as const;

interface Subject {
  readonly name: string;
  /** Bytes in front that say type and size: random streams keep them, so that they get past the header. */
  readonly headerBytes: number;
  readonly streams: readonly Uint8Array[];
  readonly body: (data: Uint8Array) => Image['body'];
}

const pictures = (['runs', 'chart', 'photo', 'noise'] as PictureKind[]).map((kind, seed) => drawPicture(kind, width, height, seed + 1));
const glzStreams = (() => {
  const encoder = new GlzEncoder(8);
  // The window of the test holds the first two; the others refer to them.
  return [...pictures.slice(0, 2), ...pictures].map((picture) => encoder.encode(picture, 'rgba'));
})();

const subjects: readonly Subject[] = [
  {
    name: 'bitmap',
    headerBytes: 0,
    streams: pictures.map((picture) => encodeBitmap(picture, 'bit32').data),
    body: (data) => ({ kind: 'bitmap', format: 1 + (data.length % 10), flags: 4, width, height, stride: width * 4, palette, data }),
  },
  ...(['rgb16', 'rgb32', 'rgba', 'xxxa', 'a8'] as const).map((type): Subject => ({
    name: `lz ${type}`,
    headerBytes: 28,
    streams: pictures.map((picture) => encodeLz(picture, type, false)),
    body: (data) => ({ kind: 'lzRgb', data }),
  })),
  {
    name: 'lz plt4Be',
    headerBytes: 28,
    streams: pictures.map(({ words }) => encodeLzPlt(Uint8Array.from(words, (word) => word & 255), 'plt4Be', width, height, 19)),
    body: (data) => ({ kind: 'lzPlt', flags: 0, palette, data }),
  },
  { name: 'glz rgba', headerBytes: 33, streams: glzStreams.slice(2), body: (data) => ({ kind: 'glzRgb', data }) },
  ...(['gray', 'rgb16', 'rgb32', 'rgba'] as const).map((type): Subject => ({
    name: `quic ${type}`,
    headerBytes: 20,
    streams: pictures.map((picture) => encodeQuic(picture, type)),
    body: (data) => ({ kind: 'quic', data }),
  })),
  {
    name: 'lz4',
    headerBytes: 2,
    // One block of literals and one long match: what mutations make of it is what counts.
    streams: [Uint8Array.from([1, 8, 0, 0, 0, 21, 0x4f, 1, 2, 3, 0, 4, 0, 255, 255, 255, 255, 255, 255, 75, 0x50, 0, 0, 0, 0, 0, 0])],
    body: (data) => ({ kind: 'lz4', data }),
  },
];

function stateWithWindow(): DecoderState {
  const state = createDecoderState({ inflate, glzWindowBytesMax: 1 << 20, firstGlzImageId: 0, decodeJpeg: null, budget: roomyBudget() });
  for (const data of glzStreams.slice(0, 2)) {
    decodeImage(state, { id: 0n, type: 102, flags: 0, width, height, body: { kind: 'glzRgb', data } }, createGuardedTarget(width, height, 0).target);
  }
  return state;
}

/** Bytes changed at some places, perhaps cut off, perhaps with a part put elsewhere. */
const mutations = fc.record({
  pick: fc.nat(),
  changes: fc.array(fc.record({ at: fc.nat(), byte: fc.oneof(fc.constantFrom(0, 31, 32, 224, 255), fc.nat(255)) }), { maxLength: 8 }),
  cut: fc.option(fc.nat(), { freq: 4 }),
  move: fc.option(fc.record({ from: fc.nat(), to: fc.nat(), length: fc.nat(40) }), { freq: 3 }),
});

describe.each(subjects)('$name', ({ headerBytes, streams, body }) => {
  const flags = 2; // HIGH_BITS_SET, so that this pass runs, too
  function attempt(state: DecoderState, data: Uint8Array, gap: number): void {
    const guarded = createGuardedTarget(width, height, gap);
    try {
      decodeImage(state, { id: 1n, type: 0, flags, width, height, body: body(data) }, guarded.target);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
    expect(guarded.damage()).toBe(0);
  }

  it('mutated streams become pixels or a DecodeError', () => {
    const state = stateWithWindow();
    fc.assert(
      fc.property(mutations, fc.constantFrom(0, 8), ({ pick, changes, cut, move }, gap) => {
        let data = streams[pick % streams.length]!.slice();
        for (const { at, byte } of changes) data[at % data.length] = byte;
        if (move !== null) data.copyWithin(move.to % data.length, move.from % data.length, (move.from % data.length) + move.length);
        if (cut !== null) data = data.slice(0, cut % (data.length + 1));
        attempt(state, data, gap);
      }),
      { numRuns: 600 },
    );
  });

  it('random bytes behind a good header become pixels or a DecodeError', () => {
    const state = stateWithWindow();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.constantFrom(0, 8), (bytes, gap) => {
        attempt(state, Uint8Array.from([...streams[0]!.subarray(0, headerBytes), ...bytes]), gap);
      }),
      { numRuns: 400 },
    );
  });
});
