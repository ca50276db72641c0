// Ticket command: asks a program of the user's for a fresh connection file or ticket. What it prints is taken as a claim, bounded and
// checked; how it fails becomes one sentence. When it is asked is the reconnect policy's.

import { spawn, type ChildProcess } from 'node:child_process';
import { fail, succeed, type Outcome } from './cli-problem.ts';
import type { ConnectionTarget } from './connection-target.ts';
import { KEY_FILE_BYTES_MAX, type KeyFileError } from './key-file.ts';
import type { RenewRequest } from './session-reconnect.ts';
import { parseVvFile } from './vv-file.ts';
import { passwordProblem } from './vv-forms.ts';

export type FreshTicket =
  | { readonly kind: 'target'; readonly target: ConnectionTarget }
  /** For the target that there is. */
  | { readonly kind: 'password'; readonly password: string };

const commandMsMax = 30_000;
const stderrBytesMax = 4_096;
const lineCharactersMax = 200;

/** Runs it in the system's shell, for at most 30 s. Never rejects. */
export async function askTicketCommand(command: string, request: RenewRequest, msMax = commandMsMax): Promise<Outcome<FreshTicket>> {
  const ran = await run(command, request, msMax);
  return ran.ok ? readTicket(ran.value) : ran;
}

const failed = (how: string): Outcome<never> => fail('ticketCommand.failed', 'connectFailed', `the ticket command ${how}`);

/** @returns what it printed */
function run(command: string, { attempt, target, signal }: RenewRequest, msMax: number): Promise<Outcome<Uint8Array>> {
  return new Promise((resolve) => {
    const environment = {
      ...process.env,
      RYLL_ATTEMPT: attempt === null ? 'manual' : String(attempt), RYLL_TARGET: target.label,
      RYLL_HOST: target.host ?? '', RYLL_PORT: String(target.port ?? ''), RYLL_TLS_PORT: String(target.tlsPort ?? ''),
    };
    // A process group of its own: what the shell has started ends with it.
    const child = spawn(command, { shell: true, detached: process.platform !== 'win32', stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true, env: environment });
    const chunks: Buffer[] = [];
    let bytes = 0;
    let stderr = Buffer.alloc(0);
    let why: string | null = null;
    const giveUp = (how: string): void => {
      why ??= how;
      end(child);
    };
    const timer = setTimeout(() => giveUp(`did not end within ${msMax / 1_000} s`), msMax);
    const onAbort = (): void => giveUp('was not waited for');
    signal.addEventListener('abort', onAbort);
    const finish = (outcome: Outcome<Uint8Array>): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > KEY_FILE_BYTES_MAX) giveUp(`printed more than ${KEY_FILE_BYTES_MAX / 1024} KiB`);
      else chunks.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = Buffer.concat([stderr, chunk]).subarray(-stderrBytesMax);
    });
    child.once('error', (error) => finish(failed(`could not be started: ${error.message}`)));
    child.once('close', (code, killedBy) => {
      if (why !== null) finish(failed(why));
      else if (code === 0) finish(succeed(new Uint8Array(Buffer.concat(chunks))));
      else finish(failed(lastLine(stderr.toString('utf8')) ?? (killedBy === null ? `ended with code ${code ?? ''}` : `was ended by ${killedBy}`)));
    });
    if (signal.aborted) onAbort();
  });
}

function end(child: ChildProcess): void {
  // What it started and left may hold the pipes open, so the group is ended; where there is none, the child alone.
  try {
    if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** As `said: …`; null when there is none. */
function lastLine(text: string): string | null {
  const line = text.split(/\r?\n/).findLast((each) => each.trim() !== '');
  return line === undefined ? null : `failed: ${line.trim().slice(0, lineCharactersMax)}`;
}

/** Line 0 = about what is not in the file. */
const formatFault = ({ line, message }: KeyFileError): string => (line === 0 ? `: ${message}` : `, line ${line}: ${message}`);

function readTicket(bytes: Uint8Array): Outcome<FreshTicket> {
  const text = new TextDecoder().decode(bytes);
  if (/^\s*\[virt-viewer\]\s*$/m.test(text)) {
    const file = parseVvFile(bytes, Date.now());
    if (file.kind === 'unusable') return failed(`printed a connection file that cannot be used${formatFault(file.faults[0])}`);
    return succeed({ kind: 'target', target: file.target });
  }
  const [password = ''] = text.split(/\r?\n/);
  if (password === '') return failed('printed neither a connection file nor a ticket');
  const fault = passwordProblem(password);
  return fault === null ? succeed({ kind: 'password', password }) : failed(`printed a ticket that cannot be used: ${fault}`);
}
