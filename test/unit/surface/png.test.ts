import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { encodePng } from '#app/surface/png.js';

/** Reads back what the encoder writes, by the PNG specification: chunks with CRCs, rows with filter 0 or 2. */
function decodePng(png: Uint8Array): { width: number; height: number; rgb: number[] } {
  const bytes = Buffer.from(png);
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\u0089PNG\r\n\u001a\n');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    expect(bytes.readUInt32BE(at + 8 + length)).toBe(crc32(bytes.subarray(at + 4, at + 8 + length)));
    chunks.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND']);
  const header = chunks.get('IHDR')!;
  expect([...header.subarray(8)]).toEqual([8, 2, 0, 0, 0]);
  const width = header.readUInt32BE(0);
  const height = header.readUInt32BE(4);
  const rows = inflateSync(chunks.get('IDAT')!);
  const rgb: number[] = [];
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (1 + width * 3)];
    for (let i = 0; i < width * 3; i++) {
      const above = filter === 2 && y > 0 ? rgb[(y - 1) * width * 3 + i]! : 0;
      rgb.push((rows[y * (1 + width * 3) + 1 + i]! + above) & 255);
    }
  }
  return { width, height, rgb };
}

test('a picture comes back pixel for pixel, its padding and fourth bytes left out', () => {
  const pixels = Uint8Array.of(
    1, 2, 3, 99, 4, 5, 6, 99, 0, 0, 0, 0,
    255, 0, 128, 99, 7, 8, 9, 99, 0, 0, 0, 0,
  );
  const png = encodePng({ width: 2, height: 2, pixels, strideBytes: 12 }, (input) => deflateSync(input));
  expect(decodePng(png)).toEqual({ width: 2, height: 2, rgb: [3, 2, 1, 6, 5, 4, 128, 0, 255, 9, 8, 7] });
});

test('a picture without pixels, or with too few, is the caller’s mistake', () => {
  const deflate = (input: Uint8Array) => deflateSync(input);
  expect(() => encodePng({ width: 0, height: 1, pixels: new Uint8Array(4) }, deflate)).toThrow(RangeError);
  expect(() => encodePng({ width: 2, height: 2, pixels: new Uint8Array(15) }, deflate)).toThrow(RangeError);
});
