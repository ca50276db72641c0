// The session under any order of events from any channel: channels start once and never before INIT, gaps are told once, the end
// comes once and is the end.
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { initialSession, sessionChannelsMax, stepSession, type SessionEffect } from '#app/protocol/session.js';
import type { ChannelEvent } from '#app/protocol/events.js';

const cause = { kind: 'fin', message: 'closed', code: null } as const;
const event: fc.Arbitrary<ChannelEvent> = fc.oneof(
  { weight: 2, arbitrary: fc.nat().map((sessionId): ChannelEvent => ({ kind: 'sessionInitialised', sessionId, displayChannelsHint: 1, ramHint: 0 })) },
  { weight: 8, arbitrary: fc.array(fc.record({ type: fc.integer({ min: 0, max: 14 }), id: fc.nat(40) }), { maxLength: 60 }).map((channels): ChannelEvent => ({ kind: 'channelsListed', channels })) },
  fc.constant<ChannelEvent>({ kind: 'serverDisconnecting', reason: 1 }),
  fc.constant<ChannelEvent>({ kind: 'serialReached' }),
  fc.constantFrom<ChannelEvent>({ kind: 'connectionLost', cause }, { kind: 'linkFailed', failure: { kind: 'noEndpoint', wanted: 'plain' } }),
);
const names = fc.uniqueArray(fc.constantFrom('main', 'display', 'display/1', 'inputs', 'usbredir/2', 'smartcard'), { maxLength: 3 }).map((list) => new Set(list));
const choice = fc.record({ filter: fc.option(names, { nil: null }), disabled: names });
const from = fc.constantFrom('main/0', 'main/0', 'main/0', 'display/0', 'main/1');

test('each channel starts at most once, after INIT, within the limit; the end is once and last', () => {
  fc.assert(
    fc.property(choice, fc.array(fc.tuple(from, event), { maxLength: 40 }), (chosen, events) => {
      let state = initialSession;
      let initialised = false;
      const effects: SessionEffect[] = [];
      for (const [sender, each] of events) {
        const step = stepSession(state, sender, each, chosen);
        ({ state } = step);
        if (sender === 'main/0' && each.kind === 'sessionInitialised') initialised = true;
        if (sender !== 'main/0') assert.deepEqual(step.effects, []);
        assert(initialised || step.effects.every(({ kind }) => kind !== 'startChannel'));
        effects.push(...step.effects);
      }
      const started = effects.flatMap((effect) => (effect.kind === 'startChannel' ? [`${effect.type}/${effect.id}`] : []));
      expect(new Set(started).size).toBe(started.length);
      expect(started.length).toBeLessThan(sessionChannelsMax);
      expect(started.filter((key) => /^(?:1|7|8|1[2-9])\//.test(key))).toEqual([]);
      expect(chosen.disabled.has('display') && started.some((key) => key.startsWith('2/'))).toBe(false);
      const told = effects.flatMap((effect) => (effect.kind === 'reportGap' ? [effect.gap.key] : []));
      expect(new Set(told).size).toBe(told.length);
      const ends = effects.filter(({ kind }) => kind === 'end');
      expect(ends.length).toBe(state.end === null ? 0 : 1);
      expect(ends.length === 0 || effects.at(-1) === ends[0]).toBe(true);
    }),
  );
});
