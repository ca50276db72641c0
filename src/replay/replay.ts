// Replay: what a server said, from a recording, through the same actors, reducers and painters that a session has, in virtual time. It ends
// with the pictures and states that the session ended with, or says what is missing for that. The same recording gives the same
// state hash, whenever and wherever it is replayed with the same version.

import { createHash } from 'node:crypto';
import type { RecordedMessage } from '../capture/read/recorded-message.ts';
import { isChannelName } from '../capture/message-name.ts';
import { ChannelType, SurfaceFlag, SurfaceFormat } from '../protocol/constants.ts';
import type { LinkAnswer } from '../protocol/link-codec.ts';
import { serializeMessage } from '../protocol/message.ts';
import { copyPixels, isMarked, openSurface } from '../surface/shared-surface.ts';
import type { ShownSurface } from '../cli/shown-surfaces.ts';
import type { Recording } from '../evidence/recording.ts';
import { RecordingReader, type FileFault } from '../evidence/recording-reader.ts';
import { recordedAnswer } from './recorded-server.ts';
import { MissingParts } from './missing-parts.ts';
import { ReplayWorld } from './replay-world.ts';

export interface ReplayOptions {
  /** Seconds since the recording's first message; absent = to its end. */
  readonly until?: number;
  /** Told after every few messages. */
  progress?(bytesRead: number): void;
}

/** The last picture of one display. */
export interface ReplayedPicture {
  readonly channel: string;
  readonly surface_id: number;
  readonly width: number;
  readonly height: number;
  /** The server said that it is complete enough to show. */
  readonly marked: boolean;
  /** Of its pixels: rows top-down, bytes B, G, R, 0. */
  readonly sha256: string;
}

export interface ReplayedChannel {
  readonly channel: string;
  /** Connections, and messages from the server in all of them. */
  readonly connections: number;
  readonly messages: number;
  /** What its actor says of itself; null when the channel had given up the connection before the end. */
  readonly state: unknown;
  /** Of the pointer's shape and place; null for all but cursors. */
  readonly pointer_sha256: string | null;
}

export interface Replayed {
  /** From the first message to the last that was replayed. */
  readonly seconds: number;
  readonly messages: number;
  readonly pictures: readonly ReplayedPicture[];
  readonly channels: readonly ReplayedChannel[];
  /** SHA-256 of pictures and channels. */
  readonly state_hash: string;
  /** Nothing is missing that the pictures and states would need. */
  readonly exact: boolean;
  /** Sentences: which part is missing, or was assumed in its place. */
  readonly missing: readonly string[];
  readonly faults: readonly FileFault[];
  /** For screenshots; not in the JSON document. */
  readonly surfaces: readonly ShownSurface[];
}

/** Messages between two looks at what the actors have to do: events must not pile up where many messages came at one moment. */
const SETTLE_EVERY = 64;
/** Longer than a channel gathers what it publishes. */
const LAST_WORDS_MS = 250;

interface Connection {
  readonly stream: number;
  answer: LinkAnswer | null;
  isUp: boolean;
  /** The channel gave it up. */
  isOver: boolean;
}

interface Played {
  connections: number;
  messages: number;
  current: Connection | null;
}

export async function replay(recording: Recording, options: ReplayOptions = {}): Promise<Replayed> {
  const reader = new RecordingReader(recording);
  const run = new ReplayRun(await knownSurfaces(recording));
  try {
    const { until = Infinity } = options;
    let startMs: number | null = null;
    reading: for await (const batch of reader.messages()) {
      for (const message of batch) {
        startMs ??= message.atMs;
        if (message.atMs - startMs >= until * 1_000) break reading;
        await run.take(message, startMs);
      }
      options.progress?.(reader.bytesRead);
    }
    return await run.finish(reader.faults);
  } finally {
    await run.stop();
  }
}

class ReplayRun {
  readonly #knownSurfaces: readonly KnownSurface[];
  readonly #missing = new MissingParts();
  readonly #channels = new Map<string, Played>();
  #world: ReplayWorld | null = null;
  #seconds = 0;
  #messages = 0;

  constructor(surfaces: readonly KnownSurface[]) {
    this.#knownSurfaces = surfaces;
  }

