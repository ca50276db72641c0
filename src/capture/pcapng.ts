// Capture files as pcapng: the same frames as in classic pcap (pcap.ts), each in a block of its own, with what that form has no place for: the
// channel's name, each packet's direction, comments where a link begins and where messages are missing, and totals at the end. Little-endian. Pure.

import type { CaptureFileFacts, CaptureFileTotals, PacketFacts, PacketFormat, PcapTarget } from './packet-format.ts';
import { COMMENT_BYTES_MAX } from './packet-format.ts';
import { LINK_TYPE_ETHERNET, SNAP_BYTES } from './pcap.ts';

const Block = { interface: 1, interfaceStatistics: 5, enhancedPacket: 6, section: 0x0a0d0d0a } as const;
const BYTE_ORDER = 0x1a2b3c4d;
/** The section's length is not known while it is written. */
const UNKNOWN_LENGTH = -1n;

/** Option codes; those from 2 on depend on the block. */
const Option = {
  end: 0,
  comment: 1,
  section: { system: 3, application: 4 },
  interface: { name: 2, description: 3, timeResolution: 9 },
  packet: { flags: 2 },
  statistics: { received: 4, dropped: 5, delivered: 8 },
} as const;
/** 10^-6 seconds. */
const MICROSECONDS = 6;
/** The lowest two bits of a packet's flags. */
const INBOUND = 1;
const OUTBOUND = 2;

/** Type, length, interface, time in two halves, captured and original length. */
const PACKET_HEAD_BYTES = 28;
const OPTION_HEAD_BYTES = 4;
const FLAGS_OPTION_BYTES = OPTION_HEAD_BYTES + 4;
const TRAILER_BYTES = 4;
const PADDING_BYTES_MAX = 3;

export const pcapng: PacketFormat = {
  name: 'pcapng',
  fileHeader: (facts) => joined([sectionHeader(facts), interfaceDescription(facts)]),
  fileTrailer: interfaceStatistics,
  packetHeadBytes: PACKET_HEAD_BYTES,
  packetOverheadBytes: PACKET_HEAD_BYTES + PADDING_BYTES_MAX + FLAGS_OPTION_BYTES + OPTION_HEAD_BYTES + TRAILER_BYTES,
  commentOverheadBytes: OPTION_HEAD_BYTES + COMMENT_BYTES_MAX,
  wrap: wrapPacket,
};

function wrapPacket({ bytes, view }: PcapTarget, start: number, { frameBytes, wallMs, received, comment }: PacketFacts): number {
  const microseconds = Math.round(wallMs * 1000);
  view.setUint32(start, Block.enhancedPacket, true);
  view.setUint32(start + 8, 0, true);
  view.setUint32(start + 12, Math.floor(microseconds / 2 ** 32), true);
  view.setUint32(start + 16, microseconds % 2 ** 32, true);
  view.setUint32(start + 20, frameBytes, true);
  view.setUint32(start + 24, frameBytes, true);
  let at = start + PACKET_HEAD_BYTES + frameBytes;
  const padded = start + PACKET_HEAD_BYTES + padTo4(frameBytes);
  bytes.fill(0, at, padded);
  at = padded;
  view.setUint16(at, Option.packet.flags, true);
  view.setUint16(at + 2, 4, true);
  view.setUint32(at + 4, received ? INBOUND : OUTBOUND, true);
  at += FLAGS_OPTION_BYTES;
  if (comment !== undefined) {
    const option = textOption(Option.comment, comment);
    bytes.set(option, at);
    at += option.byteLength;
  }
  view.setUint32(at, Option.end, true);
  at += OPTION_HEAD_BYTES;
  const blockBytes = at + TRAILER_BYTES - start;
  view.setUint32(at, blockBytes, true);
  view.setUint32(start + 4, blockBytes, true);
  return at + TRAILER_BYTES;
}

function sectionHeader({ channel, application, system, sessionStartedWallMs }: CaptureFileFacts): Uint8Array {
  const body = new Uint8Array(16);
  const view = new DataView(body.buffer);
  view.setUint32(0, BYTE_ORDER, true);
  view.setUint16(4, 1, true);
  view.setUint16(6, 0, true);
  view.setBigInt64(8, UNKNOWN_LENGTH, true);
  const began = `${new Date(sessionStartedWallMs).toISOString()} (${(sessionStartedWallMs / 1000).toFixed(3)} s since 1970)`;
  const comment = `SPICE messages of ${channel}, decrypted. 10.0.0.1 is the client, 10.0.0.2 port 5900 the server. Times are those of the wall clock; the session began at ${began}, and session time counts from there.`;
  return block(Block.section, [
    body, textOption(Option.section.system, system), textOption(Option.section.application, application), textOption(Option.comment, comment), endOption(),
  ]);
}

function interfaceDescription({ channel }: CaptureFileFacts): Uint8Array {
  const body = new Uint8Array(8);
  const view = new DataView(body.buffer);
  view.setUint16(0, LINK_TYPE_ETHERNET, true);
  view.setUint32(4, SNAP_BYTES, true);
  return block(Block.interface, [
    body, textOption(Option.interface.name, channel), textOption(Option.interface.description, `SPICE channel ${channel}`),
    option(Option.interface.timeResolution, Uint8Array.of(MICROSECONDS)), endOption(),
  ]);
}

function interfaceStatistics({ wallMs, seen, written, missing }: CaptureFileTotals): Uint8Array {
  const body = new Uint8Array(12);
  const view = new DataView(body.buffer);
  const microseconds = Math.round(wallMs * 1000);
  view.setUint32(4, Math.floor(microseconds / 2 ** 32), true);
  view.setUint32(8, microseconds % 2 ** 32, true);
  return block(Block.interfaceStatistics, [
    body, countOption(Option.statistics.received, seen), countOption(Option.statistics.dropped, missing), countOption(Option.statistics.delivered, written),
    textOption(Option.comment, `counts are SPICE messages: ${seen} seen, ${written} in this file, ${missing} missing`), endOption(),
  ]);
}

/** A block of these parts, each of which has a length that 4 divides. */
function block(type: number, parts: readonly Uint8Array[]): Uint8Array {
  const head = new Uint8Array(8);
  const trailer = new Uint8Array(TRAILER_BYTES);
  const bytes = joined([head, ...parts, trailer]);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, bytes.byteLength, true);
  view.setUint32(bytes.byteLength - TRAILER_BYTES, bytes.byteLength, true);
  return bytes;
}

function option(code: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(OPTION_HEAD_BYTES + padTo4(value.byteLength));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, value.byteLength, true);
  bytes.set(value, OPTION_HEAD_BYTES);
  return bytes;
}

function textOption(code: number, text: string): Uint8Array {
  // ASCII of our own making, apart from what a system calls itself.
  return option(code, Uint8Array.from(text.slice(0, COMMENT_BYTES_MAX), (letter) => (letter <= '~' ? letter.charCodeAt(0) : 0x3f)));
}

function countOption(code: number, count: number): Uint8Array {
  const value = new Uint8Array(8);
  new DataView(value.buffer).setBigUint64(0, BigInt(count), true);
  return option(code, value);
}

function endOption(): Uint8Array {
  return new Uint8Array(OPTION_HEAD_BYTES);
}

function padTo4(byteLength: number): number {
  return (byteLength + 3) & ~3;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}
