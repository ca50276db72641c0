// The control socket's actor on its thread, with real clients and a hub that the test plays: what a client costs the others, what a bad
// one can do, and what is left when the session ends.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { SharedFacts } from '#app/actors/control-mail.js';
import type { HubMail, HubNews } from '#app/actors/hub-mail.js';
import { ActorSystem } from '#app/actors/kernel/actor-system.js';
import type { ChildHandle } from '#app/actors/kernel/child-handle.js';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { planOf } from '#app/cli/session-tree.js';
import { createCounters } from '#app/mailbox/counters.js';
import { beginDrawing, createSurface, endDrawing, surfaceByteLength } from '#app/surface/shared-surface.js';
import { AncestorClient } from '../support/ancestor-client.ts';
import { sharedFacts, testIdentity } from '../support/control-facts.ts';
import { until } from '../support/until.ts';

const LISTENER = new URL('../support/actors/listener.mjs', import.meta.url).href;
const host = createNodeHost();
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

interface Stage {
  readonly control: ChildHandle;
  readonly path: string;
  /** What the hub was told. */
  readonly asked: () => readonly HubMail[];
  readonly tell: (facts: Partial<SharedFacts>) => Promise<void>;
  readonly client: () => AncestorClient;
  readonly greeted: (...events: string[]) => Promise<AncestorClient>;
  readonly stop: () => Promise<void>;
}

async function stage(options: { readonly singleClient?: boolean; readonly placement?: 'local' } = {}): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'ryll-control-'));
  const path = join(folder, 'control');
  const system = new ActorSystem(host);
  const heard: { readonly message: HubMail }[] = [];
  // The session's part: it takes whatever it is asked.
  const session = { push: (mail: { readonly message: HubMail }): void => {
    heard.push(mail);
    if (mail.message.kind === 'sessionRequest') control.address.tell({ kind: 'requestAnswered', token: mail.message.token, answer: { ok: true, result: {} } });
  } };
  await system.start({ id: 'hub', module: LISTENER, args: { heard: session }, placement: 'local', restart: 'permanent', shutdown: 100, mailbox: { dataMax: 64, controlMax: 16 }, links: [] });
  const spec = { ...planOf('control'), args: { path, singleClient: options.singleClient ?? false, sessionStartMs: host.clock.monotonicMs(), identity: testIdentity } };
  const control = await system.start({ ...spec, placement: options.placement ?? 'thread' });
  const clients: AncestorClient[] = [];
  cleanUps.push(async () => {
    await system.stopAll();
    await Promise.all(clients.map((client) => client.close()));
    rmSync(folder, { recursive: true, force: true });
  });
  let facts: SharedFacts = sharedFacts();
  const client = (): AncestorClient => {
    const made = new AncestorClient(path);
    clients.push(made);
    return made;
  };
  return {
    control,
    path,
    asked: () => heard.map(({ message }) => message),
    tell: async (changed) => {
      facts = { ...facts, ...changed };
      await control.address.send({ kind: 'facts', facts } satisfies HubNews);
    },
    client,
    greeted: async (...events) => {
      const made = client();
      expect((await made.hello()).ok).toBe(true);
      expect((await made.request('subscribe', { events })).result).toEqual({ subscribed: events });
      return made;
    },
    stop: async () => void (await control.stop()),
  };
}

test.each(['thread', 'local'] as const)('facts are the status, changes of the agent are events, and disconnect reaches the session (%s)', async (placement) => {
  const { tell, greeted, asked } = await stage(placement === 'local' ? { placement } : {});
  const client = await greeted('agent_connected');
  expect((await client.request('status')).result).toEqual({ spice_connected: false, agent_connected: false, surfaces: [] });
  const surface = { channelId: 1, surfaceId: 0, width: 8, height: 4, buffer: new SharedArrayBuffer(surfaceByteLength(8, 4)) };
  await tell({ agentConnected: true, surfaces: [surface] });
  await client.event('agent_connected', ({ connected }) => connected === true);
  expect((await client.request('status')).result).toEqual({ spice_connected: true, agent_connected: true, surfaces: [{ channel_id: 1, surface_id: 0, width: 8, height: 4 }] });
  await tell({});
  await tell({ agentConnected: false });
  await client.event('agent_connected', ({ connected }) => connected === false);
  expect(client.events).toHaveLength(2);
  expect(await client.request('disconnect', {}, 'bye')).toEqual({ id: 'bye', ok: true, result: {} });
  await until('the hub was told', () => asked().some((mail) => mail.kind === 'sessionRequest' && mail.from === 'control' && mail.command.kind === 'disconnect'));
});

