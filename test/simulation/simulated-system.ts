// The actor system of a simulation: every actor runs in this one thread, and around each stands a watch that counts what is posted
// to it and handed to it, sees it dial, and can make it crash. The actors themselves are those that ship.

import { ActorSystem } from '#app/actors/kernel/actor-system.js';
import type { Actor, ActorContext, ActorModule } from '#app/actors/kernel/actor.js';
import type { ChildHandle } from '#app/actors/kernel/child-handle.js';
import type { ChildSpec } from '#app/actors/kernel/child-spec.js';
import type { Exit, StopReason } from '#app/actors/kernel/exit-reason.js';
import { createVirtualHost } from '#app/actors/kernel/virtual-host.js';
import type { Endpoint, Host, SocketEvents, StreamSocket } from '#app/actors/kernel/host.js';
import type { Address, Envelope, SendOptions, TellOptions } from '#app/mailbox/address.js';
import { SendTimeout } from '#app/mailbox/send-timeout.js';
import type { CountedMail } from './invariants.ts';

const delegate = new URL('./actors/delegate.mjs', import.meta.url).href;

/** What the simulation knows of one start of one actor. */
export interface WatchedActor {
  readonly spec: ChildSpec;
  readonly generation: number;
  readonly handle: ChildHandle;
  startedAtMs: number;
  /** Null while it runs. */
  endedWith: Exit['reason']['kind'] | null;
  /** Somebody wants it to end. */
  stopAsked: boolean;
  counted: { accepted: number; refused: number; closed: number; handled: number };
  /** Hands it a message as if a link had. Null while it does not run. */
  receive: ((message: unknown, from: Envelope) => void) | null;
  /** Makes the actor throw in a turn of its own. */
  crash: (() => void) | null;
}

export interface SystemEvents {
  /** What is started in place of this child spec; the spec itself for most. */
  respec(spec: ChildSpec): ChildSpec;
  /** The module of a spec, or one of the simulation's own. */
  load(spec: ChildSpec): ActorModule;
  started(actor: WatchedActor): void;
  exited(exit: Exit, actor: WatchedActor): void;
  received(actor: WatchedActor, from: Envelope, newest: number): void;
  dialled(actor: WatchedActor, socket: StreamSocket): void;
  /** False = the message is lost on the way (a planted bug). */
  handsOver(actor: WatchedActor): boolean;
  /** True = the actor starts, and never takes anything out of its mailbox. */
  neverReads(id: string): boolean;
}

export const injected = 'injected by the simulation';

export class SimulatedSystem extends ActorSystem {
  readonly watched = new Map<string, WatchedActor>();
  readonly #host: StartDeadlineHost;
  readonly #events: SystemEvents;

  constructor(host: Host, events: SystemEvents) {
    const inner = new StartDeadlineHost(host);
    super(inner.host, { placement: 'local' });
    this.#host = inner;
    this.#events = events;
  }

