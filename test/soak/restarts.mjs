// usage: node --expose-gc test/soak/restarts.mjs [--restarts N] [--warm-up N] [--record]
// A display channel of a real session dies N times in a row, of a throw and of being ended by turns, and is linked again each time until its picture is
// there. Afterwards the process must hold what it held after the first of them. Exit code 1 when it holds more than a tenth more.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { recordSection } from '../bench/support/record.mjs';
import { countAll } from './thread-counts.mjs';

const app = (name) => import(new URL(`../../dist/${name}.js`, import.meta.url).href);
const { createNodeHost } = await app('actors/kernel/node-host');
const { connectionTarget } = await app('cli/connection-target');
const { SessionRun } = await app('cli/session-run');
const { ChannelType } = await app('protocol/constants');
const { channelBudgets } = await app('supervisor/restart-budget');
const { isMarked, isStale, openSurface } = await app('surface/shared-surface');

const { values } = parseArgs({ options: { 'restarts': { type: 'string', default: '500' }, 'warm-up': { type: 'string', default: '50' }, 'record': { type: 'boolean', default: false } } });
const [restarts, warmUp] = [Number(values.restarts), Number(values['warm-up'])];
const shareMax = 0.1;
const restartMs = 30_000;
/** What has just ended takes its time to be gone: threads are joined, ports closed, pages given back. */
const settleMs = 15_000;
const inMib = new Set(['resident memory', 'heap of the main thread']);
const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const often = { restartsMax: restarts + warmUp, periodMs: 3_600_000, waitsMs: [0], waitMsMin: 0 };
const server = fork(new URL('../bench/support/loopback-process.mjs', import.meta.url), [JSON.stringify({ scene: 'still', pingEveryMs: 20 })]);
const [{ port }] = await once(server, 'message');
const run = new SessionRun({
  host: createNodeHost(),
  target: connectionTarget({ host: '127.0.0.1', port }),
  endpoints: [{ plain: { transport: 'tcp', address: '127.0.0.1', port, tls: null }, secure: null }],
  password: '', filter: new Set(['main', 'display', 'inputs']), disabled: new Set(), frozenMs: 60_000, faults: [], singleThread: false, captureFolder: null,
  version: { version: '0.0.0', commit: null, dirty: false }, monitors: 1, trackCoverage: false, verbose: false, dashboard: null, log: null, control: null,
  channelBudgets: { ...channelBudgets, lostPeer: often, crash: often, frozen: often },
});
let exitCode = 1;
try {
  takeRings([ChannelType.main, ChannelType.display, ChannelType.inputs]);
  await run.start();
  await untilLinked(1);
  await die(warmUp);
  const before = await countAll();
  const all = [before];
  const steps = Math.min(10, restarts);
  for (let step = 0; step < steps; step++) {
    await die(Math.floor(((step + 1) * restarts) / steps) - Math.floor((step * restarts) / steps));
    all.push(step === steps - 1 ? await settled(before) : await countAll());
  }
  const after = all.at(-1);
  const names = Object.keys(before);
  const rows = names.map((name) => ({ name, before: before[name], after: after[name], most: Math.max(...all.map((one) => one[name])), kept: isKept(before, after, name) }));
  for (const { name, before: was, after: is, most, kept } of rows) console.log(`${name.padEnd(24)} ${figure(name, was)} -> ${figure(name, is)}, at most ${figure(name, most)}${kept ? '' : '  GREW'}`);
  exitCode = rows.every(({ kept }) => kept) ? 0 : 1;
  if (values.record) {
    recordSection('Restarts in a row', 'npm run soak:restarts -- --record', [
      `display/0 of a session against the loopback server (main, display, inputs, the writer and the watchdog beside it) died ${restarts} times, of a throw and of being ended by turns, and was linked and painted again each time. Counted before, after ${warmUp} deaths to warm up, and after; "at most" is of ${all.length} counts on the way.`,
      ['| held | before | after | at most |', '|---|---|---|---|', ...rows.map(({ name, before: was, after: is, most }) => `| ${name} | ${figure(name, was)} | ${figure(name, is)} | ${figure(name, most)} |`)].join('\n'),
    ], `, ${availableParallelism()} cores under a load of ${loadavg()[0].toFixed(1)}`);
  }
  console.log(`${restarts} restarts of display/0 after ${warmUp} to warm up: ${exitCode === 0 ? 'nothing grew' : 'something grew'}`);
} finally {
  await run.stop();
  server.disconnect();
}
process.exitCode = exitCode;

function figure(name, value) {
  return inMib.has(name) ? `${value.toFixed(1)} MiB` : String(value);
}

function isKept(before, now, name) {
  return now[name] <= before[name] * (1 + shareMax);
}

/** Counts until all is as it was, or the time is over. */
async function settled(before) {
  const endMs = performance.now() + settleMs;
  for (;;) {
    const now = await countAll();
    if (Object.keys(before).every((name) => isKept(before, now, name)) || performance.now() > endMs) return now;
    await rest(500);
  }
}

/** Traffic rings grow into memory that is theirs from the start; it is taken here, so that it is no growth later. */
function takeRings(channels) {
  for (const type of channels) {
    const { tap } = run.memory.channel(type, 0);
    new Uint8Array(tap.blocks[0], 0, tap.classes[0].retained * tap.segmentBytes).fill(0);
  }
}

function display() {
  return run.actors.find(({ id }) => id === 'display/0');
}

/** Linked, and its picture is whole and its own. */
async function untilLinked(generation) {
  const endMs = performance.now() + restartMs;
  for (;;) {
    const surface = run.surfaces.find(({ channel }) => channel === 'display/0');
    const view = surface === undefined ? null : openSurface(surface.buffer);
    const actor = display();
    if (actor?.handle.generation === generation && actor.exit === null && view !== null && isMarked(view) && !isStale(view) && isFresh(surface.buffer)) return;
    if (performance.now() > endMs) throw new Error(`display/0#${generation} was not there in ${restartMs} ms`);
    await rest(5);
  }
}

/** Each generation's surface is memory of its own. */
function isFresh(buffer) {
  if (buffer === isFresh.last) return false;
  isFresh.last = buffer;
  return true;
}

async function die(times) {
  for (let time = 0; time < times; time++) {
    const { handle } = display();
    if (handle.generation % 2 === 0) handle.address.tell({ kind: 'command', command: null });
    else void handle.kill({ kind: 'frozen' });
    await handle.exited;
    await untilLinked(handle.generation + 1);
  }
}
