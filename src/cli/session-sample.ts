// Session sample: one look at everything that a session's actors publish in shared memory, as values: the snapshot that consumers
// draw and the rows of the statistics document. It asks no actor anything, so a frozen one is seen as well as a busy one.

import type { SharedFacts, SharedSurfaceFacts } from '../actors/control-mail.ts';
import type { SubscriptionCount } from '../actors/hub-mail.ts';
import type { ChildHandle } from '../actors/kernel/child-handle.ts';
import type { Exit } from '../actors/kernel/exit-reason.ts';
import type { Clock } from '../actors/kernel/host.ts';
import { ChannelType, MouseMode } from '../protocol/constants.ts';
import type { LossKind } from '../protocol/loss-kind.ts';
import type { ActorState } from '../ui-terminal/session-event.ts';
import type { ActorSnapshot, StatsSnapshot } from '../ui-terminal/view-model.ts';
import type { ActorLife } from './actor-lives.ts';
import type { ChannelLoss } from './channel-losses.ts';
import type { ConnectionTarget } from './connection-target.ts';
import type { ChannelFacts, ChannelMemory, SessionMemory } from './session-memory.ts';
import type { ReconnectFacts } from './session-reconnect.ts';
import { standingOf } from './session-standing.ts';

/** One actor that was started: its handle and its end are kept as evidence. */
export interface SampledActor {
  readonly id: string;
  readonly parent: string | null;
  /** Room of its mailbox's data lane, in messages for each sender. */
  readonly mailboxMax: number;
  /** Of its newest generation. */
  readonly handle: ChildHandle;
  readonly exit: Exit | null;
  /** It has ended, and its supervisor will start it again. */
  readonly comesBack: boolean;
}

/** What is sampled of a session. */
export interface SampledSession {
  readonly memory: SessionMemory;
  readonly actors: readonly SampledActor[];
  readonly connected: boolean;
  readonly connectedAtMs: number | null;
  /** Of any actor. */
  lives(id: string): readonly ActorLife[];
  readonly session: { readonly serverName: string | null; readonly end: unknown };
  lastLoss(channel: string): ChannelLoss | null;
  readonly reconnect: { readonly facts: ReconnectFacts };
}

/** The present state of one channel, in the names of the statistics document. */
export interface ChannelSample {
  readonly channel: string;
  readonly thread_id: number | null;
  readonly state: string;
  readonly generation: number;
  readonly restarts: number;
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly messages_in: number;
  readonly messages_out: number;
  readonly ping_recv_count: number;
  readonly pong_send_count: number;
  readonly ack_send_count: number;
  readonly client_keepalive_send_count: number;
  readonly last_client_keepalive_send_ts_secs: number | null;
  /** The newest connection was given up because nothing was received; null on channels where nothing gives up for that alone. */
  readonly keepalive_timeout_fired: boolean | null;
  readonly draws: number;
  readonly mailbox_depth: number;
  readonly mailbox_high_water: number;
  readonly dropped: number;
  readonly writer_dropped_count: number;
  /** Of the channel's traffic ring: what it may show, and how far back it reaches; null while it is empty. */
  readonly traffic_ring_bytes: number;
  readonly traffic_retention_secs: number | null;
  readonly gaps: Readonly<Record<string, number>>;
  /** Seconds since the session began; null = never. */
  readonly last_recv_ts_secs: number | null;
  readonly last_send_ts_secs: number | null;
  /** What took the channel last; null = nothing did. `at` is in seconds since the session began. */
  readonly last_loss: { readonly kind: LossKind; readonly detail: string; readonly at: number } | null;
  /** Of playback channels; null for all others. */
  readonly sound: Readonly<Record<string, number>> | null;
  /** Oldest first; of a channel that had very many, the newest. */
  readonly lives: readonly LifeSample[];
}

/** An actor that is no channel, in the names of the statistics document. */
export interface ActorSample {
  readonly actor: string;
  readonly thread_id: number | null;
  readonly generation: number;
  readonly restarts: number;
  readonly lives: readonly LifeSample[];
}

/** One generation of an actor. Moments are seconds since the session began; null = it never came to that. */
export interface LifeSample {
  readonly generation: number;
  readonly started_ts_secs: number;
  readonly linked_ts_secs: number | null;
  readonly picture_ts_secs: number | null;
  readonly last_mark_ts_secs: number | null;
  readonly found_frozen_ts_secs: number | null;
  readonly ended_ts_secs: number | null;
  readonly end: string | null;
}

