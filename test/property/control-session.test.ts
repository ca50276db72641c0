// One client of the control socket against a model of it: whatever it sends in whatever order, however slowly it reads, each line has its
// one answer in its order, events are bounded and every loss is told.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { initialClient, stepClient, takesRequests } from '#app/control/client-session.js';
import type { ClientInput, ClientState } from '#app/control/client-session.js';
import { createLineSplitter, pushBytes, takeLine } from '#app/control/line-splitter.js';
import { eventsMax, repliesMax } from '#app/control/outbox.js';

const facts = { connected: true, agentConnected: true, reconnectRefusal: null, surfaces: [] };
const known = ['latency', 'agent_connected', 'dropped', 'surface_drawn'];
const built = ['status', 'subscribe', 'unsubscribe', 'disconnect', 'reconnect'];
const planned = ['send_key', 'paste', 'screenshot'];

type Request = { readonly id: unknown; readonly method: unknown; readonly params: unknown };
type Move =
  | { readonly kind: 'request'; readonly request: Request }
  | { readonly kind: 'junk'; readonly text: string }
  | { readonly kind: 'refused'; readonly reason: 'tooLong' | 'notUtf8' }
  | { readonly kind: 'events'; readonly count: number }
  | { readonly kind: 'read' }
  | { readonly kind: 'answer'; readonly accepted: boolean }
  | { readonly kind: 'end' };

const id = fc.oneof(fc.integer(), fc.string({ maxLength: 20 }));
const names = fc.array(fc.constantFrom(...known, 'digest_updated', '__proto__', ''), { maxLength: 5 });
const request = fc.oneof(
  { weight: 2, arbitrary: fc.record({ id, method: fc.constant('hello'), params: fc.record({ client_name: fc.string(), protocol_version: fc.constantFrom('1.0', '1.2', '1.7', '2.0', 'x') }) }) },
  { weight: 6, arbitrary: fc.record({ id, method: fc.constantFrom(...built, ...planned, 'nonsense', 'toString'), params: fc.record({ events: names }) }) },
  fc.record({ id: fc.oneof(id, fc.jsonValue()), method: fc.oneof(fc.constantFrom(...built), fc.jsonValue()), params: fc.jsonValue() }),
);
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 64, arbitrary: fc.record({ kind: fc.constant('request' as const), request }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('junk' as const), text: fc.oneof(fc.string(), fc.json()) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('refused' as const), reason: fc.constantFrom('tooLong' as const, 'notUtf8' as const) }) },
  { weight: 9, arbitrary: fc.record({ kind: fc.constant('events' as const), count: fc.nat({ max: 200 }) }) },
  { weight: 9, arbitrary: fc.record({ kind: fc.constant('read' as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('answer' as const), accepted: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'end' as const }) },
);
// A conversation that got as far as its subscriptions, in half of the runs: otherwise most are refused at the door.
const greeting: readonly Move[] = [
  { kind: 'request', request: { id: 0, method: 'hello', params: { client_name: 'x', protocol_version: '1.2' } } },
  { kind: 'request', request: { id: 0, method: 'subscribe', params: { events: ['agent_connected'] } } },
];
const moves = fc.tuple(fc.boolean(), fc.array(move, { maxLength: 60 })).map(([greeted, list]) => (greeted ? [...greeting, ...list] : list));

interface Line { readonly id?: unknown; readonly ok?: boolean; readonly error?: { readonly code: string }; readonly event?: string; readonly data?: { readonly count?: number } }

/** What the model expects of an answer: its id (undefined = none) and its code ('ok' for success). */
interface Expected { readonly id: unknown; readonly code: string }

class Model {
  greeted = false;
  over = false;
  readonly subscribed = new Set<string>();
  readonly pending: unknown[] = [];
  readonly expected: Expected[] = [];
  offered = 0;

  line(text: string): void {
    if (text.trim() === '') return;
    let value: unknown;
    try { value = JSON.parse(text); } catch { return this.#expect(undefined, 'bad_params'); }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.#expect(undefined, 'bad_params');
    const { id: given, method, params } = value as Request;
    if (!(typeof given === 'string' ? given.length <= 256 : Number.isSafeInteger(given))) return this.#expect(undefined, 'bad_params');
    if (typeof method !== 'string' || typeof params !== 'object' || params === null || Array.isArray(params)) return this.#expect(given, 'bad_params');
    this.#request(given, method, params as Record<string, unknown>);
  }

  #request(given: unknown, method: string, params: Record<string, unknown>): void {
    if (method === 'hello') {
      const version = /^(\d)\.\d$/.exec(String(params['protocol_version']))?.[1];
      if (typeof params['client_name'] !== 'string' || version === undefined) return this.#expect(given, 'bad_params');
      if (version === '1') this.greeted = true;
      else this.over = true;
      return this.#expect(given, version === '1' ? 'ok' : 'protocol_version_mismatch');
    }
    if (!this.greeted) return this.#expect(given, 'no_hello_yet');
    if (planned.includes(method)) return this.#expect(given, 'not_implemented');
    if (!built.includes(method)) return this.#expect(given, 'unknown_method');
    if (method === 'disconnect' || method === 'reconnect') return void this.pending.push(given);
    if (method !== 'status') {
      const { events } = params;
      if (!Array.isArray(events) || !events.every((name) => typeof name === 'string')) return this.#expect(given, 'bad_params');
      for (const name of events as string[]) {
        if (method === 'unsubscribe') this.subscribed.delete(name);
        else if (known.includes(name)) this.subscribed.add(name);
      }
    }
    this.#expect(given, 'ok');
  }

