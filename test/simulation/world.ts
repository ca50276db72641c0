// The simulated world: the whole client and the loopback server in one thread, under one virtual clock and one seed, with a network
// between them and a disk under the writer. It lets time pass, tells the invariants what it sees, and does what a person would
// do: press R when a session is held, and start one again that has ended.

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
import { ringBytesOf } from '#app/capture/ring-budget.js';
import { connectionTarget } from '#app/cli/connection-target.js';
import { SessionRun } from '#app/cli/session-run.js';
import { createTapRing, readTapCounters, type TapCounters, type TapRingHandle } from '#app/mailbox/tap-ring.js';
import { snapshotTapRing } from '#app/mailbox/tap-snapshot.js';
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
import type { SeenMessage } from './wire-observer.ts';
import { Seeded } from './seeded.ts';
import { countedOf, injected, loadModules, SimulatedSystem, type WatchedActor } from './simulated-system.ts';
import { Trace } from './trace.ts';
import { noSound } from '../support/sound.ts';

export interface WorldOptions {
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
/** Rings of the product would hold weeks of this traffic; in these, the budget is reached within minutes. */
const ringShrink = 2_048;
const segmentBytes = 1_024;
/** For whole pictures, and for whatever else does not fit a segment. */
const largeBytes = [256 * 1_024, 4 * 1_024 * 1_024] as const;
const reopenAfterMs = 5_000;
const sliceMs = 60_000;
const stopPatienceMs = 300_000;
const consumers = new Set(['dashboard', 'log']);

/** What a consumer of the simulation does: it takes its news. */
const reader: ActorModule = { start: () => ({ receive: () => undefined, observe: () => null, stop: () => undefined }) };

/** Bytes of a PONG and of an ACK on the wire start with their numbers. */
const clientPong = 3;
const clientAck = 2;
const serverSetAck = 3;
const serverPing = 4;

/** Which key it was and how often a picture was compressed changes no byte of what the client decodes: all worlds of a process share both. */
const shared: SharedByServers = { keys: createLinkKeys(), remember: rememberUpTo(128 * 1024 * 1024) };

interface WatchedRing {
  readonly handle: TapRingHandle;
  readonly counters: () => TapCounters;
  /** Entries in it when its bytes were last counted. */
  appended: number;
  heldBytes: number;
}

/** One session of the world, from its start to its stop. */
interface OpenSession {
  readonly run: SessionRun;
  readonly system: SimulatedSystem;
  readonly rings: Map<string, WatchedRing>;
  ended: boolean;
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
  readonly seen = { pings: 0, pongs: 0, mainPongs: 0, connections: 0, exits: 0, timeouts: 0, eventsDropped: 0 };
  /** Connections whose stream was spoiled: what follows on them means nothing. */
  readonly spoiled = new Set<SimulatedConnection>();
  #session: OpenSession | null = null;
  #reopenAtMs = 0;
  readonly #windows = new WeakMap<SimulatedConnection, { readonly window: number; readonly debt: number }>();
  #acksSeen = 0;
  #lost = 0;
  #looks = 0;

