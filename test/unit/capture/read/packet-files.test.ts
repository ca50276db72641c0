// The two formats of capture files, in every form that other programs write, and cut off anywhere.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ClassicPcapReader } from '#app/capture/read/classic-pcap.js';
import type { Packet, PacketReader } from '#app/capture/read/packet.js';
import { PcapngReader } from '#app/evidence/pcapng-packets.js';
import { inPieces, laidPcap, laidPcapng, type LaidFrame } from '../../../support/capture-bytes.ts';

const atMs = Date.UTC(2026, 10, 28) + 123.456;
const frames: LaidFrame[] = [{ atMs, bytes: Buffer.from('first') }, { atMs: atMs + 1, bytes: Buffer.alloc(0) }, { atMs: atMs + 2_000, bytes: Buffer.alloc(1_000, 7) }];

function read(reader: PacketReader, pieces: readonly Uint8Array[]): Packet[] {
  const packets = pieces.flatMap((piece) => [...reader.push(piece)]);
  reader.end();
  return packets;
}

const shapes = (packets: readonly Packet[]): unknown[] => packets.map((each) => [each.atMs.toFixed(3), Buffer.from(each.bytes).toString('hex')]);
const expected = frames.map((each) => [each.atMs.toFixed(3), Buffer.from(each.bytes).toString('hex')]);

const files: [string, () => PacketReader, Uint8Array][] = [
  ...[true, false].flatMap((little) =>
    [true, false].map((nanoseconds): [string, () => PacketReader, Uint8Array] => [
      `pcap, ${little ? 'little' : 'big'}-endian, ${nanoseconds ? 'nano' : 'micro'}seconds`, () => new ClassicPcapReader(), laidPcap(frames, { little, nanoseconds }),
    ]),
  ),
  ...[true, false].map((little): [string, () => PacketReader, Uint8Array] => [`pcapng, ${little ? 'little' : 'big'}-endian`, () => new PcapngReader(), laidPcapng([{ little, interfaces: [{}], frames }])]),
  ['pcapng of two sections, each with its byte order and its units', () => new PcapngReader(), laidPcapng([
    { little: true, interfaces: [{ resolution: 9 }], frames: frames.slice(0, 1) }, { little: false, interfaces: [{ name: 'a name', resolution: 3 + 3 }], frames: frames.slice(1) },
  ])],
];

describe.each(files)('%s', (_name, make, file) => {
  test('gives its packets with their times', () => {
    const reader = make();
    expect(shapes(read(reader, [file]))).toEqual(expected);
    expect(reader.fault).toBeNull();
  });

  test('gives the same in pieces of any size', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 40 })), (lengths) => {
      const reader = make();
      expect(shapes(read(reader, inPieces(file, lengths)))).toEqual(expected);
      expect(reader.fault).toBeNull();
    }), { numRuns: 50 });
  });

  test('cut off anywhere gives the packets before the cut and says so, or ends between two of them', () => {
    for (let bytes = 0; bytes < file.byteLength; bytes += bytes < 250 ? 1 : 37) {
      const reader = make();
      const packets = shapes(read(reader, [file.subarray(0, bytes)]));
      expect(packets).toEqual(expected.slice(0, packets.length));
      expect(['truncated', 'notACapture', null]).toContain(reader.fault?.code ?? null);
    }
  });

  test('changed anywhere never throws, and a fault lies inside the file', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(file.byteLength - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }), fc.array(fc.integer({ min: 0, max: 200 })), (changes, lengths) => {
      const changed = Uint8Array.from(file);
      for (const [at, value] of changes) changed[at] = value;
      const reader = make();
      read(reader, inPieces(changed, lengths));
      expect(reader.fault?.offset ?? 0).toBeLessThanOrEqual(file.byteLength);
    }), { numRuns: 300 });
  });
});

test('a packet that claims more than any packet has is refused before it is waited for', () => {
  const file = Buffer.from(laidPcap(frames));
  file.writeUInt32BE(0x7fff_ffff, 24 + 8);
  const reader = new ClassicPcapReader();
  expect([read(reader, [file]), reader.fault?.code, reader.fault?.offset]).toEqual([[], 'oversize', 24]);
  const block = Buffer.from(laidPcapng([{ interfaces: [], frames: [] }]));
  block.writeUInt32LE(0x7fff_fff0, 4);
  const blocks = new PcapngReader();
  expect([read(blocks, [block]), blocks.fault?.code]).toEqual([[], 'oversize']);
});

test('what begins as nothing known is no capture', () => {
  for (const make of [() => new ClassicPcapReader(), () => new PcapngReader()]) {
    for (const text of ['', 'abc', 'GIF89a and then some more of it, long enough']) {
      const reader: PacketReader = make();
      expect([read(reader, [Buffer.from(text)]), reader.fault?.code]).toEqual([[], 'notACapture']);
    }
  }
});

test('pcapng: names, comments, simple packets and unknown blocks', () => {
  const named = laidPcapng([{ interfaces: [{ name: 'main/0' }, { name: 'display/0', linkType: 101 }], frames: [{ ...frames[0]!, interfaceId: 1, comment: 'generation 2' }] }]);
  expect(read(new PcapngReader(), [named])).toMatchObject([{ interfaceName: 'display/0', linkType: 101, comments: ['generation 2'] }]);
  const simple = laidPcapng([{ interfaces: [{}], frames, simple: true }]);
  expect(read(new PcapngReader(), [simple]).map(({ bytes }) => Buffer.from(bytes).toString('hex'))).toEqual(expected.map(([, bytes]) => bytes));
});

test('pcapng: a packet of an interface that nobody described, and an option behind its block, are faults at their places', () => {
  const strange = new PcapngReader();
  const packets = read(strange, [laidPcapng([{ interfaces: [{}], frames: [frames[0]!, { ...frames[1]!, interfaceId: 7 }] }])]);
  expect([packets.length, strange.fault?.code, strange.fault?.message]).toEqual([1, 'malformed', 'a packet is of interface 7, which nobody described']);
  const file = Buffer.from(laidPcapng([{ interfaces: [{ name: 'x' }], frames: [] }]));
  const at = file.indexOf(Buffer.from([2, 0, 1, 0]));
  file.writeUInt16LE(500, at + 2);
  const broken = new PcapngReader();
  read(broken, [file]);
  expect(broken.fault).toMatchObject({ code: 'malformed', message: 'option 2 is larger than its block' });
});
