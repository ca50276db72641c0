// The simulated world: the whole client and the loopback server in one thread, under one virtual clock and one seed, with a network
// between them and a disk under the writer. It lets time pass, tells the invariants what it sees, and does what a person would
// do: press R when a session is held, and start one again that has ended.

import '../support/jpeg.ts'; // loaded before the virtual clock starts: real time passes in it
import type { ActorModule } from '#app/actors/kernel/actor.js';
import type { ChildSpec } from '#app/actors/kernel/child-spec.js';
import { StartFailed } from '#app/actors/kernel/child-handle.js';
import type { Exit } from '#app/actors/kernel/exit-reason.js';
import { createVirtualHost, type VirtualHost } from '#app/actors/kernel/virtual-host.js';
import type { WriterArgs, WriterMessage } from '#app/capture/writer-message.js';
import { createWriter } from '#app/actors/writer-actor.js';
import type { HubArgs } from '#app/actors/hub-mail.js';
import type { DashboardArgs } from '#app/ui-terminal/dashboard-message.js';
import type { LogSinkArgs } from '#app/ui-terminal/log-sink-message.js';
import { connectionTarget } from '#app/cli/connection-target.js';
import { SessionRun } from '#app/cli/session-run.js';
import { ChannelType } from '#app/protocol/constants.js';
import { createLinkKeys } from '#app/loopback/link-keys.js';
import { rememberUpTo } from '#app/loopback/remember.js';
import { defaultLoopbackOptions, LoopbackServer, type SharedByServers } from '#app/loopback/server.js';
import { sceneFrame } from '#app/loopback/scene.js';
import { openSurface } from '#app/surface/shared-surface.js';
import { SizeDisk } from './disk.ts';
import { Watchers, type Fact, type InvariantName } from './invariants.ts';
import { SimulatedConnection, SimulatedNetwork } from './network.ts';
import { clientRecovers } from './recovery.ts';
import type { FailureCause } from './restart-model.ts';
import type { SeenMessage } from './wire-observer.ts';
import { PlantedBugs } from './planted-bugs.ts';
import { Seeded } from './seeded.ts';
import { countedOf, injected, loadModules, moduleOf, SimulatedSystem, type WatchedActor } from './simulated-system.ts';
import { Trace } from './trace.ts';
import { WatchedRings } from './watched-rings.ts';
import { noSound } from '../support/sound.ts';

export interface WorldOptions {
  /** Signs of life of idle connections; null = none, which makes days cheap. */
  readonly keepaliveIdleMs: number | null;
  readonly seed: number;
  /** What the bug is planted for; null = no bug. */
  readonly sabotage: InvariantName | null;
  readonly channels: 'all' | 'main';
  /** Whether the second consumer never takes anything out of its mailbox. */
  readonly consumerReads: boolean;
  readonly pictures: boolean;
  readonly pingEveryMs: number;
  readonly sampleEveryMs: number;
}

const endpoint = { plain: { transport: 'tcp', address: '192.0.2.1', port: 5900, tls: null }, secure: null } as const;
/** Pictures that a new server may begin with: enough that it is another one, few enough that each is compressed once for thousands of sessions. */
const firstPictures = { count: 32, apart: 31 } as const;
/** The scene's own pace costs more than a simulated day has: its timers below a second run once in minutes, those of a second a few times a minute. */
const sceneTimersMs = 1_000;
const sceneEveryMs = { least: 60_000, most: 600_000 } as const;
const lookEveryMs = 15_000;
/** Of a life that ends in a relapse; well below what counts as health. */
const relapseMsMax = 3_000;
const reopenAfterMs = 5_000;
const sliceMs = 60_000;
const stopPatienceMs = 300_000;
const consumers = new Set(['dashboard', 'log']);

/** What an end that nobody asked for counts as; null = it was in order. */
function causeOf(kind: Exit['reason']['kind']): FailureCause | null {
  switch (kind) {
    case 'downstreamClosed': return 'lostPeer';
    case 'frozen': return 'frozen';
    case 'failed':
    case 'killed': return 'crash';
    case 'normal':
    case 'shutdown': return null;
  }
}