  constructor(options: WorldOptions) {
    this.options = options;
    this.random = new Seeded(options.seed);
    this.network = new SimulatedNetwork(() => this.host, this.random.fork(), {
      opened: () => (this.seen.connections += 1),
      delivered: (connection, received, written) => {
        if (this.spoiled.has(connection)) return;
        const [pings, pongs] = [received.filter(({ type }) => type === serverPing).length, written.filter(({ type }) => type === clientPong).length];
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
      passes: (connection, bytes) => this.#passes(connection, bytes),
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
    const rings = new Map<string, WatchedRing>();
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
      keepaliveIdleMs: null,
      faults: [],
      trackCoverage: false,
      verbose: false,
      // Their modules are replaced before they start: consumers of the simulation draw on nothing.
      dashboard: {} as DashboardArgs,
      log: {} as LogSinkArgs,
      control: null,
      sound: noSound(),
    });
    this.#shrinkRings(run, rings);
    // The constructor has just called it.
    const session: OpenSession = { run, system: system!, rings, ended: false };
    this.#session = session;
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

  async closeSession(): Promise<void> {
    const session = this.#session;
    if (session === null) return;
    this.look();
    this.note('session stops');
    const fromMs = this.nowMs;
    await this.#passUntil(session.run.stop(), stopPatienceMs);
    this.see({ kind: 'stopped', tookMs: this.nowMs - fromMs });
    for (const memory of session.run.memory.channels) this.seen.eventsDropped += session.run.memory.counters(memory)['events_dropped'] ?? 0;
    this.#session = null;
    this.#reopenAtMs = this.nowMs + reopenAfterMs;
  }

  /** Ends everything, and looks at what is left. */
  async end(): Promise<void> {
    const system = this.#session?.system ?? null;
    await this.closeSession();
    this.killServer();
    for (const connection of this.network.connections) if (this.spoiled.has(connection)) connection.cut('rst');
    // What the network still carries, and the keepalive of what it has lost, runs out.
    await this.host.advance(120_000);
    if (this.options.sabotage === 'nothingLeft') this.host.timers.after(1, () => undefined);
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
    this.#plant();
    this.#lookAtServer();
    const session = this.#session;
    if (session === null) return;
    for (const child of session.system.children) {
      const actor = session.system.watched.get(child.id);
      if (actor === undefined) continue;
      const { dataMax, controlMax } = actor.spec.mailbox;
      this.see({ kind: 'mailboxSeen', actor: child.id, laneMax: Math.max(dataMax, controlMax), stats: child.mailbox(), counted: countedOf(actor) });
    }
    for (const [channel, ring] of session.rings) this.#lookAtRing(channel, ring);
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
    if (this.options.sabotage === 'heals') surface.words[1_234] = 0x00123456;
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

  #lookAtRing(channel: string, ring: WatchedRing): void {
    const { appended, delivered, dropped } = ring.counters();
    const settled = this.options.sabotage === 'tapAccounts' ? delivered + dropped + this.#looks : delivered + dropped;
    // A ring to which nothing was added holds what it held.
    if (appended !== ring.appended) ring.heldBytes = heldBytesOf(ring.handle);
    ring.appended = appended;
    const { heldBytes } = ring;
    this.see({ kind: 'ringSeen', channel, budgetBytes: this.#ringBytes(channel), heldBytes, segmentBytes, appended, settled });
  }

  #ringBytes(channel: string): number {
    return Math.ceil(ringBytesOf(channel) / ringShrink / segmentBytes) * segmentBytes;
  }

  /** The session's memory makes rings of the simulation's size: tens of MiB for each channel of each session would be most of a day's cost. */
  #shrinkRings(run: SessionRun, rings: Map<string, WatchedRing>): void {
    const createRing = (id: string): TapRingHandle => {
      const ringBytes = this.#ringBytes(id) * (this.options.sabotage === 'ringBudget' ? 8 : 1);
      const handle = createTapRing({ channel: id, ringBytes, segmentBytes, lagBytes: ringBytes, largeBytes }, this.host.clock);
      rings.set(id, { handle, counters: readTapCounters(handle), appended: 0, heldBytes: 0 });
      return handle;
    };
    Object.assign(run.memory, { createRing });
  }

  #systemEvents(rings: Map<string, WatchedRing>) {
    const { sabotage } = this.options;
    return {
      respec: (spec: ChildSpec): ChildSpec => {
        // The session makes the hub's arguments; to these only the pace is added.
        if (spec.id === 'hub') return { ...spec, args: { ...(spec.args as HubArgs), sampleEveryMs: this.options.sampleEveryMs } };
        if (sabotage === 'mailboxBounds' && spec.id === 'log') return { ...spec, mailbox: { dataMax: spec.mailbox.dataMax * 64, controlMax: spec.mailbox.controlMax } };
        return sabotage === 'stopsInTime' && spec.id === 'dashboard' ? { ...spec, shutdown: stopPatienceMs / 2 } : spec;
      },
      load: async (spec: ChildSpec): Promise<ActorModule> => {
        if (sabotage === 'stopsInTime' && spec.id === 'dashboard') return { start: () => ({ receive: () => undefined, observe: () => null, stop: () => new Promise<void>(() => undefined) }) };
        if (consumers.has(spec.id)) return reader;
        if (spec.id === 'writer') return createWriter(this.disk.calls) as ActorModule<WriterArgs, WriterMessage> as ActorModule;
        // An actor module exports `actor`; the kernel says so when one does not.
        return ((await import(spec.module)) as { actor: ActorModule }).actor;
      },
      started: (actor: WatchedActor) => {
        this.note(`${actor.spec.id}#${actor.generation} starts`);
        this.see({ kind: 'started', actor: actor.spec.id, generation: actor.generation, atMs: this.nowMs });
      },
      exited: (exit: Exit) => this.#exited(exit),
      received: (actor: WatchedActor, from: { sender: string; generation: number }, newest: number) =>
        this.see({ kind: 'received', actor: actor.spec.id, sender: from.sender, generation: from.generation, newest }),
      dialled: (actor: WatchedActor, socket: unknown) => {
        if (socket instanceof SimulatedConnection) socket.owner = `${actor.spec.id}#${actor.generation}`;
        this.note(`${actor.spec.id}#${actor.generation} dials`);
        const secondary = rings.has(actor.spec.id) && actor.spec.id !== 'main/0';
        this.see({ kind: 'dialled', actor: actor.spec.id, generation: actor.generation, secondary, atMs: this.nowMs });
      },
      handsOver: (actor: WatchedActor) => sabotage !== 'mailAccounts' || actor.spec.id !== 'hub' || ++this.#lost % 50 !== 0,
      neverReads: (id: string) => id === 'log' && (!this.options.consumerReads || sabotage === 'mailboxBounds'),
    };
  }

  #exited(exit: Exit): void {
    this.seen.exits += 1;
    const { reason } = exit;
    this.note(`${exit.id}#${exit.generation} exits ${reason.kind}`);
    this.#restartNaively(exit);
    // The descriptors of a thread that is gone are closed with it.
    if (exit.id === 'writer') this.disk.closeAll();
    // A disk that refuses the first file ends the writer's start, and that is how it says so.
    const stray = reason.kind === 'failed' && reason.error.message !== injected && reason.error.name !== 'CaptureRefused';
    if (stray || (this.options.sabotage === 'noStrayError' && reason.kind === 'failed')) {
      this.see({ kind: 'crashed', what: `${exit.id}#${exit.generation} failed: ${reason.error.stack ?? reason.error.message}` });
    }
  }

