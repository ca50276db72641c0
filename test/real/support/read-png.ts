// Reads the PNG files that the client writes, with nothing but node:zlib: its own reading of the PNG specification, so that a
// mistake of the client's encoder is not repeated here. 8-bit gray, RGB and their alpha forms, all five filters, not interlaced.
import { readFileSync } from 'node:fs';
import { crc32, inflateSync } from 'node:zlib';
import type { Mask, Picture } from './picture.ts';

interface Samples {
  readonly width: number;
  readonly height: number;
  /** Bytes a pixel: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA. */
  readonly channels: number;
  readonly bytes: Uint8Array;
}

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 4: 2, 6: 4 };

/** Throws when the file is no PNG, breaks the specification, or uses a form named above as not read. */
export const readPng = (path: string): Picture => readPngBytes(readFileSync(path), path);

/** The same, of a file's bytes. */
export const readPngBytes = (file: Buffer, name = 'the picture'): Picture => {
  const { width, height, channels, bytes } = readSamples(file, name);
  const rgb = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at += 1) {
    for (let c = 0; c < 3; c += 1) rgb[at * 3 + c] = bytes[at * channels + (channels < 3 ? 0 : c)] ?? 0;
  }
  return { width, height, rgb };
};

/** A PNG's first channel as a mask. */
export const readPngMask = (path: string): Mask => {
  const { width, height, channels, bytes } = readSamples(readFileSync(path), path);
  return { width, height, values: Uint8Array.from({ length: width * height }, (_, at) => bytes[at * channels] ?? 0) };
};

const readSamples = (file: Buffer, path: string): Samples => {
  if (file.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n') throw new Error(`${path} is no PNG`);
  let header: Buffer | null = null;
  const data: Buffer[] = [];
  let ended = false;
  for (let at = 8; at < file.length && !ended; ) {
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    const body = file.subarray(at + 8, at + 8 + length);
    if (crc32(file.subarray(at + 4, at + 8 + length)) !== file.readUInt32BE(at + 8 + length)) {
      throw new Error(`${path}: wrong checksum of its ${type} chunk`);
    }
    if (type === 'IHDR') header = body;
    else if (type === 'IDAT') data.push(body);
    else if (type === 'IEND') ended = true;
    at += 12 + length;
  }
  if (!header || !ended) throw new Error(`${path}: no ${header ? 'end' : 'header'}`);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const channels = CHANNELS[header[9] ?? -1];
  if (header[8] !== 8 || channels === undefined || header[12] !== 0) {
    throw new Error(`${path}: depth ${header[8]}, colour type ${header[9]}, interlace ${header[12]} is not read`);
  }
  return { width, height, channels, bytes: unfilter(inflateSync(Buffer.concat(data)), width * channels, height, channels) };
};

const unfilter = (raw: Uint8Array, stride: number, height: number, channels: number): Uint8Array => {
  if (raw.length !== (stride + 1) * height) throw new Error(`PNG: ${raw.length} bytes of rows in place of ${(stride + 1) * height}`);
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)];
    for (let i = 0; i < stride; i += 1) {
      const left = i >= channels ? (out[y * stride + i - channels] ?? 0) : 0;
      const up = y > 0 ? (out[(y - 1) * stride + i] ?? 0) : 0;
      const upLeft = y > 0 && i >= channels ? (out[(y - 1) * stride + i - channels] ?? 0) : 0;
      out[y * stride + i] = (raw[y * (stride + 1) + 1 + i] ?? 0) + predicted(filter, left, up, upLeft);
    }
  }
  return out;
};

const predicted = (filter: number | undefined, left: number, up: number, upLeft: number): number => {
  switch (filter) {
    case 0: return 0;
    case 1: return left;
    case 2: return up;
    case 3: return (left + up) >> 1;
    case 4: {
      const p = left + up - upLeft;
      const [a, b, c] = [Math.abs(p - left), Math.abs(p - up), Math.abs(p - upLeft)];
      return a <= b && a <= c ? left : b <= c ? up : upLeft;
    }
    default: throw new Error(`PNG: filter ${filter}`);
  }
};
