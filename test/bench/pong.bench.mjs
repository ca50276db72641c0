// usage: node test/bench/pong.bench.mjs [rounds] | --quick
// How long a PING of the server waits for its PONG while something else in the client is in trouble, next to an idle client. The server pings 200
// times a second on main and on display/0, in a process of its own, and measures by its own clock. See README.md in this folder.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loads, neighbour, startLoadedClient } from './support/loaded-client.mjs';
import { median, printTable, rounded } from './support/ratios.mjs';

const isQuick = process.argv[2] === '--quick';
const rounds = isQuick ? 1 : Number(process.argv[2] ?? 5);
/** The server keeps its last 2048 times: once so many have come, none is older than the measurement. */
const pongs = isQuick ? 20 : 2048;
const pingEveryMs = 5;
const channels = ['main/0', 'display/0'];
// A quick run sees that it runs: the other loads have a scenario test.
const contestants = isQuick ? ['idle', 'spin'] : ['idle', neighbour, ...loads.filter((load) => load !== 'idle')];
const words = { idle: 'nothing is wrong', neighbour: 'a process beside it spins', spin: 'another actor spins', disk: "the writer's disk hangs", subscriber: 'a subscriber is stopped' };
const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const folder = mkdtempSync(join(tmpdir(), 'ryll-pong-'));
const server = fork(new URL('./support/loopback-process.mjs', import.meta.url), [JSON.stringify({ scene: 'still', pingEveryMs })]);
try {
  const [{ port }] = await once(server, 'message');
  const results = new Map(contestants.map((load) => [load, []]));
  for (let round = 0; round < rounds; round++) {
    // Each comes first, second, ... in turn, so that none is always the one behind the same other.
    for (let turn = 0; turn < contestants.length; turn++) {
      const load = contestants[(round + turn) % contestants.length];
      results.get(load).push(await measure(load, port, join(folder, `${round}-${load}`)));
    }
  }
  for (const channel of channels) report(channel, results);
} finally {
  server.disconnect();
  rmSync(folder, { recursive: true });
}

/** What the server has seen of each channel. */
async function observed() {
  const answer = once(server, 'message');
  server.send('observe');
  return (await answer)[0].channels;
}

/** Resolves when every measured channel has had so many PONGs. */
async function untilPonged(client, counts) {
  for (;;) {
    const seen = await observed();
    if (channels.every((name) => seen[name]?.linked === true && seen[name].pongsReceived >= counts[name])) return seen;
    if (await Promise.race([client.ended.then(() => true), rest(50)])) throw new Error(`the client ended:\n${client.said()}`);
  }
}

/** One client from its start to its end: milliseconds by channel, and how many cores the client kept busy. */
async function measure(load, port, clientFolder) {
  mkdirSync(clientFolder);
  const client = await startLoadedClient(load, port, clientFolder);
  try {
    // The first second, in which threads come up and code is compiled, is not measured.
    const linked = await untilPonged(client, Object.fromEntries(channels.map((name) => [name, isQuick ? 1 : 200])));
    const before = { cpu: client.cpuSeconds(), captured: client.capturedBytes(), atMs: performance.now() };
    const seen = await untilPonged(client, Object.fromEntries(channels.map((name) => [name, linked[name].pongsReceived + pongs])));
    const cores = (client.cpuSeconds() - before.cpu) / ((performance.now() - before.atMs) / 1000);
    if (!isQuick) await assertLoaded(load, client, cores, client.capturedBytes() - before.captured);
    return { cores, ...Object.fromEntries(channels.map((name) => [name, seen[name].pongMs])) };
  } finally {
    await client.kill();
  }
}

/** A load that did not load would make a fine ratio. */
async function assertLoaded(load, client, cores, capturedBytes) {
  const isLoaded = {
    idle: () => capturedBytes > 0,
    neighbour: () => capturedBytes > 0,
    spin: () => cores > 0.25,
    disk: () => capturedBytes === 0,
    subscriber: () => client.subscriberLost(),
  };
  if (!(await isLoaded[load]())) throw new Error(`'${words[load]}' was not so: ${cores.toFixed(2)} cores, ${capturedBytes} bytes captured`);
}

/** Ratios are taken within a round, to that round's idle client. */
function report(channel, results) {
  const idle = results.get('idle').map((one) => one[channel]);
  const rows = [...results].map(([load, runs]) => {
    const own = runs.map((one) => one[channel]);
    const ratios = own.map(({ p99 }, round) => p99 / idle[round].p99);
    return [
      words[load], ...['median', 'p99', 'max'].map((key) => rounded(median(own.map((one) => one[key])))), rounded(median(runs.map(({ cores }) => cores))),
      load === 'idle' ? '1' : rounded(median(ratios)), load === 'idle' ? '' : `${rounded(Math.min(...ratios))} to ${rounded(Math.max(...ratios))}`,
    ];
  });
  printTable(`${channel}: milliseconds from PING to PONG, ${pongs} of them in each of ${rounds} rounds`, ['', 'median', 'p99', 'max', 'cores', 'ratio of p99', 'in the rounds'], rows);
}
