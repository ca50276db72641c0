// Session run: one SPICE session on the main thread: it starts the tree, applies what the session's reducer decides, and ends
// everything in order, the writer last. It reads shared memory and hears reports; it never waits for a channel.

import { Subject, type Subscription } from 'rxjs';
import type { ChannelMail } from '../actors/channel-args.ts';
import type { ControlArgs } from '../actors/control-mail.ts';
import { newsKinds, type HubArgs, type HubMail, type NewsKind, type SessionReport } from '../actors/hub-mail.ts';
import { ActorSystem } from '../actors/kernel/actor-system.ts';
import type { ChildHandle } from '../actors/kernel/child-handle.ts';
import type { ChildSpec } from '../actors/kernel/child-spec.ts';
import type { Exit } from '../actors/kernel/exit-reason.ts';
import type { Host } from '../actors/kernel/host.ts';
import type { CaptureReport } from '../capture/capture-metadata.ts';
import type { WriterArgs, WriterMessage } from '../capture/writer-message.ts';
import type { SessionCommand } from '../control/session-command.ts';
import type { ChannelCommand } from '../protocol/commands.ts';
import { ChannelType, channelName } from '../protocol/constants.ts';
import type { ChannelEvent } from '../protocol/events.ts';
import { channelKey, initialSession, stepSession, type ChannelFilter, type SessionEffect, type SessionEnd, type SessionState } from '../protocol/session.ts';
import type { SessionEvent } from '../ui-terminal/session-event.ts';
import type { DashboardArgs } from '../ui-terminal/dashboard-message.ts';
import type { LogSinkArgs } from '../ui-terminal/log-sink-message.ts';
import { waitForCapture } from './capture-close.ts';
import type { CliProblem } from './cli-problem.ts';
import { captureFacts, captureFault, wordWriterEvent } from './capture-facts.ts';
import type { ConnectionTarget } from './connection-target.ts';
import { wordEvent } from './event-words.ts';
import type { TargetEndpoints } from './resolve-target.ts';
import { SessionMemory } from './session-memory.ts';
import { channelSpec, controlSpec, dashboardSpec, hubSpec, logSinkSpec, writerSpec } from './session-tree.ts';
import { sampleFacts, sampleSession, type SampledActor } from './session-sample.ts';
import type { Version } from './version.ts';

export interface SessionRunOptions {
  readonly host: Host;
  readonly target: ConnectionTarget;
  /** Every address of the server, best first. */
  readonly endpoints: readonly TargetEndpoints[];
  readonly password: string;
  readonly filter: ChannelFilter;
  /** Channel names that the connection file forbids (`disable-channels`). */
  readonly disabled: ReadonlySet<string>;
  /** Every actor on this thread, for diagnosis. */
  readonly singleThread: boolean;
  readonly captureFolder: string | null;
  readonly version: Version;
  readonly monitors: number;
  readonly trackCoverage: boolean;
  readonly verbose: boolean;
  readonly dashboard: DashboardArgs | null;
  readonly log: LogSinkArgs | null;
  readonly control: Omit<ControlArgs, 'sessionStartMs'> | null;
  /** The actor system of the session, where it is not the ordinary one: a simulation stands around every actor. */
  readonly createSystem?: (host: Host) => ActorSystem;
}

/** How the session ended by itself. A session that was told to stop does not end by itself. */
export type SessionOutcome = SessionEnd | { readonly kind: 'mainCrashed'; readonly exit: Exit };

/** A primary surface of the session: the picture of one display channel, readable on any thread. */
export interface ShownSurface {
  readonly channel: string;
  readonly surfaceId: number;
  readonly width: number;
  readonly height: number;
  readonly buffer: SharedArrayBuffer;
  readonly coverage: SharedArrayBuffer | null;
}

const mainKey = channelKey(ChannelType.main, 0);
/** Guest screens asked for with `--monitors` start at this size; the guest is free to choose another. */
const monitorWidth = 1024;
const monitorHeight = 768;
/** How long the disk may hold one file call of a session that ends, in milliseconds. */
const fileCallMsMax = 5_000;

