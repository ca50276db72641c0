import { describe, expect, test } from 'vitest';
import { applyToView, createView, eventsMax, textUnitsMax } from '#app/ui-terminal/view-model.js';
import { sampleActor, sampleSnapshot } from '../../support/sample-view.js';
import type { ActorSnapshot, View } from '#app/ui-terminal/view-model.js';

const stats = (view: View, atMs: number, actors: readonly ActorSnapshot[]): View => applyToView(view, { kind: 'stats', snapshot: sampleSnapshot(atMs, { actors }) });
const moved = (generation: number, bytes: number): ActorSnapshot => sampleActor('main', null, { generation, traffic: { bytesReceived: bytes, bytesSent: 0, messagesReceived: 0, messagesSent: 0 } });
const empty = createView(80, 24, 'host');

describe('rates', () => {
  test('are means over the last second, also when snapshots are missing', () => {
    let view = stats(empty, 1000, [moved(1, 0)]);
    expect(view.actors[0]?.rates).toBeNull();
    view = stats(view, 1250, [moved(1, 1000)]);
    expect(view.actors[0]?.rates?.bytesIn).toBe(4000);
    view = stats(view, 3250, [moved(1, 5000)]); // Eight snapshots were dropped.
    expect(view.actors[0]?.rates?.bytesIn).toBe(2000);
    for (let step = 1; step <= 5; step++) view = stats(view, 3250 + 250 * step, [moved(1, 5000)]);
    expect(view.actors[0]?.rates?.bytesIn).toBe(0);
  });
  test('a new generation counts from 0 and is never a negative rate', () => {
    let view = stats(stats(empty, 1000, [moved(1, 0)]), 2000, [moved(1, 9000)]);
    view = stats(view, 2250, [moved(2, 10)]);
    expect(view.actors[0]?.rates).toBeNull();
    view = stats(view, 2500, [moved(2, 20)]);
    expect(view.actors[0]?.rates?.bytesIn).toBe(40);
  });
  test('actors that are gone leave nothing behind', () => {
    const view = stats(stats(empty, 1000, [moved(1, 0)]), 2000, []);
    expect(view.samples.size).toBe(0);
  });
});

describe('the tree', () => {
  const branches = (actors: readonly ActorSnapshot[]): string[] => stats(empty, 1, actors).actors.map((row) => row.branch + row.actor.id);
  test('children stand under their parents in the snapshot\'s order', () => {
    expect(branches([sampleActor('d', 'c'), sampleActor('root', null), sampleActor('b', 'root'), sampleActor('c', 'root'), sampleActor('e', 'c')])).toEqual(['root', '├─b', '└─c', '  ├─d', '  └─e']);
  });
  test('a parent that is not there, and parents in a circle, make roots: no actor is lost', () => {
    expect(branches([sampleActor('a', 'gone'), sampleActor('b', 'a'), sampleActor('x', 'y'), sampleActor('y', 'x'), sampleActor('z', 'z')])).toEqual(['a', '└─b', 'x', 'y', 'z']);
  });
});

describe('events', () => {
  const note = (text: string) => ({ kind: 'event', event: { kind: 'noted', wallMs: 0, severity: 'info', source: 'main#1', text } }) as const;
  test('are bounded in number and length; all are counted', () => {
    let view = empty;
    for (let index = 0; index < 3 * eventsMax; index++) view = applyToView(view, note(`${index} ${'x'.repeat(5000)}`));
    expect(view.events).toHaveLength(eventsMax);
    expect(view.eventsTotal).toBe(3 * eventsMax);
    const last = view.events.at(-1)?.event;
    expect(last?.kind === 'noted' && last.text.startsWith('599 ') && last.text.length === textUnitsMax).toBe(true);
  });
  test('the same note again is counted, not listed; a change of state always is listed', () => {
    let view = applyToView(applyToView(empty, note('a')), note('a'));
    expect(view.events.map((entry) => entry.repeats)).toEqual([2]);
    const state = { kind: 'event', event: { kind: 'sessionStateChanged', wallMs: 0, state: 'connected', detail: null } } as const;
    view = applyToView(applyToView(view, state), state);
    expect(view.events.map((entry) => entry.repeats)).toEqual([2, 1, 1]);
  });
});
