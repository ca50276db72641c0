// Matroska as our tests read it: an EBML walk of its own, so that what the client wrote is not read by what wrote it.

export interface MatroskaVideo {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** Null in a file that was not finished. */
  readonly durationMs: number | null;
  readonly startedWallMs: number;
  readonly frames: readonly { readonly timeMs: number; readonly at: number; readonly jpeg: Uint8Array }[];
  readonly cues: readonly { readonly timeMs: number; readonly clusterAt: number }[];
  /** By id, where the seek head says that it is, from the start of the file. */
  readonly seeks: ReadonlyMap<number, number>;
  /** Bytes behind the last whole element. */
  readonly left: number;
}

interface Element {
  readonly id: number;
  readonly at: number;
  readonly content: Uint8Array;
  readonly contentAt: number;
}

const masters = new Set([0x114d9b74, 0x4dbb, 0x1549a966, 0x1654ae6b, 0xae, 0xe0, 0x1f43b675, 0x1c53bb6b, 0xbb, 0xb7]);

function* walk(bytes: Uint8Array, from: number, until: number): Generator<Element, number> {
  let at = from;
  while (at < until) {
    const idLength = Math.clz32(bytes[at]!) - 24 + 1;
    const sizeAt = at + idLength;
    if (sizeAt >= until) return at;
    const sizeLength = Math.clz32(bytes[sizeAt]!) - 24 + 1;
    const contentAt = sizeAt + sizeLength;
    if (contentAt > until) return at;
    // The first set bit says how long the size is and is no part of it; all ones = not known.
    const digits = [bytes[sizeAt]! & (0xff >> sizeLength), ...bytes.subarray(sizeAt + 1, contentAt)];
    const isUnknown = digits[0] === 0xff >> sizeLength && digits.slice(1).every((digit) => digit === 0xff);
    const end = isUnknown ? until : contentAt + uint(Uint8Array.from(digits));
    if (end > until) return at;
    yield { id: Number(uint(bytes.subarray(at, sizeAt))), at, content: bytes.subarray(contentAt, end), contentAt };
    at = end;
  }
  return at;
}

const uint = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum * 256 + byte, 0);

export function readMatroska(bytes: Uint8Array): MatroskaVideo {
  const video = { width: 0, height: 0, title: '', durationMs: null as number | null, startedWallMs: Number.NaN };
  const frames: { timeMs: number; at: number; jpeg: Uint8Array }[] = [];
  const cues: { timeMs: number; clusterAt: number }[] = [];
  const seeks = new Map<number, number>();
  let [segmentAt, left, clusterMs, clusterAt, cueMs, seekId] = [0, 0, 0, 0, 0, 0];
  const visit = (from: number, until: number): number => {
    const elements = walk(bytes, from, until);
    for (;;) {
      const step = elements.next();
      if (step.done === true) return step.value;
      const { id, at, content, contentAt } = step.value;
      const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
      if (id === 0x1f43b675) clusterAt = at;
      if (id === 0x18538067) {
        segmentAt = contentAt;
        left = contentAt + content.length - visit(contentAt, contentAt + content.length);
      } else if (masters.has(id)) visit(contentAt, contentAt + content.length);
      else if (id === 0x53ab) seekId = uint(content);
      else if (id === 0x53ac) seeks.set(seekId, segmentAt + uint(content));
      else if (id === 0x4489 && view.getFloat64(0) > 0) video.durationMs = view.getFloat64(0);
      else if (id === 0x4461) video.startedWallMs = Date.UTC(2001, 0, 1) + Number(view.getBigInt64(0) / 1_000_000n);
      else if (id === 0x7ba9) video.title = Buffer.from(content).toString();
      else if (id === 0xb0) video.width = uint(content);
      else if (id === 0xba) video.height = uint(content);
      else if (id === 0xe7) clusterMs = uint(content);
      else if (id === 0xa3) frames.push({ timeMs: clusterMs + view.getInt16(1), at: clusterAt, jpeg: content.subarray(4) });
      else if (id === 0xb3) cueMs = uint(content);
      else if (id === 0xf1) cues.push({ timeMs: cueMs, clusterAt: segmentAt + uint(content) });
    }
  };
  visit(0, bytes.length);
  return { ...video, frames, cues, seeks, left };
}
