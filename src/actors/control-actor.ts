// The control socket's actor, on a thread of its own: it owns the socket and its clients, hears the session's facts from the hub and passes
// commands on. What is said on the socket is decided in `control/`. It waits for no client, and nothing here can end the session by failing.

import { refuseClient } from '../control/admission.ts';
import type { ControlEvent, ControlEventName } from '../control/control-event.ts';
import { lookForDrawings, type DrawReading, type DrawWatch } from '../control/draw-watch.ts';
import { lookForPing } from '../control/ping-samples.ts';
import type { SessionCommand } from '../control/session-command.ts';
import { nothingKnown, transitions } from '../control/session-facts.ts';
import { readCounters } from '../mailbox/counters.ts';
import { openSurface, readSequence } from '../surface/shared-surface.ts';
import { ControlClient } from './control-client.ts';
import { listenForClients, type ControlListener, type ControlStream, type ControlStreamEvents, type ListenForClients } from './control-listener.ts';
import type { ControlArgs, SharedFacts } from './control-mail.ts';
import type { HubMail, HubNews } from './hub-mail.ts';
import type { Actor, ActorContext, ActorModule, JsonValue } from './kernel/actor.ts';
import { errorFacts } from './kernel/exit-reason.ts';
import type { Cancel } from './kernel/host.ts';

/** How often shared memory is looked at while somebody subscribes to what is sampled there, in milliseconds. */
const lookEveryMs = 10;
/** How long clients have to read what waits for them when the session ends, in milliseconds: within the actor's shutdown time. */
const farewellMs = 500;

const sampledEvents: readonly ControlEventName[] = ['latency', 'surface_drawn'];

class Control implements Actor<HubNews> {
  readonly #context: ActorContext;
  readonly #args: ControlArgs;
  readonly #clients = new Set<ControlClient>();
  #listener: ControlListener | null = null;
  #facts: SharedFacts = { ...nothingKnown, surfaces: [], mainCounters: null };
  #looking: Cancel | null = null;
  #drawings: DrawWatch | null = null;
  #pings: number | null = null;
  #allGone: () => void = () => undefined;
  readonly #counts = { accepted: 0, refused: 0, commands: 0, commandsRefused: 0, eventsDropped: 0 };

  constructor(context: ActorContext, args: ControlArgs) {
    this.#context = context;
    this.#args = args;
  }

  async start(listen: ListenForClients): Promise<void> {
    this.#listener = await listen(this.#args.path, (stream) => this.#accept(stream));
  }

  receive(news: HubNews): void {
    if (news.kind !== 'facts') return;
    this.#guarded(() => {
      const before = this.#facts;
      this.#facts = news.facts;
      for (const event of transitions(before, news.facts)) this.#tell(event);
    });
  }

  observe(): JsonValue {
    const clients = [...this.#clients].map(({ state }) => ({
      name: state.name,
      phase: state.phase,
      subscriptions: [...state.subscriptions],
      requests: state.requests,
      refused: state.refused,
      waiting: state.outbox.waiting.length,
      ...state.outbox.counts,
    }));
    return { ...this.#counts, eventsDropped: this.#eventsDropped(), clients };
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
      facts: () => this.#facts,
      command: (command) => this.#command(command),
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
    client.drop();
    this.#clients.delete(client);
    this.#counts.eventsDropped += client.state.outbox.counts.eventsDropped;
    this.#lookIfWanted();
    if (this.#clients.size === 0) this.#allGone();
  }

  #command(command: SessionCommand): boolean {
    const request: HubMail = { kind: 'sessionRequest', from: this.#context.id, command };
    const accepted = this.#context.address<HubMail>('hub').tell(request, { lane: 'control' }) === 'accepted';
    this.#counts[accepted ? 'commands' : 'commandsRefused'] += 1;
    return accepted;
  }

  #tell(event: ControlEvent): void {
    for (const client of this.#clients) client.event(event);
  }

  #eventsDropped(): number {
    return [...this.#clients].reduce((sum, { state }) => sum + state.outbox.counts.eventsDropped, this.#counts.eventsDropped);
  }

  #isWanted(event: ControlEventName): boolean {
    return [...this.#clients].some(({ state }) => state.subscriptions.has(event));
  }

  /** Shared memory is looked at only while somebody wants what is sampled there. */
  #lookIfWanted(): void {
    const wanted = sampledEvents.some((event) => this.#isWanted(event));
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

  /** What throws here ends this actor and takes its clients with it, on whatever thread it runs; the session goes on. */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#listener?.close();
      this.#looking?.();
      for (const client of this.#clients) client.drop();
      this.#context.exit({ kind: 'failed', error: errorFacts(error) });
    }
  }
}

/** The actor on this way of listening. Its start fails with `ControlSocketRefused` when there can be no socket at its path. */
export function createControl(listen: ListenForClients): ActorModule<ControlArgs, HubNews> {
  return {
    async start(context, args) {
      const control = new Control(context, args);
      await control.start(listen);
      return control;
    },
  };
}

export const actor = createControl(listenForClients);
