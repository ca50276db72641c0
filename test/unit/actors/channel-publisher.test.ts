import { describe, expect, test } from 'vitest';
import { channelCounterNames, openChannelCounters } from '#app/actors/channel-counters.js';
import type { ChannelReport } from '#app/actors/channel-args.js';
import { ChannelPublisher } from '#app/actors/channel-publisher.js';
import { CellReader, createCell } from '#app/mailbox/cell.js';
import { createCounters, readCounters } from '#app/mailbox/counters.js';
import { ManualHost } from '../../support/manual-host.ts';

function publisher(describeState: () => Record<string, unknown>, cellBytes = 1_000) {
  const host = new ManualHost();
  const counters = createCounters(channelCounterNames);
  const cell = createCell(cellBytes);
  const told: ChannelReport[] = [];
  let open = true;
  const made = new ChannelPublisher({
    channel: 'display/0',
    hub: {
      from: 'display/0',
      to: 'hub',
      tell: (message) => (told.push(message), 'accepted'),
      send: async (message) => {
        if (!open) throw new Error('closed');
        told.push(message);
      },
    },
    cell,
    counters: openChannelCounters(counters),
    clock: host.clock,
    timers: host.timers,
    sessionStartMs: host.clock.monotonicMs(),
    describe: describeState,
  });
  const reader = new CellReader(cell);
  const read = (): unknown => {
    reader.acknowledge();
    const newest = reader.read();
    return newest === null ? null : JSON.parse(Buffer.from(newest.bytes).toString('utf8'));
  };
  return { made, host, told, read, counters: () => readCounters(counters), closeHub: () => (open = false) };
}

const gap = (key: string) => ({ key, detail: 'd' });

describe('gaps', () => {
  test('are told once, counted always, and shown with the state', () => {
    const { made, told, read, counters } = publisher(() => ({ phase: 'linked' }));
    for (const key of ['display:a:b', 'display:a:b', 'display:a:c']) made.gap(gap(key));
    made.publish();
    expect(told.filter(({ kind }) => kind === 'channelEvent')).toHaveLength(2);
    expect(counters()).toMatchObject({ gaps: 3 });
    expect(read()).toEqual({ phase: 'linked', gaps: { 'display:a:b': 2, 'display:a:c': 1 } });
  });
});

describe('the state', () => {
  test('is published at most every 100 ms however often it changes, and rings once until somebody looks', () => {
    let version = 0;
    const { made, host, told, read } = publisher(() => ({ version }));
    for (version = 1; version <= 5; version++) made.changed();
    expect(read()).toBeNull();
    host.advance(100);
    expect(read()).toMatchObject({ version: 6 });
    const bells = (): number => told.filter(({ kind }) => kind === 'cellChanged').length;
    expect(bells()).toBe(1);
    made.publish();
    made.publish();
    expect(bells()).toBe(2);
    expect(host.timersWaiting).toBe(0);
  });

  test('that does not fit its cell keeps its phase, its flow and its gaps', () => {
    const core = { phase: 'linked', secure: false, flow: { pongsSent: 3 } };
    const { made, read } = publisher(() => ({ ...core, name: 'x'.repeat(2_000) }));
    made.gap(gap('display:a:b'));
    made.publish();
    expect(read()).toEqual({ ...core, gaps: { 'display:a:b': 1 }, truncated: true });
  });

  test('whose gaps alone do not fit keeps its phase', () => {
    const core = { phase: 'linked', secure: false, flow: {} };
    const { made, read } = publisher(() => core, 200);
    for (let i = 0; i < 50; i++) made.gap(gap(`display:message:${i}`));
    made.publish();
    expect(read()).toEqual({ ...core, gaps: {}, truncated: true });
  });
});

test('an event that the hub does not take is counted and hurts nobody', async () => {
  const { made, closeHub, counters } = publisher(() => ({}));
  closeHub();
  await made.emit({ kind: 'serialReached' });
  expect(counters()).toMatchObject({ events_dropped: 1 });
});
