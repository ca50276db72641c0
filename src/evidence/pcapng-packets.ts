// pcapng files as packets. Blocks are cut out and measured here, whole ones are read by pcap-ng-parser, whose own reading of streams and
// of options is not used: 1.0.0 reads past the block it is in, throws in the middle of a stream, never ends, and keeps the first
// section's interfaces for ever (docs/reading.md). Behind this every file gives packets and at most one fault.

import PCAPNGParser, { type BlockOption } from 'pcap-ng-parser';
import { behind, packetBytesMax, type Packet, type PacketReader, type ReadingFault } from '../capture/read/packet.ts';

const BlockType = { interfaceDescription: 1, simplePacket: 3, enhancedPacket: 6, sectionHeader: 0x0a0d_0d0a } as const;
const OptionCode = { end: 0, comment: 1, timestampResolution: 9, timestampOffset: 14 } as const;
const BLOCK_BYTES_MIN = 12;
const SECTION_HEADER_BYTES_MIN = 28;
const INTERFACE_BYTES_MIN = 20;
const ENHANCED_PACKET_BYTES_MIN = 32;
const SIMPLE_PACKET_BYTES_MIN = 16;
const BYTE_ORDER_BIG = 0x1a2b3c4d;
const BYTE_ORDER_LITTLE = 0x4d3c2b1a;
/** Interfaces that one section may describe; a capture of ours has one for each channel. */
const INTERFACES_MAX = 4_096;
const MICROSECONDS = 1_000;
const WORD = 2 ** 32;

export function isPcapng(magic: number): boolean {
  return magic === BlockType.sectionHeader;
}

/** What the package knows of one section, with its reading of options replaced. */
class SectionParser extends PCAPNGParser {
  /** Of the last block that was read. */
  options: BlockOption[] = [];

  /** @param buffer options and the block's length behind them */
  override readOptions(buffer: Buffer): BlockOption[] {
    this.options = readOptions(buffer.subarray(0, -4), this.endianess === 'LE');
    return this.options;
  }
}

interface Interface {
  readonly linkType: number;
  readonly name: string | null;
  readonly unitsPerMs: number;
  readonly offsetMs: number;
}

/** What is wrong with a block; never leaves this file. */
class BlockError extends Error {}

export class PcapngReader implements PacketReader {
  fault: ReadingFault | null = null;
  #rest: Uint8Array = new Uint8Array(0);
  #offset = 0;
  #section: SectionParser | null = null;
  #little = true;
  #interfaces: Interface[] = [];
  #lastMs = 0;

