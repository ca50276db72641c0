import { describe, expect, test } from 'vitest';
import type { ChildHandle } from '#app/actors/kernel/child-handle.js';
import type { Exit, ExitReason } from '#app/actors/kernel/exit-reason.js';
import { CellWriter } from '#app/mailbox/cell.js';
import { counterOf } from '#app/mailbox/counters.js';
import { NO_STATS } from '#app/mailbox/link-stats.js';
import { createVolumeControl } from '#app/audio/volume-control.js';
import type { ActorLife } from '#app/cli/actor-lives.js';
import { TapProducer } from '#app/mailbox/tap-producer.js';
import { SessionMemory } from '#app/cli/session-memory.js';
import { SessionMetrics } from '#app/cli/session-metrics.js';
import { sampleChannel, sampleFacts, sampleSession, type SampledActor, type SampledSession } from '#app/cli/session-sample.js';
import type { ReconnectFacts } from '#app/cli/session-reconnect.js';
import { statsDocument, type StatsSource } from '#app/cli/stats-document.js';
import { noNotifications } from '#app/supervisor/notifications.js';
import { initialSession } from '#app/protocol/session.js';
import type { ConnectionTarget } from '#app/cli/connection-target.js';
import { SessionSound } from '#app/cli/session-sound.js';
import { noSound } from '../../support/sound.ts';
import { TEST_CLOCK } from '../../support/tap-rings.ts';

const TARGET: ConnectionTarget = {
  host: 'vm', port: 5900, tlsPort: null, unixPath: null, password: null, caPem: null, hostSubject: null, secureChannels: [], disableChannels: [],
  title: 'a title', label: 'a title (vm:5900)', singleUse: false, ticketValidUntilMs: null, proxy: null,
};
const IDLE = { iterations: 0, handler: null, blockedOn: null, blockedCalls: 0, blockedTotalMs: 0, blockedMaxMs: 0, busyTotalMs: 0, busyMaxMs: 0, markAgeMs: null, receiveAgeMs: null, sendAgeMs: null, unlinkedDrops: 0, osThreadId: null };

interface Faked {
  readonly generation?: number;
  readonly exit?: ExitReason;
  readonly comesBack?: boolean;
  readonly dropped?: number;
  readonly blockedOn?: string;
  readonly markAgeMs?: number;
}

/** A handle that only shows numbers: sampling asks no actor anything. */
function handleOf({ generation = 1, dropped = 0, blockedOn, markAgeMs }: Faked): ChildHandle {
  const shown: Pick<ChildHandle, 'generation' | 'threadId' | 'mailbox' | 'progress'> = {
    generation,
    threadId: 7,
    mailbox: () => ({ ...NO_STATS, depth: 2, highWater: 5, dropped }),
    progress: { read: () => ({ ...IDLE, blockedOn: blockedOn ?? null, markAgeMs: markAgeMs ?? null }) },
  };
  // The rest of a handle is for those who talk to the actor.
  return shown as ChildHandle;
}

const exitOf = (id: string, reason: ExitReason | undefined): Exit | null => (reason === undefined ? null : { id, generation: 1, reason, abandoned: false });

function channelOf(memory: SessionMemory, faked: Faked = {}): SampledActor {
  memory.channel(1, 0);
  return { id: 'main/0', parent: 'session', mailboxMax: 256, handle: handleOf(faked), exit: exitOf('main/0', faked.exit), comesBack: faked.comesBack ?? false };
}

function writerOf(faked: Faked = {}): SampledActor {
  return { id: 'writer', parent: null, mailboxMax: 256, handle: handleOf(faked), exit: exitOf('writer', faked.exit), comesBack: faked.comesBack ?? false };
}

const facts: ReconnectFacts = { phase: { kind: 'idle' }, autoReconnectCount: 0, singleUse: false, ticketValidUntilMs: null, ticketRemainingMs: null };
const reconnect = { facts, refusal: null };

