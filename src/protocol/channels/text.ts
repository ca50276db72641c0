// Text: bytes of the peer as a string for people. UTF-8 where it is UTF-8, the replacement character elsewhere; stops at the
// first NUL. Written by hand because the pure folders have no TextDecoder; the strings are short (names, notices).

/** Longest text taken from a peer, in bytes; the rest is cut. */
export const textBytesMax = 64 * 1024;

export function textOf(bytes: Uint8Array): string {
  let text = '';
  const end = Math.min(bytes.length, textBytesMax);
  let at = 0;
  while (at < end) {
    const first = bytes[at] ?? 0;
    if (first === 0) break;
    const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
    const point = length === 0 || at + length > end || first > 0xf4 ? -1 : codePointAt(bytes, at, length);
    text += point < 0 ? '\uFFFD' : String.fromCodePoint(point);
    at += point < 0 ? 1 : length;
  }
  return text;
}

const smallestOfLength = [0, 0, 0x80, 0x800, 0x10000];

function codePointAt(bytes: Uint8Array, at: number, length: number): number {
  const first = bytes[at] ?? 0;
  if (length === 1) return first;
  let point = first & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i] ?? 0;
    if ((next & 0xc0) !== 0x80) return -1;
    point = (point << 6) | (next & 0x3f);
  }
  const surrogate = point >= 0xd800 && point <= 0xdfff;
  return surrogate || point < (smallestOfLength[length] ?? 0) || point > 0x10ffff ? -1 : point;
}
