// The program as a process, in a session that something weighs on: what pong.bench.mjs measures beside an idle one, and what a scenario test asks for
// every PONG. All of them run with the same command line but for the load itself, capture and control socket included.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

const PROGRAM = new URL('../../../dist/cli/main.js', import.meta.url).pathname;
/** What weighs on a session: a name, and what is injected. A stopped subscriber is made from outside. */
const injected = { idle: [], neighbour: [], spin: ['inputs/0:spin@0s'], disk: ['writer:diskHang@1s'], subscriber: [] };

/** What may weigh on the client itself. */
export const loads = ['idle', 'spin', 'disk', 'subscriber'];
/** No trouble of the client's: a process beside it that takes a core, as its own spinning thread does. */
export const neighbour = 'neighbour';

/**
 * Starts `connect` against the loopback server on this port of this machine.
 * @param load one of `loads`, or `neighbour`
 * @param folder made for this client alone
 */
export async function startLoadedClient(load, port, folder) {
  const path = join(folder, 'control');
  const capture = join(folder, 'capture');
  const child = spawn(process.execPath, [
    PROGRAM, 'connect', '--direct', `127.0.0.1:${port}`, '--headless', '--capture', capture, '--control-socket', path,
    // So long that the watchdog does not end what is meant to last.
    '--frozen-after', '3600', ...injected[load].flatMap((fault) => ['--inject', fault]),
  ], { env: { ...process.env, RYLL_TEST_FAULTS: '1', TMPDIR: folder }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += String(bytes)));
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  const subscriber = load === 'subscriber' ? await stoppedSubscriber(path, ended, () => said) : null;
  const beside = load === neighbour ? spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }) : null;
  const captured = () => (existsSync(capture) ? readdirSync(capture).reduce((bytes, name) => bytes + statSync(join(capture, name)).size, 0) : 0);
  return {
    ended,
    said: () => said,
    /** CPU time of all its threads so far, in seconds. */
    cpuSeconds: () => cpuSecondsOf(child.pid),
    capturedBytes: captured,
    /** Whether the client has had to drop news of this subscriber: it had stopped reading for good. Reads on; null without a subscriber. */
    subscriberLost: () => subscriber === null ? null : lostBy(subscriber),
    interrupt: () => child.kill('SIGINT'),
    /** Also a thread inside a system call is gone then. */
    kill: async () => {
      subscriber?.destroy();
      beside?.kill('SIGKILL');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A client of the control socket that subscribes, asks for more answers than any buffer holds, and never reads one. */
async function stoppedSubscriber(path, ended, said) {
  let isOver = false;
  void ended.then(() => (isOver = true));
  for (;;) {
    const socket = connect(path);
    const isConnected = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (isConnected) {
      socket.pause();
      socket.on('error', () => undefined);
      socket.write(request(1, 'hello', { client_name: 'stopped', protocol_version: '1.2' }) + request(2, 'subscribe', { events: ['latency', 'surface_drawn'] }));
      for (let id = 3; id < 20_000; id++) socket.write(request(id, 'status', {}));
      return socket;
    }
    if (isOver) throw new Error(`the client ended before its control socket was there:\n${said()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const request = (id, method, params) => `${JSON.stringify({ id, method, params })}\n`;

/** Reads until the client says that it dropped something. */
async function lostBy(socket) {
  let text = '';
  for await (const bytes of socket) {
    text = (text + String(bytes)).slice(-100_000);
    if (text.includes('"event":"dropped"')) return true;
  }
  return false;
}

/** Linux counts in hundredths of a second. */
function cpuSecondsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