/** What the facts for programs are made of. */
export interface SharedSession {
  readonly memory: SessionMemory;
  readonly connected: boolean;
  readonly session: { readonly agentConnected: boolean; readonly end: unknown };
  readonly reconnect: { readonly refusal: string | null; readonly facts: ReconnectFacts };
  /** `channel` is a display channel's id, `display/0`. */
  readonly surfaces: readonly (Omit<SharedSurfaceFacts, 'channelId'> & { readonly channel: string })[];
}

/** Lock bits of the inputs channel (`InputsState.modifiers`). */
const capsLockBit = 4;
const mouseModes: Readonly<Record<number, 'absolute' | 'relative'>> = { [MouseMode.client]: 'absolute', [MouseMode.server]: 'relative' };

export function sampleFacts(session: SharedSession): SharedFacts {
  const { connected, memory } = session;
  const first = (type: number): ChannelMemory | null => memory.channels.find((channel) => channel.type === type) ?? null;
  const factsOf = (channel: ChannelMemory | null): ChannelFacts | null => (channel === null ? null : memory.facts(channel));
  const main = first(ChannelType.main);
  const inputs = factsOf(first(ChannelType.inputs));
  const { state, detail } = standingOf(connected, session.session.end !== null, session.reconnect.facts);
  return {
    connected,
    agentConnected: connected && session.session.agentConnected,
    reconnectRefusal: session.reconnect.refusal,
    surfaces: session.surfaces.map(({ channel, surfaceId, width, height, buffer }) => ({ channelId: Number(channel.split('/')[1]), surfaceId, width, height, buffer })),
    inputsReady: connected && inputs?.phase === 'linked',
    mouseMode: mouseModes[Number(factsOf(main)?.state['mouseMode'])] ?? null,
    capsLock: (Number(inputs?.state['modifiers'] ?? 0) & capsLockBit) !== 0,
    state,
    detail,
    mainCounters: main?.counters ?? null,
    pointer: first(ChannelType.cursor)?.pointer ?? null,
    channels: memory.channels.map(({ id, type, counters, tap }) => ({ channel: id, type, counters, tap })),
  };
}

/** Moments are stored as milliseconds plus one, so that 0 means never. */
const moment = (stored: number | undefined): number | null => (stored === undefined || stored === 0 ? null : (stored - 1) / 1000);

export function sampleChannel(session: SampledSession, memory: ChannelMemory): ChannelSample {
  const actor = session.actors.find(({ id }) => id === memory.id);
  const mailbox = actor?.handle.mailbox();
  const counters = session.memory.counters(memory);
  const facts = session.memory.facts(memory);
  const tap = session.memory.tapCounters(memory);
  const count = (name: string): number => counters[name] ?? 0;
  const generation = actor?.handle.generation ?? 0;
  return {
    channel: memory.id,
    thread_id: actor?.handle.threadId ?? null,
    state: actor?.exit === null ? (facts?.phase ?? 'starting') : actor?.comesBack === true ? 'waiting' : 'closed',
    generation,
    restarts: Math.max(0, generation - 1),
    bytes_in: count('bytes_in'),
    bytes_out: count('bytes_out'),
    messages_in: count('messages_in'),
    messages_out: count('messages_out'),
    ping_recv_count: count('ping_recv_count'),
    pong_send_count: count('pong_send_count'),
    ack_send_count: count('ack_send_count'),
    client_keepalive_send_count: count('client_keepalive_send_count'),
    last_client_keepalive_send_ts_secs: moment(counters['last_client_keepalive_send_ms']),
    keepalive_timeout_fired: memory.type === ChannelType.main ? count('keepalive_timeout_fired') === 1 : null,
    draws: count('draws'),
    mailbox_depth: mailbox?.depth ?? 0,
    mailbox_high_water: mailbox?.highWater ?? 0,
    dropped: (mailbox?.dropped ?? 0) + count('events_dropped'),
    writer_dropped_count: tap.dropped + tap.unrecorded,
    traffic_ring_bytes: memory.tap.ringBytes,
    traffic_retention_secs: session.memory.tapRetentionSecs(memory),
    gaps: facts?.gaps ?? {},
    last_recv_ts_secs: moment(counters['last_recv_ms']),
    last_send_ts_secs: moment(counters['last_send_ms']),
    last_loss: sampleLoss(session, memory.id),
    sound: session.memory.soundCounters(memory),
    lives: sampleLives(session, memory.id),
  };
}

/** Of the actors that are no channels. */
export function sampleActors(session: SampledSession): readonly ActorSample[] {
  const channels = new Set(session.memory.channels.map(({ id }) => id));
  return session.actors.filter(({ id }) => !channels.has(id)).map(({ id, handle: { threadId, generation } }) => ({
    actor: id, thread_id: threadId, generation, restarts: Math.max(0, generation - 1), lives: sampleLives(session, id),
  }));
}

