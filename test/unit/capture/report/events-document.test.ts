// What happened, as data: bounded whatever happens, the beginning kept for ever, and the same thing again counted where it stands.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addEvent, emptyEventRecord, eventKinds, eventsOf, newestMax, pinnedMax, type EventRecord, type NewEvent } from '#app/capture/report/events-document.js';

const event = (part: Partial<NewEvent> = {}): NewEvent => ({ kind: 'gap', subject: 'display/0', generation: 1, facts: { key: 'display:message:1' }, ...part });
const linked = (subject: string): NewEvent => event({ kind: 'linkPhase', subject, facts: { phase: 'linked' } });
const recorded = (events: readonly NewEvent[]): EventRecord => events.reduce((record, each, at) => addEvent(record, each, at), emptyEventRecord);

describe('the record of events', () => {
  test('counts what is seen again where it stands, with the first and the last moment', () => {
    const record = recorded([event(), event(), event()]);
    expect(eventsOf(record)).toEqual([expect.objectContaining({ ts_secs: 0, last_ts_secs: 2, count: 3 })]);
    expect(record.total).toBe(3);
  });

  test('tells two causes of one kind apart', () => {
    expect(eventsOf(recorded([event(), event({ facts: { key: 'display:message:2' } }), event({ generation: 2 })]))).toHaveLength(3);
  });

  test('keeps the first link and the first loss of each channel whatever comes after', () => {
    const first = [linked('main/0'), linked('display/0'), event({ kind: 'connectionLost', facts: { loss: 'rst' } })];
    const noise = Array.from({ length: 3 * newestMax }, (_, at) => event({ facts: { key: `display:message:${at}` } }));
    const record = recorded([...first, ...noise]);
    expect(eventsOf(record).slice(0, 3).map(({ kind, subject }) => `${kind} ${subject}`)).toEqual(['linkPhase main/0', 'linkPhase display/0', 'connectionLost display/0']);
    expect(record.newest).toHaveLength(newestMax);
    expect(record.dropped).toBe(2 * newestMax);
  });

  test('is bounded, in order and complete in its counts, whatever happens', () => {
    const any = fc.record({ kind: fc.constantFrom(...eventKinds), subject: fc.constantFrom('main/0', 'display/0', 'session', 'writer'), generation: fc.option(fc.nat(3)), facts: fc.record({ text: fc.string({ maxLength: 900 }), phase: fc.constantFrom('linked', 'dialing') }) });
    fc.assert(fc.property(fc.array(any, { maxLength: 1_500 }), (events) => {
      const record = recorded(events);
      const kept = eventsOf(record);
      expect(record.newest.length).toBeLessThanOrEqual(newestMax);
      expect(record.pinned.length).toBeLessThanOrEqual(pinnedMax);
      expect(kept.map(({ ts_secs: at }) => at)).toEqual(kept.map(({ ts_secs: at }) => at).toSorted((a, b) => a - b));
      expect(record.total).toBe(events.length);
      const counted = kept.reduce((sum, { count }) => sum + count, 0);
      expect(record.dropped === 0 ? counted : events.length).toBe(events.length);
      for (const { facts } of kept) expect(String(facts['text']).length).toBeLessThanOrEqual(400);
    }), { numRuns: 30 });
  });
});
