// One headless session of the client: `connect ... --headless` with its stats document, screenshot and mask in a folder of its
// own. A session ends by Ctrl+C (SIGINT), as a user ends it, when the test has seen what it waited for.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startCli } from './cli.ts';
import type { Mask, Picture } from './picture.ts';
import { readPng, readPngMask } from './read-png.ts';
import type { Finished } from './run.ts';
import { scratchFolder } from './servers.ts';

/** One generation of an actor. Moments are seconds since the session began. */
export interface Life {
  readonly generation: number;
  readonly started_ts_secs: number;
  readonly linked_ts_secs: number | null;
  readonly picture_ts_secs: number | null;
  readonly last_mark_ts_secs: number | null;
  readonly found_frozen_ts_secs: number | null;
  readonly ended_ts_secs: number | null;
  readonly end: string | null;
}

/** One channel of --stats-json. */
export interface ChannelStats {
  readonly channel: string;
  readonly thread_id: number | null;
  readonly generation: number;
  readonly restarts: number;
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly messages_in: number;
  readonly messages_out: number;
  readonly ping_recv_count: number;
  readonly pong_send_count: number;
  readonly client_keepalive_send_count: number;
  readonly mailbox_depth: number;
  readonly mailbox_high_water: number;
  readonly dropped: number;
  readonly writer_dropped_count: number;
  readonly gaps: Readonly<Record<string, number>>;
  readonly last_recv_ts_secs: number | null;
  readonly last_send_ts_secs: number | null;
  readonly last_loss: { readonly kind: string; readonly detail: string; readonly at: number } | null;
  readonly lives: readonly Life[];
}

/** An actor that is no channel. */
export interface ActorStats {
  readonly actor: string;
  readonly generation: number;
  readonly lives: readonly Life[];
}

export interface Stats {
  readonly session_id: number | string | null;
  readonly connected: boolean;
  /** ISO 8601. */
  readonly started_at: string;
  readonly channels: readonly ChannelStats[];
  readonly actors: readonly ActorStats[];
}

export interface Ended extends Finished {
  readonly folder: string;
  /** What --capture wrote into, when the session captured. */
  readonly captureFolder: string;
  stats(): Stats;
  screenshot(): Picture;
  coverageMask(): Mask;
}

export interface Session {
  readonly pid: number;
  /** Where what it writes is. */
  readonly folder: string;
  readonly ended: Promise<Ended>;
  /** What it has said so far. */
  said(): string;
  /** Nobody reads its lines any more. */
  closeOutput(): void;
  /** Ends it as Ctrl+C does, once what the server has sent by now is drawn. */
  end(): Promise<Ended>;
}

export interface SessionOptions {
  /** `--direct H:P`, a URI or `--file F.vv`: how to reach the server. */
  readonly source: readonly string[];
  readonly more?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly capture?: boolean;
  readonly screenshot?: boolean;
  /** Has the client write which pixels only supported operations drew. */
  readonly coverage?: boolean;
  readonly durationSeconds?: number;
  readonly timeoutMs?: number;
}

/** The exit code of a session that Ctrl+C ended (docs/exit-codes.md). */
export const INTERRUPTED = 130;

/** A still server has sent all it will send long before; the client draws it as it comes. */
const SETTLE_MS = 700;

export const startSession = ({ source, more = [], env = {}, capture = false, screenshot = false, coverage = false, durationSeconds, timeoutMs = 80_000 }: SessionOptions): Session => {
  const folder = scratchFolder('session');
  const at = (name: string): string => join(folder, name);
  const args = ['connect', ...source, '--headless', '--stats-json', at('stats.json'), ...more];
  if (capture) args.push('--capture', at('capture'));
  if (screenshot) args.push('--screenshot', at('screen.png'));
  if (coverage) args.push('--coverage-mask', at('mask.png'));
  if (durationSeconds !== undefined) args.push('--duration', String(durationSeconds));
  const running = startCli(args, { env, timeoutMs });
  const written = (name: string, finished: Finished): string => {
    if (!existsSync(at(name))) throw new Error(`the client wrote no ${name}; exit ${finished.code ?? finished.signal}\n${finished.stdout}\n${finished.stderr}`);
    return at(name);
  };
  const ended = running.finished.then((finished) => ({
    ...finished,
    folder,
    captureFolder: at('capture'),
    stats: () => JSON.parse(readFileSync(written('stats.json', finished), 'utf8')) as Stats,
    screenshot: () => readPng(written('screen.png', finished)),
    coverageMask: () => readPngMask(written('mask.png', finished)),
  }));
  return {
    pid: running.pid,
    folder,
    ended,
    said: () => running.said(),
    closeOutput: () => { running.closeOutput(); },
    end: async () => {
      await pause(SETTLE_MS);
      running.signal('SIGINT');
      return ended;
    },
  };
};

/** A session that ends by itself: by its --duration, or because it cannot connect. */
export const runSession = async (options: SessionOptions): Promise<Ended> => startSession({ durationSeconds: 2, ...options }).ended;

/** Another actor's; throws naming those there are. */
export const actorOf = (stats: Stats, actor: string): ActorStats => {
  const found = stats.actors.find((one) => one.actor === actor);
  if (!found) throw new Error(`no ${actor} among ${stats.actors.map((one) => one.actor).join(' ')}`);
  return found;
};

/** One channel's numbers; throws naming the channels there are. */
export const channelOf = (stats: Stats, channel: string): ChannelStats => {
  const found = stats.channels.find((one) => one.channel === channel);
  if (!found) throw new Error(`no ${channel} among ${stats.channels.map((one) => one.channel).join(' ')}`);
  return found;
};
