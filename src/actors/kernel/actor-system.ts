// The actor system: it starts actors from child specs, makes the links between them, and ends them all. It restarts
// nothing and judges nobody; that is the supervisor's. It lives on the main thread and is the only one who knows who runs
// where.

import { createSameThreadLink, createThreadLink, discardEnd } from '../../mailbox/link.ts';
import type { ReceiveEnd, SendEnd } from '../../mailbox/link.ts';
import { CLOSED, SENDER_GONE } from '../../mailbox/link-words.ts';
import type { LinkMemory } from '../../mailbox/link-words.ts';
import { LinkStats } from '../../mailbox/link-stats.ts';
import { Route } from './address-book.ts';
import { Child } from './child.ts';
import { StartFailed } from './child-handle.ts';
import type { ChildHandle } from './child-handle.ts';
import { assertChildSpec } from './child-spec.ts';
import type { ChildSpec, Placement } from './child-spec.ts';
import type { Exit, StopReason } from './exit-reason.ts';
import type { Host } from './host.ts';
import { COMMAND_RESERVE, SYSTEM_ID } from './kernel-command.ts';
import type { LinkChange } from './kernel-command.ts';
import { runLocally } from './local-runner.ts';
import { createProgressMemory } from './progress.ts';
import type { ActorStart } from './actor-run.ts';
import type { Runner } from './runner.ts';
import { runOnThread } from './thread-runner.ts';

const CHILDREN_MAX = 4_096;
/** Loading a module and starting its actor must be done by then; what takes longer belongs into the actor's life. */
const START_MS = 10_000;

const LEFT_BEHIND_MAX = 64;

export interface ActorSystemOptions {
  /** Runs every actor in this thread, whatever its child spec says. */
  readonly placement?: 'local';
}

interface Link {
  readonly from: string;
  readonly to: string;
  readonly memory: LinkMemory;
}

export class ActorSystem {
  readonly #host: Host;
  readonly #placement: Placement | null;
  /** In the order of their start. */
  readonly #children = new Map<string, Child>();
  readonly #generations = new Map<string, number>();
  /** The newest link of each pair, by `from to`. */
  readonly #links = new Map<string, Link>();
  readonly #leftBehind: Exit[] = [];
  #ending = false;

  constructor(host: Host, options: ActorSystemOptions = {}) {
    this.#host = host;
    this.#placement = options.placement ?? null;
  }

  /** The running (or starting) actor of this id. */
  child(id: string): ChildHandle | null {
    return this.#children.get(id) ?? null;
  }

