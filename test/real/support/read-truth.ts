// Reads what the servers say their screen is: PPM (QEMU's screendump, draw-server's truth.ppm) and XWD (xwd -root). Only the
// forms those programs write.
import { readFileSync } from 'node:fs';
import type { Picture } from './picture.ts';

/** A binary PPM (P6) with 255 levels. */
export const readPpm = (path: string): Picture => {
  const file = readFileSync(path);
  const header = /^P6\s+(?:#.*\n\s*)*(\d+)\s+(\d+)\s+255\s/.exec(file.toString('latin1', 0, 256));
  if (!header) throw new Error(`${path} is no P6 with 255 levels`);
  const [width, height] = [Number(header[1]), Number(header[2])];
  const rgb = file.subarray(header[0].length);
  if (rgb.length !== width * height * 3) throw new Error(`${path}: ${rgb.length} bytes of pixels for ${width}x${height}`);
  return { width, height, rgb };
};

/** A ZPixmap of a 24-bit TrueColor screen, 32 bits a pixel. The header's 25 words are big-endian (XWDFile.h). */
export const readXwd = (path: string): Picture => {
  const file = readFileSync(path);
  const word = (index: number): number => file.readUInt32BE(index * 4);
  const [headerBytes, version, format, width, height] = [word(0), word(1), word(2), word(4), word(5)];
  const [leastFirst, bitsPerPixel, stride, colours] = [word(7) === 0, word(11), word(12), word(19)];
  if (version !== 7 || format !== 2 || bitsPerPixel !== 32) throw new Error(`${path}: version ${version}, format ${format}, ${bitsPerPixel} bits is not read`);
  if (word(14) !== 0xff0000 || word(15) !== 0xff00 || word(16) !== 0xff) throw new Error(`${path}: the colour masks are not those of 24-bit TrueColor`);
  const pixels = headerBytes + colours * 12;
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = pixels + y * stride + x * 4;
      for (let c = 0; c < 3; c += 1) rgb[(y * width + x) * 3 + c] = file[at + (leastFirst ? 2 - c : 1 + c)] ?? 0;
    }
  }
  return { width, height, rgb };
};
