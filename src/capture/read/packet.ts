// Packets as they come out of a capture file, whatever its format, and what can be wrong with such a file. The formats are
// classic-pcap.ts and, because its parser is a package of Node's world, evidence/pcapng-packets.ts.

/** One packet. `bytes` may be a view of the chunk that it came in: nobody changes that one. */
export interface Packet {
  /** Milliseconds since 1970, with fractions; the ancestor's files count from the start of their session. */
  readonly atMs: number;
  /** LINKTYPE number: 1 = Ethernet. */
  readonly linkType: number;
  /** `display/0` in captures of ours; null where the format has no names. */
  readonly interfaceName: string | null;
  readonly bytes: Uint8Array;
  readonly comments: readonly string[];
}

/** Why reading stopped before the end; everything before `offset` was read. */
export interface ReadingFault {
  /**
   * `notACapture`: the first bytes are those of no format known here. `truncated`: the file ends inside a packet. `malformed`: a length
   * contradicts another. `oversize`: a packet claims more than `packetBytesMax`. `unreadable`: the disk, or the zip around the file.
   */
  readonly code: 'notACapture' | 'truncated' | 'malformed' | 'oversize' | 'unreadable';
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly message: string;
}

/** Takes a file in pieces. Never throws for what is in them: after a fault nothing more comes out. */
export interface PacketReader {
  push(chunk: Uint8Array): readonly Packet[];
  /** No more bytes will come. */
  end(): void;
  readonly fault: ReadingFault | null;
}

/** Far above what a packet can be (64 KiB), and above any block of comments; far below what would hurt. */
export const packetBytesMax = 16 * 1024 * 1024;

/** What was left of the last chunk, with the next one behind it. */
export function behind(rest: Uint8Array, chunk: Uint8Array): Uint8Array {
  if (rest.byteLength === 0) return chunk;
  const joined = new Uint8Array(rest.byteLength + chunk.byteLength);
  joined.set(rest);
  joined.set(chunk, rest.byteLength);
  return joined;
}