test('drawings and PING intervals are read from shared memory while somebody wants them', async () => {
  const { tell, greeted } = await stage();
  const buffer = new SharedArrayBuffer(surfaceByteLength(8, 4));
  const surface = createSurface(buffer, 8, 4, 32);
  const counters = createCounters(['ping_interval_count', 'ping_interval_us', 'ping_interval_at_us']);
  const words = new BigUint64Array(counters.buffer);
  await tell({ surfaces: [{ channelId: 2, surfaceId: 0, width: 8, height: 4, buffer }], mainCounters: counters });
  const client = await greeted('surface_drawn', 'latency');
  beginDrawing(surface);
  endDrawing(surface);
  expect((await client.event('surface_drawn')).data).toMatchObject({ display_channel_id: 2, surface_id: 0 });
  words[1] = 2_199_343n;
  words[2] = 5_000_000n;
  Atomics.store(words, 0, 1n);
  expect((await client.event('latency')).data).toMatchObject({ sample_ms: 2_199.343 });
  expect(client.events).toHaveLength(2);
});

test('a client that does not read costs the others nothing, loses only its own oldest events, and is told how many', async () => {
  const { tell, greeted, control } = await stage();
  const stopped = await greeted('agent_connected');
  const reading = await greeted('agent_connected');
  stopped.socket.pause();
  const changes = 30_000;
  for (let count = 1; count <= changes; count++) await tell({ agentConnected: count % 2 === 1 });
  await until('the other client has every event', async () => {
    const told = reading.events.reduce((sum, { event, data }) => sum + (event === 'dropped' ? Number(data['count']) : 1), 0);
    return told === changes;
  });
  // It was quick enough not to wait behind the one that stopped: a second request is answered at once.
  expect((await reading.request('status')).ok).toBe(true);
  expect(await control.observe()).toMatchObject({ clients: [{ waiting: 256 }, { waiting: 0 }] });
  stopped.socket.resume();
  const sum = (): number => stopped.events.reduce((total, { event, data }) => total + (event === 'dropped' ? Number(data['count']) : 1), 0);
  await until('what it missed was told', () => sum() === changes);
  expect(stopped.events.filter(({ event }) => event === 'dropped')).toHaveLength(1);
  // What is left are the newest: the last event is the last change.
  expect(stopped.events.at(-1)).toEqual({ event: 'agent_connected', data: { connected: changes % 2 === 1 } });
});

test('a client that asks and does not read is held up itself, and gets every reply when it reads', async () => {
  const { client, greeted, control } = await stage();
  const asking = client();
  asking.socket.pause();
  await new Promise((resolve) => { asking.socket.once('connect', resolve); });
  const count = 20_000;
  asking.send(Array.from({ length: count }, (_, id) => `{"id":${id},"method":"status","params":{}}\n`).join(''));
  const other = await greeted();
  await until('it is held up', async () => {
    const state = await control.observe() as { readonly clients: readonly { readonly waiting: number; readonly requests: number }[] };
    return (state.clients[0]?.waiting ?? 0) >= 1 && (state.clients[0]?.requests ?? 0) < count && state.clients[0];
  });
  expect((await other.request('status')).ok).toBe(true);
  asking.socket.resume();
  await until('all replies', () => asking.lines.length === count);
  expect(asking.lines.map((line) => (JSON.parse(line) as { id: number }).id)).toEqual(Array.from({ length: count }, (_, id) => id));
});

test('a client that closes its sending side gets the rest of its replies; a half line changes nothing', async () => {
  const { client, asked } = await stage();
  const leaving = client();
  leaving.socket.end('{"id":1,"method":"hello","params":{"client_name":"x","protocol_version":"1.2"}}\n{"id":2,"method":"status","params":{}}\n{"id":3,"method":"disconnect","params":{}}');
  await leaving.closed;
  expect(leaving.lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ id: 1, ok: true }, { id: 2, ok: true }]);
  expect(asked()).toEqual([]);
});

