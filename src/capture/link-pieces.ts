// Cuts a link exchange's bytes where its parts end, whatever sizes they were written or arrived in: tshark's SPICE dissector
// expects each part at the start of a TCP segment and loses the stream when the mechanism and the ticket come in one.

const MAGIC = [0x52, 0x45, 0x44, 0x51] as const; // REDQ
const LINK_HEADER_BYTES = 16;
const MECHANISM_BYTES = 4;
const TICKET_BYTES = 128;

/** Views of `bytes`, in order. What is no known part stays in one piece. */
export function linkPieces(bytes: Uint8Array): Uint8Array[] {
  const first = firstPartBytes(bytes);
  return first === 0 || first >= bytes.byteLength ? [bytes] : [bytes.subarray(0, first), ...linkPieces(bytes.subarray(first))];
}

/** 0 when the bytes do not start with a part that can be told from the next. */
function firstPartBytes(bytes: Uint8Array): number {
  if (bytes.byteLength >= LINK_HEADER_BYTES && MAGIC.every((byte, at) => bytes[at] === byte)) {
    return LINK_HEADER_BYTES + new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true);
  }
  return bytes.byteLength === MECHANISM_BYTES + TICKET_BYTES ? MECHANISM_BYTES : 0;
}
