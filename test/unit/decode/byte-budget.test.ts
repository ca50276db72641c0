import { deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { charge, chargeWorking, createByteBudget, credit, endWork, roomIn } from '#app/decode/byte-budget.js';
import { createDecoderState, decodeImage } from '#app/decode/image-decoder.js';
import { createPixelBuffer } from '#app/decode/pixel-buffer.js';
import { encodeIndexedBitmap } from '#app/loopback/encode/bitmap-encoder.js';
import { GlzEncoder } from '#app/loopback/encode/glz-encoder.js';
import { encodeLz, encodeLzPlt } from '#app/loopback/encode/lz-encoder.js';
import { encodeQuic } from '#app/loopback/encode/quic-encoder.js';
import type { Image } from '#app/protocol/messages/image.js';
import { createGuardedTarget } from '../../support/guarded-target.js';
import { drawPicture } from '../../support/pictures.js';

describe('a byte budget', () => {
  it('charges what fits and nothing of what does not, and counts how often it said no', () => {
    const budget = createByteBudget(100);
    expect([charge(budget, 60), charge(budget, 41), chargeWorking(budget, 40), chargeWorking(budget, 1), charge(budget, 1)]).toEqual([true, false, true, false, false]);
    expect(budget).toMatchObject({ held: 60, working: 40, highWater: 100, refused: 3 });
  });

  it('has the room again that is given back, and that of a message when it is done', () => {
    const budget = createByteBudget(100);
    charge(budget, 60);
    chargeWorking(budget, 40);
    endWork(budget);
    credit(budget, 10);
    expect([roomIn(budget), budget.highWater]).toEqual([50, 100]);
  });
});

const [width, height] = [40, 30];
const picture = drawPicture('noise', width, height, 1);
const indexes = Uint8Array.from(picture.words, (word) => word & 255);
const palette = { kind: 'inline', palette: { unique: 1n, entries: [1, 2, 3] } } as const;
const glz = new GlzEncoder(2).encode(picture, 'rgb32');
const keepsPalette = (() => {
  const bitmap = encodeIndexedBitmap(indexes, width, height, 'bit8');
  return { kind: 'bitmap', ...bitmap, flags: bitmap.flags | 1, palette } as const;
})();

describe('what decoding needs beside its target', () => {
  it.each<[what: string, bytes: number, body: Image['body']]>([
    // The target's rows are apart, so the stream cannot be decoded in place.
    ['LZ: the picture', width * height * 4, { kind: 'lzRgb', data: encodeLz(picture, 'rgb32') }],
    ['LZ with a palette: the indexes', width * height, { kind: 'lzPlt', flags: 0, palette, data: encodeLzPlt(indexes, 'plt8', width, height, width) }],
    ['GLZ: the picture in the window', width * height * 4, { kind: 'glzRgb', data: glz }],
    ['zlib around GLZ: the stream and the picture', glz.length + width * height * 4, { kind: 'zlibGlzRgb', glzDataSize: glz.length, data: deflateSync(glz) }],
    ['QUIC: the words of the stream, at least', encodeQuic(picture, 'rgb32').length, { kind: 'quic', data: encodeQuic(picture, 'rgb32') }],
    ['LZ4: the rows', 4, { kind: 'lz4', data: Uint8Array.of(1, 8, 0, 0, 0, 5, 0x40, 1, 2, 3, 4) }],
    ['a palette to keep: its table', 1024, keepsPalette],
  ])('%s: is charged before it is made, and one byte less is too little', (_what, bytes, body) => {
    const [w, h] = body.kind === 'lz4' ? [1, 1] : [width, height];
    const image: Image = { id: 1n, type: 0, flags: 0, width: w, height: h, body };
    const decodeWithin = (bytesMax: number) => {
      const budget = createByteBudget(bytesMax);
      const state = createDecoderState({ inflate: (input, outputBytes) => inflateSync(input, { maxOutputLength: outputBytes }), glzWindowBytesMax: 1 << 20, firstGlzImageId: 0, decodeJpeg: null, budget });
      return { budget, decode: () => decodeImage(state, image, createGuardedTarget(w, h, 12).target), state };
    };
    const ample = decodeWithin(1 << 20);
    expect(ample.decode()).toMatchObject({ kind: 'decoded' });
    expect(ample.budget.highWater).toBeGreaterThanOrEqual(bytes);
    const tight = decodeWithin(ample.budget.highWater - 1);
    expect(tight.decode).toThrow(expect.objectContaining({ code: 'overBudget' }));
    expect([tight.budget.refused, tight.budget.held, tight.state.glzWindow.images.size, tight.state.palettes.tables.size]).toEqual([1, 0, 0, 0]);
    expect(decodeWithin(ample.budget.highWater).decode()).toMatchObject({ kind: 'decoded' });
  });

  it('is nothing for a picture that is decoded where it stands', () => {
    const budget = createByteBudget(0);
    const state = createDecoderState({ inflate: (input) => input, glzWindowBytesMax: 1 << 20, firstGlzImageId: 0, decodeJpeg: null, budget });
    const image: Image = { id: 1n, type: 0, flags: 0, width, height, body: { kind: 'lzRgb', data: encodeLz(picture, 'rgb32') } };
    expect(decodeImage(state, image, createPixelBuffer(width, height))).toMatchObject({ kind: 'decoded' });
  });
});
