// What must be true of every simulated session, whatever happens to it, in one list. An invariant sees facts, in order, and says in
// a sentence what is broken. It knows nothing of how facts come about; `planted-bugs.ts` plants a bug for each, which it must find.

import type { MailboxStats } from '#app/mailbox/address.js';
import { RestartModel, supervisorOf, type FailureCause } from './restart-model.ts';

/** What the simulation counts by standing around an actor, against which the kernel's own numbers are held. */
export interface CountedMail {
  /** Posted by actors and by the session, and by the system itself. */
  readonly accepted: number;
  readonly refused: number;
  /** Refused as closed: of this generation of the receiver, or of the one before it. */
  readonly closed: number;
  /** Handed to the actor. */
  readonly handled: number;
}

export type Fact =
  | { readonly kind: 'started'; readonly actor: string; readonly generation: number; readonly atMs: number }
  | { readonly kind: 'mailboxSeen'; readonly actor: string; readonly laneMax: number; readonly stats: MailboxStats; readonly counted: CountedMail }
  | { readonly kind: 'received'; readonly actor: string; readonly sender: string; readonly generation: number; readonly newest: number }
  | { readonly kind: 'pingsDelivered'; readonly owner: string; readonly pings: number; readonly pongs: number }
  | { readonly kind: 'serverSeen'; readonly violations: Readonly<Record<string, number>> }
  /** `debt` = messages that the client was handed and has not acknowledged, SET_ACK the first of them. */
  | { readonly kind: 'windowSeen'; readonly owner: string; readonly window: number; readonly debt: number }
  | { readonly kind: 'ringSeen'; readonly channel: string; readonly budgetBytes: number; readonly heldBytes: number; readonly segmentBytes: number; readonly appended: number; readonly settled: number }
  | { readonly kind: 'serverDied'; readonly atMs: number }
  | { readonly kind: 'sessionLinked' }
  | { readonly kind: 'dialled'; readonly actor: string; readonly generation: number; readonly secondary: boolean; readonly atMs: number }
  | { readonly kind: 'sessionStarted' }
  | { readonly kind: 'sessionStopping' }
  /** It ended, and nobody had asked it to. `aliveMs` = since its start. */
  | { readonly kind: 'failed'; readonly actor: string; readonly cause: FailureCause; readonly aliveMs: number; readonly atMs: number }
  /** A supervisor has said that it gives up. `onStart` = because a child did not come up with it. */
  | { readonly kind: 'gaveUp'; readonly supervisor: string; readonly child: string; readonly onStart: boolean }
  /** A session has stopped. `actors` = those that run all the same. */
  | { readonly kind: 'stopped'; readonly tookMs: number; readonly actors: readonly string[] }
  /** A session's writer has closed its capture on a disk that took everything. */
  | { readonly kind: 'captureClosed'; readonly channel: string; readonly appended: number; readonly settled: number }
  | { readonly kind: 'worldEnded'; readonly actors: readonly string[]; readonly connections: number; readonly timers: number; readonly files: number; readonly holes: number }
  /** Long after the last fault. `missing` = what does not run or is not linked. */
  | { readonly kind: 'healed'; readonly connected: boolean; readonly missing: readonly string[]; readonly pixelsWrong: number | null }
  | { readonly kind: 'crashed'; readonly what: string };

export interface Invariant {
  readonly name: InvariantName;
  readonly promise: string;
  /** A fresh watch over one run: a sentence for each fact that breaks the promise. */
  watch(): (fact: Fact) => string | null;
}

export const invariantNames = [
  'mailboxBounds', 'mailAccounts', 'generations', 'ackWindow', 'everyPong', 'ringBudget', 'tapAccounts', 'noRelinkAfterDeath', 'restartIntensity',
  'oneEscalation', 'stopsInTime', 'nothingLeft', 'noStrayError', 'heals',
] as const;
export type InvariantName = (typeof invariantNames)[number];

/** Every shutdown time of the tree, one after the other, and the capture's. */
const stopMsMax = 60_000;
/** The three restart budgets of a channel together (5 lost peers, 5 crashes, 2 freezes), within the period of each. */
const restartsMax = 12;
const restartPeriodMs = 60_000;

const stateless = (look: (fact: Fact) => string | null) => () => look;

