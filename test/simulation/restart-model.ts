// What supervisors owe, told again from the outside: how often an actor may be started after how many failures, and when its supervisor
// has to give up. It is a second opinion on src/supervisor, written without looking at it, from docs/supervision-tree.md alone.

/** Why an actor ended that nobody had asked to. */
export type FailureCause = 'lostPeer' | 'crash' | 'frozen';

export type ModelledSupervisor = 'root' | 'channels';

const periodMs = 60_000;
/** Restarts of one channel within the period, for each cause apart. */
const channelRestartsMax: Readonly<Record<FailureCause, number>> = { lostPeer: 5, crash: 5, frozen: 2 };
/** Restarts of writer and hub together. */
const rootRestartsMax = 5;
/** A channel that lived this long begins anew. */
const healthyAfterMs = 5_000;
const rootActors = new Set(['writer', 'hub']);
/** Started once: main's end is the session's, and what shows a session to people is not brought back. */
const unsupervised = new Set(['main/0', 'dashboard', 'log', 'control']);

export const supervisorOf = (actor: string): ModelledSupervisor | null => (rootActors.has(actor) ? 'root' : unsupervised.has(actor) ? null : 'channels');

export class RestartModel {
  #root: number[] = [];
  #channels = new Map<string, Record<FailureCause, number[]>>();

  /** Main was started: the channels below it are new. */
  forgetChannels(): void {
    this.#channels = new Map();
  }

  /** Counts one failure. True when its supervisor has to give up instead of starting the actor again. */
  isSpent(actor: string, cause: FailureCause, aliveMs: number, atMs: number): boolean {
    const supervisor = supervisorOf(actor);
    const within = (times: readonly number[]): number[] => [...times.filter((time) => atMs - time <= periodMs), atMs];
    if (supervisor === null) return false;
    if (supervisor === 'root') {
      this.#root = within(this.#root);
      return this.#root.length > rootRestartsMax;
    }
    const known = this.#channels.get(actor);
    const account = known === undefined || aliveMs >= healthyAfterMs ? { lostPeer: [], crash: [], frozen: [] } : known;
    const times = within(account[cause]);
    this.#channels.set(actor, { ...account, [cause]: times });
    return times.length > channelRestartsMax[cause];
  }
}
