// Session run: one SPICE session on the main thread. It starts the tree, applies what the session's reducer decides, hears what becomes
// of the actors, and ends everything in order, the writer last. It reads shared memory and hears reports; it never waits for a channel.

import { Subject, type Subscription } from 'rxjs';
import type { ChannelMail } from '../actors/channel-args.ts';
import type { HubArgs, SessionReport, SessionRequest } from '../actors/hub-mail.ts';
import { ActorSystem } from '../actors/kernel/actor-system.ts';
import { StartFailed, type ChildHandle } from '../actors/kernel/child-handle.ts';
import type { Exit } from '../actors/kernel/exit-reason.ts';
import { SupervisorRunner, type PlannedRestart } from '../actors/supervisor-runner.ts';
import type { Answer } from '../control/request.ts';
import type { LinkFailure } from '../protocol/channel-link.ts';
import type { ChannelCommand } from '../protocol/commands.ts';
import { ChannelType } from '../protocol/constants.ts';
import type { ChannelEvent } from '../protocol/events.ts';
import { setWaiting } from '../protocol/serial-board.ts';
import { initialSession, stepSession, type SessionEffect, type SessionState } from '../protocol/session.ts';
import type { Escalation } from '../supervisor/supervisor-state.ts';
import type { ActorPlan } from '../supervisor/supervisor-spec.ts';
import type { SessionEvent } from '../ui-terminal/session-event.ts';
import type { CliProblem } from './cli-problem.ts';
import type { ActorLife } from './actor-lives.ts';
import type { ChannelLoss } from './channel-losses.ts';
import { ChannelRelinks } from './channel-relinks.ts';
import { HeldInputs } from './held-inputs.ts';
import { faultySystem } from './injected-faults.ts';
import { leadsNowhere } from './link-trouble.ts';
import { ScreenLockWatch } from './screen-lock-watch.ts';
import { SessionActors } from './session-actors.ts';
import { SessionCapture } from './session-capture.ts';
import { SessionConsumers, type DashboardOrder } from './session-consumers.ts';
import { SessionEnding } from './session-ending.ts';
import { readBacklogs } from './session-backlogs.ts';
import { SessionHistory } from './session-history.ts';
import { SessionLiveness } from './session-liveness.ts';
import { SessionMemory } from './session-memory.ts';
import { SessionMetrics } from './session-metrics.ts';
import { SessionNews } from './session-news.ts';
import type { SessionOutcome } from './session-outcome.ts';
import { SessionReconnect } from './session-reconnect.ts';
import { SessionReports } from './session-reports.ts';
import { startArgs } from './session-start-args.ts';
import { SessionSound } from './session-sound.ts';
import type { SessionRunOptions } from './session-options.ts';
import { channelPlan, consumerIds, mainId, sessionTree, videoId } from './session-tree.ts';
import { SessionVideo } from './session-video.ts';
import { SessionWatch } from './session-watch.ts';
import { sampleFacts, sampleSession, type SampledActor } from './session-sample.ts';
import { ShownSurfaces, type ShownSurface } from './shown-surfaces.ts';

const inputsId = 'inputs/0';
/** Guest screens asked for with `--monitors` start at this size; the guest is free to choose another. */
const monitorWidth = 1024;
const monitorHeight = 768;
export class SessionRun {
  readonly memory: SessionMemory;
  /** What happened, told and kept. */
  readonly news: SessionNews;
  /** Reports of what happened, as files. */
  readonly reports: SessionReports;
  /** The user's volume and mute, and what became of the sound. */
  readonly sound: SessionSound;
  /** The recording of the screen. */
  readonly video: SessionVideo;
  readonly #options: SessionRunOptions;
  readonly #system: ActorSystem;
  readonly #supervision: SupervisorRunner;
  readonly #relinks: ChannelRelinks;
  readonly #reports = new Subject<SessionReport>();
  readonly #listening: Subscription;
  readonly #events = new Subject<{ readonly channel: string; readonly event: ChannelEvent }>();
  readonly #requests = new Subject<SessionRequest>();
  readonly #escalations = new Subject<Escalation>();
  readonly #actors = new SessionActors();
  readonly #consumers: SessionConsumers;
  readonly #surfaces = new ShownSurfaces();
  readonly #capture: SessionCapture;
  readonly #ending: SessionEnding;
  readonly screenLock: ScreenLockWatch;
  /** What becomes of the session when it is lost, and what is remembered of it. */
  readonly reconnect: SessionReconnect;
  /** Of its last seconds and minutes. */
  readonly history = new SessionHistory();
  #state: SessionState = initialSession;
  readonly #held = new HeldInputs();
  #endpoint = 0;
  /** Between the loss of a session and the next, nothing of the old one is heard. */
  #live = true;
  #ramHintBytes = 0;
  #connectedAtMs: number | null = null;
  #stopping: Promise<void> | null = null;
  #watch: SessionWatch | null = null;
  readonly #liveness: SessionLiveness;
  /** Where figures are, and what became of the latency file. */
  readonly metrics = new SessionMetrics();

