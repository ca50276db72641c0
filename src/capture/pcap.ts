// SPICE messages as frames of a capture file: each message is one or more Ethernet/IPv4/TCP frames of an invented connection,
// so that Wireshark and tshark can follow it; and classic pcap, one of the two forms of such a file (pcapng.ts is the other).
// Pure: bytes into a buffer that the caller owns. Which messages, in which file and when it reaches the disk is the writer's business.

import { ChannelType } from '../protocol/constants.ts';
import type { PacketFormat, PcapTarget } from './packet-format.ts';

export type { PcapTarget } from './packet-format.ts';
export { pcapTarget } from './packet-format.ts';

/** Frames are cut here: 65,535 (the longest IPv4 packet) without the 20 bytes of its header and the 20 of TCP's. */
const PAYLOAD_BYTES_MAX = 65_495;
const PACKET_HEADER_BYTES = 16;
const ETHERNET_BYTES = 14;
const IP_BYTES = 20;
const TCP_BYTES = 20;
const SYN_OPTION_BYTES = 8;
const HEADERS_BYTES = ETHERNET_BYTES + IP_BYTES + TCP_BYTES;
/**
 * Must be at least the longest frame. The ancestor declares 65,535 and cuts at 65,495 bytes of payload, which makes frames
 * of 65,549: its library refuses each of them without a word, and large messages are missing from its captures.
 */
export const SNAP_BYTES = 262_144;
export const LINK_TYPE_ETHERNET = 1;

const SERVER_PORT = 5900;
/** Data starts at these, as in the ancestor's files; the SYN before it takes the number below. */
const CLIENT_SEQUENCE = 1000;
const SERVER_SEQUENCE = 2000;
const CLIENT_ADDRESS = [10, 0, 0, 1] as const;
const SERVER_ADDRESS = [10, 0, 0, 2] as const;
const ETHERNET = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00] as const;
/** Maximum segment size 65,495, no-operation, window scale 14: or readers would call the window full all the time. */
const SYN_OPTIONS = [2, 4, 0xff, 0xd7, 1, 3, 3, 14] as const;
const WINDOW = 0xffff;
const SYN = 0x02, PUSH = 0x08, ACK = 0x10;

const FIRST_CLIENT_PORT = 10_000;
/** Above the highest channel type, 11. */
const PORTS_PER_ID = 20;
const IDS = 25;
const PORTS_PER_STREAM = PORTS_PER_ID * IDS;
const STREAMS = 110;
const PORT_OF_OTHERS = 19;

/** Big-endian, microseconds, as the ancestor's files. */
export const classicPcap: PacketFormat = {
  name: 'pcap',
  fileHeader: pcapFileHeader,
  fileTrailer: () => new Uint8Array(0),
  packetHeadBytes: PACKET_HEADER_BYTES,
  packetOverheadBytes: PACKET_HEADER_BYTES,
  commentOverheadBytes: 0,
  wrap({ view }, start, { frameBytes, wallMs }) {
    const microseconds = Math.round(wallMs * 1000);
    view.setUint32(start, Math.floor(microseconds / 1_000_000));
    view.setUint32(start + 4, microseconds % 1_000_000);
    view.setUint32(start + 8, frameBytes);
    view.setUint32(start + 12, frameBytes);
    return start + PACKET_HEADER_BYTES + frameBytes;
  },
};

/** The most that a frame with so much payload takes in the file: payload beyond a full frame's is in others. */
export function packetBytesMax(format: PacketFormat, payloadBytes: number, comment?: string): number {
  const frameBytes = HEADERS_BYTES + Math.min(payloadBytes, PAYLOAD_BYTES_MAX);
  return format.packetOverheadBytes + frameBytes + (comment === undefined ? 0 : format.commentOverheadBytes);
}

/** The most that the three frames of a handshake take, of which two have options. */
export function handshakeBytesMax(format: PacketFormat): number {
  return 3 * packetBytesMax(format, SYN_OPTION_BYTES, '');
}

/** The most that one frame takes in a classic file: 65,549 bytes and pcap's own header. */
export const FRAME_BYTES_MAX = PACKET_HEADER_BYTES + HEADERS_BYTES + PAYLOAD_BYTES_MAX;
/** The three frames of a handshake in a classic file. */
export const HANDSHAKE_BYTES = handshakeBytesMax(classicPcap);

/** The 24 bytes at the start of a classic file. */
export function pcapFileHeader(): Uint8Array {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xa1b2c3d4);
  view.setUint16(4, 2);
  view.setUint16(6, 4);
  view.setUint32(16, SNAP_BYTES);
  view.setUint32(20, LINK_TYPE_ETHERNET);
  return bytes;
}

/**
 * The client's TCP port for a stream of a channel: 10000 + channel type for the first stream of id 0 (main 10001, display
 * 10002, inputs 10003 ...), 20 more for each id, 500 more for each stream. So no two streams of a session share a port until
 * a channel has an id of 25 or has been linked 110 times; then they do, and the SYN tells them apart.
 */
export function clientPortOf(channel: string, stream: number): number {
  const [kind = '', id = '0'] = channel.split('/');
  const type = Object.hasOwn(ChannelType, kind) ? ChannelType[kind as keyof typeof ChannelType] : PORT_OF_OTHERS;
  return FIRST_CLIENT_PORT + type + PORTS_PER_ID * (Number(id) % IDS) + PORTS_PER_STREAM * (stream % STREAMS);
}

/** Frames that a message of this many bytes needs; an empty one still needs one. */
export function frameCountOf(messageBytes: number): number {
  return Math.max(1, Math.ceil(messageBytes / PAYLOAD_BYTES_MAX));
}