test('in single-client mode a second client is told busy and the first is undisturbed; when it has gone the next is welcome', async () => {
  const { client, greeted } = await stage({ singleClient: true });
  const first = await greeted('agent_connected');
  const second = client();
  expect(await second.line()).toBe('{"ok":false,"error":{"code":"busy","message":"another client is connected"}}');
  await second.closed;
  expect((await first.request('status')).ok).toBe(true);
  await first.close();
  const third = await until('the next is welcome', async () => {
    const one = client();
    const answered = await Promise.race([one.hello().then(({ ok }) => ok), one.line().then(() => false)]).catch(() => false);
    return answered && one;
  });
  // Nothing of the first is left to it.
  expect((await third.request('unsubscribe', { events: ['agent_connected'] })).result).toEqual({ unsubscribed: [] });
});

test('the bound of clients holds, and one that leaves makes room', async () => {
  const { client, control } = await stage();
  const all = Array.from({ length: 32 }, () => client());
  await Promise.all(all.map((each) => each.hello()));
  const late = client();
  expect(JSON.parse(await late.line())).toMatchObject({ ok: false, error: { code: 'busy' } });
  await all[0]?.close();
  await until('room', async () => ((await control.observe()) as { readonly clients: readonly unknown[] }).clients.length === 31);
  expect((await client().hello()).ok).toBe(true);
});

test('random bytes are answered with errors or ignored, and never end the actor', async () => {
  const { client, control, greeted, asked } = await stage();
  let settled = false;
  void control.exited.then(() => (settled = true));
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(`${text}\n`)),
    fc.constantFrom('{"id":1,"method":"hello","params":{"client_name":"x","protocol_version":"1.2"}}\n', '{"id":', '\n\n\n', '{"id":1,"method":"subscribe","params":{"events":["agent_connected"]}}\n', '\u0000', '[[[[[[[[').map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.boolean(), async (pieces, politely) => {
      const junk = client();
      for (const bytes of pieces) junk.send(bytes);
      // Its lines are read as JSON by the client, which throws for anything else.
      if (politely) junk.socket.end();
      else junk.socket.destroySoon();
      await junk.closed;
    }),
    { numRuns: 60 },
  );
  expect(settled).toBe(false);
  expect(asked()).toEqual([]);
  expect((await (await greeted()).request('status')).ok).toBe(true);
});

test('a line of more than a mebibyte is refused once, and the next request is answered', async () => {
  const { greeted } = await stage();
  const client = await greeted();
  const part = 'x'.repeat(64 * 1024);
  for (let count = 0; count < 40; count++) client.send(part);
  client.send('\n');
  expect(await client.line()).toBe('{"ok":false,"error":{"code":"bad_params","message":"the line is too long"}}');
  expect((await client.request('status')).ok).toBe(true);
  expect(client.lines).toEqual([]);
});

test('when the session ends, every client has its replies and an orderly end, and the socket is gone', async () => {
  const { greeted, client, path, stop, control } = await stage();
  const [reading, deaf] = [await greeted(), client()];
  deaf.socket.pause();
  const last = reading.request('status');
  await until('both are clients', async () => ((await control.observe()) as { readonly clients: readonly unknown[] }).clients.length === 2);
  await stop();
  expect((await last).ok).toBe(true);
  deaf.socket.resume();
  await Promise.all([reading.closed, deaf.closed]);
  expect(existsSync(path)).toBe(false);
  expect((await control.exited).reason).toEqual({ kind: 'shutdown' });
});

test('a start where there can be no socket fails with the sentence for people', async () => {
  const { path } = await stage();
  const system = new ActorSystem(host);
  cleanUps.push(() => system.stopAll());
  await expect(system.start({ ...planOf('control'), args: { path, singleClient: false, sessionStartMs: 0, identity: testIdentity } })).rejects.toMatchObject({ exit: { reason: { kind: 'failed', error: { message: `another session listens on ${path}; end it or choose another path` } } } });
});
