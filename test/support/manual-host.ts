// A host for mailbox tests in which nothing happens by itself: the test chooses which waiting turn runs next and when time
// passes. It is the scheduler of every interleaving; it knows nothing of mailboxes.

interface Waiting {
  readonly atMs: number;
  readonly run: () => void;
}

export class ManualHost {
  nowMs = 0;
  /** Turns that wait, oldest first; they may be run in any order. */
  readonly turns: (() => void)[] = [];
  #timers: Waiting[] = [];

  readonly clock = { monotonicMs: () => this.nowMs, wallMs: () => this.nowMs };
  readonly timers = {
    soon: (run: () => void) => {
      this.turns.push(run);
      return () => {
        const index = this.turns.indexOf(run);
        if (index >= 0) this.turns.splice(index, 1);
      };
    },
    after: (ms: number, run: () => void) => {
      const timer = { atMs: this.nowMs + ms, run };
      this.#timers.push(timer);
      return () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      };
    },
  };

  get timersWaiting(): number {
    return this.#timers.length;
  }

  /** Runs one waiting turn, chosen by any number; false when none waits. */
  runTurn(choice = 0): boolean {
    const [run] = this.turns.splice(this.turns.length === 0 ? 0 : choice % this.turns.length, 1);
    run?.();
    return run !== undefined;
  }

  /** Moves time, firing timers in order. Turns do not run: time passes for a thread that is not scheduled. */
  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const due = this.#timers.filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.nowMs = Math.max(this.nowMs, due.atMs);
      due.run();
    }
    this.nowMs = untilMs;
  }

  /** Runs turns, oldest first, until none waits. Throws when they never end. */
  settle(): void {
    for (let steps = 0; this.runTurn(); steps++) if (steps > 100_000) throw new Error('turns without end');
  }
}
