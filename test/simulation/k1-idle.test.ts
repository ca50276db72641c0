// Nine idle minutes, in virtual time: 540 s of a session in which nothing happens but the server's PINGs, with all channels and with
// main alone, while one consumer never takes anything out of its mailbox. `npm run test:k1-idle` says the same of a real server.
import { expect, test } from 'vitest';
import { World } from './world.ts';

const idleMs = 540_000;
/** As spice-server pings main and display. */
const pingEveryMs = 15_000;
const pongsMin = Math.floor(idleMs / 30_000);

test.each(['all', 'main'] as const)('540 s idle, channels: %s: every PING is answered, no state is dropped, nothing times out, a consumer that never reads hurts nobody', async (channels) => {
  const world = new World({ seed: 1, sabotage: null, channels, consumerReads: false, pictures: false, pingEveryMs, sampleEveryMs: 250, keepaliveIdleMs: 10_000 });
  world.startServer();
  await world.openSession();
  await world.advanceTo(idleMs);
  expect(world.missing()).toEqual([]);
  expect(world.session?.run.connected).toBe(true);
  expect(world.seen).toMatchObject({ exits: 0, timeouts: 0 });
  expect(world.seen.mainPongs).toBeGreaterThanOrEqual(pongsMin);
  expect(world.seen.pongs).toBe(world.seen.pings);
  const dropped = Object.fromEntries(world.actorIds().map((id) => [id, world.actor(id)?.handle.mailbox().dropped]));
  const { log, ...others } = dropped;
  // What it has no room for is lost to it alone, and counted.
  expect(log).toBeGreaterThan(1_000);
  expect(Object.entries(others).filter(([, count]) => count !== 0)).toEqual([]);
  await world.end();
  expect(world.seen.eventsDropped).toBe(0);
  expect(world.sessions).toBe(1);
  expect(world.watchers.violations).toEqual([]);
});
