// The session's tree as one readable list: who supervises whom, which actors there are, who may tell whom, where each runs, how it
// stops and whether it comes back. `ryll-actors tree` prints it; docs/supervision-tree.md explains it. Nothing here starts
// anything; what an actor is started with is in session-args.ts.

import type { ChildSpec } from '../actors/kernel/child-spec.ts';
import { ChannelType } from '../protocol/constants.ts';
import { channelBudgets, type RestartBudgets } from '../supervisor/restart-budget.ts';
import type { RestartIntensity } from '../supervisor/restart-intensity.ts';
import type { ActorPlan, SupervisorSpec } from '../supervisor/supervisor-spec.ts';

/** Consumers that a session may have, in the order in which they are started. */
export const consumerIds = ['dashboard', 'log', 'control', 'metrics', 'latency'] as const;
export type ConsumerId = (typeof consumerIds)[number];

export const mainId = 'main/0';
export const videoId = 'video';

const actor = (moduleName: string, plan: Omit<ActorPlan, 'kind' | 'module'>): ActorPlan => ({
  kind: 'actor', module: new URL(`../actors/${moduleName}.js`, import.meta.url).href, ...plan,
});

/** Writer, hub and control socket: more failures than this are no accident. */
const oftenEnough: RestartIntensity = { restartsMax: 5, periodMs: 60_000 };
/** The first failure is the end of the session: what follows is the reconnect policy's, and a session has none yet. */
const none: RestartIntensity = { restartsMax: 0, periodMs: 60_000 };

const channel = (id: string, part: Partial<ActorPlan> = {}): ActorPlan =>
  actor('channel-actor', {
    id, placement: 'thread', restart: 'transient', shutdown: 2_000,
    mailbox: { dataMax: 256, controlMax: 64 }, links: ['hub', 'writer'], resourceLimits: { maxOldGenerationSizeMb: 128 },
    ...part,
  });

/** The playback channel is the only one that sound leaves. */
const playback: Partial<ActorPlan> = { links: ['hub', 'writer', 'audio'] };

/** Consumers may die and stall as they like: nobody waits for them, and what shows the session to people is not brought back. */
const consumer = (id: ConsumerId, moduleName: string, part: Partial<ActorPlan> = {}): ActorPlan =>
  actor(moduleName, { id, placement: 'thread', restart: 'temporary', shutdown: 1_000, mailbox: { dataMax: 128, controlMax: 16 }, links: [], ...part });

/** Decoders and caches of a display are the only large heap of a channel. */
const displayLimits: Pick<ChildSpec, 'resourceLimits'> = { resourceLimits: { maxOldGenerationSizeMb: 512 } };

const consumers: Readonly<Record<ConsumerId, ActorPlan>> = {
  dashboard: consumer('dashboard', 'dashboard-actor'),
  log: consumer('log', 'log-sink-actor'),
  // Started again it takes its path again, and its clients come again by themselves.
  control: consumer('control', 'control-actor', { restart: 'transient', links: ['hub'], mailbox: { dataMax: 128, controlMax: 64 } }),
  metrics: consumer('metrics', 'metrics-actor', { restart: 'transient' }),
  // What it has seen is written before it ends.
  latency: consumer('latency', 'latency-actor', { restart: 'transient', shutdown: 2_000 }),
};

/**
 * Outside the session: file and device know nothing of links and of sessions that come and go. Alone under its supervisor: when it has
 * failed too often the session goes on without sound, and with everything else.
 */
const sound: SupervisorSpec = {
  kind: 'supervisor', id: 'sound', strategy: 'oneForOne', policy: { kind: 'intensity', intensity: oftenEnough }, restart: 'transient', stopOrder: 'reverse', added: [],
  // Two seconds of the usual packets wait for a disk or a device, then the newest are dropped.
  children: [actor('audio-actor', { id: 'audio', placement: 'thread', restart: 'permanent', shutdown: 2_000, mailbox: { dataMax: 256, controlMax: 16 }, links: ['hub'] })],
};

