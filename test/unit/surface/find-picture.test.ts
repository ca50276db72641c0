// A template is found where it is, as alike as is asked for, and nowhere else; PNG files of other programs' forms are read.
import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findPicture, type Found } from '#app/surface/find-picture.js';
import { fingerprint, wholeOf } from '#app/surface/fingerprint.js';
import { encodePng } from '#app/surface/png.js';
import { PngUnreadable, readPngPicture, type PngPicture } from '#app/surface/png-picture.js';
import { createSurface, surfaceByteLength, type Surface } from '#app/surface/shared-surface.js';

const inflate = (input: Uint8Array, maxOutputLength: number): Uint8Array => inflateSync(input, { maxOutputLength });
const read = (file: Uint8Array): PngPicture => readPngPicture(file, inflate);
/** A surface whose pixels are these words, 0x00RRGGBB. */
function surfaceOf(width: number, words: readonly number[]): Surface {
  const height = words.length / width;
  const surface = createSurface(new SharedArrayBuffer(surfaceByteLength(width, height)), width, height, 32);
  surface.words.set(words);
  return surface;
}
const cut = (surface: Surface, left: number, top: number, width: number, height: number): PngPicture => {
  const rgba = new Uint8Array(width * height * 4);
  for (let at = 0; at < width * height; at++) {
    const word = surface.words[(top + Math.floor(at / width)) * surface.width + left + (at % width)] ?? 0;
    rgba.set([(word >> 16) & 255, (word >> 8) & 255, word & 255, 255], at * 4);
  }
  return { width, height, rgba };
};
const find = (surface: Surface, template: PngPicture, part: Partial<Parameters<typeof findPicture>[2]> = {}): Found =>
  findPicture({ width: surface.width, height: surface.height, pixels: surface.bytes }, template, { within: wholeOf(surface), tolerance: 0, differing: 0, mayGoOn: () => true, ...part });

const word = fc.integer({ min: 0, max: 3 }).map((level) => level * 0x40_2010);
const screen = fc.record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 7 }) }).chain(({ width, height }) => fc.array(word, { minLength: width * height, maxLength: width * height }).map((words) => surfaceOf(width, words)));
const placed = screen.chain((surface) => fc.record({ left: fc.nat({ max: surface.width - 1 }), top: fc.nat({ max: surface.height - 1 }) }).chain(({ left, top }) =>
  fc.record({ surface: fc.constant(surface), left: fc.constant(left), top: fc.constant(top), width: fc.integer({ min: 1, max: surface.width - left }), height: fc.integer({ min: 1, max: surface.height - top }) })));

test('a part of the screen is found at the first place, in reading order, that looks like it', () => {
  fc.assert(fc.property(placed, ({ surface, left, top, width, height }) => {
    const found = find(surface, cut(surface, left, top, width, height));
    if (found.kind !== 'found') throw new Error('not found');
    expect(found.y * surface.width + found.x).toBeLessThanOrEqual(top * surface.width + left);
    expect(cut(surface, found.x, found.y, width, height)).toEqual(cut(surface, left, top, width, height));
  }));
});

test('a change of one step in one colour is tolerated or not, as asked, and so is a share of the pixels', () => {
  fc.assert(fc.property(placed, fc.nat(), fc.integer({ min: 0, max: 2 }), ({ surface, left, top, width, height }, which, colour) => {
    const template = cut(surface, left, top, width, height);
    const at = (which % (width * height)) * 4 + colour;
    template.rgba[at] = (template.rgba[at] ?? 0) + 1;
    const within = { left, top, right: left + width, bottom: top + height };
    expect(find(surface, template, { within })).toEqual({ kind: 'absent' });
    expect(find(surface, template, { within, tolerance: 1 })).toEqual({ kind: 'found', x: left, y: top });
    expect(find(surface, template, { within, differing: 1 / (width * height) })).toEqual({ kind: 'found', x: left, y: top });
    template.rgba[Math.floor(at / 4) * 4 + 3] = 0;
    expect(find(surface, template, { within })).toEqual({ kind: 'found', x: left, y: top });
  }));
});

test('a template that is larger than where it is looked for is absent, and a search that may not go on says so', () => {
  const surface = surfaceOf(4, Array.from({ length: 8 }, () => 0));
  expect(find(surface, { width: 5, height: 1, rgba: new Uint8Array(20) })).toEqual({ kind: 'absent' });
  expect(find(surface, cut(surface, 0, 0, 2, 2), { within: { left: 1, top: 1, right: 9, bottom: 9 } })).toEqual({ kind: 'absent' });
  expect(find(surface, cut(surface, 0, 0, 1, 1), { mayGoOn: () => false })).toEqual({ kind: 'gaveUp' });
});

