// Actor lives: when each generation of an actor was started, linked, had its picture, went silent and ended, as the main thread heard it.
// With them one can tell from a finished session how long a channel was away. Moments only; nothing is decided by them.

import type { ExitReason } from '../actors/kernel/exit-reason.ts';
import type { ChannelEvent } from '../protocol/events.ts';

/** One generation of an actor. Moments are monotonic milliseconds; null = it never came to that. */
export interface ActorLife {
  readonly generation: number;
  /** Its actor was asked for: its thread was not there yet. */
  readonly startedMs: number;
  /** Of channels. */
  readonly linkedMs: number | null;
  /** The first complete picture (the server's MARK); of displays only. */
  readonly pictureMs: number | null;
  /** Its last sign of life, known once it has ended. */
  readonly lastMarkMs: number | null;
  /** The watchdog called it frozen. */
  readonly foundFrozenMs: number | null;
  readonly endedMs: number | null;
  readonly end: ExitReason['kind'] | null;
}

/** How an actor's end was seen. */
export interface LifeEnd {
  readonly endedMs: number;
  readonly lastMarkMs: number | null;
  readonly foundFrozenMs: number | null;
  readonly end: ExitReason['kind'];
}

/** What is started again for ever is not remembered for ever: so many lives, the newest. */
export const livesMax = 32;

export class ActorLives {
  readonly #lives = new Map<string, readonly ActorLife[]>();

  /** Oldest first. */
  of(id: string): readonly ActorLife[] {
    return this.#lives.get(id) ?? [];
  }

  /** A start begins. Its generation is the one after the last that the actor is known by: every start is told here. */
  starting(id: string, startedMs: number): void {
    const lives = this.of(id);
    const life: ActorLife = {
      generation: (lives.at(-1)?.generation ?? 0) + 1, startedMs, linkedMs: null, pictureMs: null, lastMarkMs: null, foundFrozenMs: null, endedMs: null, end: null,
    };
    this.#lives.set(id, [...lives.slice(1 - livesMax), life]);
  }

  heard(channel: string, event: ChannelEvent, atMs: number): void {
    if (event.kind === 'linkPhaseChanged' && event.phase === 'linked') this.#change(channel, (life) => ({ ...life, linkedMs: life.linkedMs ?? atMs }));
    if (event.kind === 'surfaceMarked') this.#change(channel, (life) => ({ ...life, pictureMs: life.pictureMs ?? atMs }));
  }

  ended(id: string, end: LifeEnd): void {
    this.#change(id, (life) => ({ ...life, ...end }));
  }

  /** Only the newest life changes. */
  #change(id: string, change: (life: ActorLife) => ActorLife): void {
    const lives = this.of(id);
    const newest = lives.at(-1);
    if (newest !== undefined) this.#lives.set(id, [...lives.slice(0, -1), change(newest)]);
  }
}
