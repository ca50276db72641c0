// The deaths of the kill matrix: what they are, what the client calls them, and the options that bring them about at their times.

/** An injected mistake, a loop, a leak, a deadlock, and a socket that somebody else cuts. */
export type Death = 'throw' | 'spin' | 'heap' | 'wait' | 'cut';
/** What happens inside the client; `cut` comes from outside. */
export type InjectedDeath = Exclude<Death, 'cut'>;

/** The exit reason of each. */
export const ends: Readonly<Record<Death, string>> = { throw: 'failed', spin: 'frozen', heap: 'failed', wait: 'frozen', cut: 'downstreamClosed' };

/** The detection time in CI, in seconds. */
const frozenAfterSeconds = 0.5;
/** A full heap is collected again and again before it is given up: on a busy machine that is a long silence, and not the death that is meant. */
const heapFrozenAfterSeconds = 30;

/** After its start everything lives in peace for so long: linking all channels at once takes a slow machine a second. */
const firstMs = 2_500;
/** Between one victim's death and the next one's, so that each is alone with it. Filling a heap takes its time. */
const betweenMs: Readonly<Record<InjectedDeath, number>> = { throw: 500, spin: 650, heap: 1_500, wait: 650 };

/** Has each victim die of each of these deaths: all of the first, one after the other, then all of the second, each in its next generation. */
export const faultOptions = (victims: readonly string[], deaths: readonly InjectedDeath[]): readonly string[] => {
  const options = ['--frozen-after', String(deaths.includes('heap') ? heapFrozenAfterSeconds : frozenAfterSeconds)];
  for (const [round, death] of deaths.entries()) {
    for (const [index, victim] of victims.entries()) {
      // From the start of a generation. The later generations' starts are as far apart as the deaths before them were.
      const atMs = firstMs + betweenMs[death] * (round === 0 ? index : round * victims.length);
      options.push('--inject', `${victim}:${death}@${atMs}msx${round + 1}`);
    }
  }
  return options;
};
