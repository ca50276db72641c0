// The verdict on reports whose facts are written by hand: what sessions in virtual time cannot show, the ancestor's reports, and anything at all.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NewEvent, ReportEvent } from '#app/capture/report/events-document.js';
import { causes } from '#app/capture/verdict/causes.js';
import { noFault, verdictOf, type Verdict } from '#app/capture/verdict.js';

const event = (kind: NewEvent['kind'], subject: string, facts: ReportEvent['facts'], at = 10): object => ({ kind, subject, ts_secs: at, last_ts_secs: at, count: 1, generation: 1, facts });
/** A report with these events and this standing. */
const report = (events: readonly object[], standing: object = {}, more: Readonly<Record<string, object>> = {}): ReadonlyMap<string, string> =>
  new Map(Object.entries({ 'events.json': { format: 1, events, standing: { ts_secs: 20, connected: true, channels: [], actors: [], mailboxes: [], ...standing } }, ...more }).map(([name, value]) => [name, JSON.stringify(value)]));
const named = (verdict: Verdict): string[] => verdict.causes.map(({ cause, subject }) => `${cause} of ${subject}`);
const facts = (verdict: Verdict): string => verdict.causes.flatMap(({ evidence }) => evidence.map(({ fact }) => fact)).join('; ');

describe('an actor that was frozen', () => {
  const frozen = (part: ReportEvent['facts']): object => event('frozen', 'display/0', { silent_ms: 5_000, handler: 'timer', mailbox_depth: 3, outcome: 'ended', place: 'in commit (src/a.ts:7)', ...part });
  const cases: readonly [string, ReportEvent['facts'], string][] = [
    ['that ran', { stack_kind: 'stack', thread_state: 'running' }, 'actorLoops'],
    ['that slept in JavaScript', { stack_kind: 'stack', thread_state: 'sleeping' }, 'actorWaits'],
    ['that was in a system call', { stack_kind: 'native', thread_state: 'sleeping', system_call: 'read' }, 'actorInSystemCall'],
    ['of which no stack could be had', { stack_kind: 'unavailable' }, 'actorFroze'],
  ];
  test.each(cases)('%s', (_, part, cause) => {
    const verdict = verdictOf(report([frozen(part), event('actorEnded', 'display/0', { end: 'killed' }, 11)]));
    expect(named(verdict)).toEqual([`${cause} of display/0`]);
    expect(facts(verdict)).toContain('it was in commit (src/a.ts:7)');
  });

  test('and went on by itself is no fault', () => {
    expect(verdictOf(report([frozen({ stack_kind: 'stack', outcome: 'recovered' })])).summary).toBe(noFault);
  });
});

