import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createDecoderState, decodeImage, decoderBytes } from '#app/decode/image-decoder.js';
import { cachedPalettesMax, forgetPalette, paletteTableBytes } from '#app/decode/palette-cache.js';
import { createPixelBuffer } from '#app/decode/pixel-buffer.js';
import { encodeIndexedBitmap } from '#app/loopback/encode/bitmap-encoder.js';
import { GlzEncoder } from '#app/loopback/encode/glz-encoder.js';
import { encodeLz, encodeLzPlt } from '#app/loopback/encode/lz-encoder.js';
import type { Image, PaletteRef } from '#app/protocol/messages/image.js';
import { createGuardedTarget } from '../../support/guarded-target.js';
import { drawPicture } from '../../support/pictures.js';
import { roomyBudget } from '../../support/roomy-budget.js';

const inflate = (input: Uint8Array, outputBytes: number) => inflateSync(input, { maxOutputLength: outputBytes });
const newState = () => createDecoderState({ inflate, glzWindowBytesMax: 1 << 20, firstGlzImageId: 0, decodeJpeg: null, budget: roomyBudget() });
const palette = (unique: bigint, ...entries: number[]): PaletteRef => ({ kind: 'inline', palette: { unique, entries } });
const image = (body: Image['body'], flags = 0, width = 2, height = 1): Image => ({ id: 1n, type: 0, flags, width, height, body });
const indexed = (ref: PaletteRef, flags = 0) => {
  const bitmap = encodeIndexedBitmap(Uint8Array.of(0, 1), 2, 1, 'bit8');
  return image({ kind: 'bitmap', ...bitmap, flags: bitmap.flags | flags, palette: ref });
};

describe('the table of image codecs', () => {
  it('a palette that is to be kept serves later images that name it, of either kind', () => {
    const state = newState();
    const target = createPixelBuffer(2, 1);
    decodeImage(state, indexed(palette(9n, 0x111111, 0x222222), 1), target);
    const named: PaletteRef = { kind: 'cached', id: 9n };
    target.words.fill(0);
    expect(decodeImage(state, indexed(named, 2), target)).toEqual({ kind: 'decoded', hasAlpha: false, alphaOnly: false });
    expect([...target.words]).toEqual([0x111111, 0x222222]);
    const data = encodeLzPlt(Uint8Array.of(1, 0), 'plt8', 2, 1, 2);
    decodeImage(state, image({ kind: 'lzPlt', flags: 2, palette: named, data }), target);
    expect([...target.words]).toEqual([0x222222, 0x111111]);
  });

  it('a palette that nobody was asked to keep, or that was forgotten, is missing', () => {
    const state = newState();
    const target = createPixelBuffer(2, 1);
    const named = indexed({ kind: 'cached', id: 9n }, 2);
    decodeImage(state, indexed(palette(9n, 1, 2)), target);
    expect(() => decodeImage(state, named, target)).toThrow(expect.objectContaining({ code: 'paletteMissing', value: 9 }));
    decodeImage(state, indexed(palette(9n, 1, 2), 1), target);
    forgetPalette(state.palettes, 9n);
    expect(() => decodeImage(state, named, target)).toThrow(expect.objectContaining({ code: 'paletteMissing' }));
    expect(() => decodeImage(state, indexed({ kind: 'none' }), target)).toThrow(expect.objectContaining({ code: 'paletteMissing' }));
  });

  it('never keeps more palettes than its maximum, and the newest stay', () => {
    const state = newState();
    const target = createPixelBuffer(2, 1);
    for (let i = 0; i < cachedPalettesMax + 5; i++) decodeImage(state, indexed(palette(BigInt(i), i), 1), target);
    expect(state.palettes.tables.size).toBe(cachedPalettesMax);
    expect(state.palettes.tables.has(4n)).toBe(false);
    expect(state.palettes.tables.has(BigInt(cachedPalettesMax + 4))).toBe(true);
    expect(decoderBytes(state)).toBe(cachedPalettesMax * paletteTableBytes);
  });

  it('palette colours follow the depth of the surface', () => {
    const target = createPixelBuffer(2, 1);
    decodeImage(newState(), indexed(palette(1n, 0x7c00, 0x001f)), target, 16);
    expect([...target.words]).toEqual([0xff0000, 0x0000ff]);
  });

  it('HIGH_BITS_SET fills the fourth bytes of an image without alpha, and only within the rows', () => {
    const { target, packed, damage } = createGuardedTarget(2, 2, 12);
    const picture = { width: 2, height: 2, words: Uint32Array.of(1, 2, 3, 4) };
    decodeImage(newState(), image({ kind: 'lzRgb', data: encodeLz(picture, 'rgb32') }, 2, 2, 2), target);
    expect([...new Uint32Array(packed().buffer)]).toEqual([0xff000001, 0xff000002, 0xff000003, 0xff000004]);
    expect(damage()).toBe(0);
  });

  it('counts what the GLZ window holds', () => {
    const state = newState();
    const picture = drawPicture('noise', 5, 4, 1);
    decodeImage(state, image({ kind: 'glzRgb', data: new GlzEncoder(4).encode(picture, 'rgb32') }, 0, 5, 4), createPixelBuffer(5, 4));
    expect(decoderBytes(state)).toBe(80);
  });

  const others: Image['body'][] = [
    { kind: 'jpeg', data: new Uint8Array(4) },
    { kind: 'jpegAlpha', flags: 0, jpegSize: 1, data: new Uint8Array(4) },
    { kind: 'fromCache' },
    { kind: 'fromCacheLossless' },
    { kind: 'surface', surfaceId: 3 },
    { kind: 'unknown', tag: 200, bytes: new Uint8Array(4) },
  ];
  it.each(others.map((body) => ({ kind: body.kind, body })))('$kind is reported as unsupported and the target stays as it was', ({ kind, body }) => {
    const target = createPixelBuffer(2, 1);
    target.words.fill(5);
    expect(decodeImage(newState(), image(body), target)).toEqual({ kind: 'unsupported', body: kind });
    expect([...target.words]).toEqual([5, 5]);
  });

  it('a target of another size than the descriptor’s is refused', () => {
    expect(() => decodeImage(newState(), indexed(palette(1n, 1)), createPixelBuffer(2, 2))).toThrow(expect.objectContaining({ code: 'sizeMismatch' }));
    expect(() => decodeImage(newState(), indexed(palette(1n, 1)), createPixelBuffer(1, 1))).toThrow(expect.objectContaining({ code: 'sizeMismatch' }));
  });
});