function session(memory: SessionMemory, actors: readonly SampledActor[], rest: Partial<Omit<SampledSession, 'session' | 'reconnect'>> = {}): Omit<StatsSource, 'sound'> {
  return { memory, actors, connected: true, connectedAtMs: 1_000, lives: () => [], lastLoss: () => null, reconnect, news: { notifications: noNotifications }, screenLock: { facts: null }, metrics: new SessionMetrics(), video: { sample: () => null }, ...rest, session: initialSession };
}

function publish(memory: SessionMemory, state: unknown): void {
  new CellWriter(memory.channel(1, 0).state).write(Buffer.from(JSON.stringify(state)));
}

describe('a channel', () => {
  test('that has not said anything yet is starting, and nothing of it ever happened', () => {
    const memory = new SessionMemory(TEST_CLOCK);
    expect(sampleChannel(session(memory, [channelOf(memory)]), memory.channel(1, 0))).toEqual({
      channel: 'main/0', thread_id: 7, state: 'starting', generation: 1, restarts: 0, bytes_in: 0, bytes_out: 0, messages_in: 0, messages_out: 0,
      ping_recv_count: 0, pong_send_count: 0, ack_send_count: 0, client_keepalive_send_count: 0, last_client_keepalive_send_ts_secs: null, keepalive_timeout_fired: false, draws: 0, mailbox_depth: 2, mailbox_high_water: 5, dropped: 0, writer_dropped_count: 0, traffic_ring_bytes: 4 * 1024 * 1024, traffic_retention_secs: null,
      gaps: {}, last_recv_ts_secs: null, last_send_ts_secs: null, sound: null, lives: [], last_loss: null,
    });
  });

  test('of playback says what became of its sound', () => {
    const memory = new SessionMemory(TEST_CLOCK);
    const playback = memory.channel(5, 0);
    counterOf(playback.sound!, 'packets_failed').add(3);
    expect(sampleChannel(session(memory, []), playback).sound).toEqual({ packets_decoded: 0, packets_failed: 3, packets_dropped: 0, samples_delivered: 0, samples_dropped: 0, pcm_bytes: 0 });
  });

  test('says how far back its ring reaches, and how large the rings of a session with more memory are', () => {
    const memory = new SessionMemory({ ...TEST_CLOCK, monotonicMs: () => 9_500 }, 200);
    const { tap } = memory.channel(1, 0);
    new TapProducer(tap, 1).append(true, 2_000, new Uint8Array(10));
    expect(sampleChannel(session(memory, []), memory.channel(1, 0))).toMatchObject({ traffic_ring_bytes: 16 * 1024 * 1024, traffic_retention_secs: 7.5 });
  });

  test('says what took it last, and when', () => {
    const memory = new SessionMemory(TEST_CLOCK);
    const lost = (channel: string) => (channel === 'main/0' ? { kind: 'rst' as const, detail: 'read ECONNRESET', atMs: memory.startedAtMs + 1_500.4 } : null);
    expect(sampleChannel(session(memory, [channelOf(memory)], { lastLoss: lost }), memory.channel(1, 0)).last_loss).toEqual({ kind: 'rst', detail: 'read ECONNRESET', at: 1.5 });
  });

  test('shows its counters, its state and its gaps; moments are seconds since the session began', () => {
    const memory = new SessionMemory(TEST_CLOCK);
    const { counters } = memory.channel(1, 0);
    counterOf(counters, 'bytes_in').add(10);
    counterOf(counters, 'events_dropped').add(2);
    counterOf(counters, 'last_recv_ms').set(1_501);
    publish(memory, { phase: 'linked', gaps: { 'main:a:b': 3 } });
    expect(sampleChannel(session(memory, [channelOf(memory, { generation: 3, dropped: 4 })]), memory.channel(1, 0))).toMatchObject({
      state: 'linked', generation: 3, restarts: 2, bytes_in: 10, dropped: 6, gaps: { 'main:a:b': 3 }, last_recv_ts_secs: 1.5, last_send_ts_secs: null,
    });
  });

  test('is read anew whenever it has said something, and only then', () => {
    const memory = new SessionMemory(TEST_CLOCK);
    const main = memory.channel(1, 0);
    publish(memory, { phase: 'linked', gaps: {} });
    const first = memory.facts(main);
    expect(memory.facts(main)).toBe(first);
    publish(memory, { phase: 'linked', gaps: { 'main:a:b': 1 } });
    expect(memory.facts(main)?.gaps).toEqual({ 'main:a:b': 1 });
    expect(first?.gaps).toEqual({});
  });

  test('that has ended is closed, whatever it said last, and its numbers stay', () => {
    const memory = new SessionMemory(TEST_CLOCK);
    publish(memory, { phase: 'linked', gaps: {} });
    counterOf(memory.channel(1, 0).counters, 'draws').add(9);
    expect(sampleChannel(session(memory, [channelOf(memory, { exit: { kind: 'frozen' } })]), memory.channel(1, 0))).toMatchObject({ state: 'closed', draws: 9 });
    expect(sampleChannel(session(memory, []), memory.channel(1, 0))).toMatchObject({ state: 'closed', thread_id: null, generation: 0, draws: 9 });
  });
});