  constructor(options: SessionRunOptions) {
    const { host } = options;
    this.#options = options;
    this.#system = options.createSystem?.(host) ?? new ActorSystem(host, options.singleThread ? { placement: 'local' } : {});
    this.#consumers = new SessionConsumers(this.#system);
    this.memory = new SessionMemory(host.clock, options.trafficTotalMib);
    this.reports = new SessionReports({ host, options: options.reports ?? null, session: this, frozen: () => this.#watch?.evidence ?? [], healthOf: ({ handle }) => this.#watch?.healthOf(handle) ?? null, tell: (happening) => this.news.tell(happening), videoDrops: () => this.video.sample()?.frames_dropped ?? 0 });
    this.news = new SessionNews({ host, verbose: options.verbose, startedAtMs: this.memory.startedAtMs, surroundings: { generationOf: (id) => this.#actors.handle(id)?.generation ?? null, trafficOf: (id) => this.memory.traffic(id) }, reports: this.reports, say: (event) => this.say(event), noted: (notification) => this.#consumers.notify(notification) });
    this.screenLock = new ScreenLockWatch(options.screenLock ?? null, (happening) => this.news.tell(happening));
    this.sound = new SessionSound(options.sound);
    this.video = new SessionVideo({ options: options.video ?? null, child: () => this.#system.child(videoId) });
    this.#supervision = new SupervisorRunner({
      system: faultySystem(this.#system, options.faults),
      host,
      tree: sessionTree({ consumers: consumerIds.filter((id) => (options[id] ?? null) !== null), sounds: this.sound.isWanted, records: this.video.isWanted, channelBudgets: options.channelBudgets }),
      argsOf: (id) => this.#argsOf(id),
      events: {
        starting: (id) => this.#starting(id),
        started: (handle, plan, supervisor) => this.#started(handle, plan, supervisor),
        startFailed: (id, error) => this.#startFailed(id, error),
        exited: (exit) => this.#exited(exit),
        restartPlanned: (restart) => this.#restartPlanned(restart),
        left: (exit) => this.#left(exit),
        gaveUp: (escalation) => {
          this.#escalations.next(escalation);
          this.#ending.gaveUp(escalation, mainId);
        },
      },
    });
    this.#relinks = new ChannelRelinks(host, {
      announce: (channel, trouble, waitMs) => this.news.tell({ kind: 'channelLinksAgain', channel, trouble, waitMs }),
      unavailable: (channel, failure) => this.#unavailable(channel, failure),
      sessionLost: (channel, failure) => this.#ending.end({ kind: 'relinkRefused', channel, failure }),
    });
    this.#capture = new SessionCapture({ ...options, sessionStartedWallMs: this.memory.startedAtWallMs, trafficCapMib: this.memory.trafficTotalMib, writer: () => this.#system.child('writer') });
    this.#ending = new SessionEnding({
      timers: host.timers,
      hasEnded: () => this.#supervision.phase('session')?.kind === 'ended',
      startAgain: () => this.#supervision.startChild('session'),
      ended: (outcome) => this.reconnect.lost(outcome),
    });
    const { target, endpoints, password } = options;
    this.reconnect = new SessionReconnect({
      host,
      options: options.reconnect,
      connection: { target, endpoints, password },
      news: this.news,
      say: (event) => this.say(event),
      drop: () => this.#dropSession(),
      begin: () => this.#beginSession(),
    });
    this.#liveness = new SessionLiveness({
      host,
      memory: this.memory,
      generationOf: (id) => this.#system.child(id)?.generation ?? null,
      backlogs: () => readBacklogs(this.#system.children),
      tell: (id, mail) => void this.#actors.handle(id)?.address.tell(mail),
      happened: (happening) => this.news.tell(happening),
    });
    this.#listening = this.#reports.subscribe((report) => this.#hear(report));
  }

  /** Facts of every channel as they come, on the main thread. */
  get events(): Subject<{ readonly channel: string; readonly event: ChannelEvent }> {
    return this.#events;
  }

  /** Each supervisor that has given up, when it has. */
  get escalations(): Subject<Escalation> {
    return this.#escalations;
  }

  /** What consumers ask of the session as a whole. Whoever runs it decides, and answers each. */
  get requests(): Subject<SessionRequest> {
    return this.#requests;
  }

  /** Settles when the session ends by itself, for good. */
  get ended(): Promise<SessionOutcome> {
    return this.reconnect.ended;
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
    return this.#surfaces.list;
  }

  /** Of one actor, channel or not, oldest first. */
  lives(id: string): readonly ActorLife[] {
    return this.#actors.lives(id);
  }

  /** What took this channel last; null when it was never lost. */
  lastLoss(channel: string): ChannelLoss | null {
    return this.#actors.lastLoss(channel);
  }

  /** How often each kind of loss took this channel. */
  lossCounts(channel: string): Readonly<Record<string, number>> {
    return this.#actors.lossCounts(channel);
  }

  get actors(): readonly SampledActor[] {
    return this.#actors.list;
  }

  /** Starts writer, hub, consumers and the main channel. Rejects with `StartFailed` when one of them cannot. */
  start(): Promise<void> {
    const { host, frozenMs } = this.#options;
    if (frozenMs !== null) this.#watch ??= new SessionWatch({ host, frozenMs, children: () => this.#system.children, tell: (happening) => this.news.tell(happening) });
    this.#liveness.start();
    this.screenLock.start();
    // Made before the writer starts, which is given every ring that there is.
    this.memory.channel(ChannelType.main, 0);
    this.reconnect.started();
    return this.#supervision.start();
  }

  /** Tells every consumer of events, of the hub's own failure as soon as it is back. */
  say(event: SessionEvent): void {
    this.#consumers.say(event);
  }

  /** The size of the dashboard's terminal changed, or it needs to be drawn anew. */
  tellDashboard(order: DashboardOrder): void {
    this.#consumers.tellDashboard(order);
  }

  answer(request: SessionRequest, answer: Answer): void {
    this.#consumers.answer(request, answer);
  }

  /** Sends a command to one channel; false when it does not run or has no room. */
  command(channel: string, command: ChannelCommand): boolean {
    const isTaken = this.#actors.handle(channel)?.address.tell({ kind: 'command', command } satisfies ChannelMail) === 'accepted';
    // A channel that is being linked again takes no commands yet: what is held stays held until it does.
    if (isTaken) this.#liveness.noteInput(command);
    if (channel === inputsId && isTaken && this.#isLinked(channel)) this.#held.note(command);
    return isTaken;
  }

  /** The ends of actors whose threads are inside a blocked system call still, as far as known. */
  get leftBehind(): readonly Exit[] {
    return this.#system.leftBehind;
  }

  /** What is wrong with the capture, once the session has stopped; null when none was asked for or it is complete. */
  captureProblem(): CliProblem | null {
    return this.#capture.problem();
  }

  /** The same of the sound. */
  soundProblem(): CliProblem | null {
    const samplesDropped = this.memory.channels.reduce((sum, memory) => sum + (this.memory.soundCounters(memory)?.['samples_dropped'] ?? 0), 0);
    return this.sound.problem({ samplesDropped });
  }

  /** Ends every actor; the writer has drained when this resolves. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    this.reconnect.stop();
    this.#ending.stop();
    this.#relinks.stop();
    this.#liveness.stop();
    this.news.stop();
    const reported = this.reports.stop();
    const unwatched = Promise.all([this.#watch?.stop(), this.screenLock.stop()]);
    // Secondary channels together, main after them: its end would make the server drop the others on its own.
    await this.#supervision.stopChild('session');
    await this.#capture.close();
    await reported;
    await this.#supervision.stop();
    await this.#system.stopAll();
    await unwatched;
    this.#listening.unsubscribe();
    this.#events.complete();
    this.#requests.complete();
    this.#escalations.complete();
  }

  /** What is left of the session ends; its last picture stays on show. */
  #dropSession(): Promise<void> {
    this.#live = false;
    this.#ending.stop();
    this.#liveness.forget();
    this.#surfaces.sessionLost();
    this.news.sessionLost();
    this.#connectedAtMs = null;
    return this.#supervision.stopChild('session');
  }

  /** A new session: all that the protocol knew begins anew; memory, hub, writer, consumers and the capture go on. */
  #beginSession(): void {
    if (this.#stopping !== null) return;
    this.#state = initialSession;
    this.#held.forget();
    this.#endpoint = 0;
    this.#ramHintBytes = 0;
    this.#ending.begin();
    this.#supervision.startChild('session');
  }

  #argsOf(id: string): unknown {
    return startArgs({
      options: this.#options,
      memory: this.memory,
      sound: this.sound,
      video: this.video,
      metrics: this.metrics,
      capture: this.#capture,
      hubArgs: () => this.#hubArgs(),
      facts: () => ({ connection: this.reconnect.connection, address: this.#endpoint, sessionId: this.#state.sessionId, ramHintBytes: this.#ramHintBytes }),
    }, id);
  }

  #hubArgs(): HubArgs {
    const { host } = this.#options;
    return {
      reports: this.#reports,
      sample: (subscriptions) => {
        this.history.looked(this.nowMs(), this.memory.bytesReceived());
        return sampleSession(this, this.reconnect.connection.target, host.clock, subscriptions);
      },
      facts: () => sampleFacts(this),
      metrics: this.metrics.forHub(this),
    };
  }

  async #startChannel(type: number, id: number): Promise<void> {
    if (this.#stopping !== null) return;
    const memory = this.memory.channel(type, id);
    this.#capture.addRing(memory.tap);
    // A start that fails has been told, and is the supervisor's business.
    await this.#supervision.addChild('channels', channelPlan(memory.id, type)).catch(() => null);
  }

  #hear(report: SessionReport): void {
    switch (report.kind) {
      case 'cellChanged':
        return this.history.heard(report, this.nowMs()); // the sampler reads every cell four times a second
      case 'sessionRequest':
        return this.#requests.next(report);
      case 'channelEvent':
        this.history.heard(report, this.nowMs());
        return this.#hearChannel(report.channel, report.event);
      case 'captureClosed':
        return this.#capture.reported(report.report);
      case 'audioNews':
        return this.news.tell({ kind: 'audioNews', news: report.news });
      case 'videoNews':
        return this.news.tell(report);
      case 'captureWriteFailed':
      case 'captureWriteRecovered':
      case 'captureFellBehind':
        return this.news.tell({ kind: 'captureNews', news: report });
    }
  }