/** As the sound: what records the screen may fail too often, and the session goes on without. Its last pictures may need a slow disk for a while. */
const video: SupervisorSpec = {
  kind: 'supervisor', id: 'recording', strategy: 'oneForOne', policy: { kind: 'intensity', intensity: oftenEnough }, restart: 'transient', stopOrder: 'reverse', added: [],
  children: [actor('video-actor', { id: videoId, placement: 'thread', restart: 'permanent', shutdown: 5_000, mailbox: { dataMax: 16, controlMax: 64 }, links: ['hub'] })],
};

export interface SessionTreeOptions {
  readonly consumers?: readonly ConsumerId[];
  /** Sound goes somewhere: to a file or a device. */
  readonly sounds?: boolean;
  /** The screen is recorded. */
  readonly records?: boolean;
  readonly channelBudgets?: RestartBudgets | undefined;
}

/** The tree of a session. Children are listed in the order of their start; `added` are those that the server names. */
export function sessionTree({ consumers: wanted = consumerIds, sounds = true, records = true, channelBudgets: budgets = channelBudgets }: SessionTreeOptions = {}): SupervisorSpec {
  return {
    kind: 'supervisor', id: 'root', strategy: 'oneForOne', policy: { kind: 'intensity', intensity: oftenEnough }, restart: 'temporary', stopOrder: 'reverse', added: [],
    children: [
      actor('writer-actor', {
        id: 'writer', placement: 'thread', restart: 'permanent', shutdown: 5_000, mailbox: { dataMax: 256, controlMax: 64 }, links: ['hub'],
      }),
      // On the main thread: its arguments are objects of that thread.
      actor('hub-actor', {
        id: 'hub', placement: 'local', restart: 'permanent', shutdown: 1_000, mailbox: { dataMax: 1024, controlMax: 64 }, links: [...consumerIds],
      }),
      {
        // Before the session: one that cannot start must not cost the server's present client its session. Transient: when they have
        // failed too often the session goes on unseen.
        kind: 'supervisor', id: 'consumers', strategy: 'oneForOne', policy: { kind: 'intensity', intensity: oftenEnough }, restart: 'transient', stopOrder: 'reverse',
        children: wanted.map((id) => consumers[id]), added: [],
      },
      ...(sounds ? [sound] : []),
      ...(records ? [video] : []),
      {
        // Transient: when it gives up it stays away until somebody who knows what to dial starts it again.
        kind: 'supervisor', id: 'session', strategy: 'restForOne', policy: { kind: 'intensity', intensity: none }, restart: 'transient', stopOrder: 'reverse', added: [],
        children: [
          channel(mainId),
          {
            kind: 'supervisor', id: 'channels', strategy: 'oneForOne', policy: { kind: 'budgets', budgets }, restart: 'permanent', stopOrder: 'together',
            children: [],
            added: [
              channel('display/n', displayLimits), channel('cursor/n'), channel('inputs/n'), channel('playback/n', playback), channel('record/n'),
              channel('usbredir/n'), channel('port/n'), channel('webdav/n'),
            ],
          },
        ],
      },
    ],
  };
}

/** The plan of a secondary channel, such as `display/1`. */
export function channelPlan(id: string, type: number): ActorPlan {
  return channel(id, type === ChannelType.display ? displayLimits : type === ChannelType.playback ? playback : {});
}

/** The plan of an actor that is in the tree by its own name. Throws for any other: our own mistake. */
export function planOf(id: string): ActorPlan {
  const find = (node: SupervisorSpec | ActorPlan): ActorPlan | null => {
    if (node.kind === 'actor') return node.id === id ? node : null;
    return [...node.children, ...node.added].map(find).find((found) => found !== null) ?? null;
  };
  const found = find(sessionTree());
  if (found === null) throw new Error(`'${id}' is not in the session's tree`);
  return found;
}