  answer(accepted: boolean): void {
    if (this.pending.length > 0) this.#expect(this.pending.shift(), accepted ? 'ok' : 'internal_error');
  }

  refused(): void {
    this.#expect(undefined, 'bad_params');
  }

  #expect(given: unknown, code: string): void {
    this.expected.push({ id: given, code });
  }
}

test('each line has its one answer, in order; events are bounded, and what is missing is told where it is missing', () => {
  fc.assert(
    fc.property(moves, (list) => {
      const model = new Model();
      let state: ClientState = initialClient;
      let written = '';
      let underWay = false;
      let closes = 0;
      const commands: (number | string)[] = [];
      const faults: string[] = [];
      const give = (input: ClientInput): void => {
        const step = stepClient(state, input);
        state = step.state;
        for (const effect of step.effects) {
          if (closes > 0) faults.push(`${effect.kind} after the end`);
          if (effect.kind === 'write') {
            if (underWay) faults.push('a second write is under way');
            if (!effect.text.endsWith('\n')) faults.push('a line was cut');
            underWay = true;
            written += effect.text;
          } else if (effect.kind === 'command') commands.push(effect.id);
          else closes += 1;
        }
        expect(state.outbox.events).toBeLessThanOrEqual(eventsMax);
        const { eventsOffered, eventsTaken, eventsDropped } = state.outbox.counts;
        expect(eventsOffered).toBe(eventsTaken + eventsDropped + state.outbox.events);
      };
      const line = (text: string): void => {
        // The shell asks before each line, and so does this test.
        if (!takesRequests(state)) return;
        if (!model.over) model.line(text);
        give({ kind: 'requestReceived', text, facts });
      };
      for (const each of list) {
        switch (each.kind) {
          case 'request': line(JSON.stringify(each.request)); break;
          case 'junk': line(each.text.replaceAll('\n', ' ')); break;
          case 'refused':
            if (!takesRequests(state)) break;
            model.refused();
            give({ kind: 'lineRefused', reason: each.reason });
            break;
          case 'events':
            for (let count = 0; count < each.count; count++) {
              if (!model.over && model.subscribed.has('agent_connected')) model.offered += 1;
              give({ kind: 'eventOccurred', event: { kind: 'agent_connected', connected: count % 2 === 0 } });
            }
            break;
          case 'read':
            if (!underWay) break;
            underWay = false;
            give({ kind: 'written' });
            break;
          case 'answer': {
            const waiting = commands.shift();
            model.answer(each.accepted);
            if (waiting !== undefined) give({ kind: 'commandAnswered', id: waiting, accepted: each.accepted });
            break;
          }
          case 'end':
            model.over = true;
            give({ kind: 'ended' });
            break;
        }
      }
      // It reads everything in the end, and goes.
      for (const waiting of commands.splice(0)) {
        model.answer(true);
        give({ kind: 'commandAnswered', id: waiting, accepted: true });
      }
      give({ kind: 'ended' });
      while (underWay) {
        underWay = false;
        give({ kind: 'written' });
      }
      expect([closes, faults]).toEqual([1, []]);
      const lines = written.split('\n').slice(0, -1).map((text) => JSON.parse(text) as Line);
      const replies = lines.filter((one) => one.event === undefined);
      expect(replies.map((one) => ({ id: one.id, code: one.ok === true ? 'ok' : one.error?.code }))).toEqual(model.expected.map((one) => ({ ...one, id: Object.is(one.id, -0) ? 0 : one.id })));
      const events = lines.filter((one) => one.event === 'agent_connected').length;
      const told = lines.reduce((sum, one) => sum + (one.event === 'dropped' ? one.data?.count ?? 0 : 0), 0);
      expect(events + told).toBe(model.offered);
      expect(told).toBe(state.outbox.counts.eventsDropped);
    }),
    { numRuns: 400 },
  );
});

test('replies wait up to their bound and no further, because no more is asked of a client that does not read', () => {
  fc.assert(
    fc.property(fc.array(request, { minLength: 80, maxLength: 120 }), (list) => {
      let state = stepClient(initialClient, { kind: 'requestReceived', text: '{"id":0,"method":"hello","params":{"client_name":"","protocol_version":"1.0"}}', facts }).state;
      for (const each of list) {
        if (takesRequests(state)) state = stepClient(state, { kind: 'requestReceived', text: JSON.stringify(each), facts }).state;
        expect(state.outbox.waiting.length + state.pending.length).toBeLessThanOrEqual(repliesMax);
      }
    }),
    { numRuns: 50 },
  );
});

test('any bytes in any chunking give the same lines, and a line that is too long hides no other', () => {
  const bytesMax = 12;
  const line = fc.array(fc.integer({ min: 0, max: 255 }).filter((byte) => byte !== 0x0a), { maxLength: 30 });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), line, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), fc.boolean(), (whole, half, sizes, eager) => {
      const bytes = Uint8Array.from([...whole.flatMap((one) => [...one, 0x0a]), ...half]);
      const splitter = createLineSplitter(bytesMax);
      const taken: (number[] | 'tooLong')[] = [];
      const takeAll = (): void => {
        for (let next = takeLine(splitter); next !== null; next = takeLine(splitter)) taken.push(next.kind === 'line' ? [...next.bytes] : next.kind);
      };
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1;
        pushBytes(splitter, bytes.subarray(at, at + size));
        at += size;
        // Whoever reads may also leave lines where they are for a while.
        if (eager) takeAll();
      }
      takeAll();
      const wanted = whole.map((one) => (one.length > bytesMax ? 'tooLong' as const : one));
      expect(taken).toEqual(half.length > bytesMax ? [...wanted, 'tooLong'] : wanted);
    }),
    { numRuns: 500 },
  );
});
