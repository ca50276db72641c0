import { describe, expect, test } from 'vitest';
import { childSpecFaults } from '#app/actors/kernel/child-spec.js';
import { createVolumeControl, type VolumeControl } from '#app/audio/volume-control.js';
import { SessionMemory } from '#app/cli/session-memory.js';
import { channelArgs } from '#app/cli/session-args.js';
import { channelPlan, planOf, sessionTree } from '#app/cli/session-tree.js';
import { treeText } from '#app/cli/tree-text.js';
import { supervisorFaults } from '#app/supervisor/supervisor-spec.js';
import { ChannelType } from '#app/protocol/constants.js';
import { TEST_CLOCK } from '../../support/tap-rings.ts';

const session = new SessionMemory(TEST_CLOCK);
const channel = (type: number, id: number, ramHintBytes = 0) => {
  const memory = session.channel(type, id);
  const plan = type === ChannelType.main ? planOf(memory.id) : channelPlan(memory.id, type);
  return { ...plan, args: channelArgs({ memory, session, connectionId: 9, endpoints: { plain: null, secure: null, preferSecure: false }, password: 'p', ramHintBytes, keepaliveIdleMs: null, trackCoverage: false, volume: null }) };
};

const specs = [
  ...['writer', 'hub', 'dashboard', 'log', 'control', 'metrics', 'latency', 'audio', 'video'].map((id) => ({ ...planOf(id), args: {} })),
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
  expect(new Set(specs.flatMap(({ links }) => links))).toEqual(new Set(['hub', 'writer', 'dashboard', 'log', 'control', 'metrics', 'latency']));
});

test('the tree of supervisors is valid, and prints as what it is', () => {
  expect(supervisorFaults(sessionTree())).toEqual([]);
  expect(treeText(sessionTree()).split('\n').map((line) => /[├└]?─? ?[a-z]+(\/[0-9n])?/.exec(line)?.[0])).toEqual([
    'root', '├─ writer', '├─ hub', '├─ consumers', '├─ dashboard', '├─ log', '├─ control', '├─ metrics', '└─ latency', '├─ sound', '└─ audio', '├─ recording', '└─ video', '└─ session', '├─ main/0', '└─ channels',
    '├─ display/n', '├─ cursor/n', '├─ inputs/n', '├─ playback/n', '├─ record/n', '├─ usbredir/n', '├─ port/n', '└─ webdav/n',
  ]);
  expect(treeText(sessionTree())).toContain('channels  oneForOne, each child: lostPeer 5 in 60 s, crash 5 in 60 s, frozen 2 in 60 s; permanent');
});

test('sound and video stand outside the session, and are there only where they go somewhere', () => {
  expect(sessionTree().children.map(({ id }) => id)).toEqual(['writer', 'hub', 'consumers', 'sound', 'recording', 'session']);
  expect(sessionTree({ sounds: false, records: false }).children.map(({ id }) => id)).toEqual(['writer', 'hub', 'consumers', 'session']);
  expect(channel(ChannelType.playback, 0).links).toEqual(['hub', 'writer', 'audio']);
});

test('a playback channel is given the volume only where sound goes somewhere, and only the first', () => {
  const volume = createVolumeControl();
  const args = (id: number, of: VolumeControl | null) =>
    channelArgs({ memory: session.channel(ChannelType.playback, id), session, connectionId: 9, endpoints: { plain: null, secure: null, preferSecure: false }, password: '', ramHintBytes: 0, keepaliveIdleMs: null, trackCoverage: false, volume: of }).sound;
  expect(args(0, volume)).toEqual({ volume, counters: session.channel(ChannelType.playback, 0).sound });
  expect([args(0, null), args(1, volume), channel(ChannelType.display, 0).args.sound]).toEqual([null, null, null]);
});

test('a plan of an actor that is not in the tree is our own mistake', () => {
  expect(() => planOf('nobody')).toThrow("'nobody' is not in the session's tree");
});

test('channels come back unless they ended in order; what shows the session to people does not', () => {
  expect(['writer', 'hub', 'main/0', 'dashboard', 'log', 'control', 'metrics', 'latency'].map((id) => `${id} ${planOf(id).restart}`)).toEqual([
    'writer permanent', 'hub permanent', 'main/0 transient', 'dashboard temporary', 'log temporary', 'control transient', 'metrics transient', 'latency transient',
  ]);
  expect(channel(ChannelType.display, 0).restart).toBe('transient');
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