function sampleLives(session: SampledSession, id: string): readonly LifeSample[] {
  return session.lives(id).map((life) => sampleLife(life, session.memory.startedAtMs));
}

function sampleLife(life: ActorLife, sessionStartMs: number): LifeSample {
  const since = (atMs: number): number => Math.round(atMs - sessionStartMs) / 1000;
  const sinceOrNull = (atMs: number | null): number | null => (atMs === null ? null : since(atMs));
  return {
    generation: life.generation,
    started_ts_secs: since(life.startedMs),
    linked_ts_secs: sinceOrNull(life.linkedMs),
    picture_ts_secs: sinceOrNull(life.pictureMs),
    last_mark_ts_secs: sinceOrNull(life.lastMarkMs),
    found_frozen_ts_secs: sinceOrNull(life.foundFrozenMs),
    ended_ts_secs: sinceOrNull(life.endedMs),
    end: life.end,
  };
}

function sampleLoss(session: SampledSession, channel: string): ChannelSample['last_loss'] {
  const loss = session.lastLoss(channel);
  return loss === null ? null : { kind: loss.kind, detail: loss.detail, at: Math.round(loss.atMs - session.memory.startedAtMs) / 1000 };
}

export function sampleSession(session: SampledSession, target: ConnectionTarget, clock: Clock, subscriptions: readonly SubscriptionCount[]): StatsSnapshot {
  const atMs = clock.monotonicMs();
  const { state, detail, held } = standingOf(session.connected, session.session.end !== null, session.reconnect.facts);
  const root: ActorSnapshot = { ...noActivity('session', null), state: session.session.end === null ? 'running' : 'stopped' };
  const actors = session.actors.map((actor) => snapshotOf(session, actor, subscriptions, atMs));
  const supervised = actors.filter(({ parent }) => parent !== null);
  return {
    atMs,
    session: { label: target.label, title: session.session.serverName ?? '', state, detail, connectedAtMs: session.connectedAtMs, held },
    actors: [...actors.filter(({ parent }) => parent === null), root, ...supervised],
  };
}

function noActivity(id: string, parent: string | null): ActorSnapshot {
  return { id, parent, state: 'running', generation: 1, restarts: 0, threadId: null, mailbox: null, traffic: null, pings: 0, pongs: 0, gaps: 0, drops: 0, lastActivityMs: null };
}

function stateOf(actor: SampledActor, phase: string | null): ActorState {
  if (actor.exit !== null && actor.comesBack) return 'waiting';
  if (actor.exit !== null) return actor.exit.reason.kind === 'failed' ? 'failed' : actor.exit.reason.kind === 'frozen' ? 'frozen' : 'stopped';
  if (actor.handle.progress.read().blockedOn !== null && actor.id === 'writer') return 'blockedOnDisk';
  return phase === null || phase === 'linked' ? 'running' : 'starting';
}

function snapshotOf(session: SampledSession, actor: SampledActor, subscriptions: readonly SubscriptionCount[], atMs: number): ActorSnapshot {
  const { handle, mailboxMax } = actor;
  const mailbox = handle.mailbox();
  const progress = handle.progress.read();
  const subscription = subscriptions.find(({ consumer }) => consumer === actor.id);
  const memory = session.memory.channels.find(({ id }) => id === actor.id) ?? null;
  const counters = memory === null ? null : session.memory.counters(memory);
  const facts = memory === null ? null : session.memory.facts(memory);
  const tapDrops = memory === null ? 0 : session.memory.tapCounters(memory).dropped;
  const ageMs = Math.min(progress.receiveAgeMs ?? Infinity, progress.markAgeMs ?? Infinity);
  return {
    ...noActivity(actor.id, actor.parent),
    state: stateOf(actor, memory === null ? null : (facts?.phase ?? 'starting')),
    generation: handle.generation,
    restarts: Math.max(0, handle.generation - 1),
    threadId: handle.threadId,
    mailbox: { depth: mailbox.depth, highWater: mailbox.highWater, max: mailboxMax },
    traffic:
      counters === null
        ? null
        : {
            bytesReceived: counters['bytes_in'] ?? 0,
            bytesSent: counters['bytes_out'] ?? 0,
            messagesReceived: counters['messages_in'] ?? 0,
            messagesSent: counters['messages_out'] ?? 0,
          },
    pings: counters?.['ping_recv_count'] ?? 0,
    pongs: counters?.['pong_send_count'] ?? 0,
    gaps: Object.values(facts?.gaps ?? {}).reduce((sum, seen) => sum + seen, 0),
    drops: mailbox.dropped + tapDrops + (subscription?.dropped ?? 0),
    lastActivityMs: Number.isFinite(ageMs) ? atMs - ageMs : null,
  };
}
