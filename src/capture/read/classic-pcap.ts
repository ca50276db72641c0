// Classic pcap files as packets: either byte order, microseconds or nanoseconds, in pieces of any size. It believes no length
// before it has checked it, and knows nothing of what is in a packet.

import { behind, packetBytesMax, type Packet, type PacketReader, type ReadingFault } from './packet.ts';

const FILE_HEADER_BYTES = 24;
const PACKET_HEADER_BYTES = 16;
/** The upper four bits say how long a frame check sequence is. */
const LINK_TYPE_BITS = 0x0fff_ffff;

interface Flavour {
  readonly little: boolean;
  readonly unitsPerMs: number;
}

/** By the first four bytes, read as a big-endian number. */
const FLAVOURS: ReadonlyMap<number, Flavour> = new Map([
  [0xa1b2c3d4, { little: false, unitsPerMs: 1_000 }],
  [0xd4c3b2a1, { little: true, unitsPerMs: 1_000 }],
  [0xa1b23c4d, { little: false, unitsPerMs: 1_000_000 }],
  [0x4d3cb2a1, { little: true, unitsPerMs: 1_000_000 }],
]);

export function isClassicPcap(magic: number): boolean {
  return FLAVOURS.has(magic);
}

export class ClassicPcapReader implements PacketReader {
  fault: ReadingFault | null = null;
  #rest: Uint8Array = new Uint8Array(0);
  /** Of `#rest` in the file. */
  #offset = 0;
  #header: (Flavour & { readonly linkType: number }) | null = null;

  push(chunk: Uint8Array): readonly Packet[] {
    if (this.fault !== null) return [];
    const bytes = behind(this.#rest, chunk);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const packets: Packet[] = [];
    let at = 0;
    if (this.#header === null) {
      if (bytes.byteLength < FILE_HEADER_BYTES) return this.#keep(bytes, 0, packets);
      const flavour = FLAVOURS.get(view.getUint32(0));
      if (flavour === undefined) return this.#stop('notACapture', 0, 'it does not begin as a pcap file', packets);
      this.#header = { ...flavour, linkType: view.getUint32(20, flavour.little) & LINK_TYPE_BITS };
      at = FILE_HEADER_BYTES;
    }
    const { little, unitsPerMs, linkType } = this.#header;
    while (bytes.byteLength - at >= PACKET_HEADER_BYTES) {
      const captured = view.getUint32(at + 8, little);
      if (captured > packetBytesMax) return this.#stop('oversize', at, `a packet claims ${captured} bytes`, packets);
      const end = at + PACKET_HEADER_BYTES + captured;
      if (end > bytes.byteLength) break;
      const atMs = view.getUint32(at, little) * 1_000 + view.getUint32(at + 4, little) / unitsPerMs;
      packets.push({ atMs, linkType, interfaceName: null, bytes: bytes.subarray(at + PACKET_HEADER_BYTES, end), comments: [] });
      at = end;
    }
    return this.#keep(bytes, at, packets);
  }

  end(): void {
    if (this.fault !== null) return;
    if (this.#header === null) this.#stop('notACapture', 0, 'it is too short for a pcap file', []);
    else if (this.#rest.byteLength > 0) this.#stop('truncated', 0, `it ends inside a packet, after ${this.#rest.byteLength} bytes of it`, []);
  }

  #keep(bytes: Uint8Array, at: number, packets: readonly Packet[]): readonly Packet[] {
    this.#rest = bytes.subarray(at);
    this.#offset += at;
    return packets;
  }

  #stop(code: ReadingFault['code'], at: number, message: string, packets: readonly Packet[]): readonly Packet[] {
    this.fault = { code, offset: this.#offset + at, message };
    this.#rest = new Uint8Array(0);
    return packets;
  }
}
