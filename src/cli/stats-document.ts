// The statistics document of `--stats-json`: one JSON object for the whole session, with one object per channel. Its field names
// are part of the command line's contract; docs/connecting.md lists them.

import type { SessionState } from '../protocol/session.ts';
import { sampleChannel, type ChannelSample, type SampledSession } from './session-sample.ts';
import type { SoundSample } from './session-sound.ts';

export interface StatsDocument {
  readonly session_id: number | null;
  /** The session was up until it was told to end. */
  readonly connected: boolean;
  readonly server_name: string | null;
  readonly server_uuid: string | null;
  readonly duration_secs: number;
  readonly ended: string;
  readonly version: string;
  readonly sound: SoundSample;
  readonly channels: readonly ChannelSample[];
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
    duration_secs: Math.round(nowMs - run.memory.startedAtMs) / 1000,
    ended,
    version,
    sound: run.sound.sample(),
    channels: run.memory.channels.map((memory) => sampleChannel(run, memory)),
  };
}
