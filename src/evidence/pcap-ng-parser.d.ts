// What is used of pcap-ng-parser, which has no types: its reading of one whole block.

declare module 'pcap-ng-parser' {
  import { Transform } from 'node:stream';

  export interface InterfaceDescription {
    readonly linkType: number;
    readonly snapLen: number;
    readonly name?: string;
  }

  export interface BlockOption {
    readonly code: number;
    readonly dataLength: number;
    readonly data: Buffer;
  }

  export interface EnhancedPacket {
    readonly interfaceId: number;
    readonly timestampHigh: number;
    readonly timestampLow: number;
    readonly capturedPacketLength: number;
    readonly originalPacketLength: number;
    readonly data: Buffer;
  }

  export default class PCAPNGParser extends Transform {
    endianess: 'LE' | 'BE';
    interfaces: InterfaceDescription[];
    /** @returns the block's length. Reads a section header at the start of the buffer and sets `endianess` by it. */
    readHeaderBlockFromBuffer(buffer: Buffer): number;
    /** @returns the packet of an enhanced packet block (6); other blocks change the parser's state. */
    processRawBlock(block: Buffer, type: number): EnhancedPacket | undefined;
    readOptions(buffer: Buffer): BlockOption[];
  }
}
