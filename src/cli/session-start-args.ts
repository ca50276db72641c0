// Session start arguments: what each actor of the session's tree is started with, by its id, made anew for each start from what is known then. What a
// channel's arguments are made of is session-args.ts.

import type { HubArgs } from '../actors/hub-mail.ts';
import { channelName } from '../protocol/constants.ts';
import { channelArgs } from './session-args.ts';
import type { SessionCapture } from './session-capture.ts';
import type { SessionMemory } from './session-memory.ts';
import type { SessionMetrics } from './session-metrics.ts';
import type { SessionRunOptions } from './session-options.ts';
import type { SessionConnection } from './session-reconnect.ts';
import type { SessionSound } from './session-sound.ts';
import { mainId, videoId } from './session-tree.ts';
import type { SessionVideo } from './session-video.ts';

/** What a session knows when one of its actors starts. */
export interface StartFacts {
  readonly connection: SessionConnection;
  /** Which of the connection's addresses is dialled. */
  readonly address: number;
  /** Null before main has it. */
  readonly sessionId: number | null;
  readonly ramHintBytes: number;
}

export interface SessionStartParts {
  readonly options: SessionRunOptions;
  readonly memory: SessionMemory;
  readonly sound: SessionSound;
  readonly video: SessionVideo;
  readonly metrics: SessionMetrics;
  readonly capture: SessionCapture;
  readonly hubArgs: () => HubArgs;
  readonly facts: () => StartFacts;
}

/** Throws for a channel that has no memory or no address: our own mistake. */
export function startArgs(parts: SessionStartParts, id: string): unknown {
  const { options, memory, sound, video, capture } = parts;
  switch (id) {
    case 'writer':
      return capture.writerArgs(memory.channels.map(({ type, channelId }) => memory.channel(type, channelId).tap));
    case 'hub':
      return parts.hubArgs();
    case 'dashboard':
      return options.dashboard;
    case 'log':
      return options.log;
    case 'audio':
      return sound.audioArgs();
    case videoId:
      return video.videoArgs();
    case 'control':
      return options.control === null ? null : { ...options.control, sessionStartMs: memory.startedAtMs };
    case 'metrics':
      return parts.metrics.metricsArgs(options.metrics ?? null);
    case 'latency':
      return parts.metrics.latencyArgs(options.latency?.path ?? '', memory);
    default:
      return startChannelArgs(parts, id);
  }
}

function startChannelArgs({ options, memory: session, sound, facts }: SessionStartParts, id: string): unknown {
  const { connection, address, sessionId, ramHintBytes } = facts();
  const known = session.channels.find((channel) => channel.id === id);
  const memory = known === undefined ? undefined : session.channel(known.type, known.channelId);
  const endpoints = connection.endpoints[address];
  if (memory === undefined || endpoints === undefined) throw new Error(`nothing is known of '${id}' that it could be started with`);
  const { secureChannels } = connection.target;
  return channelArgs({
    memory,
    session,
    connectionId: id === mainId ? 0 : (sessionId ?? 0),
    endpoints: { ...endpoints, preferSecure: secureChannels.includes('all') || secureChannels.includes(channelName(memory.type)) },
    password: connection.password,
    ramHintBytes,
    keepaliveIdleMs: options.keepaliveIdleMs,
    trackCoverage: options.trackCoverage,
    ...(options.display === undefined ? {} : { display: options.display }),
    logsTlsKeys: options.tlsKeyLog !== undefined,
    volume: sound.playedVolume,
  });
}
