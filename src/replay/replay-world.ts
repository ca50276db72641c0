// The world of a replay: the session's own channel actors with their reducers and painters, in one thread and in virtual time, each linked with a
// server that says what was recorded. It knows connections and bytes; which of them come when is replay.ts's.

import { ActorSystem } from '../actors/kernel/actor-system.ts';
import type { ChildHandle } from '../actors/kernel/child-handle.ts';
import type { JsonValue } from '../actors/kernel/actor.ts';
import { createVirtualHost, type VirtualHost } from '../actors/kernel/virtual-host.ts';
import type { ChannelMail, ChannelReport } from '../actors/channel-args.ts';
import type { ReplayEarArgs } from '../actors/replay-ear-actor.ts';
import { channelArgs } from '../cli/session-args.ts';
import { SessionMemory } from '../cli/session-memory.ts';
import { channelPlan } from '../cli/session-tree.ts';
import { ShownSurfaces, type ShownSurface } from '../cli/shown-surfaces.ts';
import type { HeaderKind } from '../capture/tap.ts';
import { CellReader } from '../mailbox/cell.ts';
import { createTapRing, type TapRingHandle } from '../mailbox/tap-ring.ts';
import type { LinkAnswer } from '../protocol/link-codec.ts';
import { createReplayKey, linkWords, RecordedServer } from './recorded-server.ts';

/** The largest window that a session ever offers: a server that keeps its word never needs more. */
const RAM_HINT_BYTES = 128 * 1024 * 1024;
/** Nobody reads the tap of a replay. */
const TAP_BYTES = 64 * 1024;
const STOP_MS = 10_000;
/** Of real time: what is waited for takes none of the replay's. */
const PATIENCE_MS = 30_000;
const SEED = 1;

export interface ConnectionOptions {
  /** `display/0` and its number in SPICE. */
  readonly channel: string;
  readonly type: number;
  readonly id: number;
  readonly answer: LinkAnswer | null;
  readonly header: HeaderKind;
}

export class ReplayWorld {
  readonly host: VirtualHost;
  readonly #system: ActorSystem;
  readonly #memory: SessionMemory;
  readonly #key = createReplayKey();
  readonly #shown = new ShownSurfaces();
  readonly #servers = new Map<string, RecordedServer>();

  /** @param startWallMs the moment of the recording's first message */
  constructor(startWallMs: number) {
    this.host = createVirtualHost({
      seed: SEED,
      startWallMs,
      dial: (endpoint, events) => {
        const server = new RecordedServer(this.host.timers, events);
        // The path is the channel's id: see `connect`.
        if (endpoint.transport === 'unix') this.#servers.set(endpoint.path, server);
        return server;
      },
    });
    this.#system = new ActorSystem(this.host, { placement: 'local' });
    this.#memory = new TaplessMemory(this.host.clock);
  }

  /** Once, before anything else. */
  async start(): Promise<void> {
    const args: ReplayEarArgs = { hear: (report) => this.#heard(report) };
    const module = new URL('../actors/replay-ear-actor.js', import.meta.url).href;
    await this.#meanwhile(this.#system.start({ id: 'hub', module, args, placement: 'local', restart: 'temporary', shutdown: 1_000, mailbox: { dataMax: 65_536, controlMax: 64 }, links: [] }));
  }

  get pictures(): readonly ShownSurface[] {
    return this.#shown.list;
  }

  /** The channel's actor is started, or started anew for its next connection, and linked. */
  async connect({ channel, type, id, answer, header }: ConnectionOptions): Promise<void> {
    await this.disconnect(channel);
    const memory = this.#memory.channel(type, id);
    const args = channelArgs({
      memory, session: this.#memory, connectionId: 0, password: '', ramHintBytes: RAM_HINT_BYTES, keepaliveIdleMs: null, trackCoverage: false, volume: null,
      endpoints: { plain: { transport: 'unix', path: channel }, secure: null, preferSecure: false },
    });
    // Silence in a recording is a gap, or was survived: nobody is given up for it again.
    await this.#meanwhile(this.#system.start({ ...channelPlan(channel, type), args: { ...args, silenceMsMax: null } }));
    await this.host.settle();
    for (const words of linkWords(answer, header, this.#key)) {
      this.#servers.get(channel)?.say(words);
      await this.host.settle();
    }
  }

  /** Bytes of the message stream, from the server. False when the channel has given the connection up. */
  receive(channel: string, bytes: Uint8Array): boolean {
    const server = this.#servers.get(channel);
    if (server === undefined || server.isOver) return false;
    server.say(bytes);
    return true;
  }

  /** The recorded connection is over; its last picture stays, as in a session. */
  async disconnect(channel: string): Promise<void> {
    const running = this.#system.child(channel);
    if (running === null) return;
    this.#servers.get(channel)?.close();
    await this.#meanwhile(running.exited);
    this.#shown.ended(channel);
  }

  /** What a channel's actor says of itself; null when it has ended. */
  async observe(channel: string): Promise<JsonValue> {
    const child: ChildHandle | null = this.#system.child(channel);
    return child === null ? null : this.#meanwhile(child.observe());
  }

  /** The pointer as it is published: shape, position and whether it is shown. */
  pointer(channel: string): Uint8Array | null {
    const memory = this.#memory.channels.find(({ id }) => id === channel)?.pointer ?? null;
    return memory === null ? null : (new CellReader(memory).read()?.bytes ?? null);
  }

  /** Ends every actor. */
  async stop(): Promise<void> {
    const stopped = this.#system.stopAll();
    await this.host.advance(STOP_MS);
    await stopped;
  }

  #heard(report: ChannelReport): void {
    if (report.kind !== 'channelEvent') return;
    this.#shown.hear(report.channel, report.event);
    if (report.event.kind === 'serialReached') this.#ring(report.channel);
  }

  /** As in a session: whoever may wait for the messages of another channel looks again. */
  #ring(handledBy: string): void {
    for (const child of this.#system.children) {
      if (child.id === handledBy || child.id === 'hub') continue;
      child.address.tell({ kind: 'command', command: { kind: 'recheckWait' } } satisfies ChannelMail);
    }
  }

  /** Waits for what needs turns of the loop and no time: a module that is loaded, an actor that answers. */
  async #meanwhile<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = promise.finally(() => (isSettled = true));
    // A rejection is the caller's, below; this one only ends the loop.
    settled.catch(() => undefined);
    const lateMs = performance.now() + PATIENCE_MS;
    while (!isSettled) {
      if (performance.now() > lateMs) throw new Error('an actor of the replay neither answers nor ends');
      await this.host.settle();
    }
    return settled;
  }
}

/** A session's memory with the smallest tap rings that there can be. */
class TaplessMemory extends SessionMemory {
  override createRing(id: string): TapRingHandle {
    return createTapRing({ channel: id, ringBytes: TAP_BYTES, segmentBytes: 4_096, lagBytes: TAP_BYTES, largeBytes: [8_192, 16_384] }, { monotonicMs: () => 0, wallMs: () => 0 });
  }
}
