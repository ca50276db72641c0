import { describe, expect, test } from 'vitest';
import { childSpecFaults } from '#app/actors/kernel/child-spec.js';
import { SessionMemory } from '#app/cli/session-memory.js';
import { channelSpec, controlSpec, dashboardSpec, hubSpec, logSinkSpec, writerSpec } from '#app/cli/session-tree.js';
import { ChannelType } from '#app/protocol/constants.js';
import { TEST_CLOCK } from '../../support/tap-rings.ts';

const session = new SessionMemory(TEST_CLOCK);
const channel = (type: number, id: number, ramHintBytes = 0) =>
  channelSpec({ memory: session.channel(type, id), session, connectionId: 9, endpoints: { plain: null, secure: null, preferSecure: false }, password: 'p', ramHintBytes, trackCoverage: false });

const specs = [
  hubSpec({ reports: { next: () => undefined, error: () => undefined, complete: () => undefined }, sample: () => { throw new Error('nobody samples'); }, facts: () => { throw new Error('nobody asks'); } }),
  writerSpec({ rings: [], capture: null, eventsTo: 'hub' }),
  dashboardSpec({ terminal: { kind: 'descriptor', descriptor: 1 }, lease: new SharedArrayBuffer(4), colorDepth: 'none', framesPerSecond: 1, columns: 80, rows: 24, label: '' }),
  logSinkSpec({ output: { kind: 'descriptor', descriptor: 1 }, summaries: true }),
  controlSpec({ path: '/run/c', singleClient: false, sessionStartMs: 0 }),
  channel(ChannelType.main, 0),
  channel(ChannelType.display, 1),
  channel(ChannelType.webdav, 0),
];

test.each(specs.map((spec) => [spec.id, spec] as const))('%s has a valid child spec with a shutdown time', (_id, spec) => {
  expect(childSpecFaults(spec)).toEqual([]);
  expect(typeof spec.shutdown).toBe('number');
});

test('every actor has a thread of its own but the hub, which lives with the session', () => {
  expect(specs.filter(({ placement }) => placement === 'local').map(({ id }) => id)).toEqual(['hub']);
});

test('channels know the hub and the writer; the hub knows consumers, and nobody knows a channel', () => {
  expect(channel(ChannelType.display, 0).links).toEqual(['hub', 'writer']);
  expect(new Set(specs.flatMap(({ links }) => links))).toEqual(new Set(['hub', 'writer', 'dashboard', 'log', 'control']));
});

test('main is worth a restart of its own kind, the others are the session’s business', () => {
  expect(channel(ChannelType.main, 0).restart).toBe('transient');
  expect(channel(ChannelType.display, 0).restart).toBe('temporary');
});

describe('what a display offers to hold', () => {
  const mib = 1024 * 1024;
  test('an image cache of 80 MiB and a GLZ window of half the video memory, within 12 and 64 MiB', () => {
    const offer = (ramHintBytes: number) => channel(ChannelType.display, 0, ramHintBytes).args.displayOffer;
    expect(offer(64 * mib)).toEqual({ cacheId: 1, imageCachePixels: 20 * mib, glzWindowPixels: 8 * mib });
    expect(offer(0).glzWindowPixels).toBe(3 * mib);
    expect(offer(1024 * mib).glzWindowPixels).toBe(16 * mib);
  });

  test('every display has a cache and a dictionary of its own', () => {
    expect([0, 1, 2].map((id) => channel(ChannelType.display, id).args.displayOffer.cacheId)).toEqual([1, 2, 3]);
  });
});

test('a channel that is started again gets the memory of its predecessor', () => {
  expect(channel(ChannelType.display, 0).args.counters).toBe(channel(ChannelType.display, 0).args.counters);
  expect(channel(ChannelType.display, 0).args.counters).not.toBe(channel(ChannelType.display, 1).args.counters);
  expect(channel(ChannelType.display, 0).args.serials).toBe(channel(ChannelType.cursor, 0).args.serials);
  expect([channel(ChannelType.cursor, 0).args.pointer === null, channel(ChannelType.display, 0).args.pointer === null]).toEqual([false, true]);
});
