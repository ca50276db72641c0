import { deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createGlzWindow } from '#app/decode/glz-window.js';
import { createPixelBuffer } from '#app/decode/pixel-buffer.js';
import { decodeZlibGlz } from '#app/decode/zlib-glz.js';
import { GlzEncoder } from '#app/loopback/encode/glz-encoder.js';
import { drawPicture, withoutAlpha } from '../../support/pictures.js';
import { roomyBudget } from '../../support/roomy-budget.js';

const inflate = (input: Uint8Array, outputBytes: number) => inflateSync(input, { maxOutputLength: outputBytes });
const picture = drawPicture('chart', 40, 20, 7);
const glz = new GlzEncoder(2).encode(picture, 'rgb32');
const zlib = new Uint8Array(deflateSync(glz));

function decode(glzDataSize: number, data: Uint8Array): Uint32Array {
  const target = createPixelBuffer(40, 20);
  decodeZlibGlz(glzDataSize, data, inflate, createGlzWindow(1 << 20, 0, roomyBudget()), target);
  return target.words;
}

describe('GLZ inside zlib', () => {
  it('is inflated and decoded', () => {
    expect(decode(glz.length, zlib)).toEqual(picture.words.map(withoutAlpha));
  });

  it.each<[string, number, Uint8Array, string]>([
    ['a stream longer than announced', glz.length - 1, zlib, 'inflateFailed'],
    ['a stream shorter than announced', glz.length + 1, zlib, 'inflateFailed'],
    ['bytes that are no zlib stream', glz.length, zlib.subarray(1), 'inflateFailed'],
    ['a size that the zlib stream cannot have', 0xffffffff, zlib, 'oversize'],
    ['no bytes at all', 33, new Uint8Array(0), 'oversize'],
  ])('%s is an error', (_name, size, data, code) => {
    expect(() => decode(size, data)).toThrow(expect.objectContaining({ code }));
  });

  it('a size that the image cannot need is refused without inflating', () => {
    const never = () => {
      throw new Error('inflated');
    };
    const bomb = new Uint8Array(deflateSync(new Uint8Array(1 << 20)));
    expect(() => decodeZlibGlz(1 << 20, bomb, never, createGlzWindow(1 << 20, 0, roomyBudget()), createPixelBuffer(40, 20))).toThrow(
      expect.objectContaining({ code: 'oversize' }),
    );
  });
});
