// What is sampled from shared memory, and the facts that transitions are made of.
import { describe, expect, test } from 'vitest';
import { clientsMax, refuseClient } from '#app/control/admission.js';
import { lookForDrawings } from '#app/control/draw-watch.js';
import { lookForPing } from '#app/control/ping-samples.js';
import { nothingKnown, transitions } from '#app/control/session-facts.js';

const reading = (sequence: number, channelId = 0, width = 640) => ({ channelId, surfaceId: 0, width, height: 400, sequence });

describe('drawings', () => {
  test('that were there when watching begins are nobody’s news', () => {
    expect(lookForDrawings(null, [reading(100)]).drawn).toEqual([]);
  });

  test('between two looks are one, each surface for itself; one that is not finished is none', () => {
    const { watch } = lookForDrawings(null, [reading(4, 0), reading(8, 1)]);
    const half = lookForDrawings(watch, [reading(5, 0), reading(8, 1)]);
    expect(half.drawn).toEqual([]);
    expect(lookForDrawings(half.watch, [reading(18, 0), reading(8, 1)]).drawn).toEqual([reading(18, 0)]);
  });

  test('of a surface that is new count from its beginning, also of one with another size', () => {
    const { watch } = lookForDrawings(null, [reading(100)]);
    expect(lookForDrawings(watch, [reading(100), reading(2, 1)]).drawn).toEqual([reading(2, 1)]);
    expect(lookForDrawings(watch, [reading(100, 0, 800)]).drawn).toEqual([reading(100, 0, 800)]);
    expect(lookForDrawings(watch, [reading(0, 0, 800)]).drawn).toEqual([]);
  });

  test('are seen across the wrap of the sequence', () => {
    const { watch } = lookForDrawings(null, [reading(0xffff_fffe)]);
    expect(lookForDrawings(watch, [reading(0)]).drawn).toHaveLength(1);
  });
});

describe('PING intervals', () => {
  const counters = (count: number, us: number) => ({ ping_interval_count: count, ping_interval_us: us, ping_interval_at_us: 5_000_500 });

  test('are told when there is a new one, the newest only', () => {
    const first = lookForPing(null, counters(3, 1_000));
    expect(first).toEqual({ seen: 3, sample: null });
    expect(lookForPing(first.seen, counters(3, 1_000)).sample).toBe(null);
    expect(lookForPing(first.seen, counters(7, 12_345))).toEqual({ seen: 7, sample: { intervalMs: 12.345, sessionMs: 5_000.5 } });
  });

  test('are none before two PINGs came', () => {
    expect(lookForPing(0, {}).sample).toBe(null);
  });
});

test('the agent’s coming and going are transitions, everything else is not', () => {
  const there = { ...nothingKnown, connected: true, agentConnected: true };
  expect(transitions(nothingKnown, there)).toEqual([{ kind: 'agent_connected', connected: true }]);
  expect(transitions(there, { ...there, surfaces: [reading(0)] })).toEqual([]);
  expect(transitions(there, nothingKnown)).toEqual([{ kind: 'agent_connected', connected: false }]);
});

describe('one more client', () => {
  test('is told busy in the ancestor’s words when one is enough', () => {
    expect(refuseClient(0, true)).toBe(null);
    expect(refuseClient(1, true)).toBe('{"ok":false,"error":{"code":"busy","message":"another client is connected"}}\n');
  });

  test('is welcome beside others, up to the bound', () => {
    expect(refuseClient(clientsMax - 1, false)).toBe(null);
    expect(JSON.parse(refuseClient(clientsMax, false) ?? '')).toMatchObject({ ok: false, error: { code: 'busy' } });
  });
});
