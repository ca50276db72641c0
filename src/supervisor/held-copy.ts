// Held copy: what people read when a session is held: title, body, and which actions make sense. Titles, bodies and actions are the
// ancestor's, except that the body says how many attempts there really were.

/** Why a session waits for a person. Times are unix milliseconds. */
export type HeldVariant =
  /** `attempts`: automatic attempts that were made since the session was lost; 0 = it was lost again too soon after the last hold. */
  | { readonly kind: 'generic'; readonly attempts: number; readonly latestError: string }
  | { readonly kind: 'oneShotConsumed' }
  | { readonly kind: 'ticketExpired'; readonly expiredAtMs: number }
  /** A connect that somebody asked for failed: the first, or a manual reconnect. */
  | { readonly kind: 'connectFailed'; readonly target: string; readonly error: string };

export type HeldAction = 'reconnect' | 'close';

export interface HeldCopy {
  readonly title: string;
  /** Lines are separated by `\n`. */
  readonly body: string;
  readonly actions: readonly HeldAction[];
}

const numerals = ['No', 'One', 'Two', 'Three'];
const again: readonly HeldAction[] = ['reconnect', 'close'];
const over: readonly HeldAction[] = ['close'];

export function heldCopy(variant: HeldVariant): HeldCopy {
  switch (variant.kind) {
    case 'generic':
      return { title: 'Connection lost', body: genericBody(variant.attempts, variant.latestError), actions: again };
    case 'oneShotConsumed':
      return {
        title: 'Session ended — cannot reconnect',
        body: 'This connection used a single-use ticket. Request a new connection from the system that issued the original link.',
        actions: over,
      };
    case 'ticketExpired':
      return {
        title: 'Session ended — ticket expired',
        body: `The ticket for this session expired at ${unixText(variant.expiredAtMs).slice(11, 19)} UTC. Request a new connection.`,
        actions: over,
      };
    case 'connectFailed':
      return { title: 'Could not connect', body: `Could not connect to ${variant.target}.\n\n${variant.error}`, actions: again };
  }
}

/** The line that is remembered of it. */
export function heldNotice(variant: HeldVariant): string {
  switch (variant.kind) {
    case 'generic':
      if (variant.attempts === 0) return 'Auto-reconnect was not tried: it failed less than 5 minutes ago';
      return `Auto-reconnect failed after ${variant.attempts} ${variant.attempts === 1 ? 'attempt' : 'attempts'}`;
    case 'oneShotConsumed':
      return 'Connection ended — single-use ticket consumed';
    case 'ticketExpired':
      return 'Connection ended — ticket expired';
    case 'connectFailed':
      return 'Connection attempt failed';
  }
}

function genericBody(attempts: number, latestError: string): string {
  if (attempts === 0) return `No automatic reconnect was attempted, because the last one failed less than 5 minutes ago: ${latestError}`;
  const count = numerals[attempts] ?? String(attempts);
  return `${count} automatic reconnect ${attempts === 1 ? 'attempt' : 'attempts'} failed: ${latestError}`;
}

/** A time that is said in a file may be too far away for a date: then the last one that there is. */
export function unixText(unixMs: number): string {
  return new Date(Math.min(unixMs, 8.64e15)).toISOString();
}
