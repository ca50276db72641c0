import { describe, expect, test } from 'vitest';
import { initialSilence, lookForSilence, probeGraceMs, silenceLookMs, type SilenceEffect, type SilenceReading } from '#app/supervisor/silence.js';

/** A channel's life as counters show it: a PING every `everyMs` until `untilMs`, then nothing. */
interface Life {
  readonly everyMs: number;
  readonly untilMs: number;
  readonly generation?: (nowMs: number) => number;
}

const readingAt = (id: string, { everyMs, untilMs, generation = () => 1 }: Life, nowMs: number): SilenceReading => {
  const pings = Math.floor(Math.min(nowMs, untilMs) / everyMs);
  return { id, generation: generation(nowMs), linked: true, receivedMs: pings * everyMs, pings };
};

/** What is said and when, in seconds, with looks every 5 s; `main` says when main was last heard of. */
function watch(lives: Readonly<Record<string, Life>>, untilMs: number, main: (nowMs: number) => number | null = (nowMs) => nowMs, isAsleep: (nowMs: number) => boolean = () => false): string[] {
  let state = initialSilence;
  const said: string[] = [];
  const tell = (nowMs: number, effect: SilenceEffect): void => void said.push(`${nowMs / 1000} ${effect.id} ${effect.kind}`);
  for (let nowMs = 0; nowMs <= untilMs; nowMs += silenceLookMs) {
    if (isAsleep(nowMs)) continue;
    const look = lookForSilence(state, Object.entries(lives).map(([id, life]) => readingAt(id, life, nowMs)), main(nowMs), nowMs);
    state = look.state;
    for (const effect of look.effects) tell(nowMs, effect);
  }
  return said;
}

const pinged = { everyMs: 15_000, untilMs: Infinity };

describe('a channel that is no longer heard of', () => {
  test('is probed after twice its usual wait and 15 s, and given up when the probe brings nothing', () => {
    expect(watch({ 'display/0': { everyMs: 15_000, untilMs: 120_000 } }, 400_000)).toEqual([
      '170 display/0 probe', `${170 + probeGraceMs / 1000} display/0 giveUp`,
    ]);
  });

  test('is held against its own history: PINGs every 5 minutes allow 10 minutes of silence', () => {
    const [probe, giveUp] = watch({ 'cursor/0': { everyMs: 300_000, untilMs: 1_500_000 } }, 3_000_000);
    expect([probe, giveUp]).toEqual(['2120 cursor/0 probe', '2125 cursor/0 giveUp']);
  });

  test('without a history, because the server does not ping it, is left alone for ever', () => {
    expect(watch({ 'port/0': { everyMs: 300_000, untilMs: 0 } }, 86_400_000)).toEqual([]);
  });

  test('is left to main when main is not heard of either', () => {
    expect(watch({ 'display/0': { everyMs: 15_000, untilMs: 120_000 } }, 400_000, () => 120_000)).toEqual([]);
    expect(watch({ 'display/0': { everyMs: 15_000, untilMs: 120_000 } }, 400_000, () => null)).toEqual([]);
  });

  test('is not suspected for the time in which nothing ran', () => {
    expect(watch({ 'display/0': { everyMs: 15_000, untilMs: 120_000 } }, 360_000, undefined, (nowMs) => nowMs > 130_000 && nowMs < 330_000)).toEqual([]);
  });

  test('has a history of its own after it was linked again', () => {
    const relinked = { everyMs: 15_000, untilMs: 120_000, generation: (nowMs: number) => (nowMs < 125_000 ? 1 : 2) };
    expect(watch({ 'display/0': relinked }, 400_000)).toEqual([]);
  });
});

test('a channel that answers its probe with anything is heard of, and goes on', () => {
  let state = initialSilence;
  const look = (nowMs: number, receivedMs: number, pings: number): readonly SilenceEffect[] => {
    const step = lookForSilence(state, [{ id: 'display/0', generation: 1, linked: true, receivedMs, pings }], nowMs, nowMs);
    state = step.state;
    return step.effects;
  };
  for (let nowMs = 0; nowMs <= 75_000; nowMs += 15_000) look(nowMs, nowMs, nowMs / 15_000);
  let effects: readonly SilenceEffect[] = [];
  for (let nowMs = 80_000; effects.length === 0; nowMs += silenceLookMs) effects = look(nowMs, 75_000, 5);
  expect(effects).toEqual([{ kind: 'probe', id: 'display/0', silentMs: 50_000, usualMs: 15_000 }]);
  expect(look(130_000, 126_000, 5)).toEqual([{ kind: 'heard', id: 'display/0' }]);
});

test('a day of PINGs is a day without a word', () => {
  expect(watch({ 'display/0': pinged, 'inputs/0': { everyMs: 300_000, untilMs: Infinity } }, 86_400_000)).toEqual([]);
});
