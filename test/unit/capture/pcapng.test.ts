// What pcapng says beyond classic pcap, and that a file of it ends well wherever it is cut off. Read back with a reader that shares nothing
// with the writer; tshark judges whole files in test/real/capture-files.test.ts.
import { COMMENT_BYTES_MAX, pcapTarget } from '#app/capture/packet-format.js';
import { handshakeBytesMax, packetBytesMax, writeHandshake, writeMessageFrame } from '#app/capture/pcap.js';
import { pcapng } from '#app/capture/pcapng.js';
import { describe, expect, test } from 'vitest';
import { readPcapng } from '../../support/read-pcapng.ts';

const WALL_MS = Date.UTC(2026, 10, 28, 6, 30) + 0.125;
const ABOUT = { channel: 'display/0', application: 'ryll-actors 0.1.0', system: 'linux x64', sessionStartedWallMs: WALL_MS - 1_500 };
const TOTALS = { wallMs: WALL_MS + 5_000, seen: 12, written: 9, missing: 3 };

function fileOf(messages: readonly { readonly byteLength: number; readonly received?: boolean; readonly comment?: string }[]): Uint8Array {
  const target = pcapTarget(1_000_000);
  const append = (bytes: Uint8Array): void => {
    target.bytes.set(bytes, target.used);
    target.used += bytes.byteLength;
  };
  append(pcapng.fileHeader(ABOUT));
  writeHandshake(target, 10_002, WALL_MS, pcapng, 'display/0#1: this link begins 1.500 s into the session');
  for (const { byteLength, received = true, comment } of messages) {
    writeMessageFrame(target, { clientPort: 10_002, received, sentBefore: 0, receivedBefore: 0, wallMs: WALL_MS, bytes: new Uint8Array(byteLength).fill(7), comment }, 0, pcapng);
  }
  append(pcapng.fileTrailer(TOTALS));
  return target.bytes.subarray(0, target.used);
}

describe('a file', () => {
  const read = readPcapng(fileOf([{ byteLength: 6 }, { byteLength: 7, received: false, comment: '3 messages are missing before this one' }]));

  test('names program, system and channel, and a snap length in which the longest frame fits', () => {
    expect(read).toMatchObject({ application: 'ryll-actors 0.1.0', system: 'linux x64', interfaceName: 'display/0', snapBytes: 262_144 });
  });

  test('says that its times are those of the wall clock, and when session time begins', () => {
    expect(read.comments).toEqual([expect.stringContaining('the session began at 2026-11-28T06:29:58.500Z (1795847398.500 s since 1970)')]);
    expect(read.packets[0]!.microseconds).toBe(BigInt(Date.UTC(2026, 10, 28, 6, 30)) * 1_000n + 125n);
  });

  test("has each packet's direction", () => {
    expect(read.packets.map(({ direction }) => direction)).toEqual(['out', 'in', 'out', 'in', 'out']);
  });

  test('has comments where a link begins and where messages are missing, and nowhere else', () => {
    expect(read.packets.map(({ comments }) => comments)).toEqual([['display/0#1: this link begins 1.500 s into the session'], [], [], [], ['3 messages are missing before this one']]);
  });

  test('ends with what was seen, written and missing', () => {
    expect(read.totals).toEqual({ received: 12, delivered: 9, dropped: 3 });
  });
});

test('no packet takes more than was asked for, whatever its length and its comment', () => {
  for (let byteLength = 0; byteLength < 9; byteLength++) {
    for (const comment of [undefined, '', 'x', 'x'.repeat(COMMENT_BYTES_MAX), 'x'.repeat(COMMENT_BYTES_MAX + 100)]) {
      const target = pcapTarget(4_096);
      writeMessageFrame(target, { clientPort: 1, received: true, sentBefore: 0, receivedBefore: 0, wallMs: WALL_MS, bytes: new Uint8Array(byteLength), comment }, 0, pcapng);
      expect(target.used).toBeLessThanOrEqual(packetBytesMax(pcapng, byteLength, comment));
    }
  }
  const target = pcapTarget(4_096);
  writeHandshake(target, 1, WALL_MS, pcapng, 'x'.repeat(COMMENT_BYTES_MAX));
  expect(target.used).toBeLessThanOrEqual(handshakeBytesMax(pcapng));
});

function isRefused(file: Uint8Array): boolean {
  try {
    readPcapng(file);
    return false;
  } catch (error) {
    return error instanceof Error && error.message.startsWith('the file ends inside a block');
  }
}

test('cut off at any byte, everything up to the last whole block is readable, and the rest is seen to be missing', () => {
  const file = fileOf([{ byteLength: 5 }, { byteLength: 90, comment: 'hello' }, { byteLength: 6, received: false }]);
  const { blockEnds, packets } = readPcapng(file);
  for (let end = blockEnds[1]!; end <= file.byteLength; end++) {
    const whole = blockEnds.filter((blockEnd) => blockEnd <= end);
    const cut = file.subarray(0, end);
    expect(isRefused(cut)).toBe(whole.at(-1) !== end);
    const read = readPcapng(cut.subarray(0, whole.at(-1)));
    expect(read.packets.length).toBe(Math.min(packets.length, whole.length - 2));
    expect(read.packets.map(({ frame }) => Buffer.from(frame).toString('hex'))).toEqual(packets.slice(0, read.packets.length).map(({ frame }) => Buffer.from(frame).toString('hex')));
  }
});
