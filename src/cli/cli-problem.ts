/**
 * A problem that a person has to read: a stable code, the exit code that it leads to, and one or two sentences that name the cause and the next step. A
 * value, not an exception, because nothing here is the program's own mistake.
 */
import type { ExitName } from './exit-codes.ts';

export interface CliProblem {
  /** Stable, for scripts and reports: `source.vv.malformed`, `link.needSecured`, … */
  readonly code: string;
  readonly exit: ExitName;
  readonly message: string;
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: CliProblem };

export const succeed = <T>(value: T): Outcome<T> => ({ ok: true, value });

export const fail = (code: string, exit: ExitName, message: string): { readonly ok: false; readonly problem: CliProblem } => ({
  ok: false,
  problem: { code, exit, message },
});

/** The line for the error output. The code stands in brackets at its end, where a script finds it and a reader is not stopped by it. */
export function formatProblem({ message, code }: CliProblem): string {
  return `ryll-actors: ${message} [${code}]`;
}