/** Where a message stands in its stream. */
export interface PcapMessage {
  readonly clientPort: number;
  readonly received: boolean;
  /** Bytes of the stream sent and received before the message; only their low 32 bits matter. */
  readonly sentBefore: number;
  readonly receivedBefore: number;
  /** Milliseconds since 1970, with fractions. */
  readonly wallMs: number;
  readonly bytes: Uint8Array;
  /** Said of its first frame, where the format has comments. */
  readonly comment?: string | undefined;
}

/** SYN, SYN and ACK, ACK: readers know from it where the stream starts. Needs `handshakeBytesMax` of room. */
export function writeHandshake(target: PcapTarget, clientPort: number, wallMs: number, format: PacketFormat = classicPcap, comment?: string): void {
  const client = CLIENT_SEQUENCE - 1;
  const server = SERVER_SEQUENCE - 1;
  const start = { clientPort, wallMs, payload: NO_PAYLOAD };
  writeFrame(format, target, { ...start, received: false, sequence: client, acknowledged: 0, flags: SYN, comment });
  writeFrame(format, target, { ...start, received: true, sequence: server, acknowledged: client + 1, flags: SYN | ACK });
  writeFrame(format, target, { ...start, received: false, sequence: client + 1, acknowledged: server + 1, flags: ACK });
}

/** The message's frame number `index`, of `frameCountOf` its bytes. Needs `packetBytesMax` of room. */
export function writeMessageFrame(target: PcapTarget, message: PcapMessage, index: number, format: PacketFormat = classicPcap): void {
  const { received, bytes } = message;
  const from = index * PAYLOAD_BYTES_MAX;
  const to = Math.min(from + PAYLOAD_BYTES_MAX, bytes.byteLength);
  const client = CLIENT_SEQUENCE + message.sentBefore;
  const server = SERVER_SEQUENCE + message.receivedBefore;
  writeFrame(format, target, {
    comment: index === 0 ? message.comment : undefined,
    clientPort: message.clientPort,
    received,
    wallMs: message.wallMs,
    sequence: (received ? server : client) + from,
    acknowledged: received ? client : server,
    flags: to === bytes.byteLength ? ACK | PUSH : ACK,
    payload: bytes.subarray(from, to),
  });
}

interface TcpFrame {
  readonly clientPort: number;
  readonly received: boolean;
  readonly wallMs: number;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly flags: number;
  readonly payload: Uint8Array;
  readonly comment?: string | undefined;
}

const NO_PAYLOAD = new Uint8Array(0);

function writeFrame(format: PacketFormat, target: PcapTarget, frame: TcpFrame): void {
  const { bytes, view } = target;
  const { payload, flags } = frame;
  const options = (flags & SYN) === 0 ? 0 : SYN_OPTION_BYTES;
  const tcpBytes = TCP_BYTES + options + payload.byteLength;
  const frameBytes = ETHERNET_BYTES + IP_BYTES + tcpBytes;
  const start = target.used;

  const ethernet = start + format.packetHeadBytes;
  bytes.set(ETHERNET, ethernet);

  const ip = ethernet + ETHERNET_BYTES;
  view.setUint16(ip, 0x4500); // version 4, five words of header
  view.setUint16(ip + 2, IP_BYTES + tcpBytes);
  view.setUint16(ip + 4, 0);
  view.setUint16(ip + 6, 0x4000); // do not fragment
  view.setUint16(ip + 8, 0x4006); // time to live 64, TCP
  view.setUint16(ip + 10, 0);
  bytes.set(frame.received ? SERVER_ADDRESS : CLIENT_ADDRESS, ip + 12);
  bytes.set(frame.received ? CLIENT_ADDRESS : SERVER_ADDRESS, ip + 16);
  view.setUint16(ip + 10, checksum(sum(bytes, ip, ip + IP_BYTES, 0)));

  const tcp = ip + IP_BYTES;
  view.setUint16(tcp, frame.received ? SERVER_PORT : frame.clientPort);
  view.setUint16(tcp + 2, frame.received ? frame.clientPort : SERVER_PORT);
  view.setUint32(tcp + 4, frame.sequence);
  view.setUint32(tcp + 8, (flags & ACK) === 0 ? 0 : frame.acknowledged);
  view.setUint16(tcp + 12, (((TCP_BYTES + options) / 4) << 12) | flags);
  view.setUint16(tcp + 14, WINDOW);
  view.setUint32(tcp + 16, 0); // checksum, urgent pointer
  if (options > 0) bytes.set(SYN_OPTIONS, tcp + TCP_BYTES);
  bytes.set(payload, tcp + TCP_BYTES + options);
  // TCP's checksum covers the addresses, the protocol's number and the length too.
  const pseudo = sum(bytes, ip + 12, ip + IP_BYTES, 6 + tcpBytes);
  view.setUint16(tcp + 16, checksum(sum(bytes, tcp, tcp + tcpBytes, pseudo)));
  target.used = format.wrap(target, start, { frameBytes, wallMs: frame.wallMs, received: frame.received, comment: frame.comment });
}

/** Adds 16-bit words, as RFC 1071 has it. 65,535 bytes cannot overflow a number's 53 bits. */
function sum(bytes: Uint8Array, from: number, to: number, start: number): number {
  let total = start;
  const even = from + ((to - from) & ~1);
  // In range: `even` is at most `to`, which is in the target.
  for (let at = from; at < even; at += 2) total += (bytes[at]! << 8) | bytes[at + 1]!;
  return even < to ? total + (bytes[even]! << 8) : total;
}

function checksum(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x1_0000);
  return ~folded & 0xffff;
}
