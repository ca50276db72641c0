// Capture files laid by hand, in forms that the program itself does not write: either byte order, nanoseconds, pcapng with sections and options, the
// ancestor's frames. Not the program's own writer, so that a mistake in that one is not repeated here.

export interface LaidFrame {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly bytes: Uint8Array;
  /** pcapng only. */
  readonly interfaceId?: number;
  readonly comment?: string;
}

interface LaidSegment {
  readonly clientPort: number;
  readonly received: boolean;
  readonly sequence: number;
  readonly payload: Uint8Array;
  /** Default: ACK. */
  readonly flags?: number;
  readonly client?: string;
  readonly server?: string;
  readonly serverPort?: number;
}

const numbers = (address: string): number[] => address.split('.').map(Number);

/** Ethernet, IPv4, TCP, with checksums of 0. */
export function tcpFrame({ clientPort, received, sequence, payload, flags = 0x10, client = '10.0.0.1', server = '10.0.0.2', serverPort = 5900 }: LaidSegment): Uint8Array {
  const frame = Buffer.alloc(54 + payload.length);
  frame.writeUInt16BE(0x0800, 12);
  frame[14] = 0x45;
  frame.writeUInt16BE(40 + payload.length, 16);
  frame[23] = 6;
  frame.set(numbers(received ? server : client), 26);
  frame.set(numbers(received ? client : server), 30);
  frame.writeUInt16BE(received ? serverPort : clientPort, 34);
  frame.writeUInt16BE(received ? clientPort : serverPort, 36);
  frame.writeUInt32BE(sequence, 38);
  frame[46] = 0x50;
  frame[47] = flags;
  frame.set(payload, 54);
  return frame;
}

/** Classic pcap. */
export function laidPcap(frames: readonly LaidFrame[], { little = false, nanoseconds = false, linkType = 1 } = {}): Uint8Array {
  const word = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    if (little) bytes.writeUInt32LE(value);
    else bytes.writeUInt32BE(value);
    return bytes;
  };
  const version = little ? Buffer.from([2, 0, 4, 0]) : Buffer.from([0, 2, 0, 4]);
  const units = nanoseconds ? 1e6 : 1e3;
  return Buffer.concat([
    word(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4), version, word(0), word(0), word(262_144), word(linkType),
    ...frames.flatMap(({ atMs, bytes }) => [word(Math.floor(atMs / 1000)), word(Math.round((atMs % 1000) * units)), word(bytes.length), word(bytes.length), bytes]),
  ]);
}

export interface LaidSection {
  readonly little?: boolean;
  readonly interfaces: readonly { readonly name?: string; readonly resolution?: number; readonly linkType?: number }[];
  readonly frames: readonly LaidFrame[];
  /** As simple packet blocks, which have no time. */
  readonly simple?: boolean;
}

export function laidPcapng(sections: readonly LaidSection[]): Uint8Array {
  return Buffer.concat(sections.flatMap((section) => laidSection(section)));
}

function laidSection({ little = true, interfaces, frames, simple = false }: LaidSection): Buffer[] {
  const u16 = (value: number): Buffer => Buffer.from(little ? [value & 255, value >> 8] : [value >> 8, value & 255]);
  const u32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    if (little) bytes.writeUInt32LE(value >>> 0);
    else bytes.writeUInt32BE(value >>> 0);
    return bytes;
  };
  const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  const block = (type: number, ...parts: Uint8Array[]): Buffer => {
    const body = Buffer.concat(parts);
    return Buffer.concat([u32(type), u32(body.length + 12), body, u32(body.length + 12)]);
  };
  const option = (code: number, data: Uint8Array): Buffer => Buffer.concat([u16(code), u16(data.length), padded(data)]);
  const options = (...all: Buffer[]): Buffer => (all.length === 0 ? Buffer.alloc(0) : Buffer.concat([...all, u32(0)]));
  return [
    block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), u32(0xffffffff), u32(0xffffffff), options(option(4, Buffer.from('by hand')))),
    ...interfaces.map(({ name, resolution, linkType = 1 }) =>
      block(1, u16(linkType), u16(0), u32(262_144), options(...(name === undefined ? [] : [option(2, Buffer.from(name))]), ...(resolution === undefined ? [] : [option(9, Buffer.from([resolution]))]))),
    ),
    // Nobody's block, and one of statistics: readers pass over both.
    block(0x80000001, Buffer.from('whatever')),
    ...frames.map(({ atMs, bytes, interfaceId = 0, comment }) => {
      if (simple) return block(3, u32(bytes.length), padded(bytes));
      const units = BigInt(Math.round(atMs * (10 ** (interfaces[interfaceId]?.resolution ?? 6) / 1000)));
      return block(6, u32(interfaceId), u32(Number(units >> 32n)), u32(Number(units & 0xffffffffn)), u32(bytes.length), u32(bytes.length), padded(bytes), options(...(comment === undefined ? [] : [option(1, Buffer.from(comment))])));
    }),
    block(5, u32(0), u32(0), u32(0)),
  ];
}

/** `bytes` in pieces of these lengths, the last one what is left. */
export function inPieces(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const length of lengths) {
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return [...pieces, bytes.subarray(at)];
}