  get children(): readonly ChildHandle[] {
    return [...this.#children.values()];
  }

  /** Ends whose threads could not be ended: the process must not wait for them. The first `LEFT_BEHIND_MAX` are kept. */
  get leftBehind(): readonly Exit[] {
    return this.#leftBehind;
  }

  /**
   * Starts an actor and links it with those of its peers that run. Rejects with `InvalidChildSpec` before anything runs,
   * with `StartFailed` when the actor ended or hung in its start; throws when its id already runs: our own mistake.
   */
  async start(spec: ChildSpec): Promise<ChildHandle> {
    assertChildSpec(spec);
    if (spec.id === SYSTEM_ID) throw new Error(`'${SYSTEM_ID}' is the system's own name`);
    if (this.#children.has(spec.id)) throw new Error(`'${spec.id}' runs already`);
    if (this.#ending) throw new Error(`'${spec.id}' cannot start: the actor system is ending`);
    if (this.#generations.size >= CHILDREN_MAX && !this.#generations.has(spec.id)) throw new Error(`more than ${CHILDREN_MAX} actor ids`);

    const child = this.#launch(spec);
    const cancel = this.#host.timers.after(START_MS, () => void child.kill());
    const exit = await child.started;
    cancel();
    if (exit !== null) throw new StartFailed(exit, exit.reason.kind === 'failed' ? exit.reason.error.message : exit.reason.kind);
    return child;
  }

  /** Ends every actor, last started first, and refuses new ones. Takes at most the sum of their shutdown times. */
  async stopAll(reason: StopReason = { kind: 'shutdown' }): Promise<readonly Exit[]> {
    this.#ending = true;
    const exits: Exit[] = [];
    for (const child of [...this.#children.values()].reverse()) exits.push(await child.stop(reason));
    return exits;
  }

  #launch(spec: ChildSpec): Child {
    const generation = (this.#generations.get(spec.id) ?? 0) + 1;
    this.#generations.set(spec.id, generation);
    const progress = createProgressMemory();

    const command = this.#link({ id: SYSTEM_ID, placement: 'local' }, spec, COMMAND_RESERVE);
    const route = new Route({ id: SYSTEM_ID, generation: 1 }, spec.id, this.#host, NO_MARKS);
    const commands = route.connect(generation, command.send);
    const child = new Child({ spec, generation, host: this.#host, progress, route, commands, ended: (ended, exit) => this.#ended(ended, exit) });
    child.countLink(new LinkStats(command.memory), SYSTEM_ID, 1);

    // Both directions with every peer that runs: the new actor's ends go with its start, the peers' ends to the peers.
    const linkChanges: LinkChange[] = [];
    const forPeers: { readonly peer: Child; readonly change: LinkChange }[] = [];
    for (const peer of this.#children.values()) {
      if (spec.links.includes(peer.id)) {
        const link = this.#link(spec, peer.spec);
        peer.countLink(new LinkStats(link.memory), spec.id, generation);
        linkChanges.push({ kernel: 'linkTo', to: peer.id, generation: peer.generation, end: link.send });
        forPeers.push({ peer, change: { kernel: 'linkFrom', from: spec.id, generation, end: link.receive } });
      }
      if (peer.spec.links.includes(spec.id)) {
        const link = this.#link(peer.spec, spec);
        child.countLink(new LinkStats(link.memory), peer.id, peer.generation);
        linkChanges.push({ kernel: 'linkFrom', from: peer.id, generation: peer.generation, end: link.receive });
        forPeers.push({ peer, change: { kernel: 'linkTo', to: spec.id, generation, end: link.send } });
      }
    }

    const start: ActorStart = {
      id: spec.id, generation, module: spec.module, args: spec.args, links: spec.links, progress, systemEnd: command.receive, linkChanges,
    };
    try {
      child.run(this.#run(spec, start, child, commands));
    } catch (error) {
      // The args cannot cross a thread. Nothing has started, so every end is still here.
      for (const change of [...linkChanges, ...forPeers.map((entry) => entry.change)]) discardEnd(change.end);
      discardEnd(command.receive);
      route.close();
      throw error;
    }
    this.#children.set(spec.id, child);
    for (const { peer, change } of forPeers) this.#hand(peer, change);
    return child;
  }

  #run(spec: ChildSpec, start: ActorStart, child: Child, commands: Parameters<typeof runOnThread>[0]['commands']): Runner {
    if (this.#placementOf(spec) === 'local') return runLocally(start, this.#host, child);
    return runOnThread({ start, limits: spec.resourceLimits, commands, events: child });
  }

  #hand(peer: Child, change: LinkChange): void {
    const taken = peer.runner?.connect(change) ?? true;
    // So many unread commands mean that it has handled nothing through all those restarts of its peers.
    if (!taken) void peer.kill({ kind: 'frozen' });
  }

  #link(from: Pick<ChildSpec, 'id' | 'placement'>, to: ChildSpec, reserve = 0): { memory: LinkMemory; send: SendEnd; receive: ReceiveEnd } {
    const bounds = { ...to.mailbox, reserve };
    const sameThread = this.#placementOf(from) === 'local' && this.#placementOf(to) === 'local';
    const link = sameThread ? createSameThreadLink(bounds, this.#host.timers) : createThreadLink(bounds);
    this.#retire(`${from.id} ${to.id}`);
    this.#links.set(`${from.id} ${to.id}`, { from: from.id, to: to.id, memory: link.memory });
    return link;
  }

  /** Marks what an actor's end means for its links, before anybody's event loop has heard of it. */
  #ended(child: Child, exit: Exit): void {
    this.#children.delete(child.id);
    if (exit.abandoned && this.#leftBehind.length < LEFT_BEHIND_MAX) this.#leftBehind.push(exit);
    for (const [pair, link] of this.#links) {
      // To it: every sender sees `closed` at its next tell. From it: it will never post again, but what it has posted may
      // still be its last word, so its receivers go on taking.
      if (link.to === child.id) this.#mark(link.memory, CLOSED);
      if (link.from === child.id) this.#mark(link.memory, SENDER_GONE);
      if (link.to === child.id) this.#links.delete(pair);
    }
  }

  #retire(pair: string): void {
    const old = this.#links.get(pair);
    if (old === undefined) return;
    this.#mark(old.memory, CLOSED);
    this.#mark(old.memory, SENDER_GONE);
  }

  #mark(memory: LinkMemory, word: number): void {
    Atomics.store(new Int32Array(memory.words), word, 1);
  }

  #placementOf(spec: Pick<ChildSpec, 'placement'>): Placement {
    return this.#placement ?? spec.placement;
  }
}

const NO_MARKS = { sent: () => undefined, unlinkedDrop: () => undefined };
