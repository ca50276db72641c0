import { describe, expect, it } from 'vitest';
import { DecodeError } from '#app/decode/decode-error.js';
import { checkImageSize, createPixelBuffer, imagePixelsMax, imageSideMax, pixelBufferOver } from '#app/decode/pixel-buffer.js';

describe('pixel buffers', () => {
  it.each([
    [0, 1],
    [1, 0],
    [-1, 1],
    [Number.NaN, 1],
    [imageSideMax + 1, 1],
    [8193, 8192],
    [0xffffffff, 0xffffffff],
  ])('%d x %d is refused as oversize before anything is allocated', (width, height) => {
    expect(() => createPixelBuffer(width, height)).toThrow(expect.objectContaining({ name: 'DecodeError', code: 'oversize' }));
  });

  it('the largest side and the largest area are accepted', () => {
    expect(() => checkImageSize(imageSideMax, 1)).not.toThrow();
    expect(() => checkImageSize(imagePixelsMax / 8192, 8192)).not.toThrow();
  });

  it('words and bytes are the same memory, B first', () => {
    const buffer = createPixelBuffer(2, 1);
    buffer.words[1] = 0x44332211;
    expect([...buffer.bytes]).toEqual([0, 0, 0, 0, 0x11, 0x22, 0x33, 0x44]);
  });

  it('a part of shared memory can be a target, and ends with its last pixel', () => {
    const memory = new SharedArrayBuffer(64);
    const part = pixelBufferOver(memory, 8, 2, 3, 16);
    part.words[(part.strideBytes / 4) * 2 + 1] = 0xffffffff;
    expect(part.bytes.length).toBe(40);
    expect(new Uint8Array(memory).lastIndexOf(255)).toBe(47);
  });

  it('rows that are not aligned words are the caller’s mistake, not the peer’s', () => {
    const memory = new ArrayBuffer(64);
    expect(() => pixelBufferOver(memory, 2, 1, 1, 4)).toThrow(RangeError);
    expect(() => pixelBufferOver(memory, 0, 2, 1, 4)).toThrow(RangeError);
    expect(() => pixelBufferOver(memory, 0, 4, 5, 16)).toThrow(RangeError);
  });

  it('a decode error carries its numbers, and a sentence made of them', () => {
    const error = new DecodeError('badStride', 'stride', 3, 4);
    expect([error.name, error.code, error.field, error.value, error.limit]).toEqual(['DecodeError', 'badStride', 'stride', 3, 4]);
    expect(error.message).toBe('badStride: stride = 3 (limit 4)');
  });
});