export const invariants: readonly Invariant[] = [
  {
    name: 'mailboxBounds',
    promise: 'no lane of a mailbox ever holds more than its child spec says',
    watch: stateless((fact) =>
      fact.kind === 'mailboxSeen' && fact.stats.highWater > fact.laneMax ? `${fact.actor} held ${fact.stats.highWater} messages in a lane for ${fact.laneMax}` : null,
    ),
  },
  {
    name: 'mailAccounts',
    promise: 'what was produced was delivered or is counted as dropped: nothing vanishes, nothing comes twice',
    watch: stateless((fact) => {
      if (fact.kind !== 'mailboxSeen') return null;
      const { accepted, delivered, deadLetters, depth, dropped } = fact.stats;
      const { counted } = fact;
      if (accepted !== delivered + deadLetters + depth) return `${fact.actor}: ${accepted} accepted, ${delivered} delivered, ${deadLetters} dead, ${depth} waiting`;
      if (accepted !== counted.accepted) return `${fact.actor}: ${counted.accepted} were posted, ${accepted} are accounted for`;
      if (dropped < counted.refused || dropped > counted.refused + counted.closed) return `${fact.actor}: ${counted.refused} were refused, ${dropped} are counted`;
      if (delivered !== counted.handled) return `${fact.actor}: ${delivered} count as delivered, it was handed ${counted.handled}`;
      return null;
    }),
  },
  {
    name: 'generations',
    promise: 'no message of an old generation is acted on',
    watch: stateless((fact) =>
      fact.kind === 'received' && fact.generation !== fact.newest ? `${fact.actor} was handed a message of ${fact.sender}#${fact.generation} while #${fact.newest} runs` : null,
    ),
  },
  {
    name: 'ackWindow',
    promise: 'the server sees no violation, and an ACK leaves in the turn that completes its window, and never before',
    watch: stateless((fact) => {
      if (fact.kind === 'windowSeen') return fact.debt < 0 || fact.debt >= fact.window ? `${fact.owner} owes ${fact.debt} of a window of ${fact.window}` : null;
      const [violation] = fact.kind === 'serverSeen' ? Object.keys(fact.violations) : [];
      return violation === undefined ? null : `the server saw ${violation}`;
    }),
  },
  {
    name: 'everyPong',
    promise: 'every PING has its PONG in the turn in which it arrives, however consumers stall',
    watch: stateless((fact) => (fact.kind === 'pingsDelivered' && fact.pings !== fact.pongs ? `${fact.owner} was sent ${fact.pings} PINGs and answered ${fact.pongs}` : null)),
  },
  {
    name: 'ringBudget',
    promise: 'a traffic ring never holds more than its budget, and the segment that is being filled',
    watch: stateless((fact) =>
      fact.kind === 'ringSeen' && fact.heldBytes > fact.budgetBytes + fact.segmentBytes ? `the ring of ${fact.channel} holds ${fact.heldBytes} bytes of ${fact.budgetBytes}` : null,
    ),
  },
  {
    name: 'tapAccounts',
    promise: 'the capture never has more than was tapped; when it is closed on a disk that works, what was tapped was written or is counted as dropped',
    watch: stateless((fact) => {
      if (fact.kind !== 'ringSeen' && fact.kind !== 'captureClosed') return null;
      const { channel, appended, settled } = fact;
      const isRight = fact.kind === 'ringSeen' ? settled <= appended : settled === appended;
      return isRight ? null : `${channel}: ${appended} tapped, ${settled} written or dropped`;
    }),
  },
  {
    name: 'noRelinkAfterDeath',
    promise: 'the death of the server never causes a re-link: main goes first, and nobody dials for a session that is over',
    watch() {
      let deadSinceMs: number | null = null;
      return (fact) => {
        if (fact.kind === 'serverDied') deadSinceMs ??= fact.atMs;
        if (fact.kind === 'sessionStarted' || fact.kind === 'sessionLinked') deadSinceMs = null;
        if (fact.kind !== 'dialled' || !fact.secondary || fact.generation === 1 || deadSinceMs === null) return null;
        return `${fact.actor}#${fact.generation} dialled ${Math.round(fact.atMs - deadSinceMs)} ms after the server died`;
      };
    },
  },
  {
    name: 'restartIntensity',
    promise: `no actor starts more than ${restartsMax} times within ${restartPeriodMs / 1000} s of a session`,
    watch() {
      const starts = new Map<string, number[]>();
      return (fact) => {
        if (fact.kind === 'sessionStarted' || fact.kind === 'sessionLinked') starts.clear();
        if (fact.kind !== 'started') return null;
        const recent = [...(starts.get(fact.actor) ?? []).filter((atMs) => fact.atMs - atMs < restartPeriodMs), fact.atMs];
        starts.set(fact.actor, recent);
        return recent.length > restartsMax + 1 ? `${fact.actor} was started ${recent.length} times within ${restartPeriodMs / 1000} s` : null;
      };
    },
  },
  {
    name: 'oneEscalation',
    promise: 'a supervisor gives up after as many restarts as it may make, not before and not later, once, and starts nothing any more',
    watch: watchEscalations,
  },
  {
    name: 'stopsInTime',
    promise: `a session that is told to stop has stopped within ${stopMsMax / 1000} s`,
    watch: stateless((fact) => (fact.kind === 'stopped' && fact.tookMs > stopMsMax ? `stopping took ${fact.tookMs} ms` : null)),
  },
  {
    name: 'nothingLeft',
    promise: 'a session that has stopped leaves no actor, and a world that has ended no connection, timer or open file either; no file has a hole',
    watch: stateless((fact) => {
      if (fact.kind === 'stopped' && fact.actors.length > 0) return `still running in a session that has stopped: ${fact.actors.join(' ')}`;
      if (fact.kind !== 'worldEnded') return null;
      const { actors, connections, timers, files, holes } = fact;
      if (actors.length + connections + timers + files + holes === 0) return null;
      return `left behind: actors ${actors.join(' ') || 'none'}, ${connections} connections, ${timers} timers, ${files} open files, ${holes} holes`;
    }),
  },
  {
    name: 'noStrayError',
    promise: 'no actor fails that was not made to, and no promise is rejected that nobody waits for',
    watch: stateless((fact) => (fact.kind === 'crashed' ? fact.what : null)),
  },
  {
    name: 'heals',
    promise: 'once faults have stopped the session is connected, every channel is linked, and the picture is the server\'s, pixel for pixel',
    watch: stateless((fact) => {
      if (fact.kind !== 'healed') return null;
      if (!fact.connected) return 'not connected';
      if (fact.missing.length > 0) return `not running: ${fact.missing.join(' ')}`;
      if (fact.pixelsWrong === null) return 'there is no picture';
      return fact.pixelsWrong > 0 ? `${fact.pixelsWrong} pixels differ from the server's` : null;
    }),
  },
];

