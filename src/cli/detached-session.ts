// Detached session: `connect --detach`: the same session in a process of its own that goes on when this one ends. This one waits until it is up,
// says how to reach it, and leaves; a session that cannot be is told here, with its exit code.

import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { socketPath } from '../client/session-sockets.ts';
import { waitForSession } from '../client/session-process.ts';
import type { ConnectOptions } from './arguments.ts';
import { EXIT_CODES, type ExitName } from './exit-codes.ts';

/** How long the session has to be up, in milliseconds: longer than the deadlines of its own first connection. */
const upMs = 120_000;

export async function detachedConnect(options: Pick<ConnectOptions, 'controlSocket' | 'name'>, argv: readonly string[], output: { out(text: string): void; error(text: string): void }): Promise<ExitName> {
  const folder = mkdtempSync(join(tmpdir(), 'ryll-'));
  const log = join(folder, 'log');
  const descriptor = openSync(log, 'a', 0o600);
  const [script = '', ...given] = argv;
  const args = given.filter((arg) => arg !== '--detach');
  const child = spawn(process.execPath, [script, ...args, '--headless'], { detached: true, stdio: ['ignore', 'ignore', descriptor] });
  closeSync(descriptor);
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code));
  });
  const socket = typeof options.controlSocket === 'string' ? options.controlSocket : socketPath(options.name ?? String(child.pid));
  try {
    const client = await waitForSession(socket, exited, upMs, () => '');
    const { name, pid, target } = await client.describe();
    await client.close();
    child.unref();
    output.out(`${name}  pid ${pid}  connected  ${target}\n`);
    return 'ok';
  } catch {
    // Two of them would fight for the server.
    child.kill('SIGTERM');
    const code = await exited;
    output.error(readFileSync(log, 'utf8'));
    return exitNames.find((name) => EXIT_CODES[name].code === code) ?? 'failed';
  } finally {
    // What the session says later is for nobody; it keeps the file open, and the file has no name.
    rmSync(folder, { recursive: true, force: true });
  }
}

const exitNames = Object.keys(EXIT_CODES) as ExitName[];
