/**
 * The markers at the start of a JPEG file, up to the first scan: how large the picture is and which tables come with it. The
 * library that decodes JPEG believes the header and allocates by it, so what it may be given is decided here. It decodes nothing.
 */
import { DecodeError } from './decode-error.ts';

const marker = {
  startOfImage: 0xd8,
  startOfScan: 0xda,
  quantizationTables: 0xdb,
  huffmanTables: 0xc4,
  baseline: 0xc0,
  extended: 0xc1,
  progressive: 0xc2,
} as const;

/** Markers from here to 0xef and the comment carry a length and nothing that matters here; so do restart intervals. */
const skippedMarkers: ReadonlySet<number> = new Set([0xdd, 0xfe, ...Array.from({ length: 16 }, (_, at) => 0xe0 + at)]);

/** What a JPEG's header says. */
export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** DQT and DHT segments, marker and length included, in the order of the file: views of its bytes. */
  readonly quantizationTables: readonly Uint8Array[];
  readonly huffmanTables: readonly Uint8Array[];
}

/**
 * Reads the segments of a JPEG up to its first scan. Strict: between segments there is nothing, and a marker that has no place
 * there is refused, so that no second reader can understand the same bytes in another way.
 * @throws DecodeError `truncated`, or `badHeader` for what is no 8-bit JPEG of one or three components
 */
export function readJpegHeader(bytes: Uint8Array): JpegHeader {
  if (bytes.length < 4) throw new DecodeError('truncated', 'jpeg.header', bytes.length, 4);
  const first = u16(bytes, 0);
  if (first !== (0xff00 | marker.startOfImage)) throw new DecodeError('badHeader', 'jpeg.startOfImage', first);
  const quantizationTables: Uint8Array[] = [];
  const huffmanTables: Uint8Array[] = [];
  let size: { width: number; height: number } | null = null;
  for (let at = 2; ; ) {
    if (at + 4 > bytes.length) throw new DecodeError('truncated', 'jpeg.segment', bytes.length, at + 4);
    if (bytes[at] !== 0xff) throw new DecodeError('badHeader', 'jpeg.marker', bytes[at] ?? 0, 0xff);
    const kind = bytes[at + 1] ?? 0;
    if (kind === 0xff) {
      at++; // a marker may be preceded by any number of these
      continue;
    }
    const length = u16(bytes, at + 2);
    const end = at + 2 + length;
    if (length < 2) throw new DecodeError('badHeader', 'jpeg.length', length, 2);
    if (end > bytes.length) throw new DecodeError('truncated', 'jpeg.segment', bytes.length, end);
    if (kind === marker.startOfScan) {
      if (size === null) throw new DecodeError('badHeader', 'jpeg.startOfScan', kind);
      return { ...size, quantizationTables, huffmanTables };
    }
    if (kind === marker.quantizationTables) quantizationTables.push(bytes.subarray(at, end));
    else if (kind === marker.huffmanTables) huffmanTables.push(bytes.subarray(at, end));
    else if (kind === marker.baseline || kind === marker.extended || kind === marker.progressive) {
      if (size !== null) throw new DecodeError('badHeader', 'jpeg.frame', kind);
      size = readFrame(bytes.subarray(at + 4, end));
    } else if (!skippedMarkers.has(kind)) throw new DecodeError('badHeader', 'jpeg.marker', kind);
    at = end;
  }
}

function readFrame(frame: Uint8Array): { width: number; height: number } {
  if (frame.length < 6) throw new DecodeError('truncated', 'jpeg.frame', frame.length, 6);
  const [precision = 0, components = 0] = [frame[0], frame[5]];
  if (precision !== 8) throw new DecodeError('badHeader', 'jpeg.precision', precision, 8);
  if (components !== 1 && components !== 3) throw new DecodeError('badHeader', 'jpeg.components', components, 3);
  return { height: u16(frame, 1), width: u16(frame, 3) };
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
