// Each image decoder alone, with what an image's descriptor may claim and compressed bytes behind it. An input begins with the
// claims, so that a change of the bytes changes them too.

import { inflateSync } from 'node:zlib';
import { DecodeError } from '#app/decode/decode-error.js';
import { createDecoderState, decodeImage } from '#app/decode/image-decoder.js';
import { createPixelBuffer } from '#app/decode/pixel-buffer.js';
import type { Image, ImageBody } from '#app/protocol/messages/image.js';
import { catalog } from '#app/protocol/catalog.js';
import { ChannelType } from '#app/protocol/constants.js';
import { encodeLz } from '#app/loopback/encode/lz-encoder.js';
import { decodeCursor } from '#app/surface/cursor-shape.js';
import { loadImageFixtures } from '../golden/images/fixtures.ts';
import type { Seeded } from '../simulation/seeded.ts';
import { serverMessagesOf } from './golden-inputs.ts';
import { mutate } from './mutate.ts';
import { mib, type FuzzTarget } from './target.ts';
import { gradient, jpegOf, libraryJpeg } from '../support/jpeg.ts';
import { roomyBudget } from '../support/roomy-budget.ts';

const kinds = ['bitmap', 'lzPlt', 'lzRgb', 'glzRgb', 'zlibGlzRgb', 'quic', 'lz4', 'jpeg', 'jpegAlpha'] as const;
type Kind = (typeof kinds)[number];

/** Width, height, format, flags, stride, palette entries, announced size. */
const claimsBytes = 16;
/** Targets of the fuzzer are small: what is allocated beyond them is the codec's own. */
const targetSideMax = 160;
const dataBytesMax = 6 * 1024;
const glzWindowBytesMax = 4 * mib;

const inflate = (input: Uint8Array, outputBytes: number): Uint8Array => inflateSync(input, { maxOutputLength: Math.max(1, outputBytes) });

function claimsOf(image: Image): Uint8Array {
  const bytes = new Uint8Array(claimsBytes);
  const view = new DataView(bytes.buffer);
  const { body } = image;
  view.setUint16(0, image.width, true);
  view.setUint16(2, image.height, true);
  bytes[4] = body.kind === 'bitmap' ? body.format : 0;
  bytes[5] = body.kind === 'bitmap' || body.kind === 'lzPlt' || body.kind === 'jpegAlpha' ? body.flags : 0;
  view.setUint16(6, body.kind === 'bitmap' ? body.stride : 0, true);
  bytes[8] = 16;
  view.setUint32(12, body.kind === 'zlibGlzRgb' ? body.glzDataSize : body.kind === 'jpegAlpha' ? body.jpegSize : 0, true);
  return bytes;
}

function imageOf(kind: Kind, input: Uint8Array): Image {
  const claims = new Uint8Array(claimsBytes);
  claims.set(input.subarray(0, claimsBytes));
  const view = new DataView(claims.buffer);
  const data = input.subarray(claimsBytes);
  const [width, height] = [1 + (view.getUint16(0, true) - 1) % targetSideMax, 1 + (view.getUint16(2, true) - 1) % targetSideMax].map((side) => Math.max(1, side)) as [number, number];
  const entries = Array.from({ length: claims[8] ?? 0 }, (_, index) => index * 0x010203);
  const palette = entries.length === 0 ? ({ kind: 'none' } as const) : ({ kind: 'inline', palette: { unique: 1n, entries } } as const);
  const bodies: Readonly<Record<Kind, ImageBody>> = {
    bitmap: { kind: 'bitmap', format: claims[4] ?? 0, flags: claims[5] ?? 0, width, height, stride: view.getUint16(6, true), palette, data },
    lzPlt: { kind: 'lzPlt', flags: claims[5] ?? 0, palette: palette.kind === 'none' ? { kind: 'cached', id: 9n } : palette, data },
    lzRgb: { kind: 'lzRgb', data },
    glzRgb: { kind: 'glzRgb', data },
    zlibGlzRgb: { kind: 'zlibGlzRgb', glzDataSize: view.getUint32(12, true), data },
    quic: { kind: 'quic', data },
    lz4: { kind: 'lz4', data },
    jpeg: { kind: 'jpeg', data },
    jpegAlpha: { kind: 'jpegAlpha', flags: (claims[5] ?? 0) & 1, jpegSize: view.getUint32(12, true), data },
  };
  return { id: 1n, type: 0, flags: claims[9] ?? 0, width, height, body: bodies[kind] };
}

