// Channel re-links: tells people which channel lost its connection and when it is linked again, and what a link that fails means for
// the session. The window in which main's loss makes all others part of its own is supervisor/relink.ts's; the restarts are the
// supervisor's.

import type { PlannedRestart } from '../actors/supervisor-runner.ts';
import type { Cancel, HostBase } from '../actors/kernel/host.ts';
import type { LinkFailure } from '../protocol/channel-link.ts';
import type { ChannelEvent } from '../protocol/events.ts';
import { judgeLinkFailure } from '../protocol/relink-verdict.ts';
import { initialRelink, stepRelink, type RelinkInput, type RelinkState } from '../supervisor/relink.ts';
import { describeFailure, describeLoss } from './link-trouble.ts';

export interface RelinkEvents {
  /** It is linked again after so long. `trouble` = how it was lost, or why its last link failed. */
  announce(channel: string, trouble: string, waitMs: number): void;
  /** This channel cannot be linked; the session lives without it. */
  unavailable(channel: string, failure: LinkFailure): void;
  sessionLost(channel: string, failure: LinkFailure): void;
}

export class ChannelRelinks {
  readonly #host: Pick<HostBase, 'clock' | 'timers'>;
  readonly #events: RelinkEvents;
  readonly #linked = new Set<string>();
  /** Links of this session that did not come about. */
  readonly #failed = new Map<string, number>();
  /** Since the channel was last linked: what went wrong, in words. */
  readonly #trouble = new Map<string, string>();
  /** Links that were refused for good: told when main has outlived them, because main may be why. */
  readonly #fatal = new Map<string, LinkFailure>();
  /** Given up: whatever is planned for them, they stay away. */
  readonly #away = new Set<string>();
  #state: RelinkState = initialRelink;
  #cancelTimer: Cancel = () => undefined;

  constructor(host: Pick<HostBase, 'clock' | 'timers'>, events: RelinkEvents) {
    this.#host = host;
    this.#events = events;
  }

  /** Whether this channel has been linked in this session. */
  wasLinked(channel: string): boolean {
    return this.#linked.has(channel);
  }

  /** News of a secondary channel. @returns whether this is told here, and not as an event like others */
  hear(channel: string, event: ChannelEvent): boolean {
    switch (event.kind) {
      case 'linkPhaseChanged':
        if (event.phase === 'linked') {
          this.#linked.add(channel);
          this.#trouble.delete(channel);
        }
        return false;
      case 'connectionLost':
        this.#trouble.set(channel, `lost its connection (${describeLoss(event.cause)})`);
        return true;
      case 'linkFailed':
        this.#linkFailed(channel, event.failure);
        return true;
      default:
        return false;
    }
  }

  /** The supervisor waits before it starts this channel again, because its peer was lost. */
  peerLost({ id, waitMs, reason }: PlannedRestart): void {
    this.#step({ kind: 'peerLost', id, waitMs, detail: reason.kind === 'downstreamClosed' ? reason.detail : reason.kind });
  }

  mainLost(): void {
    this.#step({ kind: 'mainLost' });
  }

  /** A new session begins: none of its channels has been linked. */
  mainStarted(): void {
    this.#linked.clear();
    this.#failed.clear();
    this.#trouble.clear();
    this.#fatal.clear();
    this.#away.clear();
    this.#step({ kind: 'mainStarted' });
  }

  /** Tells nothing any more. */
  stop(): void {
    this.#cancelTimer();
  }

  #linkFailed(channel: string, failure: LinkFailure): void {
    const tries = (this.#failed.get(channel) ?? 0) + 1;
    this.#failed.set(channel, tries);
    this.#trouble.set(channel, describeFailure(failure));
    switch (judgeLinkFailure(failure, this.#linked.has(channel), tries)) {
      case 'again':
        return;
      case 'unavailable':
        this.#away.add(channel);
        return this.#events.unavailable(channel, failure);
      case 'sessionLost':
        this.#fatal.set(channel, failure);
    }
  }

  #step(input: RelinkInput): void {
    const { clock, timers } = this.#host;
    const step = stepRelink(this.#state, input, clock.monotonicMs());
    this.#state = step.state;
    for (const effect of step.effects) {
      switch (effect.kind) {
        case 'setTimer':
          this.#cancelTimer();
          // As for the supervisor's own timer: what has come in meanwhile is read before it counts as late.
          this.#cancelTimer = timers.after(effect.ms, () => (this.#cancelTimer = timers.soon(() => this.#step({ kind: 'tick' }))));
          break;
        case 'announce':
          this.#announce(effect.id, effect.detail, effect.waitMs);
          break;
      }
    }
  }

  #announce(channel: string, detail: string, waitMs: number): void {
    const failure = this.#fatal.get(channel);
    if (failure !== undefined) return this.#events.sessionLost(channel, failure);
    if (this.#away.has(channel)) return;
    const trouble = this.#trouble.get(channel) ?? `lost its connection (${detail})`;
    this.#events.announce(channel, trouble, waitMs);
  }
}