  #hearChannel(channel: string, event: ChannelEvent): void {
    // The last words of a channel of the session before may come late.
    if (!this.#live || !this.#state.started.has(channel) || this.#triesNextAddress(channel, event)) return;
    this.#actors.heard(channel, event, this.nowMs());
    if (channel === mainId) this.reconnect.heard(event);
    this.#releaseAfterRelink(channel, event);
    this.#liveness.hear(channel, event);
    const isToldElsewhere = channel !== mainId && this.#relinks.hear(channel, event);
    this.news[isToldElsewhere ? 'note' : 'tell']({ kind: 'channelEvent', channel, event });
    if (this.#surfaces.hear(channel, event)) this.#show();
    this.#follow(channel, event);
    if (channel === mainId && event.kind === 'connectionLost') this.#relinks.mainLost();
    const step = stepSession(this.#state, channel, event, this.#options);
    this.#state = step.state;
    for (const effect of step.effects) this.#perform(effect);
    this.#events.next({ channel, event });
  }

  #show(): void {
    this.#consumers.show(this.surfaces[0]?.buffer ?? null);
    this.video.show(this.surfaces);
  }

  /** `localhost` is often both ::1 and 127.0.0.1 while the server listens on one of them: the next address is tried. */
  #triesNextAddress(channel: string, event: ChannelEvent): boolean {
    if (channel !== mainId || event.kind !== 'linkFailed' || !leadsNowhere(event.failure)) return false;
    if (this.#endpoint + 1 >= this.reconnect.connection.endpoints.length) return false;
    this.#endpoint += 1;
    this.#ending.tryNextAddress();
    return true;
  }

  #follow(channel: string, event: ChannelEvent): void {
    switch (event.kind) {
      case 'sessionInitialised':
        this.#ramHintBytes = event.ramHint;
        this.#connectedAtMs = this.#options.host.clock.monotonicMs();
        this.say({ kind: 'sessionStateChanged', wallMs: this.#options.host.clock.wallMs(), state: 'connected', detail: this.reconnect.connection.target.label });
        this.reconnect.connected();
        return;
      case 'agentChanged':
        if (event.connected && this.#options.monitors > 1) this.#askForMonitors();
        return;
      case 'serialReached':
        // Somebody waits for what this channel has just handled; who, only the waiting channels know.
        for (const { id } of this.memory.channels) if (id !== channel) this.command(id, { kind: 'recheckWait' });
        return;
      default:
        return;
    }
  }

  /** A new link of inputs presses nothing: what its predecessor pressed is released. Lock keys follow the server's INIT. */
  #releaseAfterRelink(channel: string, event: ChannelEvent): void {
    if (channel !== inputsId || event.kind !== 'linkPhaseChanged' || event.phase !== 'linked' || !this.#relinks.wasLinked(channel)) return;
    for (const command of this.#held.release()) this.command(inputsId, command);
  }

  #isLinked(channel: string): boolean {
    const memory = this.memory.channels.find(({ id }) => id === channel);
    return memory !== undefined && this.memory.facts(memory)?.phase === 'linked';
  }

  #askForMonitors(): void {
    const monitors = Array.from({ length: this.#options.monitors }, (_, index) => ({ x: index * monitorWidth, y: 0, width: monitorWidth, height: monitorHeight }));
    this.command(mainId, { kind: 'configureMonitors', monitors });
  }

  #perform(effect: SessionEffect): void {
    switch (effect.kind) {
      case 'startChannel':
        void this.#startChannel(effect.type, effect.id);
        return;
      case 'reportGap':
        this.news.tell({ kind: 'channelEvent', channel: mainId, event: { kind: 'gapSeen', gap: effect.gap } });
        return;
      case 'end':
        return this.#ending.end(effect.end);
    }
  }

  #starting(id: string): void {
    this.#actors.starting(id, this.nowMs());
    // From here on the last words of an older main are nobody's: its successor has its place.
    if (id === mainId) this.#live = true;
  }

  #started(handle: ChildHandle, plan: ActorPlan, supervisor: string): void {
    this.#actors.started(handle, plan, supervisor === 'session' || supervisor === 'channels' ? 'session' : null);
    if (handle.id === mainId) this.#relinks.mainStarted();
    this.#consumers.started(handle);
    this.video.started(handle.id);
  }

  #startFailed(id: string, error: unknown): void {
    this.#actors.startFailed(id, error instanceof StartFailed ? error.exit.reason.kind : 'failed', this.nowMs());
    this.news.tell({ kind: 'actorNotStarted', id, message: error instanceof Error ? error.message : String(error) });
  }

