// The statistics document of `--stats-json`: one JSON object for the whole session, with one object per channel. Its field names
// are part of the command line's contract; docs/connecting.md lists them.

import type { SessionState } from '../protocol/session.ts';
import { sampleActors, sampleChannel, type ActorSample, type ChannelSample, type SampledSession } from './session-sample.ts';
import type { SoundSample } from './session-sound.ts';

export interface StatsDocument {
  readonly session_id: number | null;
  /** The session was up until it was told to end. */
  readonly connected: boolean;
  readonly server_name: string | null;
  readonly server_uuid: string | null;
  /** When the session began, in ISO 8601: moments in this document are seconds since then. */
  readonly started_at: string;
  readonly duration_secs: number;
  readonly ended: string;
  readonly version: string;
  readonly sound: SoundSample;
  readonly channels: readonly ChannelSample[];
  /** Every other actor that was started. */
  readonly actors: readonly ActorSample[];
}

export interface StatsSource extends SampledSession {
  readonly session: SessionState;
  readonly sound: { sample(): SoundSample };
}

/** `ended` = the name of the exit code. `nowMs` is the monotonic clock. */
export function statsDocument(run: StatsSource, ended: string, connected: boolean, version: string, nowMs: number): StatsDocument {
  const { sessionId, serverName, serverUuid } = run.session;
  return {
    session_id: sessionId,
    connected,
    server_name: serverName,
    server_uuid: serverUuid,
    started_at: new Date(run.memory.startedAtWallMs).toISOString(),
    duration_secs: Math.round(nowMs - run.memory.startedAtMs) / 1000,
    ended,
    version,
    sound: run.sound.sample(),
    channels: run.memory.channels.map((memory) => sampleChannel(run, memory)),
    actors: sampleActors(run),
  };
}
