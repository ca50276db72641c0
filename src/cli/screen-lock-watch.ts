// Screen lock watch: whether the user's screen is locked, as the session knows it. Who reads the user's clipboard or the like looks here first.

import type { Happening } from './happening.ts';
import type { ScreenLock } from './screen-lock.ts';

export interface ScreenLockFacts {
  readonly provider: string;
  /** Null = not known. */
  readonly locked: boolean | null;
}

export class ScreenLockWatch {
  readonly #lock: ScreenLock | null;
  readonly #tell: (happening: Happening) => void;
  #locked: boolean | null = null;
  #stop: (() => Promise<void>) | null = null;

  /** `lock` null = nobody tells. */
  constructor(lock: ScreenLock | null, tell: (happening: Happening) => void) {
    this.#lock = lock;
    this.#tell = tell;
  }

  /** Null when nobody tells. */
  get facts(): ScreenLockFacts | null {
    return this.#lock === null ? null : { provider: this.#lock.provider, locked: this.#locked };
  }

  start(): void {
    const lock = this.#lock;
    if (lock === null) return;
    this.#stop ??= lock.watch({
      heard: (locked) => {
        const before = this.#locked;
        this.#locked = locked;
        // That a screen is not locked is news only when it was.
        if (locked !== (before ?? false)) this.#tell({ kind: 'screenLockChanged', locked });
      },
      lost: (why) => {
        this.#locked = null;
        this.#tell({ kind: 'screenLockLost', provider: lock.provider, why });
      },
    });
  }

  async stop(): Promise<void> {
    await this.#stop?.();
  }
}