test('fingerprints differ when a pixel of the rectangle does, and only then; the fourth byte is no part of it', () => {
  fc.assert(fc.property(placed, fc.nat(), ({ surface, left, top, width, height }, which) => {
    const rect = { left, top, right: left + width, bottom: top + height };
    const before = fingerprint(surface, rect);
    expect(Number.isSafeInteger(before)).toBe(true);
    const at = which % surface.words.length;
    const [x, y] = [at % surface.width, Math.floor(at / surface.width)];
    const inside = x >= left && x < left + width && y >= top && y < top + height;
    surface.words[at] = (surface.words[at] ?? 0) ^ 0xff00_0000;
    expect(fingerprint(surface, rect)).toBe(before);
    surface.words[at] = (surface.words[at] ?? 0) ^ 0x0000_0100;
    expect(fingerprint(surface, rect) !== before).toBe(inside);
  }));
});

describe('a PNG file', () => {
  const chunk = (type: string, body: Uint8Array): Buffer => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(body.length);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, body, Buffer.alloc(4)]);
  };
  const png = (width: number, height: number, depth: number, type: number, rows: readonly number[], extra: readonly Buffer[] = [], interlace = 0): Buffer => {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width);
    header.writeUInt32BE(height, 4);
    header.set([depth, type, 0, 0, interlace], 8);
    return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', header), ...extra, chunk('IDAT', deflateSync(Buffer.from(rows))), chunk('IEND', Buffer.alloc(0))]);
  };

  test('of our own is read as what was written', () => {
    fc.assert(fc.property(placed, ({ surface }) => {
      const file = encodePng({ width: surface.width, height: surface.height, pixels: surface.bytes }, (input) => deflateSync(input));
      expect(read(file)).toEqual(cut(surface, 0, 0, surface.width, surface.height));
    }), { numRuns: 30 });
  });

  test.each([
    ['gray of 1 bit', png(3, 1, 1, 0, [0, 0b0100_0000]), [0, 0, 0, 255, 255, 255, 255, 255, 0, 0, 0, 255]],
    ['gray of 8 bits with Sub', png(2, 1, 8, 0, [1, 10, 5]), [10, 10, 10, 255, 15, 15, 15, 255]],
    ['gray and alpha', png(1, 1, 8, 4, [0, 7, 9]), [7, 7, 7, 9]],
    ['RGB with Average', png(1, 2, 8, 2, [0, 10, 20, 30, 3, 1, 2, 3]), [10, 20, 30, 255, 6, 12, 18, 255]],
    ['RGBA with Paeth', png(2, 1, 8, 6, [4, 1, 2, 3, 4, 1, 1, 1, 1]), [1, 2, 3, 4, 2, 3, 4, 5]],
    ['palette of 4 bits with alpha', png(2, 1, 4, 3, [0, 0x10], [chunk('PLTE', Buffer.from([1, 2, 3, 4, 5, 6])), chunk('tRNS', Buffer.from([9]))]), [4, 5, 6, 255, 1, 2, 3, 9]],
  ])('in %s is read', (_form, file, rgba) => {
    expect([...read(file).rgba]).toEqual(rgba);
  });

  test.each([
    ['nothing', Buffer.alloc(0), 'is no PNG file'], ['a JPEG', Buffer.from('ffd8ffe0', 'hex'), 'is no PNG file'], ['half a file', png(2, 1, 8, 0, [0, 1, 2]).subarray(0, 40), 'is a PNG file that was cut off'],
    ['16 bits', png(1, 1, 16, 0, [0, 1, 2]), 'up to 8 bits'], ['interlaced', png(1, 1, 8, 0, [0, 1], [], 1), 'not interlaced'], ['no pixels', png(0, 1, 8, 0, [0]), '0x1'], ['far too many', png(60_000, 60_000, 8, 0, [0]), '60000x60000'],
    ['too few rows', png(2, 2, 8, 0, [0, 1, 2]), 'too little'], ['too many rows', png(1, 1, 8, 0, [0, 1, 0, 1, 0, 1]), 'broken'], ['an unknown filter', png(1, 1, 8, 0, [5, 1]), 'a filter that there is not'],
  ])('that is %s is refused with words', (_what, file, words) => {
    expect(() => read(file)).toThrow(PngUnreadable);
    expect(() => read(file)).toThrow(words);
  });

  test('that is anything at all is read or refused, and never more', () => {
    const good = png(5, 5, 8, 2, Array.from({ length: 80 }, () => 0));
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })), { maxLength: 6 }), (changes) => {
      const file = Buffer.from(good);
      for (const [at, byte] of changes) file[at] = byte;
      let thrown: unknown = null;
      try {
        read(file);
      } catch (error) {
        thrown = error;
      }
      expect(thrown === null || thrown instanceof PngUnreadable).toBe(true);
    }), { numRuns: 500 });
  });
});
