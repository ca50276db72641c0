// The session's tree as one readable list: the child spec of every actor, who may tell whom, where it runs, how it stops. Nothing
// here starts anything.

import type { ChannelArgs, ChannelEndpoints } from '../actors/channel-args.ts';
import type { ControlArgs } from '../actors/control-mail.ts';
import type { HubArgs } from '../actors/hub-mail.ts';
import type { ChildSpec, Placement } from '../actors/kernel/child-spec.ts';
import type { WriterArgs } from '../capture/writer-message.ts';
import { defaultLinkDeadlines } from '../protocol/channel-link.ts';
import type { DisplayOffer } from '../protocol/channels/display.ts';
import { ChannelType, type ChannelTypeNumber } from '../protocol/constants.ts';
import type { DashboardArgs } from '../ui-terminal/dashboard-message.ts';
import type { LogSinkArgs } from '../ui-terminal/log-sink-message.ts';
import type { ChannelMemory, SessionMemory } from './session-memory.ts';

const module = (name: string): string => new URL(`../actors/${name}.js`, import.meta.url).href;

/** Consumers that a session may have, in the order in which they are started. */
export const consumerIds = ['dashboard', 'log', 'control'] as const;
export type ConsumerId = (typeof consumerIds)[number];

const mib = 1024 * 1024;
const pixelBytes = 4;
/** As the reference client offers: an image cache of 80 MiB, a GLZ window of half the guest's video memory within 12 to 64 MiB. */
const imageCacheBytes = 80 * mib;
const glzWindowBytesMin = 12 * mib;
const glzWindowBytesMax = 64 * mib;

/** What one display channel offers to hold. Each has ids of its own, so no display ever waits for another's images. */
function displayOffer(channelId: number, ramHintBytes: number): DisplayOffer {
  const glzWindowBytes = Math.min(glzWindowBytesMax, Math.max(glzWindowBytesMin, Math.floor(ramHintBytes / 2)));
  return { cacheId: channelId + 1, imageCachePixels: imageCacheBytes / pixelBytes, glzWindowPixels: glzWindowBytes / pixelBytes };
}

export function writerSpec(args: WriterArgs): ChildSpec<WriterArgs> {
  return {
    id: 'writer', module: module('writer-actor'), args, placement: 'thread', restart: 'permanent', shutdown: 5_000,
    mailbox: { dataMax: 256, controlMax: 64 }, links: ['hub'],
  };
}

/** The hub lives on the main thread: its arguments are objects of that thread. */
export function hubSpec(args: HubArgs): ChildSpec<HubArgs> {
  return {
    id: 'hub', module: module('hub-actor'), args, placement: 'local', restart: 'permanent', shutdown: 1_000,
    mailbox: { dataMax: 1024, controlMax: 64 }, links: [...consumerIds],
  };
}

export interface ChannelSpecOptions {
  readonly memory: ChannelMemory;
  readonly session: SessionMemory;
  readonly connectionId: number;
  readonly endpoints: ChannelEndpoints;
  readonly password: string;
  readonly ramHintBytes: number;
  readonly trackCoverage: boolean;
}

export function channelSpec(options: ChannelSpecOptions): ChildSpec<ChannelArgs> {
  const { memory, session } = options;
  const isMain = memory.type === ChannelType.main;
  return {
    id: memory.id,
    module: module('channel-actor'),
    args: {
      // Only types with a behaviour are ever started.
      channelType: memory.type as ChannelTypeNumber,
      channelId: memory.channelId,
      connectionId: options.connectionId,
      endpoints: options.endpoints,
      password: options.password,
      deadlines: defaultLinkDeadlines,
      sessionStartMs: session.startedAtMs,
      counters: memory.counters,
      state: memory.state,
      pointer: memory.pointer,
      tap: memory.tap,
      serials: session.serials,
      displayOffer: displayOffer(memory.channelId, options.ramHintBytes),
      trackCoverage: options.trackCoverage,
    },
    placement: 'thread',
    restart: isMain ? 'transient' : 'temporary',
    shutdown: 2_000,
    mailbox: { dataMax: 256, controlMax: 64 },
    links: ['hub', 'writer'],
    resourceLimits: memory.type === ChannelType.display ? { maxOldGenerationSizeMb: 512 } : { maxOldGenerationSizeMb: 128 },
  };
}

/** Consumers: they may die and stall as they like. */
export function dashboardSpec(args: DashboardArgs): ChildSpec<DashboardArgs> {
  return consumerSpec('dashboard', 'dashboard-actor', args, 'thread');
}

export function logSinkSpec(args: LogSinkArgs): ChildSpec<LogSinkArgs> {
  return consumerSpec('log', 'log-sink-actor', args, 'thread');
}

/** Restarted it takes its path again, and its clients come again by themselves. */
export function controlSpec(args: ControlArgs): ChildSpec<ControlArgs> {
  return { ...consumerSpec('control', 'control-actor', args, 'thread'), restart: 'transient', links: ['hub'] };
}

function consumerSpec<A>(id: ConsumerId, moduleName: string, args: A, placement: Placement): ChildSpec<A> {
  return { id, module: module(moduleName), args, placement, restart: 'temporary', shutdown: 1_000, mailbox: { dataMax: 128, controlMax: 16 }, links: [] };
}