/** What a consumer of the simulation does: it takes its news. */
const reader: ActorModule = { start: () => ({ receive: () => undefined, observe: () => null, stop: () => undefined }) };

/** Bytes of a PONG and of an ACK on the wire start with their numbers. */
const clientPong = 3;
/** PINGs are counted from 1: a PONG with an id up here is a sign of life, and answers none. */
const unaskedPongIdMin = 0xf000_0000;
const isAnswer = ({ type, first }: SeenMessage): boolean => type === clientPong && first < unaskedPongIdMin;
const clientAck = 2;
const serverSetAck = 3;
const serverPing = 4;

/**
 * Which key it was, what a ticket of a server without a password holds, and how often a picture was compressed change no byte of what the
 * client is sent or does: all worlds of a process share the key and the compressed pictures, and every ticket is good.
 */
const shared: SharedByServers = { keys: { ...createLinkKeys(), decryptTicket: () => '' }, remember: rememberUpTo(128 * 1024 * 1024) };

/** One session of the world, from its start to its stop. */
interface OpenSession {
  readonly run: SessionRun;
  readonly system: SimulatedSystem;
  readonly rings: WatchedRings;
  /** By itself, or it was told to. */
  ended: boolean;
  stopping: Promise<void> | null;
  hasStopped: boolean;
}

export class World {
  readonly random: Seeded;
  readonly host: VirtualHost;
  readonly network: SimulatedNetwork;
  readonly disk = new SizeDisk();
  readonly trace = new Trace();
  readonly watchers = new Watchers();
  readonly options: WorldOptions;
  server: LoopbackServer | null = null;
  sessions = 0;
  reconnectsByHand = 0;
  readonly seen = { pings: 0, pongs: 0, mainPongs: 0, connections: 0, exits: 0, timeouts: 0, eventsDropped: 0, escalations: 0 };
  /** An actor that fails again and again: faults begin it, and it ends by itself. */
  relapse: { readonly actor: string; readonly how: 'crash' | 'cut'; times: number } | null = null;
  /** Connections whose stream was spoiled: what follows on them means nothing. */
  readonly spoiled = new Set<SimulatedConnection>();
  readonly #bugs: PlantedBugs;
  #session: OpenSession | null = null;
  #reopenAtMs = 0;
  readonly #faultsEnd: (() => void)[] = [];
  readonly #windows = new WeakMap<SimulatedConnection, { readonly window: number; readonly debt: number }>();
  #looks = 0;

  constructor(options: WorldOptions) {
    this.options = options;
    this.#bugs = new PlantedBugs(options.sabotage, this);
    this.random = new Seeded(options.seed);
    this.network = new SimulatedNetwork(() => this.host, this.random.fork(), {
      opened: () => (this.seen.connections += 1),
      delivered: (connection, received, written) => {
        if (this.spoiled.has(connection)) return;
        const [pings, pongs] = [received.filter(({ type }) => type === serverPing).length, written.filter(isAnswer).length];
        this.seen.pings += pings;
        this.seen.pongs += pongs;
        if (connection.link?.channelType === ChannelType.main) this.seen.mainPongs += pongs;
        for (const { type, bodyBytes } of received) this.note(`${connection.owner} < ${type} ${bodyBytes}`);
        if (pings > 0 || pongs > 0) this.see({ kind: 'pingsDelivered', owner: connection.owner, pings, pongs });
        this.#countWindow(connection, received, written);
      },
      sent: (connection, messages) => {
        for (const { type, bodyBytes } of messages) this.note(`${connection.owner} > ${type} ${bodyBytes}`);
      },
      closed: (connection, cause) => this.note(`${connection.owner} closed ${cause.kind}`),
      passes: (connection, bytes) => this.#bugs.passes(connection, bytes),
    });
    this.host = createVirtualHost({ seed: options.seed, dial: this.network.dial });
  }

  get session(): OpenSession | null {
    return this.#session;
  }

  get nowMs(): number {
    return this.host.clock.monotonicMs();
  }

