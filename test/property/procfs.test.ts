// What Linux says of a thread is read right whatever the thread is called: names may hold brackets, spaces and newlines.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMemoryStatus, parseTaskStat, parseUptime } from '#app/metrics/procfs.js';

const count = fc.nat({ max: 2 ** 40 });
/** The name as the kernel keeps it: 15 bytes, anything but NUL. Latin-1, as the file is read. */
const name = fc.array(fc.oneof(fc.constantFrom(')', '(', ' ', '\n'), fc.integer({ min: 1, max: 255 }).map((byte) => String.fromCharCode(byte))), { maxLength: 15 }).map((parts) => parts.join(''));

test('a stat line gives back id, name and times, whatever the name', () => {
  fc.assert(fc.property(fc.nat({ max: 4_194_304 }), name, count, count, count, (id, called, user, system, start) => {
    const others = (from: number, to: number): string => Array.from({ length: to - from + 1 }, (_, at) => String(at - 7)).join(' ');
    const line = `${id} (${called}) S ${others(4, 13)} ${user} ${system} ${others(16, 21)} ${start} ${others(23, 52)}\n`;
    expect(parseTaskStat(line)).toEqual({ id, name: called, userTicks: user, systemTicks: system, startTicks: start });
  }));
});

test('what is no stat line is nothing, and nothing throws', () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const stat = parseTaskStat(text);
    expect(stat === null || Number.isFinite(stat.userTicks)).toBe(true);
    expect([null, 'object']).toContain(parseMemoryStatus(text) === null ? null : 'object');
    expect(parseUptime(text) ?? 0).toBeGreaterThanOrEqual(0);
  }));
  for (const text of ['', '12 (node', '12 node) S', '12 (node) S 1 2 3', 'x (node) S '.padEnd(300, '1 ')]) expect(parseTaskStat(text)).toBeNull();
});

test('memory is read from its two lines wherever they stand, and only whole', () => {
  fc.assert(fc.property(count, count, fc.boolean(), (rss, size, swapped) => {
    const lines = [`VmSize:\t ${size} kB`, `VmRSS:\t ${rss} kB`];
    const text = `Name:\tVmRSS: 1 kB\nVmPeak:\t 99 kB\n${(swapped ? lines.toReversed() : lines).join('\n')}\nThreads:\t4\n`;
    expect(parseMemoryStatus(text)).toEqual({ rssKb: rss, vmSizeKb: size });
  }));
  expect(parseMemoryStatus('Name:\tnode\nVmRSS:\t 12 kB\n')).toBeNull();
});

test('the uptime is the first of the two numbers', () => {
  expect(parseUptime('57242.31 103245.10\n')).toBe(57_242.31);
  expect(parseUptime('no number')).toBeNull();
});