describe('the snapshot', () => {
  const sample = (memory: SessionMemory, actors: readonly SampledActor[], rest: Partial<SampledSession> = {}) => sampleSession(session(memory, actors, rest), TARGET, TEST_CLOCK, []);

  test('has the roots, then the session, then what belongs to it', () => {
    const memory = new SessionMemory(TEST_CLOCK);
    expect(sample(memory, [channelOf(memory), writerOf()]).actors.map(({ id, parent }) => `${id} of ${parent}`)).toEqual(['writer of null', 'session of null', 'main/0 of session']);
  });

  test.each<[Faked, string]>([
    [{}, 'starting'],
    [{ exit: { kind: 'failed', error: { name: 'E', message: 'm', stack: '', code: null } } }, 'failed'],
    [{ exit: { kind: 'frozen' } }, 'frozen'],
    [{ exit: { kind: 'shutdown' } }, 'stopped'],
    [{ exit: { kind: 'downstreamClosed', detail: 'fin' } }, 'stopped'],
  ])('a channel with %j is %s', (faked, state) => {
    const memory = new SessionMemory(TEST_CLOCK);
    expect(sample(memory, [channelOf(memory, faked)]).actors.at(-1)?.state).toBe(state);
  });

  test('a linked channel runs; a writer inside a file call is on disk', () => {
    const memory = new SessionMemory(TEST_CLOCK);
    publish(memory, { phase: 'linked', gaps: { 'main:a:b': 1, 'main:a:c': 2 } });
    const { actors } = sample(memory, [writerOf({ blockedOn: 'write' }), channelOf(memory, { markAgeMs: 100 })]);
    expect(actors.map(({ state }) => state)).toEqual(['blockedOnDisk', 'running', 'running']);
    expect(actors[2]).toMatchObject({ gaps: 3, lastActivityMs: TEST_CLOCK.monotonicMs() - 100, mailbox: { depth: 2, highWater: 5, max: 256 }, threadId: 7 });
  });

  test('a consumer’s losses are the hub’s count of them and its mailbox’s', () => {
    const memory = new SessionMemory(TEST_CLOCK);
    const { actors } = sampleSession(session(memory, [writerOf({ dropped: 1 })]), TARGET, TEST_CLOCK, [{ consumer: 'writer', delivered: 5, dropped: 3 }]);
    expect(actors[0]?.drops).toBe(4);
  });

  test('the session’s line: connecting, connected, disconnected; the guest’s name beside the label, which has the file’s title', () => {
    const memory = new SessionMemory(TEST_CLOCK);
    expect(sample(memory, []).session).toEqual({ label: 'a title (vm:5900)', title: '', state: 'connected', detail: '', connectedAtMs: 1_000, held: null });
    expect(sample(memory, [], { connected: false }).session.state).toBe('connecting');
    const ended = { ...session(memory, []), connected: false, session: { ...initialSession, serverName: 'guest', end: { kind: 'mainLost' as const, cause: { kind: 'fin', message: '', code: null }, serverReason: null } } };
    expect(sampleSession(ended, TARGET, TEST_CLOCK, [])).toMatchObject({ session: { state: 'disconnected', title: 'guest' }, actors: [{ id: 'session', state: 'stopped' }] });
  });
});

