// Connection news: waits until something is so of a channel's connection, looked at after each piece of its news and never longer than a deadline.

import type { HostBase } from './kernel/host.ts';

export class ConnectionNews {
  readonly #host: Pick<HostBase, 'clock' | 'timers'>;
  #heard: (() => void) | null = null;

  constructor(host: Pick<HostBase, 'clock' | 'timers'>) {
    this.#host = host;
  }

  /** There is news: a phase, the first message, the end. */
  come(): void {
    this.#heard?.();
  }

  /** Resolves when `isSo`, looked at now and after each piece of news; at the latest after `ms`. One waits at a time. */
  async until(isSo: () => boolean, ms: number): Promise<void> {
    const { clock, timers } = this.#host;
    const endMs = clock.monotonicMs() + ms;
    for (let restMs = ms; restMs > 0 && !isSo(); restMs = endMs - clock.monotonicMs()) {
      await new Promise<void>((resolve) => {
        const cancel = timers.after(restMs, resolve);
        this.#heard = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#heard = null;
  }
}
