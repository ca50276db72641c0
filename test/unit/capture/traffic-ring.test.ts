// What the traffic viewer and reports are shown of a ring.
import { createTap } from '#app/capture/tap.js';
import { readTraffic } from '#app/capture/traffic-ring.js';
import { TapProducer } from '#app/mailbox/tap-producer.js';
import { createTapRing } from '#app/mailbox/tap-ring.js';
import { snapshotTapRing } from '#app/mailbox/tap-snapshot.js';
import { expect, test } from 'vitest';
import { TEST_CLOCK } from '../../support/tap-rings.ts';

const mini = (type: number, bodyBytes: number): Uint8Array => {
  const bytes = new Uint8Array(6 + bodyBytes);
  new DataView(bytes.buffer).setUint16(0, type, true);
  new DataView(bytes.buffer).setUint32(2, bodyBytes, true);
  return bytes;
};

function setUp(channel: string) {
  const ring = createTapRing({ channel, ringBytes: 1024 * 1024 }, TEST_CLOCK);
  let nowMs = 5_000;
  const tap = createTap(new TapProducer(ring, 3), { monotonicMs: () => nowMs++ });
  const read = (ringBytes = ring.ringBytes) => {
    const snapshot = snapshotTapRing(ring);
    const entries = readTraffic(channel, snapshot.entries(), ring.wallBaseMs, ringBytes);
    snapshot.release();
    return entries;
  };
  return { tap, read };
}

test('an entry has its time, direction, name and sizes', () => {
  const { tap, read } = setUp('display/0');
  tap.linkExchange('sent', new Uint8Array(42));
  tap.append('received', mini(304, 94));
  tap.append('sent', mini(2, 0));
  tap.append('received', mini(999, 1));
  const full = new Uint8Array(18 + 12);
  full[8] = 4;
  tap.append('received', full, 'full');
  const common = { channel: 'display/0', stream: 0, generation: 3, missingBefore: 0, additionalSegments: 0 };
  expect(read()).toEqual([
    { ...common, wallMs: 1_700_000_005_000, direction: 'sent', type: null, name: 'link', wireBytes: 42, payloadBytes: 42 },
    { ...common, wallMs: 1_700_000_005_001, direction: 'received', type: 304, name: 'drawCopy', wireBytes: 100, payloadBytes: 94 },
    { ...common, wallMs: 1_700_000_005_002, direction: 'sent', type: 2, name: 'ack', wireBytes: 6, payloadBytes: 0 },
    { ...common, wallMs: 1_700_000_005_003, direction: 'received', type: 999, name: 'type999', wireBytes: 7, payloadBytes: 1 },
    { ...common, wallMs: 1_700_000_005_004, direction: 'received', type: 4, name: 'ping', wireBytes: 30, payloadBytes: 12 },
  ]);
});

test('a message of 100,000 bytes is one entry with one additional segment', () => {
  const { tap, read } = setUp('main/0');
  tap.append('received', mini(109, 100_000 - 6));
  expect(read()).toMatchObject([{ name: 'agentData', wireBytes: 100_000, payloadBytes: 99_994, additionalSegments: 1 }]);
});

test('the bound counts whole frames, and the oldest go first', () => {
  const { tap, read } = setUp('inputs/0');
  for (let i = 0; i < 10; i++) tap.append('sent', mini(111, 12 + i));
  const frame = (index: number): number => 54 + 18 + index;
  expect(read(frame(7) + frame(8) + frame(9)).map((entry) => entry.payloadBytes)).toEqual([19, 20, 21]);
  expect(read(frame(7) + frame(8) + frame(9) - 1).map((entry) => entry.payloadBytes)).toEqual([20, 21]);
  expect(read(frame(9) - 1)).toEqual([]);
});