describe('a mailbox that nobody reads', () => {
  test('is named with the sender and the receiver that was abandoned', () => {
    const mailbox = { receiver: 'audio', receiver_generation: 1, sender: 'playback/0', sender_generation: 3, lane: 'data', depth: 256, bound: 256, oldest_age_ms: 9_000, dropped: 41, doing: "in 'receive'" };
    const verdict = verdictOf(report([], { mailboxes: [mailbox] }));
    expect(named(verdict)).toEqual(['abandonedMailbox of audio']);
    expect(facts(verdict)).toBe("the mailbox is the data lane of audio#1: 256 of 256 messages wait, the first for 9 s; the sender is playback/0#3, of which 41 messages were refused; the receiver is audio#1: in 'receive'");
    expect(verdictOf(report([], { mailboxes: [{ ...mailbox, oldest_age_ms: 20 }] })).summary).toBe(noFault);
  });

  test('is named by the send that was given up, when it has been emptied since', () => {
    const sendTimeout = { from: 'main/0#1', to: 'hub#1', lane: 'data', cause: 'deadline', waitedMs: 5_000, depth: 64, oldestAgeMs: 465_000 };
    const verdict = verdictOf(report([event('eventsDropped', 'session', {})], { channels: [{ channel: 'main/0', send_timeout: sendTimeout, events_dropped: 9 }] }));
    expect(named(verdict)).toEqual(['abandonedMailbox of hub']);
    expect(facts(verdict)).toMatch(/data lane of hub#1: 64 messages waited.*sender is main\/0#1/);
  });
});

describe('the disk under a capture', () => {
  const writer = (part: object): object => ({ actor: 'writer', generation: 1, running: true, ...part });
  test.each([
    ['is full', report([event('captureWriteFailed', 'writer', { file: 'main-0.pcapng', code: 'ENOSPC', message: 'ENOSPC: no space left on device' }), event('captureFellBehind', 'writer', { channel: 'display/0', dropped: 4 })]), 'diskFull'],
    ['cannot be written', report([event('captureWriteFailed', 'writer', { file: 'main-0.pcapng', code: 'EROFS', message: 'EROFS: read-only file system' })]), 'diskRefuses'],
    ['is slow', report([], { actors: [writer({ blocked_calls: 9, blocked_total_ms: 4_500, blocked_max_ms: 520 })] }), 'diskSlow'],
    ['hangs', report([], { actors: [writer({ blocked_on: 'disk', mark_age_ms: 8_000, blocked_calls: 9, blocked_total_ms: 40 })] }), 'diskHangs'],
    ['has fallen behind', report([event('captureFellBehind', 'writer', { channel: 'display/0', dropped: 4 })]), 'captureBehind'],
  ])('%s', (_, members, cause) => {
    expect(named(verdictOf(members))).toEqual([`${cause} of writer`]);
  });

  test('is well with calls that take milliseconds', () => {
    expect(verdictOf(report([], { actors: [writer({ blocked_calls: 900, blocked_total_ms: 4_500, blocked_max_ms: 90 })] })).summary).toBe(noFault);
  });
});

describe('PINGs that are read late', () => {
  const channel = (id: string, lateMs: number): object => ({ channel: id, generation: 1, state: 'linked', ping_recv_count: 50, ping_late_max_ms: lateMs, last_ping_recv_ts_secs: 19, last_recv_ts_secs: 20 });
  const members = report([], { channels: [channel('main/0', 3), channel('record/0', 4_000)] }, { 'runtime-metrics.json': { threads: [{ tid: 9, name: 'record/0#1', cpu_percent: 97 }] } });

  test('on one channel whose thread is busy are that actor\'s', () => {
    const verdict = verdictOf(members);
    expect(named(verdict)).toEqual(['overloadedActor of record/0']);
    expect(facts(verdict)).toMatch(/97 % of a processor; main\/0 of the same server had theirs in time/);
  });

  test('on every channel are the way\'s', () => {
    expect(named(verdictOf(report([], { channels: [channel('main/0', 4_000), channel('display/0', 4_000)] })))).toEqual(['lateBytes of main/0', 'lateBytes of display/0']);
  });
});

describe('a report of the ancestor, which has no events', () => {
  /** As the ancestor writes it. */
  const ancestor = (main: object, cause: object, others: object = {}): ReadonlyMap<string, string> => new Map(Object.entries({
    'metadata.json': { ryll_version: '0.1.0', report_type: { Disconnect: { channel: 'inputs' } }, channel: 'inputs', session_uptime_secs: 510 },
    'disconnect-cause.json': {
      channel: 'inputs', error_message: 'inputs: read error: peer closed connection without sending TLS close_notify', error_kind: null, keepalive_timeout_fired: false, session_uptime_secs: 510, ...cause,
      per_channel: { main: { bytes_in: 1, bytes_out: 1, last_recv_ts_secs: 465, last_send_ts_secs: 465, ping_recv_count: 66, pong_send_count: 66, last_ping_recv_ts_secs: 465, ...main }, ...others },
    },
  }).map(([name, value]) => [name, JSON.stringify(value)]));
  const display = { display: { last_recv_ts_secs: 496, ping_recv_count: 70 } };

  test('of the wedge that started all this: main stopped first, others went on, and inputs noticed the end', () => {
    const verdict = verdictOf(ancestor({}, {}, display));
    expect(named(verdict)).toEqual(['mainWedged of main/0']);
    expect(facts(verdict)).toMatch(/inputs\/0 was lost: inputs: read error.*last heard of 45 s before; its silence timeout had not fired.*66 PINGs came on main, 66 were answered.*row 2/);
    expect(verdict.limits).toEqual([expect.stringContaining('there is no events.json')]);
  });

  test.each([
    [1, 'the server stopped sending PINGs', {}, { keepalive_timeout_fired: true }, {}, 'serverStoppedPinging of main/0'],
    [2, 'PINGs came and were answered late', { pong_send_count: 60, last_recv_ts_secs: 505, last_ping_recv_ts_secs: 505 }, { keepalive_timeout_fired: true }, {}, 'clientDidNotAnswer of main/0'],
    [3, 'the server closed it with all well before', { last_recv_ts_secs: 509.5, last_ping_recv_ts_secs: 505 }, {}, display, 'closedByServer of inputs/0'],
    [4, 'a PING came just before, and no answer left', { last_recv_ts_secs: 509.8, last_ping_recv_ts_secs: 509.8 }, { keepalive_timeout_fired: true }, {}, 'clientDidNotAnswer of main/0'],
  ])('row %i of the tree: %s', (row, _, main, cause, others, expected) => {
    const verdict = verdictOf(ancestor(main, cause, others));
    expect(named(verdict)).toEqual([expected]);
    expect(facts(verdict)).toContain(`row ${row} of the tree`);
  });
});

describe('a report of anything', () => {
  test('without a word to judge by is said to be so, and no fault is found', () => {
    expect(verdictOf(new Map([['metadata.json', '{}']]))).toEqual({ format: 1, summary: noFault, causes: [], limits: [expect.any(String), expect.stringContaining('nothing was judged')] });
  });

  test('whose members are broken says which', () => {
    expect(verdictOf(new Map([['events.json', '{"events": [']])).limits[0]).toBe('events.json cannot be read');
  });

  test('gives a verdict, whatever its members are', () => {
    const member = fc.oneof(fc.json(), fc.string(), fc.constant('null'));
    fc.assert(fc.property(fc.dictionary(fc.constantFrom('metadata.json', 'session.json', 'events.json', 'disconnect-cause.json', 'runtime-metrics.json'), member), (members) => {
      expect(verdictOf(new Map(Object.entries(members))).format).toBe(1);
    }));
  });

  test('gives a verdict of known causes, whatever happened', () => {
    const value = fc.oneof(fc.string({ maxLength: 12 }), fc.double(), fc.boolean(), fc.constant(null), fc.constantFrom('eof', 'rst', 'timeout', 'protocol', 'fin', 'linked', 'failed', 'ended', 'badConnectionId'));
    const anyFacts = fc.dictionary(fc.constantFrom('loss', 'socket', 'phase', 'key', 'refusal', 'failure', 'error', 'end', 'outcome', 'received_ms_ago', 'sent_ms_ago', 'messages_in', 'code', 'text', 'stack_kind'), value);
    const anyEvent = fc.record({ kind: fc.constantFrom('linkFailed', 'connectionLost', 'linkPhase', 'gap', 'frozen', 'actorEnded', 'serverNotice', 'mailboxStuck', 'health', 'captureWriteFailed', 'later'), subject: fc.constantFrom('main/0', 'display/0', 'writer'), ts_secs: fc.oneof(fc.double({ min: 0, max: 100 }), fc.constant(null)), generation: fc.nat(3), facts: anyFacts });
    fc.assert(fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
      for (const { cause, what } of verdictOf(report(events)).causes) expect(causes[cause].what).toBe(what);
    }));
  });
});

test('docs/diagnosis.md lists every cause', () => {
  const page = readFileSync(new URL('../../../../docs/diagnosis.md', import.meta.url), 'utf8');
  const rows = Object.entries(causes).map(([name, { what }]) => `| \`${name}\` | ${what} |`);
  expect(page.split('\n').filter((line) => /^\| `\w+` \| .* \|$/.test(line) && line.split('|').length === 4 && Object.keys(causes).some((name) => line.startsWith(`| \`${name}\``)))).toEqual(rows);
});