  /** How often these bytes reach the server: once, unless a bug is planted. */
  #passes(connection: SimulatedConnection, bytes: Uint8Array): number {
    const { sabotage } = this.options;
    const isDisplay = connection.link?.channelType === ChannelType.display;
    if (sabotage === 'everyPong' && bytes[0] === clientPong && bytes[2] === 12) return ++this.#lost % 3 === 0 ? 0 : 1;
    if (sabotage === 'ackWindow' && isDisplay && bytes.length === 6 && bytes[0] === clientAck) return ++this.#acksSeen % 2 === 0 ? 2 : 1;
    return 1;
  }

  /** Planted bugs that need a moment of their own. */
  #plant(): void {
    const system = this.#session?.system;
    if (system === undefined) return;
    if (this.options.sabotage === 'generations') {
      const [hub, channel] = [system.watched.get('hub'), system.watched.get('dashboard')];
      if (this.#looks === 3) channel?.crash?.();
      if (this.#looks > 4 && channel?.generation === 1 && system.child('dashboard') === null) void this.#restart(channel);
      // A hub that acts on what a link of an older generation has left.
      if ((channel?.generation ?? 1) > 1) hub?.receive?.({ kind: 'unsubscribe', consumer: 'nobody' }, { sender: 'dashboard', generation: 1, lane: 'data' });
    }
    if (this.options.sabotage === 'restartIntensity' && this.#looks === 3) system.watched.get('dashboard')?.crash?.();
  }

  /** A supervisor with no idea of budgets and none of what its channels' losses mean. */
  #restartNaively(exit: Exit): void {
    const { sabotage } = this.options;
    const actor = this.#session?.system.watched.get(exit.id);
    if (actor === undefined) return;
    if (sabotage === 'noRelinkAfterDeath' && exit.reason.kind === 'downstreamClosed' && exit.id === 'display/0' && exit.generation < 4) void this.#restart(actor);
    if (sabotage === 'restartIntensity' && exit.id === 'dashboard' && exit.generation < 30) void this.#restart(actor).then(() => this.actor('dashboard')?.crash?.());
  }

  async #restart(actor: WatchedActor): Promise<void> {
    try {
      await this.#session?.system.start(actor.spec);
    } catch {
      // Somebody else has started it, or the session is over.
    }
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

/** Bytes of traffic in a ring's usual segments. */
function heldBytesOf(ring: TapRingHandle): number {
  const snapshot = snapshotTapRing(ring);
  let heldBytes = 0;
  for (const entry of snapshot.entries()) if (entry.bytes.length <= segmentBytes) heldBytes += entry.bytes.length;
  snapshot.release();
  return heldBytes;
}
