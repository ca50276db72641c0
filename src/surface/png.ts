/**
 * A picture of a surface as a PNG file: 8-bit RGB, each row filtered against the one above (screens are made of vertical
 * repetition, and one fixed filter needs no search). It knows no zlib: `deflate` is handed in by the host. Not on the live
 * data path; reports and screenshots use it.
 */

/** Bytes in (any), a zlib stream (RFC 1950) out. */
export type Deflate = (input: Uint8Array) => Uint8Array;

/** Rows top-down, 4 bytes a pixel: B, G, R, X. `strideBytes` is width x 4 when left out. */
export interface PngInput {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  readonly strideBytes?: number;
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const filterUp = 2;
const colorTypeRgb = 2;
/** Chunk length, type and CRC. */
const chunkOverheadBytes = 12;

/**
 * Encodes one picture.
 * @throws RangeError when width or height is 0 or the pixels are fewer than they say: PNG knows no empty picture
 */
export function encodePng(input: PngInput, deflate: Deflate): Uint8Array {
  const { width, height, pixels } = input;
  const strideBytes = input.strideBytes ?? width * 4;
  if (width < 1 || height < 1 || pixels.length < (height - 1) * strideBytes + width * 4) {
    throw new RangeError(`no ${width} x ${height} picture in ${pixels.length} bytes`);
  }
  const data = deflate(filterRows(pixels, width, height, strideBytes));
  const png = new Uint8Array(signature.length + 3 * chunkOverheadBytes + 13 + data.length);
  png.set(signature);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8;
  header[9] = colorTypeRgb;
  let at = writeChunk(png, signature.length, 'IHDR', header);
  at = writeChunk(png, at, 'IDAT', data);
  writeChunk(png, at, 'IEND', new Uint8Array(0));
  return png;
}

/** Each row as filter type, then R, G, B less the same byte of the row above. */
function filterRows(pixels: Uint8Array, width: number, height: number, strideBytes: number): Uint8Array {
  const filtered = new Uint8Array(height * (1 + width * 3));
  let to = 0;
  for (let y = 0; y < height; y++) {
    filtered[to++] = filterUp;
    let from = y * strideBytes;
    let above = from - strideBytes;
    for (let x = 0; x < width; x++, from += 4, above += 4) {
      filtered[to++] = (pixels[from + 2] ?? 0) - (y === 0 ? 0 : (pixels[above + 2] ?? 0));
      filtered[to++] = (pixels[from + 1] ?? 0) - (y === 0 ? 0 : (pixels[above + 1] ?? 0));
      filtered[to++] = (pixels[from] ?? 0) - (y === 0 ? 0 : (pixels[above] ?? 0));
    }
  }
  return filtered;
}

function writeChunk(png: Uint8Array, at: number, type: string, data: Uint8Array): number {
  const view = new DataView(png.buffer);
  view.setUint32(at, data.length);
  for (let i = 0; i < 4; i++) png[at + 4 + i] = type.charCodeAt(i);
  png.set(data, at + 8);
  view.setUint32(at + 8 + data.length, crc32(png, at + 4, at + 8 + data.length));
  return at + chunkOverheadBytes + data.length;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = (c & 1) === 0 ? c >>> 1 : 0xed_b8_83_20 ^ (c >>> 1);
  return c >>> 0;
});

function crc32(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0xff_ff_ff_ff;
  for (let i = from; i < to; i++) crc = (crcTable[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