  #exited(exit: Exit): void {
    this.#actors.exited(exit, this.nowMs(), this.#watch?.evidence ?? []);
    this.news.note({ kind: 'actorEnded', exit });
    this.#consumers.exited(exit.id);
    const memory = this.memory.channels.find(({ id }) => id === exit.id);
    if (memory !== undefined) setWaiting(this.memory.serials, memory.type, memory.channelId, false);
    this.#surfaces.ended(exit.id);
    if (exit.id === mainId) this.#relinks.mainLost();
  }

  #restartPlanned(restart: PlannedRestart): void {
    this.#actors.comesBack(restart.id);
    if (restart.budget === 'lostPeer') this.#relinks.peerLost(restart);
    else this.news.tell({ kind: 'actorStartsAgain', restart, generation: this.#actors.lives(restart.id).at(-1)?.generation ?? 1 });
  }

  #left({ id, generation, reason }: Exit): void {
    if (this.#stopping !== null || reason.kind !== 'failed') return;
    this.news.tell({ kind: 'actorFailed', id, generation, message: reason.error.message });
  }

  #unavailable(channel: string, failure: LinkFailure): void {
    this.news.tell({ kind: 'channelUnavailable', channel, failure });
    this.#actors.staysAway(channel);
    void this.#supervision.stopChild(channel);
  }
}
