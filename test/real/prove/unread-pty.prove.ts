// A terminal that nobody reads for a minute: the session goes on, every PING is answered, memory stays flat.
//   npm run prove:unread-pty
import { expect, test } from 'vitest';
import { recordMeasurement } from '../support/measurements.ts';
import { channelOf } from '../support/session.ts';
import { runUnread } from '../support/unread-terminal.ts';

const SECONDS = 60;
/** Between the first third and the last: garbage comes and goes, a queue that nobody drains only grows. */
const GROWTH_MAX_KIB = 24 * 1024;

test(`a terminal unread for ${SECONDS} s changes nothing, and memory stays flat`, async () => {
  const run = await runUnread(SECONDS);
  const third = Math.floor(run.rss_kib.length / 3);
  const [early, late] = [Math.max(...run.rss_kib.slice(5, third)), Math.max(...run.rss_kib.slice(-third))];
  const main = channelOf(run.stats, 'main/0');
  await recordMeasurement('A terminal that nobody reads', 'npm run prove:unread-pty', [
    `${SECONDS} s on a pseudo terminal that nobody reads, QEMU's firmware screen drawing:`,
    '',
    `* highest resident memory in the first third ${Math.round(early / 1024)} MiB, in the last ${Math.round(late / 1024)} MiB;`,
    `* server PINGs on main: ${main.ping_recv_count}, answered: ${main.pong_send_count}; display messages: ${channelOf(run.stats, 'display/0').messages_in};`,
    `* from SIGTERM to its end, still unread: ${run.end_ms} ms, exit code ${run.exit}.`,
  ]);
  expect(run.ended_early).toBe(false);
  expect([0, 143]).toContain(run.exit);
  for (const { ping_recv_count, pong_send_count } of run.stats.channels) expect(pong_send_count).toBe(ping_recv_count);
  expect(late - early).toBeLessThan(GROWTH_MAX_KIB);
}, 180_000);
