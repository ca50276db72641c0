// Session end: what ends a session from outside: the time that was given, Ctrl+C, SIGTERM, a key on the dashboard. One promise, one
// reason; everything that was listened to is let go when it settles.

import { exitCodeOf, type ExitName } from './exit-codes.ts';

/** `interrupted` and `terminated` are signals, `ok` is the time or the quit key. */
export type AskedEnd = Extract<ExitName, 'ok' | 'interrupted' | 'terminated'>;

export interface EndRequests {
  readonly asked: Promise<AskedEnd>;
  /** The session is up: its time, if it has one, runs from now. */
  startTime(): void;
  /** Ends it as if the user had. */
  ask(end: AskedEnd): void;
  /** Stops listening. Signals then end the process as they do by default. */
  release(): void;
}

/**
 * `durationSeconds` undefined = no limit. A second signal while the session stops must end the process at once: what it still waits for may be
 * a thread inside a blocked system call.
 */
export function listenForEnd(durationSeconds: number | undefined, leaveNow: (code: number) => void): EndRequests {
  let settle: (end: AskedEnd) => void = () => undefined;
  const asked = new Promise<AskedEnd>((resolve) => (settle = resolve));
  let timer: NodeJS.Timeout | null = null;
  let signals = 0;
  const onSignal = (end: AskedEnd) => (): void => {
    signals += 1;
    if (signals > 1) leaveNow(exitCodeOf(end));
    settle(end);
  };
  const interrupt = onSignal('interrupted');
  const terminate = onSignal('terminated');
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', terminate);
  process.on('SIGHUP', terminate);
  return {
    asked,
    startTime: () => {
      if (durationSeconds !== undefined) timer ??= setTimeout(() => settle('ok'), durationSeconds * 1000);
    },
    ask: (end) => settle(end),
    release: () => {
      if (timer !== null) clearTimeout(timer);
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', terminate);
      process.off('SIGHUP', terminate);
    },
  };
}
