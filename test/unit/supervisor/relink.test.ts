import { expect, test } from 'vitest';
import { initialRelink, stepRelink, type RelinkEffect, type RelinkInput, type RelinkState } from '#app/supervisor/relink.js';

const lost = (id: string, waitMs = 250): RelinkInput => ({ kind: 'peerLost', id, detail: 'closed by the server', waitMs });

/** Feeds inputs at their times and returns the announcements. */
function announced(...inputs: [number, RelinkInput][]): { effects: RelinkEffect[]; state: RelinkState } {
  let state = initialRelink;
  const effects = inputs.flatMap(([atMs, input]) => {
    const step = stepRelink(state, input, atMs);
    state = step.state;
    return step.effects;
  });
  return { effects, state };
}

test('a loss is told when main has outlived it by 100 ms, with what is left of the wait', () => {
  expect(announced([0, lost('a')]).effects).toEqual([{ kind: 'setTimer', ms: 100 }]);
  expect(announced([0, lost('a')], [100, { kind: 'tick' }]).effects.slice(1)).toEqual([{ kind: 'announce', id: 'a', detail: 'closed by the server', waitMs: 150 }]);
});

test('when main goes within the window, the losses were part of its own: nothing is told', () => {
  const { effects, state } = announced([0, lost('a')], [40, lost('b')], [99, { kind: 'mainLost' }], [100, { kind: 'tick' }], [140, { kind: 'tick' }]);
  expect(effects.filter(({ kind }) => kind === 'announce')).toEqual([]);
  expect(state.held).toEqual([]);
});

test('after main has gone, further losses are part of that', () => {
  expect(announced([0, { kind: 'mainLost' }], [1, lost('a')], [200, { kind: 'tick' }]).effects).toEqual([]);
});

test('a new main is a new beginning', () => {
  const { effects } = announced([0, { kind: 'mainLost' }], [10, { kind: 'mainStarted' }], [20, lost('a', 100)], [120, { kind: 'tick' }]);
  expect(effects).toEqual([{ kind: 'setTimer', ms: 100 }, { kind: 'announce', id: 'a', detail: 'closed by the server', waitMs: 0 }]);
});

test('each loss has a window of its own', () => {
  const { effects } = announced([0, lost('a')], [60, lost('b')], [100, { kind: 'tick' }], [160, { kind: 'tick' }]);
  expect(effects).toEqual([
    { kind: 'setTimer', ms: 100 },
    { kind: 'setTimer', ms: 40 },
    { kind: 'announce', id: 'a', detail: 'closed by the server', waitMs: 150 },
    { kind: 'setTimer', ms: 60 },
    { kind: 'announce', id: 'b', detail: 'closed by the server', waitMs: 150 },
  ]);
});

test('a child that is lost twice within one window is told once, with the newer loss', () => {
  const { effects } = announced([0, lost('a', 100)], [50, lost('a', 300)], [100, { kind: 'tick' }], [150, { kind: 'tick' }]);
  expect(effects.filter(({ kind }) => kind === 'announce')).toEqual([{ kind: 'announce', id: 'a', detail: 'closed by the server', waitMs: 200 }]);
});
