// K1 in the small: a consumer that never reads its mailbox costs a session nothing but the news that it does not take. In virtual
// time and over any order of turns: every PING of the server has its PONG, and what waits for room at the abandoned mailbox fails
// at its deadline, naming both ends. test/scenario/k1.test.ts says the same of threads and sockets.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Host } from '#app/actors/kernel/host.js';
import { ChannelType } from '#app/protocol/constants.js';
import { ChannelWorld } from '../support/channel-world.ts';
import { echoSpec } from '../support/echo-spec.ts';
import type { EchoState } from '../support/kernel-fixture.ts';
import { createVirtualWorld } from '../support/virtual-network.ts';

const { main } = ChannelType;
const PINGS = 1_000;
const ROOM = 8;
const DEADLINE_MS = 5_000;
const DELAY_MS_MAX = 5;

/** What the server says between two PINGs: news for the consumer, or nothing. */
const speech = fc.array(fc.constantFrom('ping', 'ping', 'notify', 'list', 'pause'), { minLength: 200, maxLength: 400 });

/** Turns of the loop run late and out of order, as `pick` says. */
function withScatteredTurns(host: Host, pick: () => number): Host {
  return { ...host, timers: { ...host.timers, soon: (run) => host.timers.after(pick(), run) } };
}

/** Repeats its numbers for ever. */
function cycle(numbers: readonly number[]): () => number {
  let at = 0;
  return () => numbers[at++ % numbers.length] ?? 0;
}

test(`${PINGS} PINGs are answered, each within the way there and back, and a send to the abandoned mailbox fails at its deadline, naming both`, async () => {
  const numbers = fc.array(fc.nat(DELAY_MS_MAX), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(speech, numbers, numbers, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 }), async (said, delays, turns, sizes) => {
      const size = cycle(sizes);
      const sentAtMs: number[] = [];
      const answers: { readonly id: number; readonly timestamp: bigint; readonly tookMs: number }[] = [];
      let notices = 0;
      const net = createVirtualWorld(
        1,
        {
          message: (_peer, message) => {
            if (message.kind !== 'pong') return;
            const { id, timestamp } = message.value;
            answers.push({ id, timestamp, tookMs: net.host.clock.monotonicMs() - (sentAtMs[id] ?? -Infinity) });
          },
        },
        { delayMs: cycle(delays), cut: (bytes) => Array.from({ length: bytes }, size) },
      );
      const world = new ChannelWorld(withScatteredTurns(net.host, cycle(turns)), { placement: 'local' });
      // An actor whose start never ends: its mailbox takes messages up to its bound and nobody ever reads them.
      const abandoned = echoSpec('hub', [], { placement: 'local', args: { startHangs: true }, mailbox: { dataMax: ROOM, controlMax: ROOM }, shutdown: 'brutalKill' });
      const neverStarted = world.system.start(abandoned).catch((error: unknown) => error);
      const channel = await world.start(main, 0);
      const bystander = await world.system.start(echoSpec('bystander', ['hub'], { placement: 'local', mailbox: { dataMax: 64, controlMax: 64 } }));

      await net.host.advance(100);
      const [peer] = net.peers;
      if (peer?.linked !== true) throw new Error('not linked');
      const script = cycle(said.map((_, index) => index));
      while (sentAtMs.length < PINGS) {
        switch (said[script()]) {
          case 'ping':
            peer.send(main, 'ping', { id: sentAtMs.length, timestamp: BigInt(sentAtMs.length) << 32n, padding: new Uint8Array(3) });
            sentAtMs.push(net.host.clock.monotonicMs());
            break;
          case 'notify':
            notices += 1;
            peer.send(main, 'notify', { timeStamp: 0n, severity: 0, visibility: 0, what: 0, message: Uint8Array.of(0x68) });
            break;
          case 'list':
            peer.send(main, 'channelsList', { channels: [] });
            break;
          default:
            await net.host.advance(1);
            break;
        }
      }
      // The bystander fills what room is left for it and then waits for more.
      for (let i = 0; i < ROOM; i++) bystander.address.tell({ kind: 'tellOn', to: 'hub', message: i });
      bystander.address.tell({ kind: 'sendOn', to: 'hub', message: 'one too many' });
      await net.host.advance(2 * DELAY_MS_MAX);
      expect(answers.map(({ id, timestamp }) => [id, timestamp])).toEqual(sentAtMs.map((_, id) => [id, BigInt(id) << 32n]));
      expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThanOrEqual(2 * DELAY_MS_MAX);

      // Its mailbox took what it has room for; everything else is lost at the deadline, counted by its sender.
      await net.host.advance(DEADLINE_MS + 100);
      const counters = world.counters(main, 0);
      expect(counters).toMatchObject({ ping_recv_count: PINGS, pong_send_count: PINGS });
      expect(counters['events_dropped']).toBeGreaterThanOrEqual(notices - ROOM);
      const observed = bystander.observe();
      const alive = channel.observe();
      await net.host.advance(100);
      const { results } = (await observed) as unknown as EchoState;
      expect(results.slice(0, ROOM)).toEqual(Array.from({ length: ROOM }, () => 'accepted'));
      expect(results[ROOM]).toEqual({ error: 'SendTimeout', text: expect.stringMatching(/^bystander#1 waited 5000 ms for room in the data lane of hub#1: 8 messages wait there/), heldMs: DEADLINE_MS });
      expect(await alive).toMatchObject({ phase: 'linked' });

      const stopped = world.system.stopAll();
      await net.host.advance(3_000);
      await stopped;
      expect(await neverStarted).toMatchObject({ code: 'start-failed' });
      expect(net.host.pending).toBe(0);
    }),
    { numRuns: 8 },
  );
});