  async take(message: RecordedMessage, startMs: number): Promise<void> {
    if (message.direction !== 'received') return;
    const played = this.#played(message.channel);
    const connection = this.#connection(played, message.stream);
    if (message.kind === 'link') {
      if (message.name === 'linkReply') connection.answer = recordedAnswer(message.bytes);
      return;
    }
    this.#missing.note(message, !connection.isUp);
    this.#messages += 1;
    played.messages += 1;
    if (connection.isOver) return;
    const world = await this.#worldAt(message, startMs);
    if (world === null || (!connection.isUp && !(await this.#link(world, connection, message)))) return;
    if (!world.receive(message.channel, message.bytes)) {
      connection.isOver = true;
      this.#missing.say(`${message.channel}: the channel gave its connection up after ${played.messages} messages; what came behind was not replayed`);
    }
    if (this.#messages % SETTLE_EVERY === 0) await world.host.settle();
  }

  async finish(faults: readonly FileFault[]): Promise<Replayed> {
    const world = this.#world;
    await world?.host.advance(LAST_WORDS_MS);
    const surfaces = world?.pictures ?? [];
    const channels: ReplayedChannel[] = [];
    for (const [channel, { connections, messages }] of [...this.#channels].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const pointer = world?.pointer(channel) ?? null;
      channels.push({ channel, connections, messages, state: (await world?.observe(channel)) ?? null, pointer_sha256: pointer === null ? null : sha256(pointer) });
    }
    const pictures = surfaces.map(replayedPicture);
    for (const { file, message } of faults) this.#missing.say(`${file}: ${message}`);
    const missing = this.#missing.sentences;
    return {
      seconds: this.#seconds, messages: this.#messages, pictures, channels, state_hash: sha256(JSON.stringify({ pictures, channels })),
      exact: missing.length === 0, missing, faults, surfaces,
    };
  }

  async stop(): Promise<void> {
    await this.#world?.stop();
  }

  /** The world, at the message's moment; null before there is one, for a channel that nobody knows. */
  async #worldAt(message: RecordedMessage, startMs: number): Promise<ReplayWorld | null> {
    if (this.#world === null) {
      this.#world = new ReplayWorld(startMs);
      await this.#world.start();
    }
    const { host } = this.#world;
    const atMs = message.atMs - startMs;
    this.#seconds = Math.max(this.#seconds, atMs / 1_000);
    const aheadMs = atMs - host.clock.monotonicMs();
    // Clocks of files may go back; virtual time does not.
    if (aheadMs > 0) await host.advance(aheadMs);
    return this.#world;
  }

  /** Brings the channel's actor up for this connection; false when there is none for such a channel. */
  async #link(world: ReplayWorld, connection: Connection, message: RecordedMessage): Promise<boolean> {
    const [name = '', id = '0'] = message.channel.split('/');
    if (!isChannelName(name)) {
      connection.isOver = true;
      this.#missing.say(`${message.channel}: no channel of this client; its messages were not replayed`);
      return false;
    }
    await world.connect({ channel: message.channel, type: ChannelType[name], id: Number(id), answer: connection.answer, header: message.header });
    connection.isUp = true;
    if (name === 'display' && message.missingBefore !== 0) this.#assumeSurface(world, message);
    return true;
  }

  /** The ring no longer has the primary surface's creation. A report says how large it was: what is drawn later can be seen. */
  #assumeSurface(world: ReplayWorld, message: RecordedMessage): void {
    if (message.name === 'surfaceCreate' || message.header !== 'mini') return;
    // In the order of the displays, where it does not say whose they are.
    const known = this.#knownSurfaces.find(({ channel }) => channel === message.channel) ?? this.#knownSurfaces.filter(({ channel }) => channel === null)[Number(message.channel.split('/')[1])];
    if (known === undefined) return;
    const { surfaceId, width, height } = known;
    world.receive(message.channel, serializeMessage(ChannelType.display, 'server', 'surfaceCreate', { surfaceId, width, height, format: SurfaceFormat.xrgb, flags: SurfaceFlag.primary }));
    this.#missing.say(`${message.channel}: surface ${surfaceId} of ${width} x ${height} was assumed, black, because its creation is missing and the report names it`);
  }

  #played(channel: string): Played {
    const known = this.#channels.get(channel);
    if (known !== undefined) return known;
    const made: Played = { connections: 0, messages: 0, current: null };
    this.#channels.set(channel, made);
    return made;
  }

  #connection(played: Played, stream: number): Connection {
    if (played.current?.stream === stream) return played.current;
    played.connections += 1;
    const connection: Connection = { stream, answer: null, isUp: false, isOver: false };
    played.current = connection;
    return connection;
  }
}

/** How often each gap was met, of the channels that met any. */
export function replayedGaps(channels: readonly ReplayedChannel[]): Readonly<Record<string, unknown>> {
  const gaps = channels.map(({ channel, state }) => [channel, typeof state === 'object' && state !== null && 'gaps' in state ? state.gaps : null] as const);
  return Object.fromEntries(gaps.filter(([, of]) => typeof of === 'object' && of !== null && Object.keys(of).length > 0));
}

function replayedPicture({ channel, surfaceId, buffer }: ShownSurface): ReplayedPicture {
  const surface = openSurface(buffer);
  const { width, height, pixels } = copyPixels(surface);
  // The fourth byte is nobody's: servers leave in it what they like.
  for (let at = 3; at < pixels.length; at += 4) pixels[at] = 0;
  return { channel, surface_id: surfaceId, width, height, marked: isMarked(surface), sha256: sha256(pixels) };
}

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

interface KnownSurface {
  /** Null = session.json does not say whose it is. */
  readonly channel: string | null;
  readonly surfaceId: number;
  readonly width: number;
  readonly height: number;
}

const SESSION_MEMBER = 'session.json';
/** As a display's own limit of surfaces. */
const SIDE_MAX = 16_384;

/** The surfaces that a report's session.json names: a claim, looked at as one. */
async function knownSurfaces({ zip }: Recording): Promise<readonly KnownSurface[]> {
  const session = zip === null ? null : await zip.json(SESSION_MEMBER).catch(() => null);
  if (typeof session !== 'object' || session === null || !('surfaces' in session) || !Array.isArray(session.surfaces)) return [];
  return session.surfaces.flatMap((surface: unknown): KnownSurface[] => {
    if (typeof surface !== 'object' || surface === null) return [];
    const fields = new Map<string, unknown>(Object.entries(surface));
    const [channel, surfaceId, width, height] = ['channel', 'surface_id', 'width', 'height'].map((field) => fields.get(field));
    if (!isCount(surfaceId, 0xffff_ffff) || !isCount(width, SIDE_MAX) || !isCount(height, SIDE_MAX)) return [];
    return [{ channel: typeof channel === 'string' ? channel : null, surfaceId, width, height }];
  });
}

function isCount(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;
}