  override start(spec: ChildSpec): Promise<ChildHandle> {
    const hangs = this.#events.neverReads(spec.id);
    const given = this.#events.respec(spec);
    const args = { start: (context: ActorContext): Promise<Actor> => (hangs ? new Promise<Actor>(() => undefined) : this.#begin(context, given)) };
    this.#host.swallowsNextDeadline = hangs;
    const starting = super.start({ ...given, module: delegate, args });
    this.#host.swallowsNextDeadline = false;
    const handle = this.child(spec.id);
    if (handle === null) return starting;
    const actor = this.#watch(spec, handle);
    void handle.exited.then((exit) => this.#events.exited(exit, actor));
    this.#events.started(actor);
    if (!hangs) return starting;
    // It never says that it has started, and nobody is to wait for it.
    starting.catch(() => undefined);
    return Promise.resolve(handle);
  }

  #watch(spec: ChildSpec, handle: ChildHandle): WatchedActor {
    const actor: WatchedActor = { spec, generation: handle.generation, handle, startedAtMs: 0, endedWith: null, stopAsked: false, counted: { accepted: 0, refused: 0, closed: 0, handled: 0 }, receive: null, crash: null };
    this.watched.set(spec.id, actor);
    const { address } = handle;
    Object.assign(address, this.#counting({ from: address.from, to: address.to, tell: address.tell.bind(address), send: address.send.bind(address) }));
    const stop = handle.stop.bind(handle);
    const observe = handle.observe.bind(handle);
    Object.assign(handle, {
      stop: (reason?: StopReason) => {
        if (!actor.stopAsked && spec.shutdown !== 'brutalKill') actor.counted.accepted += 1;
        actor.stopAsked = true;
        return stop(reason);
      },
      observe: (deadlineMs?: number) => {
        actor.counted.accepted += 1;
        return observe(deadlineMs);
      },
    });
    return actor;
  }

  async #begin(context: ActorContext, spec: ChildSpec): Promise<Actor> {
    const actor = this.watched.get(context.id);
    if (actor === undefined) throw new Error(`${context.id} is not watched`);
    const module = this.#events.load(spec);
    const inner = await module.start(this.#watchedContext(context, actor), spec.args);
    const hand = (message: unknown, from: Envelope): void => {
      this.#events.received(actor, from, this.watched.get(from.sender)?.generation ?? from.generation);
      inner.receive(message, from);
    };
    actor.receive = hand;
    actor.crash = () =>
      void context.host.timers.soon(() => {
        throw new Error(injected);
      });
    return {
      receive: (message, from) => {
        if (!this.#events.handsOver(actor)) return;
        actor.counted.handled += 1;
        hand(message, from);
      },
      observe: () => {
        actor.counted.handled += 1;
        return inner.observe();
      },
      stop: (reason) => {
        actor.counted.handled += 1;
        return inner.stop(reason);
      },
    };
  }

  #watchedContext(context: ActorContext, actor: WatchedActor): ActorContext {
    const { host } = context;
    const dial = (endpoint: Endpoint, events: SocketEvents): StreamSocket => {
      const socket = host.dial(endpoint, events);
      this.#events.dialled(actor, socket);
      return socket;
    };
    // An address carries whatever its receiver documents; counting changes nothing about that.
    return { ...context, host: { ...host, dial }, address: <M>(name: string) => this.#counting(context.address(name)) as Address<M> };
  }

  /** The same address, with every message counted for the generation of the receiver that runs now. */
  #counting(address: Address): Address {
    const account = (): WatchedActor['counted'] => this.watched.get(address.to)?.counted ?? { accepted: 0, refused: 0, closed: 0, handled: 0 };
    return {
      from: address.from,
      to: address.to,
      tell: (message: unknown, options?: TellOptions) => {
        const result = address.tell(message, options);
        account()[result === 'full' ? 'refused' : result] += 1;
        return result;
      },
      send: async (message: unknown, options?: SendOptions) => {
        const counted = account();
        try {
          await address.send(message, options);
          counted.accepted += 1;
        } catch (error) {
          counted[error instanceof SendTimeout ? 'refused' : 'closed'] += 1;
          throw error;
        }
      },
    };
  }
}

const distActors = new URL('../../dist/actors/', import.meta.url);
const actorModules = ['channel-actor', 'hub-actor'];
const painterModules = ['display-painter', 'pointer-painter'];
const loaded = new Map<string, ActorModule>();

/** The shipped module of a child spec. `loadModules` has loaded it. */
export function moduleOf({ id, module }: ChildSpec): ActorModule {
  const known = loaded.get(module);
  if (known === undefined) throw new Error(`${id}: ${module} was not loaded before the world began`);
  return known;
}

/** Loads every actor's module once, in real time: a file that is read while virtual time passes would decide who starts when. */
export async function loadModules(): Promise<void> {
  if (loaded.size > 0) return;
  for (const name of actorModules) {
    const { href } = new URL(`${name}.js`, distActors);
    // An actor module exports `actor`; the kernel says so when one does not.
    loaded.set(href, ((await import(href)) as { actor: ActorModule }).actor);
  }
  // Channel actors load theirs by themselves, and the kernel the delegate: it must have them already.
  for (const name of painterModules) await import(new URL(`${name}.js`, distActors).href);
  const spec: ChildSpec = {
    id: 'loader', module: delegate, args: { start: () => ({ receive: () => undefined, observe: () => null, stop: () => undefined }) },
    placement: 'local', restart: 'temporary', shutdown: 'brutalKill', mailbox: { dataMax: 1, controlMax: 1 }, links: [],
  };
  await new ActorSystem(createVirtualHost({ seed: 0 })).start(spec);
}

export const countedOf = (actor: WatchedActor): CountedMail => ({ ...actor.counted });

/** A host whose next long timer can be left out: the system's deadline for starting an actor that is wedged from its start on. */
class StartDeadlineHost {
  swallowsNextDeadline = false;
  readonly host: Host;

  constructor(host: Host) {
    this.host = {
      ...host,
      timers: {
        soon: (run) => host.timers.soon(run),
        after: (ms, run) => {
          if (!this.swallowsNextDeadline || ms < 1_000) return host.timers.after(ms, run);
          return () => undefined;
        },
      },
    };
  }
}
