// The control socket's actor, on a thread of its own: it owns the socket and its clients, hears the session's facts from the hub and passes its
// clients' work on. What is said on the socket is decided in `control/`. It waits for no client, and nothing here can end the session by failing.

import { refuseClient } from '../control/admission.ts';
import type { ControlEvent, ControlEventName } from '../control/control-event.ts';
import { lookForDrawings, type DrawReading, type DrawWatch } from '../control/draw-watch.ts';
import { lookForPing } from '../control/ping-samples.ts';
import { nothingKnown, transitions } from '../control/session-facts.ts';
import { readCounters } from '../mailbox/counters.ts';
import { openSurface, readSequence } from '../surface/shared-surface.ts';
import { ControlClient } from './control-client.ts';
import { listenForClients, type ControlListener, type ControlStream, type ControlStreamEvents, type ListenForClients } from './control-listener.ts';
import type { ControlArgs, SharedFacts } from './control-mail.ts';
import { createControlPictures, type ControlPictures } from './control-pictures.ts';
import { TrafficLooks } from './control-traffic.ts';
import { ControlWorks } from './control-works.ts';
import type { HubNews, RequestAnswered } from './hub-mail.ts';
import type { Actor, ActorContext, ActorModule, JsonValue } from './kernel/actor.ts';
import { errorFacts } from './kernel/exit-reason.ts';
import type { Cancel } from './kernel/host.ts';

/** How often shared memory is looked at while somebody subscribes to what is sampled there, in milliseconds. */
const lookEveryMs = 10;
/** How long clients have to read what waits for them when the session ends, in milliseconds: within the actor's shutdown time. */
const farewellMs = 500;

/** How often at most channels' counters are told, in milliseconds. */
const trafficEveryMs = 250;

const sampledEvents: readonly ControlEventName[] = ['latency', 'surface_drawn'];

class Control implements Actor<HubNews | RequestAnswered> {
  readonly #context: ActorContext;
  readonly #args: ControlArgs;
  readonly #clients = new Set<ControlClient>();
  #listener: ControlListener | null = null;
  #facts: SharedFacts = { ...nothingKnown, surfaces: [], mainCounters: null, pointer: null, channels: [] };
  readonly #works: ControlWorks;
  readonly #traffic = new TrafficLooks();
  #trafficMs: number | null = null;
  #looking: Cancel | null = null;
  #drawings: DrawWatch | null = null;
  #pings: number | null = null;
  #allGone: () => void = () => undefined;
  readonly #counts = { accepted: 0, refused: 0, eventsDropped: 0 };

