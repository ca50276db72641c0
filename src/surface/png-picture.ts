/**
 * Reads a PNG file to pixels: gray, RGB, palette and their alpha forms, up to 8 bits a sample, not interlaced. The file comes from outside:
 * its sizes are checked before memory is made, and what it says wrong is refused with words. It knows no zlib: `inflate` is handed in.
 */

/** A zlib stream in, its bytes out; throws when there are more than `bytesMax` or the stream is broken. */
export type Inflate = (input: Uint8Array, bytesMax: number) => Uint8Array;

export interface PngPicture {
  readonly width: number;
  readonly height: number;
  /** Rows top-down, 4 bytes a pixel: R, G, B, A. */
  readonly rgba: Uint8Array;
}

/** The file is no PNG, is broken, or of a form that is not read. The message completes "the template …". */
export class PngUnreadable extends Error {
  override readonly name = 'PngUnreadable';
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Pixels of the largest picture: that of a screen of 8192 x 4096. */
const pixelsMax = 8192 * 4096;

const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const colourType = { gray: 0, palette: 3, grayAlpha: 4 } as const;

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly type: number;
  readonly samples: number;
}

/** @throws PngUnreadable */
export function readPngPicture(file: Uint8Array, inflate: Inflate): PngPicture {
  if (file.length < signature.length || signature.some((byte, at) => file[at] !== byte)) throw new PngUnreadable('is no PNG file');
  let header: Header | null = null;
  let palette: Uint8Array = new Uint8Array(0);
  let transparency: Uint8Array = new Uint8Array(0);
  const data: Uint8Array[] = [];
  for (const { type, body } of chunksOf(file)) {
    if (type === 'IHDR') header = readHeader(body);
    else if (type === 'PLTE') palette = body;
    else if (type === 'tRNS') transparency = body;
    else if (type === 'IDAT') data.push(body);
  }
  if (header === null || data.length === 0) throw new PngUnreadable('is a PNG file without a picture');
  const rowBytes = Math.ceil((header.width * header.samples * header.depth) / 8);
  const raw = inflated(concatenated(data), (rowBytes + 1) * header.height, inflate);
  unfilter(raw, rowBytes, header);
  return { width: header.width, height: header.height, rgba: toRgba(raw, rowBytes, header, palette, transparency) };
}

function* chunksOf(file: Uint8Array): Generator<{ readonly type: string; readonly body: Uint8Array }, void> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = signature.length; at + 12 <= file.length; ) {
    const length = view.getUint32(at);
    if (length > file.length - at - 12) throw new PngUnreadable('is a PNG file that was cut off');
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    yield { type, body: file.subarray(at + 8, at + 8 + length) };
    if (type === 'IEND') return;
    at += 12 + length;
  }
  throw new PngUnreadable('is a PNG file that was cut off');
}

function readHeader(body: Uint8Array): Header {
  if (body.length !== 13) throw new PngUnreadable('is a PNG file with a broken header');
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth = 0, type = 0, , , interlace = 0] = body.subarray(8);
  const samples = samplesOf[type];
  const isDepthKnown = depth === 8 || ((type === colourType.gray || type === colourType.palette) && (depth === 1 || depth === 2 || depth === 4));
  if (samples === undefined || !isDepthKnown || interlace !== 0) throw new PngUnreadable('is a PNG file of a form that is not read: up to 8 bits a sample and not interlaced');
  if (width < 1 || height < 1 || width * height > pixelsMax) throw new PngUnreadable(`is a picture of ${width}x${height}, which is no part of a screen`);
  return { width, height, depth, type, samples };
}

function inflated(data: Uint8Array, bytes: number, inflate: Inflate): Uint8Array {
  let raw: Uint8Array;
  try {
    raw = inflate(data, bytes);
  } catch {
    throw new PngUnreadable('is a PNG file whose picture data is broken');
  }
  if (raw.length !== bytes) throw new PngUnreadable('is a PNG file with too little picture data');
  return raw;
}

/** In place: each row starts with its filter's number. */
function unfilter(raw: Uint8Array, rowBytes: number, { height, samples, depth }: Header): void {
  const step = Math.max(1, (samples * depth) >> 3);
  const above = (at: number): number => (at < rowBytes + 1 ? 0 : (raw[at - rowBytes - 1] ?? 0));
  for (let y = 0; y < height; y++) {
    const start = y * (rowBytes + 1) + 1;
    const filter = raw[start - 1] ?? 0;
    if (filter > 4) throw new PngUnreadable('is a PNG file with a filter that there is not');
    for (let x = 0; x < rowBytes && filter !== 0; x++) {
      const at = start + x;
      const left = x < step ? 0 : (raw[at - step] ?? 0);
      const up = above(at);
      const corner = x < step ? 0 : above(at - step);
      const guess = filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner);
      raw[at] = (raw[at] ?? 0) + guess;
    }
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

function toRgba(raw: Uint8Array, rowBytes: number, { width, height, depth, type, samples }: Header, palette: Uint8Array, transparency: Uint8Array): Uint8Array {
  const rgba = new Uint8Array(width * height * 4);
  const scale = type === colourType.palette ? 1 : 255 / (2 ** depth - 1);
  /** Of the row that starts at `row`, the sample with this number. */
  const sample = (row: number, index: number): number => {
    const bit = index * depth;
    return (((raw[row + (bit >> 3)] ?? 0) >> (8 - depth - (bit & 7))) & (2 ** depth - 1)) * scale;
  };
  for (let y = 0, to = 0; y < height; y++) {
    const row = y * (rowBytes + 1) + 1;
    for (let x = 0; x < width; x++, to += 4) {
      const first = sample(row, x * samples);
      if (type === colourType.palette) {
        rgba.set([palette[first * 3] ?? 0, palette[first * 3 + 1] ?? 0, palette[first * 3 + 2] ?? 0, transparency[first] ?? 255], to);
      } else if (samples < 3) {
        rgba.set([first, first, first, type === colourType.grayAlpha ? sample(row, x * samples + 1) : 255], to);
      } else {
        rgba.set([first, sample(row, x * samples + 1), sample(row, x * samples + 2), samples === 4 ? sample(row, x * samples + 3) : 255], to);
      }
    }
  }
  return rgba;
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