function watchEscalations(): (fact: Fact) => string | null {
  let model = new RestartModel();
  /** Supervisors whose restarts are spent, and the child on which they were. */
  const spent = new Map<string, { readonly child: string; readonly isOwed: boolean }>();
  const gaveUp = new Set<string>();
  let isStopping = false;
  const look = (fact: Fact): string | null => {
    switch (fact.kind) {
      case 'sessionStarted':
        model = new RestartModel();
        spent.clear();
        gaveUp.clear();
        isStopping = false;
        return null;
      case 'started': {
        if (fact.actor === 'main/0') {
          // A session begins, perhaps again: what is below it is new.
          model.forgetChannels();
          for (const supervisor of ['session', 'channels']) {
            spent.delete(supervisor);
            gaveUp.delete(supervisor);
          }
        }
        const supervisor = supervisorOf(fact.actor);
        return supervisor !== null && (spent.has(supervisor) || gaveUp.has(supervisor)) ? `${fact.actor}#${fact.generation} was started although ${supervisor} has given up` : null;
      }
      case 'failed': {
        const supervisor = supervisorOf(fact.actor);
        if (supervisor === null || spent.has(supervisor) || gaveUp.has(supervisor)) return null;
        // A session that is told to stop meanwhile may be closing already, and then nobody gives up any more.
        if (model.isSpent(fact.actor, fact.cause, fact.aliveMs, fact.atMs)) spent.set(supervisor, { child: fact.actor, isOwed: !isStopping });
        return null;
      }
      case 'gaveUp': {
        const { supervisor, child, onStart } = fact;
        if (gaveUp.has(supervisor)) return `${supervisor} has given up twice`;
        gaveUp.add(supervisor);
        if (onStart || supervisorOf(child) !== supervisor || spent.get(supervisor)?.child === child) return null;
        return `${supervisor} has given up on ${child} before its restarts were spent`;
      }
      case 'sessionStopping':
        isStopping = true;
        return null;
      case 'stopped': {
        const silent = [...spent].find(([supervisor, { isOwed }]) => isOwed && !gaveUp.has(supervisor));
        return silent === undefined ? null : `${silent[0]} has not given up, although the restarts of ${silent[1].child} were spent`;
      }
      default:
        return null;
    }
  };
  return look;
}

export interface Violation {
  readonly invariant: InvariantName;
  readonly atMs: number;
  readonly what: string;
}

/** All of them at work on one run. */
export class Watchers {
  readonly violations: Violation[] = [];
  readonly #watches = invariants.map((invariant) => ({ name: invariant.name, look: invariant.watch() }));

  see(atMs: number, fact: Fact): void {
    for (const { name, look } of this.#watches) {
      const what = look(fact);
      if (what !== null) this.violations.push({ invariant: name, atMs, what });
    }
  }
}
