// Reads what the servers say their screen is: PPM, as QEMU's screendump, draw-server's truth.ppm and ffmpeg's grab of an X root window have it.
// Only the form those programs write.
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
