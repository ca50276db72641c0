// The judges of the real-server suite, judged: the PNG and PPM readers on bytes laid here by hand, and the comparison.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { colourCount, comparePixels, maskShare, type Picture } from '../../real/support/picture.ts';
import { readPng, readPngMask } from '../../real/support/read-png.ts';
import { readPpm } from '../../real/support/read-truth.ts';

const folder = mkdtempSync(join(tmpdir(), 'ryll-pictures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const written = (name: string, ...parts: readonly Uint8Array[]): string => {
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat(parts));
  return path;
};

const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value, index * 4));
  return bytes;
};

/** The CRC of PNG's annex D, bit by bit. */
const crc = (bytes: Uint8Array): number => {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
};

const chunk = (type: string, body: Uint8Array): Buffer => {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  return Buffer.concat([words(body.length), typed, words(crc(typed))]);
};

const png = (width: number, height: number, colourType: number, filtered: Uint8Array, chunks = 1): Buffer => {
  const data = deflateSync(filtered);
  const size = Math.ceil(data.length / chunks);
  const parts = Array.from({ length: chunks }, (_, index) => chunk('IDAT', data.subarray(index * size, (index + 1) * size)));
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', Buffer.concat([words(width, height), Buffer.from([8, colourType, 0, 0, 0])])), ...parts, chunk('IEND', Buffer.alloc(0))]);
};

/** Filters each row with one filter type of PNG section 9, from the definition (not from a reader's inverse). */
const filterRows = (bytes: Uint8Array, stride: number, bytesAPixel: number, filters: readonly number[]): Uint8Array => {
  const at = (row: number, index: number): number => (row < 0 || index < 0 ? 0 : (bytes[row * stride + index] ?? 0));
  const rows = filters.map((filter, row) => {
    const line = [filter];
    for (let i = 0; i < stride; i += 1) {
      const [x, a, b, c] = [at(row, i), i < bytesAPixel ? 0 : at(row, i - bytesAPixel), at(row - 1, i), i < bytesAPixel ? 0 : at(row - 1, i - bytesAPixel)];
      const nearest = [a, b, c].reduce((best, one) => (Math.abs(a + b - c - one) < Math.abs(a + b - c - best) ? one : best));
      line.push((x - ([0, a, b, Math.floor((a + b) / 2), nearest][filter] ?? 0)) & 255);
    }
    return line;
  });
  return Uint8Array.from(rows.flat());
};

describe('the PNG reader', () => {
  test('reads every filter, RGB and RGBA, in one data chunk or many', () => {
    let run = 0;
    fc.assert(fc.property(
      fc.constantFrom(3, 4), fc.integer({ min: 1, max: 9 }), fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 3 }), fc.infiniteStream(fc.nat(255)),
      (channels, width, filters, chunks, stream) => {
        const height = filters.length;
        const bytes = Uint8Array.from({ length: width * height * channels }, () => Number(stream.next().value));
        run += 1;
        const path = written(`p${run}.png`, png(width, height, channels === 3 ? 2 : 6, filterRows(bytes, width * channels, channels, filters), chunks));
        const expected = bytes.filter((_, index) => index % channels < 3);
        expect(readPng(path)).toEqual({ width, height, rgb: expected });
      },
    ), { numRuns: 60 });
  });

  test('reads gray as a mask', () => {
    const path = written('mask.png', png(3, 2, 0, Uint8Array.of(0, 255, 0, 7, 1, 255, 1, 0)));
    expect(readPngMask(path)).toEqual({ width: 3, height: 2, values: Uint8Array.of(255, 0, 7, 255, 0, 0) });
    expect(maskShare(readPngMask(path))).toBe(0.5);
  });

  test('refuses what is no PNG, cut off, or too short', () => {
    const good = png(2, 1, 2, Uint8Array.of(0, 1, 2, 3, 4, 5, 6));
    expect(() => readPng(written('no.png', Buffer.from('P6 1 1 255 abc')))).toThrow('no PNG');
    expect(() => readPng(written('cut.png', good.subarray(0, good.length - 12)))).toThrow('no end');
    expect(() => readPng(written('sum.png', good.map((byte, index) => (index === 17 ? byte ^ 4 : byte))))).toThrow('wrong checksum of its IHDR');
    expect(() => readPng(written('short.png', png(2, 2, 2, Uint8Array.of(0, 1, 2, 3, 4, 5, 6))))).toThrow('7 bytes of rows in place of 14');
  });
});

test('the PPM reader reads P6 and refuses missing pixels', () => {
  expect(readPpm(written('a.ppm', Buffer.from('P6\n2 1\n255\n'), Uint8Array.of(1, 2, 3, 10, 13, 32)))).toEqual({ width: 2, height: 1, rgb: Buffer.from([1, 2, 3, 10, 13, 32]) });
  expect(() => readPpm(written('b.ppm', Buffer.from('P6\n2 1\n255\n'), Uint8Array.of(1, 2, 3)))).toThrow('3 bytes of pixels');
});

describe('the comparison', () => {
  const picture = (...rgb: number[]): Picture => ({ width: 3, height: 2, rgb: Uint8Array.from(rgb.flatMap((value) => [value, value, value])) });

  test('finds one channel of one pixel', () => {
    const [a, b] = [picture(1, 2, 3, 4, 5, 6), picture(1, 2, 3, 4, 5, 6)];
    expect(comparePixels(a, b)).toEqual({ equal: true, compared: 6, differing: 0, firstDifference: null, boundingBox: null });
    b.rgb[4 * 3 + 2] = 9;
    expect(comparePixels(a, b)).toEqual({ equal: false, compared: 6, differing: 1, firstDifference: { x: 1, y: 1, a: [5, 5, 5], b: [5, 5, 9] }, boundingBox: { left: 1, top: 1, right: 2, bottom: 2 } });
  });

  test('leaves out what the mask leaves out, and says how much it took in', () => {
    const mask = { width: 3, height: 2, values: Uint8Array.of(255, 0, 255, 0, 0, 0) };
    expect(comparePixels(picture(1, 2, 3, 4, 5, 6), picture(1, 9, 3, 9, 9, 9), mask)).toMatchObject({ equal: true, compared: 2 });
    expect(comparePixels(picture(1, 2, 3, 4, 5, 6), picture(1, 2, 9, 4, 5, 6), mask)).toMatchObject({ differing: 1, firstDifference: { x: 2, y: 0 } });
  });

  test('has no answer for pictures of different sizes', () => {
    expect(() => comparePixels(picture(1, 2, 3, 4, 5, 6), { width: 2, height: 3, rgb: new Uint8Array(18) })).toThrow('3x2 and 2x3');
  });

  test('counts colours', () => expect(colourCount(picture(1, 1, 1, 7, 7, 8))).toBe(3));
});
