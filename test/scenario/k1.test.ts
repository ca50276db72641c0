// K1 in the small, on threads and sockets: the hub's own thread stands still and never reads its mailbox again, a server goes on
// talking to main, and main answers every PING. What waits for room there fails at its deadline, naming both ends.
import { afterEach, expect, test } from 'vitest';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { ChannelType } from '#app/protocol/constants.js';
import { ChannelWorld } from '../support/channel-world.ts';
import { tcp } from '../support/dialled.ts';
import { echoSpec } from '../support/echo-spec.ts';
import type { EchoState } from '../support/kernel-fixture.ts';
import type { RawPeer } from '../support/raw-server.ts';
import { rawTcpServer } from '../support/raw-tcp-server.ts';
import { until } from '../support/until.ts';

const { main } = ChannelType;
const PINGS = 1_000;
const ROOM = 16;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const pongs = (peer: RawPeer): { readonly id: number; readonly timestamp: bigint }[] => peer.received.flatMap((message) => (message.kind === 'pong' ? [message.value] : []));

test(`an abandoned consumer: ${PINGS} PINGs are answered with their ids and timestamps, while its mailbox is full and every news waits`, async () => {
  const spice = await rawTcpServer({});
  cleanUps.push(() => spice.close());
  const world = new ChannelWorld(createNodeHost());
  cleanUps.push(() => world.system.stopAll());
  const hub = await world.system.start(echoSpec('hub', [], { mailbox: { dataMax: ROOM, controlMax: ROOM }, shutdown: 'brutalKill' }));
  // It waits on a word that nobody ever changes: alive, and never at its mailbox again.
  hub.address.tell({ kind: 'wait', memory: new SharedArrayBuffer(4) });
  await until('the consumer stands still', () => hub.progress.read().handler === 'wait');

  await world.start(main, 0, { plain: tcp(spice.port) });
  const peer = await until('linked', () => spice.peers.find(({ linked }) => linked));
  for (let id = 0; id < PINGS; id++) {
    peer.send(main, 'notify', { timeStamp: 0n, severity: 0, visibility: 0, what: 0, message: Uint8Array.of(0x68) });
    peer.send(main, 'ping', { id, timestamp: BigInt(id) << 32n, padding: new Uint8Array(100) });
  }
  await until('every PONG', () => pongs(peer).length === PINGS);
  expect(pongs(peer)).toEqual(Array.from({ length: PINGS }, (_, id) => ({ id, timestamp: BigInt(id) << 32n })));
  expect(hub.mailbox().depth).toBeGreaterThanOrEqual(ROOM);

  const bystander = await world.system.start(echoSpec('bystander', ['hub'], { mailbox: { dataMax: 64, controlMax: 64 } }));
  for (let i = 0; i < ROOM; i++) bystander.address.tell({ kind: 'tellOn', to: 'hub', message: i });
  bystander.address.tell({ kind: 'sendOn', to: 'hub', message: 'one too many', options: { deadlineMs: 50 } });
  const { results } = await until('the send has ended', async () => {
    const state = (await bystander.observe()) as unknown as EchoState;
    return state.results.length > ROOM ? state : null;
  });
  expect(results.at(-1)).toMatchObject({ error: 'SendTimeout', text: expect.stringMatching(/^bystander#1 waited \d+ ms for room in the data lane of hub#1: 16 messages wait there/) });

  // And main is as alive as before.
  peer.send(main, 'ping', { id: 7_777, timestamp: 1n, padding: new Uint8Array(0) });
  await until('one more PONG', () => pongs(peer).at(-1)?.id === 7_777);
  expect(world.counters(main, 0)).toMatchObject({ ping_recv_count: PINGS + 1, pong_send_count: PINGS + 1 });
});

test('a hub whose consumer never reads loses that consumer its news, and nobody else anything', async () => {
  const spice = await rawTcpServer({});
  cleanUps.push(() => spice.close());
  const world = new ChannelWorld(createNodeHost());
  cleanUps.push(() => world.system.stopAll());
  const stuck = await world.system.start(echoSpec('log', [], { mailbox: { dataMax: ROOM, controlMax: ROOM }, shutdown: 'brutalKill' }));
  const reader = await world.system.start(echoSpec('dashboard', [], { mailbox: { dataMax: 4_096, controlMax: 64 } }));
  const hub = await world.startHub();
  for (const consumer of ['log', 'dashboard']) hub.address.tell({ kind: 'subscribe', consumer, news: ['event'] });
  stuck.address.tell({ kind: 'wait', memory: new SharedArrayBuffer(4) });
  await until('the consumer stands still', () => stuck.progress.read().handler === 'wait');

  await world.start(main, 0, { plain: tcp(spice.port) });
  const peer = await until('linked', () => spice.peers.find(({ linked }) => linked));
  const told = 500;
  for (let id = 0; id < told; id++) {
    hub.address.tell({ kind: 'tell', event: { kind: 'noted', wallMs: 0, source: 'test', severity: 'info', text: `${id}` } });
    peer.send(main, 'ping', { id, timestamp: 0n, padding: new Uint8Array(0) });
  }
  await until('every PONG', () => pongs(peer).length === told);
  await until('the reader has everything', async () => ((await reader.observe()) as unknown as EchoState).received.length === told);
  expect(await hub.observe()).toMatchObject({
    subscriptions: [
      { consumer: 'log', delivered: ROOM, dropped: told - ROOM },
      { consumer: 'dashboard', delivered: told, dropped: 0 },
    ],
  });
});