export class SessionRun {
  readonly memory: SessionMemory;
  readonly #options: SessionRunOptions;
  readonly #system: ActorSystem;
  readonly #reports = new Subject<SessionReport>();
  readonly #listening: Subscription;
  readonly #events = new Subject<{ readonly channel: string; readonly event: ChannelEvent }>();
  readonly #requests = new Subject<SessionCommand>();
  /** Every actor that was started, by id: its handle outlives it as evidence. */
  readonly #actors = new Map<string, SampledActor>();
  readonly #surfaces = new Map<string, ShownSurface>();
  readonly #resolveEnded: (outcome: SessionOutcome) => void;
  #state: SessionState = initialSession;
  #endpoint = 0;
  #ramHintBytes = 0;
  #connectedAtMs: number | null = null;
  #stopping: Promise<void> | null = null;
  #captureReport: CaptureReport | null = null;
  #captureClosed: () => void = () => undefined;
  readonly ended: Promise<SessionOutcome>;

  constructor(options: SessionRunOptions) {
    this.#options = options;
    this.#system = options.createSystem?.(options.host) ?? new ActorSystem(options.host, options.singleThread ? { placement: 'local' } : {});
    this.memory = new SessionMemory(options.host.clock);
    let resolve: (outcome: SessionOutcome) => void = () => undefined;
    this.ended = new Promise((settle) => (resolve = settle));
    this.#resolveEnded = resolve;
    this.#listening = this.#reports.subscribe((report) => this.#hear(report));
  }

  /** Facts of every channel as they come, on the main thread. */
  get events(): Subject<{ readonly channel: string; readonly event: ChannelEvent }> {
    return this.#events;
  }

  /** What consumers ask of the session as a whole. Whoever runs it decides. */
  get requests(): Subject<SessionCommand> {
    return this.#requests;
  }

  get session(): SessionState {
    return this.#state;
  }

  get connected(): boolean {
    return this.#connectedAtMs !== null && this.#state.end === null && this.#stopping === null;
  }

  nowMs(): number {
    return this.#options.host.clock.monotonicMs();
  }

  get connectedAtMs(): number | null {
    return this.#connectedAtMs;
  }

