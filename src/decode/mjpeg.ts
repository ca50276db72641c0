/**
 * Frames of an MJPEG stream: JPEGs of which later ones may lack the tables that earlier ones brought. It completes them; the
 * decompression is the host's, as for every JPEG (`jpeg.ts`).
 */
import { readJpegHeader } from './jpeg-header.ts';
import type { JpegHeader } from './jpeg-header.ts';

/** Tables in a JPEG are at most 4 of each kind, together some 700 bytes; what is larger is not kept. */
const tableBytesMax = 4096;

/** The newest tables of one stream: DQT and DHT segments as they stood. */
export interface MjpegTables {
  readonly quantization: readonly Uint8Array[];
  readonly huffman: readonly Uint8Array[];
}

export const noTables: MjpegTables = { quantization: [], huffman: [] };

export interface MjpegFrame {
  readonly header: JpegHeader;
  /** With all tables that the stream has had. */
  readonly jpeg: Uint8Array;
  readonly tables: MjpegTables;
}

/**
 * Completes one frame. The tables that it brings are kept as copies for the frames after it.
 * @throws DecodeError as `readJpegHeader` does
 */
export function completeFrame(data: Uint8Array, tables: MjpegTables): MjpegFrame {
  const header = readJpegHeader(data);
  const missing = [...(header.quantizationTables.length === 0 ? tables.quantization : []), ...(header.huffmanTables.length === 0 ? tables.huffman : [])];
  const kept = { quantization: keep(header.quantizationTables, tables.quantization), huffman: keep(header.huffmanTables, tables.huffman) };
  if (missing.length === 0) return { header, jpeg: data, tables: kept };
  const inserted = missing.reduce((sum, { length }) => sum + length, 0);
  const jpeg = new Uint8Array(data.length + inserted);
  // Behind the start of the image, before everything else.
  jpeg.set(data.subarray(0, 2));
  let at = 2;
  for (const table of missing) {
    jpeg.set(table, at);
    at += table.length;
  }
  jpeg.set(data.subarray(2), at);
  return { header, jpeg, tables: kept };
}

function keep(brought: readonly Uint8Array[], known: readonly Uint8Array[]): readonly Uint8Array[] {
  const bytes = brought.reduce((sum, { length }) => sum + length, 0);
  return bytes === 0 || bytes > tableBytesMax ? known : brought.map((table) => table.slice());
}