test('facts for programs: the agent counts only while the session is up; a surface has its channel’s number', () => {
  const memory = new SessionMemory(TEST_CLOCK);
  const buffer = new SharedArrayBuffer(64);
  const shown = { memory, connected: true, session: { agentConnected: true, end: null }, reconnect, surfaces: [{ channel: 'display/3', surfaceId: 0, width: 8, height: 4, buffer }] };
  expect(sampleFacts(shown)).toEqual({
    connected: true, agentConnected: true, reconnectRefusal: null, surfaces: [{ channelId: 3, surfaceId: 0, width: 8, height: 4, buffer }],
    inputsReady: false, mouseMode: null, capsLock: false, state: 'connected', detail: '', mainCounters: null, pointer: null, channels: [],
  });
  memory.channel(2, 0);
  const main = memory.channel(1, 0);
  expect(sampleFacts({ ...shown, connected: false })).toMatchObject({ connected: false, agentConnected: false });
  expect(sampleFacts(shown).mainCounters).toBe(main.counters);
  expect(sampleFacts(shown).channels.map(({ channel }) => channel)).toEqual(['display/0', 'main/0']);
});

test('lives are told in seconds since the session began, to the millisecond', () => {
  const memory = new SessionMemory(TEST_CLOCK);
  const life: ActorLife = { generation: 2, startedMs: 6_000.2, linkedMs: 6_100.7, pictureMs: null, lastMarkMs: 7_000, foundFrozenMs: 7_500, endedMs: 7_520, end: 'frozen' };
  expect(sampleChannel(session(memory, [channelOf(memory)], { lives: () => [life] }), memory.channel(1, 0)).lives).toEqual([{
    generation: 2, started_ts_secs: 1, linked_ts_secs: 1.101, picture_ts_secs: null, last_mark_ts_secs: 2, found_frozen_ts_secs: 2.5, ended_ts_secs: 2.52, end: 'frozen',
  }]);
});

test('the statistics document has one object per channel that was ever started, and one per other actor', () => {
  const memory = new SessionMemory(TEST_CLOCK);
  memory.channel(1, 0);
  memory.channel(2, 0);
  const document = statsDocument({ ...session(memory, [channelOf(memory), writerOf({ generation: 2 })]), session: { ...initialSession, sessionId: 5, serverName: 'vm' }, sound: new SessionSound({ ...noSound(), volume: createVolumeControl({ percent: 37, muted: true }) }) }, 'ok', true, 'v1', memory.startedAtMs + 1_234.6);
  expect(document).toMatchObject({ session_id: 5, connected: true, server_name: 'vm', server_uuid: null, duration_secs: 1.235, ended: 'ok', version: 'v1', started_at: '2023-11-14T22:13:25.000Z', sound: { volume_percent: 37, muted: true, files: 0, file_samples: 0 }, notifications: [], screen_lock: null });
  expect(document.channels.map(({ channel, state }) => `${channel} ${state}`)).toEqual(['main/0 starting', 'display/0 closed']);
  expect(document.actors).toEqual([{ actor: 'writer', thread_id: 7, generation: 2, restarts: 1, lives: [] }]);
  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
});
