// `demo`: the main job without another machine: the loopback server as a process of its own, so that it is a peer across a socket
// and its load disturbs nobody, and `connect` to it. Off a terminal it ends by itself.

import { spawn, type ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DemoOptions } from './arguments.ts';
import { formatProblem } from './cli-problem.ts';
import { connectCommand } from './connect-command.ts';
import type { ExitName } from './exit-codes.ts';

/** How long the demo runs when nobody watches, in seconds. */
const unattendedSeconds = 10;
const startMs = 10_000;
/** Often enough that somebody who watches sees them answered. */
const pingIntervalMs = 1_000;
const screenshotName = 'demo.png';
const program = fileURLToPath(new URL('./main.js', import.meta.url));

export async function demoCommand(options: DemoOptions): Promise<ExitName> {
  const duration = options.duration ?? (process.stdout.isTTY ? undefined : unattendedSeconds);
  const screenshot = resolve(screenshotName);
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const server = spawn(process.execPath, [program, 'serve', '--port', '0', '--scene', options.scene, '--ping-interval', String(pingIntervalMs), '--until-stdin-ends'], {
    // Its input is never written to: it ends when this process does, even by a kill, and the server with it.
    stdio: ['pipe', 'pipe', 'inherit'],
    // A process group of its own: Ctrl+C on the terminal is for the client, which ends first and then this child.
    detached: true,
  });
  const ended = new Promise<void>((done) => {
    server.once('close', () => done());
    server.once('error', () => done());
  });
  try {
    const address = await listeningAddress(server);
    if (address === null) {
      say(formatProblem({ code: 'demo.server', exit: 'listenFailed', message: 'The built-in server did not start; `ryll-actors serve --port 0` says why.' }));
      return 'listenFailed';
    }
    const howLong = duration === undefined ? 'until q or Ctrl+C' : `for ${duration} s`;
    say(`demo: the built-in server listens on ${address}; a client connects to it ${howLong}`);
    const startedMs = Date.now();
    const exit = await connectCommand({
      direct: address, headless: options.headless, singleThread: options.singleThread, singleClient: false, mute: false, monitors: 1, reconnect: false, video: false, retryInitial: false, verbose: 0, screenshot,
      ...(duration === undefined ? {} : { duration }),
    });
    if (isWrittenSince(screenshot, startedMs)) say(`demo: the last picture is in ${screenshot}`);
    return exit;
  } finally {
    server.kill('SIGTERM');
    await ended;
  }
}

/** A demo.png of an earlier run is not this one's. File times can be a little behind the clock. */
function isWrittenSince(path: string, startedMs: number): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= startedMs - 1_000;
}

/** What the child says it listens on, or null when it ends or says nothing in time. */
function listeningAddress(server: ChildProcess): Promise<string | null> {
  const { stdout } = server;
  if (stdout === null) return Promise.resolve(null);
  return new Promise((done) => {
    const timer = setTimeout(() => done(null), startMs);
    const lines = createInterface({ input: stdout });
    const finish = (address: string | null): void => {
      clearTimeout(timer);
      done(address);
    };
    lines.on('line', (line) => {
      const address = /^listening on (\S+)/.exec(line)?.[1];
      if (address !== undefined) finish(address);
    });
    server.once('close', () => finish(null));
    server.once('error', () => finish(null));
  });
}
