/**
 * The exit codes of every command: one closed list, each with the name that the code uses and the meaning that docs/exit-codes.md repeats. What
 * led to a code is a problem (cli-problem.ts); this only says how a script can tell the outcomes apart.
 */

export interface ExitCode {
  readonly code: number;
  readonly meaning: string;
}

export const EXIT_CODES = {
  ok: { code: 0, meaning: 'The command did what was asked; for `connect`, the session ended because it was told to (`--duration`, quit).' },
  failed: { code: 1, meaning: 'Something failed that has no code of its own: `doctor` found a problem, or the program itself has a bug.' },
  usage: { code: 2, meaning: 'The command line is wrong: an unknown option, a missing or contradictory argument.' },
  sourceInvalid: { code: 3, meaning: 'The connection file, address, URL, CA file or password could not be read or makes no sense; or what was given to read is no capture and no report.' },
  connectFailed: { code: 4, meaning: 'The server could not be reached: name not found, refused, unreachable, no answer in time, closed before the link was made, or a proxy did not let it through.' },
  tlsFailed: { code: 5, meaning: 'TLS failed: the certificate, its subject or its host name is not the expected one, or the peer speaks no TLS; the server\'s, or an https proxy\'s.' },
  authFailed: { code: 6, meaning: 'The server refused the ticket: wrong, missing or expired, or it wants a mechanism that is not supported; or a proxy wants other credentials.' },
  linkRefused: { code: 7, meaning: 'The server answered and refused the link for another reason, or does not speak SPICE.' },
  mainLost: { code: 8, meaning: 'The session was up and its main channel was lost; reconnecting was not allowed or gave up.' },
  captureFailed: { code: 9, meaning: 'A capture was asked for and could not be written completely.' },
  outputFailed: { code: 10, meaning: 'The screenshot, the sound, the latencies or the statistics could not be written.' },
  noPicture: { code: 11, meaning: 'A screenshot was asked for and no picture came in time.' },
  gaveUp: { code: 12, meaning: 'A part of the program failed more often than its supervisor allows.' },
  listenFailed: { code: 13, meaning: 'The server of `serve` or `demo` could not listen on the address, or `connect` not on its control socket or for its metrics.' },
  shutdownTimedOut: { code: 14, meaning: 'Something did not stop in its shutdown time and was abandoned; what had been written until then is complete.' },
  incomplete: { code: 15, meaning: 'A capture or report could be read only in part, or a replay of it is not exact; what there was has been shown.' },
  noSession: { code: 16, meaning: 'There is no session to speak to: none runs, not the one that was named, or several without a name; or it did not answer.' },
  sessionRefused: { code: 17, meaning: 'The session answered that it cannot do what was asked; the sentence says why.' },
  waitTimedOut: { code: 18, meaning: 'What `wait` waited for did not come in time.' },
  interrupted: { code: 130, meaning: 'Ended by SIGINT (Ctrl+C).' },
  terminated: { code: 143, meaning: 'Ended by SIGTERM.' },
} as const satisfies Record<string, ExitCode>;

export type ExitName = keyof typeof EXIT_CODES;

export function exitCodeOf(name: ExitName): number {
  return EXIT_CODES[name].code;
}