  constructor(context: ActorContext, args: ControlArgs, pictures: ControlPictures) {
    this.#context = context;
    this.#args = args;
    this.#works = new ControlWorks({
      context,
      pictures,
      sessionStartMs: args.sessionStartMs,
      facts: () => this.#facts,
      clients: () => this.#clients,
      changed: () => this.#lookIfWanted(),
      guarded: (run) => this.#guarded(run),
    });
  }

  async start(listen: ListenForClients): Promise<void> {
    this.#listener = await listen(this.#args.path, (stream) => this.#accept(stream));
  }

  receive(news: HubNews | RequestAnswered): void {
    this.#guarded(() => {
      switch (news.kind) {
        case 'facts': {
          const before = this.#facts;
          this.#facts = news.facts;
          for (const event of transitions(before, news.facts)) this.#tell(event);
          this.#lookAtTraffic();
          return;
        }
        case 'notification':
          return this.#tell({ kind: 'notification', notification: news.notification });
        case 'requestAnswered':
          return this.#works.answered(news.token, news.answer);
        default:
          return;
      }
    });
  }

  observe(): JsonValue {
    const clients = [...this.#clients].map(({ state }) => ({
      name: state.name,
      phase: state.phase,
      subscriptions: [...state.subscriptions.keys()],
      waits: state.pending.filter(({ work }) => work.kind === 'wait').length,
      requests: state.requests,
      refused: state.refused,
      waiting: state.outbox.waiting.length,
      ...state.outbox.counts,
    }));
    return { ...this.#counts, ...this.#works.counts, waits: this.#works.waits.count, eventsDropped: this.#eventsDropped(), clients };
  }

  async stop(): Promise<void> {
    this.#listener?.close();
    this.#looking?.();
    if (this.#clients.size > 0) {
      const gone = new Promise<void>((resolve) => (this.#allGone = resolve));
      const cancel = this.#context.host.timers.after(farewellMs, () => this.#allGone());
      for (const client of this.#clients) client.end();
      await gone;
      cancel();
    }
    for (const client of this.#clients) client.drop();
    await this.#works.close();
  }

  #accept(stream: ControlStream): ControlStreamEvents {
    const refused = refuseClient(this.#clients.size, this.#args.singleClient);
    if (refused !== null) {
      this.#counts.refused += 1;
      stream.write(refused, () => undefined);
      stream.finish();
      return { chunk: () => undefined, ended: () => undefined, closed: () => undefined };
    }
    this.#counts.accepted += 1;
    const client = new ControlClient({
      stream,
      timers: this.#context.host.timers,
      identity: this.#args.identity,
      facts: () => this.#facts,
      othersType: (each) => this.#works.othersType(each),
      work: (each, token, work, answer) => this.#works.begin(each, token, work, answer),
      abandon: (each, token) => this.#works.abandon(each, token),
      type: (each, plan, charDelayMs) => this.#works.type(each, plan, charDelayMs),
      stopTyping: (each) => this.#works.stopTyping(each),
      release: (each, held) => this.#works.release(each, held),
      changed: () => this.#lookIfWanted(),
    });
    this.#clients.add(client);
    return {
      chunk: (bytes) => this.#guarded(() => client.chunk(bytes)),
      ended: () => this.#guarded(() => client.inputEnded()),
      closed: () => this.#guarded(() => this.#forget(client)),
    };
  }

  #forget(client: ControlClient): void {
    this.#clients.delete(client);
    client.drop();
    this.#works.forget(client);
    this.#counts.eventsDropped += client.state.outbox.counts.eventsDropped;
    this.#lookIfWanted();
    if (this.#clients.size === 0) this.#allGone();
  }

  #tell(event: ControlEvent): void {
    for (const client of this.#clients) client.event(event);
    this.#works.event(event);
  }

  #eventsDropped(): number {
    return [...this.#clients].reduce((sum, { state }) => sum + state.outbox.counts.eventsDropped, this.#counts.eventsDropped);
  }

  #isWanted(event: ControlEventName): boolean {
    return [...this.#clients].some(({ state }) => state.subscriptions.has(event) || state.pending.some(({ work }) => work.kind === 'wait' && work.wait.kind === 'event' && work.wait.event === event));
  }

  /** Shared memory is looked at only while somebody wants what is sampled there. */
  #lookIfWanted(): void {
    const wanted = this.#works.waits.looks || sampledEvents.some((event) => this.#isWanted(event));
    if (wanted && this.#looking === null) {
      this.#look();
    } else if (!wanted) {
      this.#looking?.();
      this.#looking = null;
      this.#drawings = null;
      this.#pings = null;
    }
  }

  #look(): void {
    this.#looking = this.#context.host.timers.after(lookEveryMs, () => this.#guarded(() => this.#look()));
    this.#lookAtSurfaces();
    this.#lookAtPings();
    this.#works.waits.look();
  }

  #lookAtSurfaces(): void {
    const readings: DrawReading[] = this.#facts.surfaces.map((surface) => ({ ...surface, sequence: readSequence(openSurface(surface.buffer)) }));
    const { watch, drawn } = lookForDrawings(this.#drawings, readings);
    this.#drawings = watch;
    const { clock } = this.#context.host;
    for (const { channelId, surfaceId } of drawn) {
      this.#tell({ kind: 'surface_drawn', channelId, surfaceId, sessionMs: clock.monotonicMs() - this.#args.sessionStartMs, wallMs: clock.wallMs() });
    }
  }

  #lookAtPings(): void {
    if (this.#facts.mainCounters === null) return;
    const { seen, sample } = lookForPing(this.#pings, readCounters(this.#facts.mainCounters));
    this.#pings = seen;
    if (sample === null) return;
    const { clock } = this.#context.host;
    const ageMs = clock.monotonicMs() - this.#args.sessionStartMs - sample.sessionMs;
    this.#tell({ kind: 'latency', sampleMs: sample.intervalMs, wallMs: clock.wallMs() - ageMs });
  }

  /** With the facts, which come with every sample of the hub. */
  #lookAtTraffic(): void {
    if (!this.#isWanted('traffic')) {
      this.#traffic.forget();
      this.#trafficMs = null;
      return;
    }
    const nowMs = this.#context.host.clock.monotonicMs();
    const sinceMs = nowMs - (this.#trafficMs ?? -Infinity);
    if (sinceMs < trafficEveryMs * 0.9) return;
    this.#trafficMs = nowMs;
    for (const { channel, counts } of this.#traffic.look(this.#facts.channels)) this.#tell({ kind: 'traffic', channel, overMs: sinceMs, counts });
  }

  /** What throws here ends this actor and takes its clients with it, on whatever thread it runs; the session goes on. */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#listener?.close();
      this.#looking?.();
      for (const client of this.#clients) client.drop();
      void this.#works.close();
      this.#context.exit({ kind: 'failed', error: errorFacts(error) });
    }
  }
}

/** The actor on this way of listening. Its start fails with `ControlSocketRefused` when there can be no socket at its path. */
export function createControl(listen: ListenForClients, createPictures: () => ControlPictures = createControlPictures): ActorModule<ControlArgs, HubNews | RequestAnswered> {
  return {
    async start(context, args) {
      const control = new Control(context, args, createPictures());
      await control.start(listen);
      return control;
    },
  };
}

export const actor = createControl(listenForClients);
