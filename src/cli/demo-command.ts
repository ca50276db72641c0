// `demo`: the main job without another machine: the loopback server as a process of its own, so that it is a peer across a socket
// and its load disturbs nobody, and `connect` to it. Off a terminal it ends by itself.

import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DemoOptions } from './arguments.ts';
import { formatProblem } from './cli-problem.ts';
import { connectCommand } from './connect-command.ts';
import type { ExitName } from './exit-codes.ts';

/** How long the demo runs when nobody could end it with a key, in seconds. */
const unattendedSeconds = 10;
const startMs = 10_000;
const screenshotName = 'demo.png';
const program = fileURLToPath(new URL('./main.js', import.meta.url));

export async function demoCommand(options: DemoOptions): Promise<ExitName> {
  const attended = process.stdout.isTTY && process.stdin.isTTY && !options.headless;
  const duration = options.duration ?? (attended ? undefined : unattendedSeconds);
  const screenshot = resolve(screenshotName);
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  // A process group of its own: Ctrl+C on the terminal is for the client, which ends first and then this child.
  const server = spawn(process.execPath, [program, 'serve', '--port', '0', '--scene', options.scene], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const ended = new Promise<void>((done) => server.once('close', () => done()));
  const kill = (): void => void server.kill('SIGTERM');
  process.once('exit', kill);
  try {
    const address = await listeningAddress(server);
    if (address === null) {
      say(formatProblem({ code: 'demo.server', exit: 'listenFailed', message: 'The built-in server did not start; `ryll-actors serve --port 0` says why.' }));
      return 'listenFailed';
    }
    say(`demo: a loopback server on ${address} and a client${duration === undefined ? '; q ends it' : `, for ${duration} s`}; the last picture goes to ${screenshot}`);
    return await connectCommand({
      direct: address, headless: options.headless, singleThread: options.singleThread, singleClient: false, monitors: 1, verbose: 0, screenshot,
      ...(duration === undefined ? {} : { duration }),
    });
  } finally {
    kill();
    await ended;
    process.off('exit', kill);
  }
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
