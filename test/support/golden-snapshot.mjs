// A parsed value as JSON, for the checked-in goldens. Byte fields are written as where they lie in the body
// (`body+45..1034`), which pins down the offset as well as the bytes; 64-bit numbers as decimal digits and an n.

/**
 * @param {unknown} value
 * @param {Uint8Array} body
 * @returns {unknown}
 */
export function snapshotValue(value, body) {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Uint8Array) {
    if (value.buffer !== body.buffer) throw new TypeError('a byte field is a copy, not a view of its body');
    const start = value.byteOffset - body.byteOffset;
    return `body+${start}..${start + value.byteLength}`;
  }
  if (Array.isArray(value)) return value.map((item) => snapshotValue(item, body));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, snapshotValue(part, body)]));
  }
  return value;
}