  push(chunk: Uint8Array): readonly Packet[] {
    if (this.fault !== null) return [];
    const bytes = behind(this.#rest, chunk);
    const packets: Packet[] = [];
    let at = 0;
    while (this.fault === null) {
      const block = this.#block(bytes, at);
      if (block === null) break;
      this.#read(block, at, packets);
      at += block.byteLength;
    }
    this.#rest = this.fault === null ? bytes.subarray(at) : new Uint8Array(0);
    this.#offset += at;
    return packets;
  }

  end(): void {
    if (this.fault !== null) return;
    if (this.#section === null) this.#stop('notACapture', 0, 'it is too short for a pcapng file');
    else if (this.#rest.byteLength > 0) this.#stop('truncated', 0, `it ends inside a block, after ${this.#rest.byteLength} bytes of it`);
  }

  /** The whole block at `at`; null when it is not all there, or when its length makes no sense, which is a fault. */
  #block(bytes: Uint8Array, at: number): Buffer | null {
    if (bytes.byteLength - at < BLOCK_BYTES_MIN) return null;
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.byteLength - at);
    // A section header reads the same in either byte order, and says which one its section has.
    const isSection = view.getUint32(0) === BlockType.sectionHeader;
    if (isSection && !this.#beginSection(view.getUint32(8), at)) return null;
    if (!isSection && this.#section === null) {
      this.#stop('notACapture', at, 'it does not begin as a pcapng file');
      return null;
    }
    const length = view.getUint32(4, this.#little);
    if (length < (isSection ? SECTION_HEADER_BYTES_MIN : BLOCK_BYTES_MIN) || length % 4 !== 0) this.#stop('malformed', at, `a block claims ${length} bytes`);
    else if (length > packetBytesMax) this.#stop('oversize', at, `a block claims ${length} bytes`);
    else if (length <= view.byteLength) {
      if (view.getUint32(length - 4, this.#little) === length) return Buffer.from(bytes.buffer, view.byteOffset, length);
      this.#stop('malformed', at, `a block of ${length} bytes ends with another length`);
    }
    return null;
  }

  #beginSection(byteOrder: number, at: number): boolean {
    if (byteOrder !== BYTE_ORDER_BIG && byteOrder !== BYTE_ORDER_LITTLE) {
      this.#stop(this.#section === null ? 'notACapture' : 'malformed', at, 'a section has no byte order');
      return false;
    }
    this.#little = byteOrder === BYTE_ORDER_LITTLE;
    return true;
  }

  #read(block: Buffer, at: number, into: Packet[]): void {
    const type = this.#little ? block.readUInt32LE(0) : block.readUInt32BE(0);
    try {
      switch (type) {
        case BlockType.sectionHeader:
          this.#section ??= new SectionParser();
          this.#section.readHeaderBlockFromBuffer(block);
          this.#section.interfaces = [];
          this.#interfaces = [];
          return;
        case BlockType.interfaceDescription:
          return this.#describe(block);
        case BlockType.enhancedPacket:
          into.push(this.#enhanced(block));
          return;
        case BlockType.simplePacket:
          into.push(this.#simple(block));
          return;
        default:
          // Names, statistics, secrets, other programs' own: their lengths were checked, and nothing here needs them.
          return;
      }
    } catch (error) {
      if (!(error instanceof BlockError)) throw error;
      this.#stop('malformed', at, error.message);
    }
  }

  #describe(block: Buffer): void {
    const section = this.#section;
    if (section === null) return;
    if (block.byteLength < INTERFACE_BYTES_MIN) throw new BlockError('an interface description is too short');
    if (this.#interfaces.length >= INTERFACES_MAX) throw new BlockError(`a section has more than ${INTERFACES_MAX} interfaces`);
    section.options = [];
    section.processRawBlock(block, BlockType.interfaceDescription);
    const described = section.interfaces.at(-1);
    const name = described?.name;
    const resolution = section.options.find(({ code }) => code === OptionCode.timestampResolution)?.data[0];
    const offset = section.options.find(({ code }) => code === OptionCode.timestampOffset)?.data;
    this.#interfaces.push({
      linkType: described?.linkType ?? 0,
      name: name === undefined || name === '' ? null : name,
      unitsPerMs: resolution === undefined ? MICROSECONDS : unitsPerMs(resolution),
      offsetMs: offset === undefined || offset.byteLength !== 8 ? 0 : Number(this.#little ? offset.readBigInt64LE() : offset.readBigInt64BE()) * 1_000,
    });
  }

  #enhanced(block: Buffer): Packet {
    const u32 = (at: number): number => (this.#little ? block.readUInt32LE(at) : block.readUInt32BE(at));
    if (block.byteLength < ENHANCED_PACKET_BYTES_MIN || u32(20) > block.byteLength - ENHANCED_PACKET_BYTES_MIN) throw new BlockError('a packet is larger than its block');
    const packet = this.#section?.processRawBlock(block, BlockType.enhancedPacket);
    if (packet === undefined) throw new BlockError('a packet cannot be read');
    const from = this.#interface(packet.interfaceId);
    const paddedBytes = Math.ceil(packet.data.byteLength / 4) * 4;
    const options = readOptions(block.subarray(28 + paddedBytes, -4), this.#little);
    this.#lastMs = (packet.timestampHigh * WORD + packet.timestampLow) / from.unitsPerMs + from.offsetMs;
    const comments = options.filter(({ code }) => code === OptionCode.comment).map(({ data }) => data.toString('utf8'));
    return { atMs: this.#lastMs, linkType: from.linkType, interfaceName: from.name, bytes: plain(packet.data), comments };
  }

  /** Of the first interface, and without a time: it gets that of the packet before it. */
  #simple(block: Buffer): Packet {
    if (block.byteLength < SIMPLE_PACKET_BYTES_MIN) throw new BlockError('a simple packet is too short');
    const from = this.#interface(0);
    const original = this.#little ? block.readUInt32LE(8) : block.readUInt32BE(8);
    const bytes = block.subarray(12, Math.min(12 + original, block.byteLength - 4));
    return { atMs: this.#lastMs, linkType: from.linkType, interfaceName: from.name, bytes: plain(bytes), comments: [] };
  }

  #interface(id: number): Interface {
    const known = this.#interfaces[id];
    if (known === undefined) throw new BlockError(`a packet is of interface ${id}, which nobody described`);
    return known;
  }

  #stop(code: ReadingFault['code'], at: number, message: string): void {
    this.fault = { code, offset: this.#offset + at, message };
  }
}

/** Not a Buffer: its slice would be a view. */
function plain({ buffer, byteOffset, byteLength }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A power of ten, or with the upper bit of two, in units a second. */
function unitsPerMs(resolution: number): number {
  const exponent = resolution & 0x7f;
  return ((resolution & 0x80) === 0 ? 10 ** exponent : 2 ** exponent) / 1_000;
}

function readOptions(bytes: Buffer, little: boolean): BlockOption[] {
  const u16 = (at: number): number => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const options: BlockOption[] = [];
  for (let at = 0; at + 4 <= bytes.byteLength; ) {
    const [code, dataLength] = [u16(at), u16(at + 2)];
    if (code === OptionCode.end) break;
    if (at + 4 + dataLength > bytes.byteLength) throw new BlockError(`option ${code} is larger than its block`);
    options.push({ code, dataLength, data: bytes.subarray(at + 4, at + 4 + dataLength) });
    at += 4 + Math.ceil(dataLength / 4) * 4;
  }
  return options;
}
