// A reader of capture files of the tests' own, written from the file formats and the RFCs and sharing nothing with the writer: it refuses
// what a reader may refuse (a frame above the snap length, wrong lengths, wrong checksums) and puts TCP streams together. pcapng's
// blocks are taken apart in read-pcapng.ts.

import { isPcapng, readPcapng } from './read-pcapng.ts';

export interface ReadFrame {
  readonly microseconds: bigint;
  readonly sourcePort: number;
  readonly targetPort: number;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly flags: string;
  readonly payload: Uint8Array;
}

const FLAGS: readonly [number, string][] = [[0x01, 'F'], [0x02, 'S'], [0x04, 'R'], [0x08, 'P'], [0x10, 'A']];

export function readPcap(file: Uint8Array): ReadFrame[] {
  if (isPcapng(file)) return readPcapng(file).packets.map(({ frame, microseconds }) => readFrame(frame, microseconds));
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const little = view.getUint32(0) === 0xd4c3b2a1;
  if (!little && view.getUint32(0) !== 0xa1b2c3d4) throw new Error('not a classic pcap file');
  const u32 = (at: number): number => view.getUint32(at, little);
  if (view.getUint16(4, little) !== 2 || view.getUint16(6, little) !== 4) throw new Error('version is not 2.4');
  if (u32(20) !== 1) throw new Error('link type is not Ethernet');
  const snapBytes = u32(16);
  const frames: ReadFrame[] = [];
  let at = 24;
  while (at < file.byteLength) {
    const captured = u32(at + 8);
    if (captured !== u32(at + 12)) throw new Error('a cut frame');
    if (captured > snapBytes) throw new Error(`a frame of ${captured} bytes above the snap length of ${snapBytes}`);
    if (at + 16 + captured > file.byteLength) throw new Error(`the file ends inside a frame, at ${at}`);
    const frame = file.subarray(at + 16, at + 16 + captured);
    frames.push(readFrame(frame, BigInt(u32(at)) * 1_000_000n + BigInt(u32(at + 4))));
    at += 16 + captured;
  }
  return frames;
}

function readFrame(frame: Uint8Array, microseconds: bigint): ReadFrame {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint16(12) !== 0x0800) throw new Error('not IPv4');
  const ip = frame.subarray(14, 14 + view.getUint16(16));
  if (ip.byteLength !== frame.byteLength - 14) throw new Error("IPv4's length is not the frame's");
  const ipHeaderBytes = (ip[0]! & 0x0f) * 4;
  if (ip[0]! >> 4 !== 4 || ip[9] !== 6) throw new Error('not TCP over IPv4');
  if (onesSum(ip.subarray(0, ipHeaderBytes)) !== 0xffff) throw new Error("IPv4's checksum is wrong");
  const tcp = ip.subarray(ipHeaderBytes);
  const pseudo = new Uint8Array(12 + tcp.byteLength);
  pseudo.set(ip.subarray(12, 20));
  pseudo.set([0, 6, tcp.byteLength >> 8, tcp.byteLength & 0xff], 8);
  pseudo.set(tcp, 12);
  if (onesSum(pseudo) !== 0xffff) throw new Error("TCP's checksum is wrong");
  const header = new DataView(tcp.buffer, tcp.byteOffset, tcp.byteLength);
  return {
    microseconds,
    sourcePort: header.getUint16(0),
    targetPort: header.getUint16(2),
    sequence: header.getUint32(4),
    acknowledged: header.getUint32(8),
    flags: FLAGS.filter(([bit]) => (tcp[13]! & bit) !== 0).map(([, name]) => name).join(''),
    payload: tcp.subarray((tcp[12]! >> 4) * 4),
  };
}

function onesSum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.byteLength; at++) {
    sum += at % 2 === 0 ? bytes[at]! * 256 : bytes[at]!;
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return sum;
}

export interface ReadStream {
  readonly clientPort: number;
  readonly sent: Uint8Array[];
  readonly received: Uint8Array[];
  /** Bytes missing before the chunk of the same index. */
  readonly sentGaps: number[];
  readonly receivedGaps: number[];
}

/** The streams in order of their SYN; the payload of frames that follow each other without a gap is one chunk. */
export function readStreams(file: Uint8Array, serverPort = 5900): ReadStream[] {
  const streams = new Map<number, Gathered>();
  for (const frame of readPcap(file)) {
    const isSent = frame.targetPort === serverPort;
    if (!isSent && frame.sourcePort !== serverPort) throw new Error('neither side is the server');
    const clientPort = isSent ? frame.sourcePort : frame.targetPort;
    if (frame.flags === 'S') {
      if (streams.has(clientPort)) throw new Error(`port ${clientPort} begins twice`);
      streams.set(clientPort, { sent: [], received: [], sentGaps: [], receivedGaps: [], next: new Map([[true, (frame.sequence + 1) >>> 0]]) });
      continue;
    }
    const stream = streams.get(clientPort);
    if (stream === undefined) throw new Error(`port ${clientPort} does not begin with SYN`);
    if (frame.flags === 'SA') {
      stream.next.set(false, (frame.sequence + 1) >>> 0);
      continue;
    }
    if (frame.payload.byteLength === 0) continue;
    const expected = stream.next.get(isSent);
    if (expected === undefined) throw new Error('data before SYN');
    const gap = (frame.sequence - expected) >>> 0;
    if (gap > 0x8000_0000) throw new Error(`sequence goes back from ${expected} to ${frame.sequence}`);
    const chunks = isSent ? stream.sent : stream.received;
    const gaps = isSent ? stream.sentGaps : stream.receivedGaps;
    if (chunks.length === 0 || gap > 0) {
      chunks.push([frame.payload]);
      gaps.push(gap);
    } else {
      chunks.at(-1)!.push(frame.payload);
    }
    stream.next.set(isSent, (frame.sequence + frame.payload.byteLength) >>> 0);
  }
  return Array.from(streams, ([clientPort, { sent, received, sentGaps, receivedGaps }]) => ({
    clientPort, sent: sent.map(joined), received: received.map(joined), sentGaps, receivedGaps,
  }));
}

interface Gathered {
  readonly sent: Uint8Array[][];
  readonly received: Uint8Array[][];
  readonly sentGaps: number[];
  readonly receivedGaps: number[];
  /** The next sequence number, sent and received. */
  readonly next: Map<boolean, number>;
}

function joined(payloads: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(payloads));
}
