// K1: nine idle minutes against a real server, with all channels and with main alone. The ancestor's process died there, because a
// consumer that nobody read held the channel that owed the server its PONGs.
//   npm run test:k1-idle            RYLL_K1_SECONDS=60 npm run test:k1-idle   (a shorter one, for the harness itself)
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { recordMeasurement } from '../support/measurements.ts';
import { directOf, withServer } from '../support/servers.ts';
import { channelOf, INTERRUPTED, startSession, type Ended } from '../support/session.ts';

const fullSeconds = 540;
const seconds = Number(process.env['RYLL_K1_SECONDS'] ?? fullSeconds);
/** spice-server pings main about every 15 s; half of that is the least that counts. */
const pongsMin = Math.floor(seconds / 30);
const patienceMs = 60_000;
const kinds = [
  { name: 'all channels', more: [] },
  { name: 'main only', more: ['--channels', 'main'] },
] as const;

/** Whether the process was there when the time was over, and what it said at its end. */
interface Idle {
  readonly name: string;
  readonly alive: boolean;
  readonly ended: Ended;
}

const idle = async (name: string, more: readonly string[]): Promise<Idle> =>
  withServer('qemu-bios', {}, async (server) => {
    const session = startSession({ source: ['--direct', directOf(server)], more, timeoutMs: seconds * 1_000 + patienceMs });
    const alive = (await Promise.race([pause(seconds * 1_000, 'alive'), session.ended])) === 'alive';
    return { name, alive, ended: await (alive ? session.end() : session.ended) };
  });

test(`${seconds} s idle: alive, every PING answered, nothing timed out, no state dropped`, async () => {
  // Side by side, each with a server of its own: idle sessions do not disturb each other.
  const sessions = await Promise.all(kinds.map(({ name, more }) => idle(name, more)));
  for (const { name, alive, ended } of sessions) {
    const said = ended.stdout + ended.stderr;
    expect({ name, alive, code: ended.code }).toEqual({ name, alive: true, code: INTERRUPTED });
    expect({ name, lines: said.split('\n').filter((line) => /timed? ?out|error|failed|SendTimeout/i.test(line)) }).toEqual({ name, lines: [] });
    const stats = ended.stats();
    expect(channelOf(stats, 'main/0').pong_send_count).toBeGreaterThanOrEqual(pongsMin);
    for (const channel of stats.channels) {
      expect(channel).toMatchObject({ pong_send_count: channel.ping_recv_count, dropped: 0, writer_dropped_count: 0, generation: 1 });
    }
  }
  expect(sessions[1]?.ended.stats().channels.map(({ channel }) => channel)).toEqual(['main/0']);
  if (seconds < fullSeconds) return;
  await recordMeasurement('K1: nine idle minutes', 'npm run test:k1-idle', [
    `${seconds} s against QEMU's firmware screen, which rests after some seconds; the process was alive at the end, and no line named a timeout or an error.`,
    '',
    '| session | channel | messages received | PINGs | PONGs | dropped |',
    '|---|---|---|---|---|---|',
    ...sessions.flatMap(({ name, ended }) =>
      ended.stats().channels.map((one) => `| ${name} | ${one.channel} | ${one.messages_in} | ${one.ping_recv_count} | ${one.pong_send_count} | ${one.dropped} |`),
    ),
  ]);
}, (seconds + 120) * 1_000);