  note(text: string): void {
    this.trace.note(this.nowMs, text);
  }

  see(fact: Fact): void {
    const before = this.watchers.violations.length;
    this.watchers.see(this.nowMs, fact);
    for (const { invariant, what } of this.watchers.violations.slice(before)) this.note(`BROKEN ${invariant}: ${what}`);
  }

  /** A new server, as after a restart of the machine that it runs on: it shows another picture and knows no old session. */
  startServer(): void {
    const { pingEveryMs, pictures } = this.options;
    const host = {
      clock: this.host.clock,
      random: this.host.random,
      timers: {
        soon: (run: () => void) => this.host.timers.soon(run),
        after: (ms: number, run: () => void) => this.host.timers.after(this.#serverPaceMs(ms), run),
      },
    };
    const firstPicture = this.random.between(0, firstPictures.count - 1) * firstPictures.apart;
    const scene = pictures ? 'default' : 'idle';
    const server = new LoopbackServer(host, { ...defaultLoopbackOptions, scene, firstPicture, pingEveryMs, compression: 'auto' }, shared);
    this.server = server;
    this.network.accept = (connection) => server.accept(connection);
    this.note(`server starts at picture ${firstPicture}`);
  }

  /** Its connections end, and nobody listens any more. */
  killServer(): void {
    if (this.server === null) return;
    this.note('server dies');
    this.see({ kind: 'serverDied', atMs: this.nowMs });
    this.#lookAtServer();
    this.network.accept = null;
    this.server.close();
    this.server = null;
  }

  /** Lets time pass until then. Sessions that are held or end meanwhile are begun anew. */
  async advanceTo(untilMs: number): Promise<void> {
    while (this.nowMs < untilMs) {
      await this.host.advance(Math.min(sliceMs, untilMs - this.nowMs));
      this.look();
      this.#pressReconnect();
      if (this.#session?.ended === true) await this.closeSession();
      if (this.#session === null && this.nowMs >= this.#reopenAtMs) await this.openSession();
    }
  }

  /** The person who looks at the screen once a minute. */
  #pressReconnect(): void {
    const reconnect = this.#session?.run.reconnect;
    if (reconnect?.facts.phase.kind !== 'held' || this.#session?.ended === true) return;
    this.reconnectsByHand += 1;
    this.note('R is pressed');
    reconnect.byHand();
  }

  async openSession(): Promise<void> {
    await loadModules();
    this.sessions += 1;
    this.note(`session ${this.sessions} starts`);
    this.see({ kind: 'sessionStarted' });
    const rings = new WatchedRings();
    let system: SimulatedSystem | null = null;
    const run = new SessionRun({
      host: this.host,
      createSystem: (host) => (system = new SimulatedSystem(host, this.#systemEvents(rings))),
      target: connectionTarget({ host: '192.0.2.1', port: 5900 }),
      endpoints: [endpoint],
      password: '',
      filter: this.options.channels === 'all' ? null : new Set(['main']),
      disabled: new Set(),
      singleThread: true,
      captureFolder: `/captures/${this.sessions}`,
      version: { version: '0.0.0', commit: null, dirty: false },
      reconnect: clientRecovers.session ? { holds: true, retryInitial: false, jitter: 0.1, renew: null, freshTickets: false } : null,
      monitors: 1,
      frozenMs: null,
      keepaliveIdleMs: this.options.keepaliveIdleMs,
      faults: [],
      trackCoverage: false,
      verbose: false,
      // Their modules are replaced before they start: consumers of the simulation draw on nothing.
      dashboard: {} as DashboardArgs,
      log: {} as LogSinkArgs,
      control: null,
      sound: noSound(),
    });
    rings.replace(run.memory, this.host.clock, this.#bugs.is('ringBudget') ? 8 : 1);
    // The constructor has just called it.
    const session: OpenSession = { run, system: system!, rings, ended: false, stopping: null, hasStopped: false };
    this.#session = session;
    run.escalations.subscribe(({ supervisor, child, spent }) => this.#gaveUp(supervisor, child, spent === 'start'));
    void run.ended.then((outcome) => {
      session.ended = true;
      this.note(`session ended: ${outcome.kind}`);
    });
    run.events.subscribe(({ channel, event }) => {
      this.note(`${channel} ${event.kind}`);
      if (event.kind === 'sessionInitialised') this.see({ kind: 'sessionLinked' });
      if (event.kind === 'linkFailed' && event.failure.kind === 'deadline') this.seen.timeouts += 1;
      if (event.kind === 'connectionLost' && event.cause.kind === 'timeout') this.seen.timeouts += 1;
    });
    try {
      await this.#passUntil(run.start(), stopPatienceMs);
    } catch (error) {
      if (!(error instanceof StartFailed)) throw error;
      this.note(`session did not start: ${error.message}`);
      session.ended = true;
    }
  }

  /** A person ends the session, whatever it is in the middle of; the world closes it when it next looks. */
  quit(): void {
    if (this.#session !== null) void this.#stop(this.#session);
  }

  async closeSession(): Promise<void> {
    const session = this.#session;
    if (session === null) return;
    await this.#passUntil(this.#stop(session), stopPatienceMs);
    if (!session.hasStopped) this.see({ kind: 'stopped', tookMs: stopPatienceMs, actors: session.system.children.map(({ id }) => id) });
    for (const memory of session.run.memory.channels) this.seen.eventsDropped += session.run.memory.counters(memory)['events_dropped'] ?? 0;
    this.#session = null;
    this.#reopenAtMs = this.nowMs + reopenAfterMs;
  }

  /** What a fault that lasts will end with. The end of the world comes before it. */
  later(ms: number, run: () => void): void {
    this.#faultsEnd.push(this.host.timers.after(ms, run));
  }

  /** Ends everything, and looks at what is left. */
  async end(): Promise<void> {
    for (const cancel of this.#faultsEnd) cancel();
    const system = this.#session?.system ?? null;
    await this.closeSession();
    this.killServer();
    for (const connection of this.network.connections) if (this.spoiled.has(connection)) connection.cut('rst');
    // What the network still carries, and the keepalive of what it has lost, runs out.
    await this.host.advance(120_000);
    if (this.#bugs.is('nothingLeft')) this.host.timers.after(1, () => undefined);
    this.see({
      kind: 'worldEnded',
      actors: system?.children.map(({ id }) => id) ?? [],
      connections: this.network.connections.size,
      timers: this.host.pending,
      files: this.disk.openFiles,
      holes: this.disk.holes,
    });
  }

  /** The running actors of the session, by id. */
  actor(id: string): WatchedActor | null {
    const { system } = this.#session ?? {};
    return system?.child(id) === null ? null : (system?.watched.get(id) ?? null);
  }

  actorIds(): string[] {
    return this.#session?.system.children.map(({ id }) => id) ?? [];
  }

  /** Every invariant that is about a state and not about an event. */
  look(): void {
    this.#looks += 1;
    this.#bugs.atLook(this.#looks);
    this.#lookAtServer();
    const session = this.#session;
    if (session === null) return;
    for (const child of session.system.children) {
      const actor = session.system.watched.get(child.id);
      if (actor === undefined) continue;
      const { dataMax, controlMax } = actor.spec.mailbox;
      this.see({ kind: 'mailboxSeen', actor: child.id, laneMax: Math.max(dataMax, controlMax), stats: child.mailbox(), counted: countedOf(actor) });
    }
    this.#lookAtRings(session.rings, 'ringSeen');
  }

  /** Which of the channels that the server offers are not linked, and which other actors do not run. */
  missing(): string[] {
    const session = this.#session;
    if (session === null) return ['session'];
    const { memory } = session.run;
    const wanted = this.options.channels === 'main' ? ['main/0'] : ['main/0', 'display/0', 'inputs/0', 'cursor/0', 'playback/0', 'record/0', 'usbredir/0', 'port/0', 'webdav/0'];
    const unlinked = wanted.filter((id) => {
      const channel = memory.channels.find((one) => one.id === id);
      return channel === undefined || session.system.child(id) === null || memory.facts(channel)?.phase !== 'linked';
    });
    return [...unlinked, ...['hub', 'writer'].filter((id) => session.system.child(id) === null)];
  }

  /** Pixels of the primary surface that are not the server's; null without a picture or a server. */
  pixelsWrong(): number | null {
    const shown = this.#session?.run.surfaces[0];
    const picture = this.server?.observe().channels['display/0']?.['picture'];
    if (shown === undefined || typeof picture !== 'number') return null;
    const surface = openSurface(shown.buffer);
    if (this.#bugs.is('heals')) surface.words[1_234] = 0x00123456;
    const { words } = sceneFrame(picture);
    if (words.length !== surface.words.length) return words.length;
    let wrong = 0;
    for (let at = 0; at < words.length; at++) if (((surface.words[at] ?? 0) & 0xffffff) !== words[at]) wrong += 1;
    return wrong;
  }

  /** Every message counts, PING and SET_ACK too; SET_ACK is the first of its own window. */
  #countWindow(connection: SimulatedConnection, received: readonly SeenMessage[], written: readonly SeenMessage[]): void {
    let account = this.#windows.get(connection) ?? { window: 0, debt: 0 };
    for (const { type, second } of received) account = type === serverSetAck ? { window: second, debt: 1 } : { ...account, debt: account.debt + 1 };
    for (const { type } of written) if (type === clientAck) account = { ...account, debt: account.debt - account.window };
    this.#windows.set(connection, account);
    if (account.window > 0) this.see({ kind: 'windowSeen', owner: connection.owner, ...account });
  }

  #serverPaceMs(ms: number): number {
    if (ms <= 0 || ms > sceneTimersMs) return ms;
    return ms === sceneTimersMs ? lookEveryMs : this.random.between(sceneEveryMs.least, sceneEveryMs.most);
  }

  #lookAtServer(): void {
    if (this.server === null) return;
    this.see({ kind: 'serverSeen', violations: this.server.violations });
  }

  #lookAtRings(rings: WatchedRings, kind: 'ringSeen' | 'captureClosed'): void {
    for (const { counters, ...ring } of rings.look()) {
      const { appended, delivered, dropped } = counters;
      const settled = this.#bugs.is('tapAccounts') ? delivered + dropped + this.#looks : delivered + dropped;
      this.see({ kind, ...ring, appended, settled });
    }
  }

  #systemEvents(rings: WatchedRings) {
    return {
      respec: (spec: ChildSpec): ChildSpec => {
        // The session makes the hub's arguments; to these only the pace is added.
        if (spec.id === 'hub') return { ...spec, args: { ...(spec.args as HubArgs), sampleEveryMs: this.options.sampleEveryMs } };
        if (this.#bugs.is('mailboxBounds') && spec.id === 'log') return { ...spec, mailbox: { dataMax: spec.mailbox.dataMax * 64, controlMax: spec.mailbox.controlMax } };
        return this.#bugs.is('stopsInTime') && spec.id === 'dashboard' ? { ...spec, shutdown: stopPatienceMs / 2 } : spec;
      },
      load: (spec: ChildSpec): ActorModule => {
        if (this.#bugs.is('stopsInTime') && spec.id === 'dashboard') return { start: () => ({ receive: () => undefined, observe: () => null, stop: () => new Promise<void>(() => undefined) }) };
        if (consumers.has(spec.id)) return reader;
        if (spec.id === 'writer') return createWriter(this.disk.calls) as ActorModule<WriterArgs, WriterMessage> as ActorModule;
        return moduleOf(spec);
      },
      started: (actor: WatchedActor) => {
        actor.startedAtMs = this.nowMs;
        this.note(`${actor.spec.id}#${actor.generation} starts`);
        this.#relapses(actor);
        this.see({ kind: 'started', actor: actor.spec.id, generation: actor.generation, atMs: this.nowMs });
      },
      exited: (exit: Exit, actor: WatchedActor) => this.#exited(exit, actor),
      received: (actor: WatchedActor, from: { sender: string; generation: number }, newest: number) =>
        this.see({ kind: 'received', actor: actor.spec.id, sender: from.sender, generation: from.generation, newest }),
      dialled: (actor: WatchedActor, socket: unknown) => {
        if (socket instanceof SimulatedConnection) socket.owner = `${actor.spec.id}#${actor.generation}`;
        this.note(`${actor.spec.id}#${actor.generation} dials`);
        const secondary = rings.has(actor.spec.id) && actor.spec.id !== 'main/0';
        this.see({ kind: 'dialled', actor: actor.spec.id, generation: actor.generation, secondary, atMs: this.nowMs });
      },
      handsOver: (actor: WatchedActor) => this.#bugs.handsOver(actor),
      neverReads: (id: string) => id === 'log' && (!this.options.consumerReads || this.#bugs.is('mailboxBounds')),
    };
  }

  #gaveUp(supervisor: string, child: string, onStart: boolean): void {
    this.seen.escalations += 1;
    this.note(`${supervisor} gives up on ${child}`);
    if (!this.#bugs.is('oneEscalation')) this.see({ kind: 'gaveUp', supervisor, child, onStart });
  }

  #exited(exit: Exit, actor: WatchedActor): void {
    this.seen.exits += 1;
    const { reason } = exit;
    this.note(`${exit.id}#${exit.generation} exits ${reason.kind}`);
    actor.endedWith = reason.kind;
    const cause = causeOf(reason.kind);
    if (cause !== null && !actor.stopAsked) this.see({ kind: 'failed', actor: exit.id, cause, aliveMs: this.nowMs - actor.startedAtMs, atMs: this.nowMs });
    this.#bugs.exited(exit);
    // The descriptors of a thread that is gone are closed with it.
    if (exit.id === 'writer') this.disk.closeAll();
    // A disk that refuses the first file ends the writer's start, and that is how it says so.
    const stray = reason.kind === 'failed' && reason.error.message !== injected && reason.error.name !== 'CaptureRefused';
    if (stray || (this.#bugs.is('noStrayError') && reason.kind === 'failed')) {
      this.see({ kind: 'crashed', what: `${exit.id}#${exit.generation} failed: ${reason.error.stack ?? reason.error.message}` });
    }
  }

  #stop(session: OpenSession): Promise<void> {
    session.stopping ??= this.#stopNow(session);
    return session.stopping;
  }

  async #stopNow(session: OpenSession): Promise<void> {
    session.ended = true;
    this.look();
    this.note('session stops');
    this.see({ kind: 'sessionStopping' });
    const fromMs = this.nowMs;
    const { failures } = this.disk;
    const writer = this.actor('writer');
    await session.run.stop();
    session.hasStopped = true;
    this.see({ kind: 'stopped', tookMs: this.nowMs - fromMs, actors: session.system.children.map(({ id }) => id) });
    if (writer?.endedWith === 'shutdown' && this.disk.failing === null && this.disk.failures === failures) this.#lookAtRings(session.rings, 'captureClosed');
  }

  /** Whoever has a relapse fails soon after each of its starts, until it has failed as often as it was to. */
  #relapses({ spec, generation }: WatchedActor): void {
    const { relapse } = this;
    if (relapse === null || relapse.actor !== spec.id) return;
    relapse.times -= 1;
    if (relapse.times <= 0) this.relapse = null;
    this.host.timers.after(this.random.between(0, relapseMsMax), () => {
      if (this.actor(spec.id)?.generation !== generation) return;
      if (relapse.how === 'crash') this.actor(spec.id)?.crash?.();
      else for (const connection of this.network.connections) if (connection.owner === `${spec.id}#${generation}`) connection.cut('rst');
    });
  }

  /** Lets time pass until a promise is settled, in steps, up to a bound. */
  async #passUntil(promise: Promise<unknown>, mostMs: number): Promise<void> {
    const untilMs = this.nowMs + mostMs;
    const state = { settled: false };
    const settling = promise.finally(() => (state.settled = true));
    settling.catch(() => undefined);
    await this.host.settle();
    while (!state.settled && this.nowMs < untilMs) await this.host.advance(50);
    if (state.settled) await settling;
  }
}
