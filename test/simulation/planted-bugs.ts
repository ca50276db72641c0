// A bug for each invariant, planted in the simulation's own code and never in the client's: what planted-bugs.test.ts finds again. A world
// without one asks this file all the same, and is told that nothing is wrong.

import type { Exit } from '#app/actors/kernel/exit-reason.js';
import { ChannelType } from '#app/protocol/constants.js';
import type { InvariantName } from './invariants.ts';
import type { SimulatedConnection } from './network.ts';
import type { WatchedActor } from './simulated-system.ts';
import type { World } from './world.ts';

const clientPong = 3;
const clientAck = 2;
const pongBodyBytes = 12;
/** Messages of the client that consist of nothing but their header. */
const bareBytes = 6;
/** Looks after the world's beginning: everything is linked by then. */
const calmLook = 3;

export class PlantedBugs {
  readonly #bug: InvariantName | null;
  readonly #world: World;
  #count = 0;

  constructor(bug: InvariantName | null, world: World) {
    this.#bug = bug;
    this.#world = world;
  }

  is(bug: InvariantName): boolean {
    return this.#bug === bug;
  }

  /** How often these bytes reach the server: once, unless a bug is planted. */
  passes(connection: SimulatedConnection, bytes: Uint8Array): number {
    const isDisplay = connection.link?.channelType === ChannelType.display;
    if (this.is('everyPong') && bytes[0] === clientPong && bytes[2] === pongBodyBytes) return ++this.#count % 3 === 0 ? 0 : 1;
    if (this.is('ackWindow') && isDisplay && bytes.length === bareBytes && bytes[0] === clientAck) return ++this.#count % 2 === 0 ? 2 : 1;
    return 1;
  }

  /** False = a message is lost on its way. */
  handsOver(actor: WatchedActor): boolean {
    return !this.is('mailAccounts') || actor.spec.id !== 'hub' || ++this.#count % 50 !== 0;
  }

  /** Bugs that need a moment of their own. */
  atLook(look: number): void {
    const world = this.#world;
    const system = world.session?.system;
    if (system === undefined) return;
    const crash = (id: string): void => system.watched.get(id)?.crash?.();
    if (this.is('generations')) {
      const [hub, consumer] = [system.watched.get('hub'), system.watched.get('dashboard')];
      if (look === calmLook) crash('dashboard');
      if (look > calmLook + 1 && consumer?.generation === 1 && system.child('dashboard') === null) void this.#restart(consumer);
      // A hub that acts on what a link of an older generation has left.
      if ((consumer?.generation ?? 1) > 1) hub?.receive?.({ kind: 'unsubscribe', consumer: 'nobody' }, { sender: 'dashboard', generation: 1, lane: 'data' });
    }
    if (look !== calmLook) return;
    if (this.is('restartIntensity')) crash('dashboard');
    if (this.is('oneEscalation')) {
      // Its supervisor gives up, and nobody is told.
      world.relapse = { actor: 'display/0', how: 'crash', times: 20 };
      crash('display/0');
    }
  }

  /** A supervisor with no idea of budgets and none of what its channels' losses mean. */
  exited(exit: Exit): void {
    const actor = this.#world.session?.system.watched.get(exit.id);
    if (actor === undefined) return;
    if (this.is('noRelinkAfterDeath') && exit.reason.kind === 'downstreamClosed' && exit.id === 'display/0' && exit.generation < 4) void this.#restart(actor);
    if (this.is('restartIntensity') && exit.id === 'dashboard' && exit.generation < 30) void this.#restart(actor).then(() => this.#world.actor('dashboard')?.crash?.());
  }

  async #restart(actor: WatchedActor): Promise<void> {
    try {
      await this.#world.session?.system.start(actor.spec);
    } catch {
      // Somebody else has started it, or the session is over.
    }
  }
}
