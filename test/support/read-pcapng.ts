// Takes a pcapng file apart, written from the file format and sharing nothing with the writer: it refuses blocks whose two lengths differ,
// packets above the snap length, options that leave their block, and a file that ends inside a block.

export interface ReadPacket {
  readonly frame: Uint8Array;
  readonly microseconds: bigint;
  readonly direction: 'in' | 'out' | null;
  readonly comments: readonly string[];
}

export interface ReadSection {
  readonly application: string | null;
  readonly system: string | null;
  readonly comments: readonly string[];
  readonly interfaceName: string | null;
  readonly snapBytes: number;
  readonly packets: readonly ReadPacket[];
  /** Of the statistics block at the end; null when there is none. */
  readonly totals: { readonly received: number; readonly dropped: number; readonly delivered: number } | null;
  /** Where each block ends. */
  readonly blockEnds: readonly number[];
}

export const isPcapng = (file: Uint8Array): boolean => file.byteLength >= 4 && file[0] === 0x0a && file[1] === 0x0d && file[2] === 0x0d && file[3] === 0x0a;

/** A file of one section and one interface, as every capture file is. */
export function readPcapng(file: Uint8Array): ReadSection {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const little = view.getUint32(8, true) === 0x1a2b3c4d;
  if (!little && view.getUint32(8) !== 0x1a2b3c4d) throw new Error('no byte order');
  const u32 = (at: number): number => view.getUint32(at, little);
  const read = {
    section: [] as ReadOption[], interface: [] as ReadOption[], statistics: null as ReadOption[] | null, snapBytes: 0, resolution: 6, packets: [] as ReadPacket[], blockEnds: [] as number[],
  };
  for (let at = 0; at < file.byteLength; ) {
    if (at + 12 > file.byteLength) throw new Error(`the file ends inside a block, at ${at}`);
    const [type, length] = [u32(at), u32(at + 4)];
    if (length < 12 || length % 4 !== 0) throw new Error(`a block of ${length} bytes`);
    if (at + length > file.byteLength) throw new Error(`the file ends inside a block, at ${at}`);
    if (u32(at + length - 4) !== length) throw new Error(`a block at ${at} with two lengths`);
    const options = (from: number): ReadOption[] => readOptions(file, view, little, at + from, at + length - 4);
    switch (type) {
      case 0x0a0d0d0a: {
        if (at !== 0 || view.getUint16(12, little) !== 1) throw new Error('a second section, or a version that nobody knows');
        if (view.getBigInt64(16, little) !== -1n) throw new Error('a section with a length');
        read.section = options(24);
        break;
      }
      case 1: {
        if (view.getUint16(at + 8, little) !== 1) throw new Error('link type is not Ethernet');
        if (read.snapBytes !== 0) throw new Error('a second interface');
        read.snapBytes = u32(at + 12);
        read.interface = options(16);
        read.resolution = read.interface.find(({ code }) => code === 9)?.value[0] ?? 6;
        break;
      }
      case 5: {
        read.statistics = options(20);
        break;
      }
      case 6: {
        const captured = u32(at + 20);
        if (captured !== u32(at + 24) || captured > read.snapBytes || u32(at + 8) !== 0) throw new Error('a cut packet, above the snap length, or of no interface');
        const found = options(28 + Math.ceil(captured / 4) * 4);
        const flags = found.find(({ code }) => code === 2)?.value;
        const direction = flags === undefined ? 0 : new DataView(flags.buffer, flags.byteOffset).getUint32(0, little) & 3;
        if (read.resolution !== 6) throw new Error('not microseconds');
        read.packets.push({
          frame: file.subarray(at + 28, at + 28 + captured), microseconds: (BigInt(u32(at + 12)) << 32n) | BigInt(u32(at + 16)),
          direction: direction === 1 ? 'in' : direction === 2 ? 'out' : null, comments: textsOf(found, 1),
        });
        break;
      }
      default:
        throw new Error(`a block of type ${type}`);
    }
    at += length;
    read.blockEnds.push(at);
  }
  const count = (code: number): number => {
    const value = read.statistics?.find((option) => option.code === code)?.value;
    return value === undefined ? -1 : Number(new DataView(value.buffer, value.byteOffset).getBigUint64(0, little));
  };
  return {
    application: textsOf(read.section, 4)[0] ?? null, system: textsOf(read.section, 3)[0] ?? null, comments: textsOf(read.section, 1),
    interfaceName: textsOf(read.interface, 2)[0] ?? null, snapBytes: read.snapBytes, packets: read.packets,
    totals: read.statistics === null ? null : { received: count(4), dropped: count(5), delivered: count(8) }, blockEnds: read.blockEnds,
  };
}

interface ReadOption {
  readonly code: number;
  readonly value: Uint8Array;
}

function readOptions(file: Uint8Array, view: DataView, little: boolean, from: number, end: number): ReadOption[] {
  const options: ReadOption[] = [];
  for (let at = from; at < end; ) {
    const [code, length] = [view.getUint16(at, little), view.getUint16(at + 2, little)];
    if (at + 4 + length > end) throw new Error('an option leaves its block');
    if (code === 0) {
      if (at + 4 !== end) throw new Error('something after the last option');
      return options;
    }
    options.push({ code, value: file.subarray(at + 4, at + 4 + length) });
    at += 4 + Math.ceil(length / 4) * 4;
  }
  if (options.length > 0) throw new Error('options without an end');
  return options;
}

const textsOf = (options: readonly ReadOption[], code: number): string[] => options.filter((option) => option.code === code).map(({ value }) => new TextDecoder().decode(value));
