// What every benchmark here is made of: contestants that take turns for several rounds in one process, and a table of what they cost
// and of how much more that is than the first one. A ratio is taken within a round, then the median of the rounds: a machine that is
// slow for a second is slow for everybody. It judges nothing, and no test reads its times.
import { Bench } from 'tinybench';

/** `--quick`: few and short rounds, to see that a script works. Its numbers mean nothing. */
export const isQuick = process.argv.includes('--quick');

const ROUNDS = isQuick ? 2 : 9;
/** How long one contestant runs in one round, in milliseconds. */
const TURN_MS = isQuick ? 2 : 120;
/** Calls in one turn, however long one takes. */
const CALLS_MIN = isQuick ? 1 : 3;

/**
 * A contestant that runs in this thread: the median time of `run` within one turn.
 * @param run does `per` operations
 * @returns a function that gives nanoseconds for each operation
 */
export function inThread(run, per = 1) {
  return () => {
    const bench = new Bench({ time: TURN_MS, iterations: CALLS_MIN, warmup: false });
    bench.add('turn', run);
    bench.runSync();
    const { result } = bench.tasks[0];
    if (result.state !== 'completed') throw result.error ?? new Error(`the contestant ended as ${result.state}`);
    return (result.latency.p50 * 1e6) / per;
  };
}

/**
 * Lets the contestants take turns, and prints a table.
 * @param title what is compared, with the size of the work
 * @param contestants by name, the reference first: functions that take one turn and give nanoseconds for each operation, or a promise of them
 * @param columns further columns, made from a contestant's nanoseconds
 */
export async function compare(title, contestants, { rounds = ROUNDS, columns = { 'ns each': (ns) => rounded(ns) } } = {}) {
  const names = Object.keys(contestants);
  const costs = new Map(names.map((name) => [name, []]));
  // One turn each that is not counted: code is compiled and memory is touched for the first time in it.
  for (const name of names) await contestants[name]();
  for (let round = 0; round < rounds; round++) {
    for (const name of names) costs.get(name).push(await contestants[name]());
  }
  const reference = costs.get(names[0]);
  const rows = names.map((name, index) => {
    const own = costs.get(name);
    const ratios = own.map((cost, round) => cost / reference[round]);
    const spread = index === 0 ? '' : `${rounded(Math.min(...ratios))} to ${rounded(Math.max(...ratios))}`;
    return [name, ...Object.values(columns).map((column) => column(median(own))), index === 0 ? '1' : rounded(median(ratios)), spread];
  });
  printTable(title, ['', ...Object.keys(columns), 'ratio', 'in the rounds'], rows);
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Three digits that count; more would say something about the machine's mood. */
export function rounded(value) {
  if (value >= 100) return Math.round(value).toString();
  return value.toPrecision(value < 1 ? 2 : 3);
}

/** Prints rows of texts below their head: the first column to the left, the others to the right. */
export function printTable(title, head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('   ').trimEnd();
  console.log([title, line(head), ...rows.map(line), ''].join('\n'));
}
