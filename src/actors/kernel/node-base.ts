// Node's own clock, timers and randomness behind `HostBase`. Sockets are not here: node-host.ts adds them.

import { randomBytes } from 'node:crypto';
import type { HostBase } from './host.ts';

/** A new base for this thread. It keeps no state and needs no end. */
export function createNodeBase(): HostBase {
  // performance.now() starts at 0 in every worker, hrtime does not: both read CLOCK_MONOTONIC, so one offset, taken once,
  // makes times comparable across threads at the price of the cheaper call.
  const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  return {
    clock: {
      monotonicMs: () => performance.now() + offsetMs,
      wallMs: () => Date.now(),
    },
    timers: {
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
      soon: (run) => {
        const immediate = setImmediate(run);
        return () => clearImmediate(immediate);
      },
    },
    random: { bytes: (count) => new Uint8Array(randomBytes(count)) },
  };
}