/** Images of JPEG: of a gradient, with its alpha plane behind it where that belongs to it. */
function jpegImages(kind: Kind): { image: Image; data: Uint8Array }[] {
  if (kind !== 'jpeg' && kind !== 'jpegAlpha') return [];
  return [[16, 16], [33, 7], [1, 1], [90, 64]].map(([width = 1, height = 1]) => {
    const words = gradient(width, height);
    const jpeg = jpegOf(width, height, words, { quality: 80, gray: width === 16 && kind === 'jpeg' });
    const data = kind === 'jpeg' ? jpeg : Uint8Array.from([...jpeg, ...encodeLz({ width, height, words: words.map((word) => word << 24) }, 'xxxa', width !== 16)]);
    const body: ImageBody = kind === 'jpeg' ? { kind, data } : { kind, flags: width === 16 ? 0 : 1, jpegSize: jpeg.length, data };
    return { image: { id: 1n, type: 0, flags: 0, width, height, body }, data };
  });
}

function decoderTarget(kind: Kind): FuzzTarget {
  const seeds = [...loadImageFixtures(), ...jpegImages(kind)]
    .filter(({ image, data }) => image.body.kind === kind && data.length <= dataBytesMax)
    .map(({ image, data }) => Uint8Array.from(Buffer.concat([claimsOf(image), data])));
  return {
    name: `decode-${kind}`,
    kind: 'decoder',
    // Scratch of a codec: a word a pixel for the picture that the stream itself claims, checked against the target before.
    bytesMax: 4 * targetSideMax * targetSideMax * 16 + 2 * mib,
    make: (random: Seeded) => mutate(random.pick(seeds), random, seeds),
    run: (input) => {
      const image = imageOf(kind, input);
      const target = createPixelBuffer(image.width, image.height);
      const state = createDecoderState({ inflate, glzWindowBytesMax, firstGlzImageId: 'unknown', decodeJpeg: libraryJpeg, budget: roomyBudget() });
      try {
        const outcome = decodeImage(state, image, target);
        return [outcome.kind === 'decoded' ? `decoded${outcome.hasAlpha ? ' with alpha' : ''}` : `unsupported:${outcome.body}`];
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        return [`${error.code}:${error.field}`];
      }
    },
  };
}

/** Shapes of the pointer: kind, width, height and hot spot, then pixels. */
function cursorTarget(): FuzzTarget {
  const headBytes = 9;
  /** In SET, behind position, visibility, flags and the shape's number. */
  const shapeAt = 15;
  const { cursor } = ChannelType;
  const { set } = catalog[cursor].server;
  const seeds = serverMessagesOf(cursor).filter(({ type, body }) => type === set.type && body.length > shapeAt).map(({ body }) => body.slice(shapeAt));
  return {
    name: 'decode-cursor',
    kind: 'decoder',
    bytesMax: 2 * mib,
    make: (random) => mutate(random.pick(seeds), random, seeds),
    run: (input) => {
      const head = new Uint8Array(headBytes);
      head.set(input.subarray(0, headBytes));
      const view = new DataView(head.buffer);
      const shape = decodeCursor({
        unique: 1n, type: (head[0] ?? 0) % 9, width: view.getUint16(1, true), height: view.getUint16(3, true), hotSpotX: view.getUint16(5, true), hotSpotY: view.getUint16(7, true),
        data: input.subarray(headBytes),
      });
      return [typeof shape === 'string' ? shape : 'shape'];
    },
  };
}

export const decoderTargets: readonly FuzzTarget[] = [...kinds.map(decoderTarget), cursorTarget()];