  get surfaces(): readonly ShownSurface[] {
    return [...this.#surfaces.values()];
  }

  get actors(): readonly SampledActor[] {
    return [...this.#actors.values()];
  }

  /** Starts writer, hub, consumers and the main channel. Rejects with `StartFailed` when one of them cannot. */
  async start(): Promise<void> {
    const options = this.#options;
    const hubArgs: HubArgs = {
      reports: this.#reports,
      sample: (subscriptions) => sampleSession(this, options.target, options.host.clock, subscriptions),
      facts: () => sampleFacts(this),
    };
    await this.#launch(hubSpec(hubArgs), null);
    await this.#launch(writerSpec(this.#writerArgs()), null);
    if (options.dashboard !== null) await this.#consumer(dashboardSpec(options.dashboard), newsKinds);
    if (options.log !== null) await this.#consumer(logSinkSpec(options.log), ['event', 'stats']);
    if (options.control !== null) await this.#consumer(controlSpec({ ...options.control, sessionStartMs: this.memory.startedAtMs }), ['facts']);
    await this.#startChannel(ChannelType.main, 0, 0);
  }

  /** Tells every consumer of events. */
  say(event: SessionEvent): void {
    this.#hub()?.address.tell({ kind: 'tell', event } satisfies HubMail);
  }

  /** The size of the dashboard's terminal changed, or it needs to be drawn anew. */
  tellDashboard(message: { readonly kind: 'resize'; readonly columns: number; readonly rows: number } | { readonly kind: 'redraw' }): void {
    this.#actors.get('dashboard')?.handle.address.tell(message, { lane: 'control' });
  }

  /** Sends a command to one channel; false when it does not run or has no room. */
  command(channel: string, command: ChannelCommand): boolean {
    return this.#actors.get(channel)?.handle.address.tell({ kind: 'command', command } satisfies ChannelMail) === 'accepted';
  }

  /** The ends of actors whose threads are inside a blocked system call still, as far as known. */
  get leftBehind(): readonly Exit[] {
    return this.#system.leftBehind;
  }

  /** What is wrong with the capture, once the session has stopped; null when none was asked for or it is complete. */
  captureProblem(): CliProblem | null {
    return this.#options.captureFolder === null ? null : captureFault(this.#options.captureFolder, this.#captureReport);
  }

  /** Ends every actor, last started first; the writer has drained when this resolves. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    const channels = [...this.#actors.values()].filter(({ parent }) => parent === 'session').reverse();
    // Secondary channels together, main after them: its end would make the server drop the others on its own.
    await Promise.all(channels.filter(({ id }) => id !== mainKey).map(({ handle }) => handle.stop()));
    await this.#actors.get(mainKey)?.handle.stop();
    await this.#closeCapture();
    await this.#system.stopAll();
    this.#listening.unsubscribe();
    this.#events.complete();
    this.#requests.complete();
  }

  /** Lets the writer drain and finish its files while the hub can still hear its report. */
  async #closeCapture(): Promise<void> {
    const writer = this.#system.child('writer');
    if (writer === null || this.#options.captureFolder === null) return;
    const closed = new Promise<void>((resolve) => (this.#captureClosed = resolve));
    writer.address.tell({ kind: 'closeCapture' } satisfies WriterMessage, { lane: 'control' });
    await waitForCapture({ writer, timers: this.#options.host.timers, closed, fileCallMsMax });
  }

  #writerArgs(): WriterArgs {
    const { captureFolder, target, version, host } = this.#options;
    const capture = captureFolder === null ? null : { directory: captureFolder, facts: captureFacts(target, version, host) };
    return { rings: [], capture, eventsTo: 'hub' };
  }

  async #launch(spec: ChildSpec, parent: string | null): Promise<ChildHandle> {
    const handle = await this.#system.start(spec);
    this.#actors.set(spec.id, { id: spec.id, parent, spec, handle, exit: null });
    void handle.exited.then((exit) => this.#exited(exit));
    return handle;
  }

  async #consumer(spec: ChildSpec, news: readonly NewsKind[]): Promise<void> {
    await this.#launch(spec, null);
    this.#hub()?.address.tell({ kind: 'subscribe', consumer: spec.id, news } satisfies HubMail);
  }

  #hub(): ChildHandle | null {
    return this.#system.child('hub');
  }

  async #startChannel(type: number, id: number, connectionId: number): Promise<void> {
    const { target, password } = this.#options;
    const endpoints = this.#options.endpoints[this.#endpoint];
    if (endpoints === undefined || this.#stopping !== null) return;
    const name = channelName(type);
    const preferSecure = target.secureChannels.includes('all') || target.secureChannels.includes(name);
    const memory = this.memory.channel(type, id);
    // On the control lane: the first message of the channel must not be there before its ring is known.
    this.#system.child('writer')?.address.tell({ kind: 'addRing', ring: memory.tap } satisfies WriterMessage, { lane: 'control' });
    const spec = channelSpec({
      memory,
      session: this.memory,
      connectionId,
      endpoints: { ...endpoints, preferSecure },
      password,
      ramHintBytes: this.#ramHintBytes,
      trackCoverage: this.#options.trackCoverage,
    });
    try {
      await this.#launch(spec, 'session');
    } catch (error) {
      if (this.#stopping !== null) return;
      throw error;
    }
  }

  #hear(report: SessionReport): void {
    switch (report.kind) {
      case 'cellChanged':
        return; // the sampler reads every cell four times a second
      case 'sessionRequest':
        return this.#requests.next(report.command);
      case 'channelEvent':
        return this.#hearChannel(report.channel, report.event);
      case 'captureClosed':
        this.#captureReport = report.report;
        this.#captureClosed();
        return;
      case 'captureWriteFailed':
      case 'captureWriteRecovered':
      case 'captureFellBehind':
        return this.#note(report.kind === 'captureWriteRecovered' ? 'info' : 'error', 'writer', wordWriterEvent(report));
    }
  }

  #hearChannel(channel: string, event: ChannelEvent): void {
    if (this.#triesNextAddress(channel, event)) return;
    const words = wordEvent(this.#options.host.clock.wallMs(), channel, event, this.#options.verbose);
    if (words !== null) this.say(words);
    this.#keepSurface(channel, event);
    this.#follow(channel, event);
    const step = stepSession(this.#state, channel, event, this.#options);
    this.#state = step.state;
    for (const effect of step.effects) this.#perform(effect);
    this.#events.next({ channel, event });
  }

  /** `localhost` is often both ::1 and 127.0.0.1 while the server listens on one of them: the next address is tried. */
  #triesNextAddress(channel: string, event: ChannelEvent): boolean {
    if (channel !== mainKey || event.kind !== 'linkFailed' || event.failure.kind !== 'connection' || event.failure.phase !== 'dialing') return false;
    if (this.#endpoint + 1 >= this.#options.endpoints.length) return false;
    this.#endpoint += 1;
    const main = this.#actors.get(mainKey);
    void main?.handle.exited.then(() => this.#startChannel(ChannelType.main, 0, 0));
    return true;
  }

  #follow(channel: string, event: ChannelEvent): void {
    switch (event.kind) {
      case 'sessionInitialised':
        this.#ramHintBytes = event.ramHint;
        this.#connectedAtMs = this.#options.host.clock.monotonicMs();
        this.say({ kind: 'sessionStateChanged', wallMs: this.#options.host.clock.wallMs(), state: 'connected', detail: this.#options.target.label });
        return;
      case 'agentChanged':
        if (event.connected && this.#options.monitors > 1) this.#askForMonitors();
        return;
      case 'serialReached':
        // Somebody waits for what this channel has just handled; who, only the waiting channels know.
        for (const { id, parent } of this.#actors.values()) if (parent === 'session' && id !== channel) this.command(id, { kind: 'recheckWait' });
        return;
      default:
        return;
    }
  }

  #askForMonitors(): void {
    const monitors = Array.from({ length: this.#options.monitors }, (_, index) => ({ x: index * monitorWidth, y: 0, width: monitorWidth, height: monitorHeight }));
    this.command(mainKey, { kind: 'configureMonitors', monitors });
  }

  #keepSurface(channel: string, event: ChannelEvent): void {
    if (event.kind === 'surfaceCreated') {
      const { surfaceId, width, height, buffer, coverage } = event;
      this.#surfaces.set(channel, { channel, surfaceId, width, height, buffer, coverage });
    } else if (event.kind === 'surfaceDestroyed' && this.#surfaces.get(channel)?.surfaceId === event.surfaceId) {
      this.#surfaces.delete(channel);
    } else return;
    const first = [...this.#surfaces.values()].toSorted((a, b) => (a.channel < b.channel ? -1 : 1))[0];
    this.#hub()?.address.tell({ kind: 'show', buffer: first?.buffer ?? null } satisfies HubMail);
  }

  #perform(effect: SessionEffect): void {
    switch (effect.kind) {
      case 'startChannel':
        this.#startChannel(effect.type, effect.id, effect.connectionId).catch((error: unknown) => {
          this.#note('error', channelKey(effect.type, effect.id), `did not start: ${error instanceof Error ? error.message : String(error)}`);
        });
        return;
      case 'reportGap':
        this.#note('warning', mainKey, `gap ${effect.gap.key}: ${effect.gap.detail}`);
        return;
      case 'end':
        this.#resolveEnded(effect.end);
        return;
    }
  }

  #note(severity: 'info' | 'warning' | 'error', source: string, text: string): void {
    this.say({ kind: 'noted', wallMs: this.#options.host.clock.wallMs(), severity, source, text });
  }

  #exited(exit: Exit): void {
    const sampled = this.#actors.get(exit.id);
    if (sampled !== undefined && sampled.handle.generation === exit.generation) this.#actors.set(exit.id, { ...sampled, exit });
    if (this.#stopping !== null) return;
    if (exit.reason.kind === 'failed') {
      this.say({
        kind: 'actorStateChanged', wallMs: this.#options.host.clock.wallMs(), actor: exit.id, generation: exit.generation, state: 'failed',
        reason: exit.reason.error.message, restartInMs: null,
      });
    }
    // A main channel that lost its server has said so itself before it ended; one that crashed could not.
    if (exit.id === mainKey && exit.reason.kind !== 'downstreamClosed') this.#resolveEnded({ kind: 'mainCrashed', exit });
  }
}
