// One client of the control socket against a model of it: whatever it sends in whatever order, however slowly it reads, each line has its
// one answer in its order, events are bounded and every loss is told.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { initialClient, stepClient, takesRequests } from '#app/control/client-session.js';
import type { ClientInput, ClientState } from '#app/control/client-session.js';
import { createLineSplitter, pushBytes, takeLine } from '#app/control/line-splitter.js';
import { supportedEvents } from '#app/control/control-event.js';
import { eventsMax, repliesMax } from '#app/control/outbox.js';
import { refusal } from '#app/control/request.js';
import { testFacts, testIdentity } from '../support/control-facts.ts';

const facts = testFacts({ agentConnected: true });
const lineOf = (text: string): ClientInput => ({ kind: 'requestReceived', text, facts, identity: testIdentity, othersType: false });
const known: readonly string[] = supportedEvents;
/** Methods that are answered at once, by the session, and when what is waited for has come. */
const immediate = ['status', 'session', 'subscribe', 'unsubscribe'];
const working = ['disconnect', 'reconnect', 'send_key', 'stats', 'notifications', 'traffic'];
const waiting = ['wait_agent', 'wait_cursor', 'wait_stable'];
const built = [...immediate, ...working, ...waiting];

type Request = { readonly id: unknown; readonly method: unknown; readonly params: unknown };
type Move =
  | { readonly kind: 'request'; readonly request: Request }
  | { readonly kind: 'junk'; readonly text: string }
  | { readonly kind: 'refused'; readonly reason: 'tooLong' | 'notUtf8' }
  | { readonly kind: 'events'; readonly count: number }
  | { readonly kind: 'read' }
  /** Of the work that goes on, the piece with this number modulo their count. */
  | { readonly kind: 'answer'; readonly which: number; readonly accepted: boolean }
  | { readonly kind: 'end'; readonly how: 'inputEnded' | 'sessionEnded' };

const id = fc.oneof(fc.integer(), fc.string({ maxLength: 20 }));
const names = fc.array(fc.constantFrom(...known, 'digest_updated', '__proto__', ''), { maxLength: 5 });
const request = fc.oneof(
  { weight: 2, arbitrary: fc.record({ id, method: fc.constant('hello'), params: fc.record({ client_name: fc.string(), protocol_version: fc.constantFrom('1.0', '1.2', '1.7', '2.0', 'x') }) }) },
  { weight: 6, arbitrary: fc.record({ id, method: fc.constantFrom(...built, 'nonsense', 'toString'), params: fc.record({ events: names, key: fc.constantFrom('a', 'shift', 'ctrl-alt-del'), state: fc.constantFrom('down', 'up', 'press') }) }) },
  fc.record({ id: fc.oneof(id, fc.jsonValue()), method: fc.oneof(fc.constantFrom(...immediate, 'disconnect'), fc.jsonValue()), params: fc.jsonValue() }),
);
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 64, arbitrary: fc.record({ kind: fc.constant('request' as const), request }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('junk' as const), text: fc.oneof(fc.string(), fc.json()) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('refused' as const), reason: fc.constantFrom('tooLong' as const, 'notUtf8' as const) }) },
  { weight: 9, arbitrary: fc.record({ kind: fc.constant('events' as const), count: fc.nat({ max: 200 }) }) },
  { weight: 9, arbitrary: fc.record({ kind: fc.constant('read' as const) }) },
  { weight: 24, arbitrary: fc.record({ kind: fc.constant('answer' as const), which: fc.nat({ max: 9 }), accepted: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), how: fc.constantFrom('inputEnded' as const, 'sessionEnded' as const) }) },
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

const codes: Readonly<Record<string, readonly number[]>> = { a: [0x1e], shift: [0x2a], 'ctrl-alt-del': [0x1d, 0x38, 0xe053] };

class Model {
  greeted = false;
  over = false;
  readonly subscribed = new Set<string>();
  readonly pending: { readonly id: unknown; readonly waits: boolean; readonly input: { readonly key: string; readonly state: string } | null }[] = [];
  /** Scancodes that are down. */
  readonly held = new Set<number>();
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
    if (!built.includes(method)) return this.#expect(given, 'unknown_method');
    const waits = waiting.includes(method);
    if (waits && this.pending.length === 8) return this.#expect(given, 'too_many_waits');
    if (waits || working.includes(method)) {
      const input = method === 'send_key' ? { key: String(params['key']), state: String(params['state']) } : null;
      return void this.pending.push({ id: given, waits, input });
    }
    if (method === 'subscribe' || method === 'unsubscribe') {
      const { events } = params;
      if (!Array.isArray(events) || !events.every((name) => typeof name === 'string')) return this.#expect(given, 'bad_params');
      for (const name of events as string[]) {
        if (method === 'unsubscribe') this.subscribed.delete(name);
        else if (known.includes(name)) this.subscribed.add(name);
      }
    }
    this.#expect(given, 'ok');
  }

  answer(which: number, accepted: boolean): void {
    const [done] = this.pending.splice(which, 1);
    if (done === undefined) return;
    this.#expect(done.id, accepted ? 'ok' : 'internal_error');
    for (const scancode of codes[done.input?.key ?? ''] ?? []) {
      if (done.input?.state !== 'up') this.held.add(scancode);
      // A release that may not have reached the guest is none.
      if (done.input?.state !== 'down' && accepted) this.held.delete(scancode);
    }
  }

  ended(code: string): void {
    for (const { id: given, waits } of this.pending.slice()) if (waits) this.#expect(given, code);
    this.pending.splice(0, Infinity, ...this.pending.filter(({ waits }) => !waits));
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
      let works: number[] = [];
      let released: unknown = null;
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
          } else if (effect.kind === 'work') works.push(effect.token);
          else if (effect.kind === 'abandon') works = works.filter((token) => token !== effect.token);
          else if (effect.kind === 'release') released = effect.held;
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
        give(lineOf(text));
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
            const which = works.length === 0 ? 0 : each.which % works.length;
            const [token] = works.splice(which, 1);
            if (token === undefined) break;
            model.answer(which, each.accepted);
            give({ kind: 'workAnswered', token, answer: each.accepted ? { ok: true, result: {} } : refusal('internal_error', '') });
            break;
          }
          case 'end':
            model.over = true;
            model.ended(each.how === 'sessionEnded' ? 'bad_state' : 'cancelled');
            give({ kind: each.how });
            break;
        }
      }
      // It reads everything in the end, and goes.
      for (const token of works.splice(0)) {
        model.answer(0, true);
        give({ kind: 'workAnswered', token, answer: { ok: true, result: {} } });
      }
      give({ kind: 'inputEnded' });
      while (underWay) {
        underWay = false;
        give({ kind: 'written' });
      }
      expect([closes, faults]).toEqual([1, []]);
      closes = 0;
      give({ kind: 'gone' });
      expect(released).toEqual(model.held.size === 0 ? null : { scancodes: model.held, buttons: new Set() });
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
      let state = stepClient(initialClient, { kind: 'requestReceived', text: '{"id":0,"method":"hello","params":{"client_name":"","protocol_version":"1.0"}}', facts, identity: testIdentity, othersType: false }).state;
      for (const each of list) {
        if (takesRequests(state)) state = stepClient(state, lineOf(JSON.stringify(each))).state;
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
