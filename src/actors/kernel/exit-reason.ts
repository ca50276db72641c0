// Why an actor ended: a closed list, because supervisors decide by it. An exit reason crosses threads as plain data, so an
// error travels as its name, message and stack. It is not a `StopReason`, which says why an actor is being asked to end.

export interface ErrorFacts {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** Node's or our own stable code, such as `ERR_WORKER_OUT_OF_MEMORY`; null when the error has none. */
  readonly code: string | null;
}

export type ExitReason =
  /** It had done its work. */
  | { readonly kind: 'normal' }
  /** It was asked to stop and did. */
  | { readonly kind: 'shutdown' }
  /** It was ended from outside: `brutalKill`, or it did not stop within its shutdown time. */
  | { readonly kind: 'killed' }
  /** Our mistake: it threw, ran out of memory, or called `process.exit`. */
  | { readonly kind: 'failed'; readonly error: ErrorFacts }
  /** It made no progress with work waiting, and the watchdog ended it. */
  | { readonly kind: 'frozen' }
  /** Something that it lives on is gone: its peer, or an actor it feeds. */
  | { readonly kind: 'downstreamClosed'; readonly detail: string;
      /** It never was there: the time until that was known is no sign of health. */ readonly neverOpen?: true };

/** Why an actor is asked to stop. */
export type StopReason = { readonly kind: 'shutdown' } | { readonly kind: 'restart'; readonly detail: string };

/** One actor's end, as its parent sees it. */
export interface Exit {
  readonly id: string;
  readonly generation: number;
  readonly reason: ExitReason;
  /** Its thread would not end (it is inside a system call) and was left behind. */
  readonly abandoned: boolean;
}

const STACK_CHARACTERS_MAX = 16_384;

/** Anything that can be thrown, as data that can cross a thread. */
export function errorFacts(thrown: unknown): ErrorFacts {
  if (!(thrown instanceof Error) && !isErrorLike(thrown)) {
    return { name: 'NotAnError', message: String(thrown), stack: '', code: null };
  }
  const code: unknown = 'code' in thrown ? thrown.code : null;
  return {
    name: String(thrown.name),
    message: String(thrown.message),
    stack: typeof thrown.stack === 'string' ? thrown.stack.slice(0, STACK_CHARACTERS_MAX) : '',
    code: typeof code === 'string' ? code : null,
  };
}

// An error that crossed a thread may have lost its class, so its shape decides.
function isErrorLike(thrown: unknown): thrown is { name: unknown; message: unknown; stack?: unknown } {
  return typeof thrown === 'object' && thrown !== null && 'message' in thrown && 'name' in thrown;
}
