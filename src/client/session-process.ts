// Session process: a session of one's own, run by this package's program as a process beside the caller's, and its end. For tests and scripts
// that bring their machine and take it away again.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SessionClient } from './session-client.ts';
import { SessionUnreachable } from './control-connection.ts';

export interface ConnectOptions {
  /** As on the command line: a .vv file, HOST:PORT, spice://…, spice+unix://… */
  readonly source: string;
  /** More of `connect`'s options, as in `['--ca-file', 'ca.pem', '--bug-report-dir', 'reports']`. */
  readonly args?: readonly string[];
  /** Added to this process's environment. The ticket is `RYLL_PASSWORD`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds until the session must be up; absent = 60000. */
  readonly timeoutMs?: number;
}

/** A session that ends with its owner: `disconnect` ends it and waits until its process has gone. */
export interface OwnSession {
  readonly client: SessionClient;
  /** The process's exit code (docs/exit-codes.md); null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** What it has said so far, for people. */
  said(): string;
  disconnect(): Promise<number | null>;
}

const program = new URL('../cli/main.js', import.meta.url).pathname;
const lookEveryMs = 50;
/** A process that does not end after it was told to is killed after so long, in milliseconds. */
const endMs = 40_000;
/** Of what the process says, the newest characters are kept. */
const saidMax = 64 * 1024;

/**
 * Starts a session and waits until it is up.
 * @throws SessionUnreachable when it ends before, with what it said, or is not up in time
 */
export async function startSessionProcess({ source, args = [], env = {}, timeoutMs = 60_000 }: ConnectOptions): Promise<OwnSession> {
  const folder = mkdtempSync(join(tmpdir(), 'ryll-'));
  const socket = join(folder, 's');
  const child = spawn(process.execPath, [program, 'connect', source, '--headless', '--control-socket', socket, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-saidMax)));
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code));
  }).finally(() => rmSync(folder, { recursive: true, force: true }));
  try {
    const client = await waitForSession(socket, exited, timeoutMs, () => said);
    return { client, exited, said: () => said, disconnect: () => disconnect(client, child, exited) };
  } catch (error) {
    child.kill('SIGTERM');
    await ended(child, exited);
    throw error;
  }
}

/**
 * A client of the session whose process was started, once the session is up.
 * @throws SessionUnreachable when it ends before, with what it said, or is not up in time
 */
export async function waitForSession(socket: string, exited: Promise<number | null>, timeoutMs: number, said: () => string): Promise<SessionClient> {
  const untilMs = Date.now() + timeoutMs;
  let ended: { readonly code: number | null } | null = null;
  const hasEnded = (): { readonly code: number | null } | null => ended;
  void exited.then((code) => (ended = { code }));
  while (Date.now() < untilMs && hasEnded() === null) {
    const client = await SessionClient.open(socket, 'ryll-actors').catch(() => null);
    if (client === null) {
      await new Promise((resolve) => { setTimeout(resolve, lookEveryMs); });
      continue;
    }
    try {
      if ((await client.describe()).state !== 'connected') await client.waitEvent('session_state', { filter: { state: 'connected' }, timeoutMs: Math.max(0, untilMs - Date.now()) });
      return client;
    } catch {
      await client.close();
    }
  }
  const lastLines = said().trimEnd().split('\n').slice(-3).join('\n');
  const end = hasEnded();
  throw new SessionUnreachable(end !== null ? `the session ended with exit code ${end.code}: ${lastLines}` : `the session was not up within ${timeoutMs / 1000} s: ${lastLines}`);
}

async function disconnect(client: SessionClient, child: ChildProcess, exited: Promise<number | null>): Promise<number | null> {
  await client.disconnect().catch(() => child.kill('SIGTERM'));
  await client.close();
  return ended(child, exited);
}

async function ended(child: ChildProcess, exited: Promise<number | null>): Promise<number | null> {
  const kill = setTimeout(() => child.kill('SIGKILL'), endMs);
  try {
    return await exited;
  } finally {
    clearTimeout(kill);
  }
}
