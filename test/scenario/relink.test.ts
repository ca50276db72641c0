// A session on real threads and sockets, through a proxy that cuts one connection at a time, against the loopback server: the
// channel comes back alone, everything else goes on, and nothing is left when it is over.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import type { SessionRunOptions } from '#app/cli/session-options.js';
import { copyPixels, isMarked, isStale, openSurface } from '#app/surface/shared-surface.js';
import { listen } from '#app/loopback/node-listener.js';
import { defaultLoopbackOptions, LoopbackServer, type LoopbackOptions } from '#app/loopback/server.js';
import { ChannelProxy } from '../support/channel-proxy.ts';
import { testSession } from '../support/session-fixture.ts';
import { until } from '../support/until.ts';

const secondary = ['display/0', 'cursor/0', 'inputs/0', 'playback/0', 'record/0', 'port/0'];
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** A session through a proxy, with every channel linked. */
async function session(options: Partial<LoopbackOptions> = {}, part: Partial<SessionRunOptions> = {}) {
  const server = new LoopbackServer(createNodeHost(), { ...defaultLoopbackOptions, scene: 'still', pingEveryMs: 50, ...options });
  const listener = await listen(server, { kind: 'tcp', address: '127.0.0.1', port: 0 });
  cleanUps.push(async () => {
    server.close();
    await listener.close();
  });
  const proxy = await ChannelProxy.start(listener.port ?? 0);
  cleanUps.push(() => proxy.close());
  const made = testSession(createNodeHost(), proxy.port, part);
  cleanUps.push(() => made.run.stop());
  await made.run.start();
  const isUp = (channel: string, generation: number): boolean => {
    const seen = made.run.actors.find(({ id }) => id === channel);
    return seen !== undefined && seen.exit === null && seen.handle.generation === generation && made.channel(channel).state === 'linked';
  };
  const up = (channel: string, generation = 1): Promise<boolean> => until(`${channel}#${generation} is linked`, () => isUp(channel, generation));
  for (const channel of secondary) await up(channel);
  await until('the screen is there', () => made.run.surfaces.some(({ buffer }) => isMarked(openSurface(buffer))));
  return { ...made, server, proxy, up };
}

const generations = (run: { readonly actors: readonly { readonly id: string; readonly handle: { readonly generation: number } }[] }): string[] =>
  run.actors.filter(({ handle }) => handle.generation > 1).map(({ id, handle }) => `${id}#${handle.generation}`);

describe('on real threads', () => {
  test('every secondary channel that is cut from outside comes back alone, with the same session id', async () => {
    const { run, lines, channel, server, proxy, up } = await session();
    const sessionId = proxy.connectionId('display/0');
    for (const [index, id] of secondary.entries()) {
      const before = channel(id);
      proxy.cut(id, index % 2 === 0 ? 'fin' : 'rst');
      await up(id, 2);
      expect(channel(id)).toMatchObject({ generation: 2, restarts: 1 });
      expect(channel(id).messages_in).toBeGreaterThanOrEqual(before.messages_in);
      expect(proxy.connectionId(id)).toBe(sessionId);
      expect(lines.some((line) => line.startsWith(`${id} lost its connection (`) && line.includes('linking again'))).toBe(true);
    }
    expect(generations(run)).toEqual(expect.arrayContaining(secondary.map((id) => `${id}#2`)));
    expect(generations(run)).toHaveLength(secondary.length);
    const pongs = channel('main/0').pong_send_count;
    await until('main goes on answering', () => channel('main/0').pong_send_count > pongs);
    expect(channel('main/0').pong_send_count).toBeLessThanOrEqual(channel('main/0').ping_recv_count);
    expect(server.observe()).toMatchObject({ sessions: 1, violations: {} });
  });

  test('every secondary channel whose actor throws comes back alone, and the picture is the same again', async () => {
    const { run, channel, server, poison, up } = await session();
    const picture = copyPixels(openSurface(run.surfaces[0]!.buffer)).pixels;
    for (const id of secondary) {
      poison(id);
      await up(id, 2);
    }
    expect(channel('main/0').generation).toBe(1);
    await until('the new picture is shown', () => run.surfaces.every(({ buffer }) => !isStale(openSurface(buffer))));
    expect(Buffer.from(copyPixels(openSurface(run.surfaces[0]!.buffer)).pixels).equals(Buffer.from(picture))).toBe(true);
    expect(server.observe()).toMatchObject({ sessions: 1, violations: {} });
  });

  test('a server that dies is not dialled again by any channel', async () => {
    const { run, lines, server, proxy } = await session();
    const { dialled } = proxy;
    server.close();
    expect((await run.ended).kind).toBe('mainLost');
    await until('every channel has ended', () => run.actors.filter(({ parent }) => parent === 'session').every(({ exit, comesBack }) => exit !== null || comesBack));
    await run.stop();
    expect(proxy.dialled).toBe(dialled);
    expect(lines.filter((line) => line.includes('linking again'))).toEqual([]);
  });

  test('a writer that throws is started again with the same rings: no channel changes, and the capture holds both parts of the traffic', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ryll-relink-'));
    cleanUps.push(() => rmSync(folder, { recursive: true }));
    const { run, channel } = await session({}, { captureFolder: join(folder, 'capture') });
    const writer = () => run.actors.find(({ id }) => id === 'writer');
    writer()?.handle.address.tell({ kind: 'addRing', ring: null });
    await until('the writer is back', () => writer()?.exit === null && writer()?.handle.generation === 2);
    const pings = channel('main/0').ping_recv_count;
    await until('traffic goes on', () => channel('main/0').ping_recv_count > pings + 3);
    await run.stop();
    expect(generations(run)).toEqual(['writer#2']);
    expect(run.captureProblem()).toBeNull();
    const files = readdirSync(join(folder, 'capture'));
    expect(files).toEqual(expect.arrayContaining(['main-0.pcapng', 'main-0.part-2.pcapng', 'metadata.json']));
    expect(secondary.flatMap((id) => [`${id.replace('/', '-')}.pcapng`]).filter((name) => !files.includes(name))).toEqual([]);
    expect(JSON.parse(readFileSync(join(folder, 'capture', 'metadata.json'), 'utf8'))).toBeTypeOf('object');
  });

  test('a consumer that throws is not started again and disturbs nobody', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ryll-relink-'));
    cleanUps.push(() => rmSync(folder, { recursive: true }));
    const { run, channel } = await session({}, { log: { output: { kind: 'path', path: join(folder, 'log') }, summaries: false } });
    run.actors.find(({ id }) => id === 'log')?.handle.address.tell(null);
    await until('the log is gone', () => run.actors.find(({ id }) => id === 'log')?.exit !== null);
    const pongs = channel('main/0').pong_send_count;
    await until('main goes on answering', () => channel('main/0').pong_send_count > pongs);
    expect(generations(run)).toEqual([]);
  });

  test('a channel that throws more often than is allowed ends the session once, and everything with it', async () => {
    const { run, poison, up } = await session();
    for (let generation = 1; generation <= 6; generation++) {
      await up('cursor/0', generation);
      poison('cursor/0');
    }
    expect(await run.ended).toMatchObject({ kind: 'gaveUp', escalation: { child: 'cursor/0', spent: 'crash' } });
    await until('the session is over', () => run.actors.every(({ id, exit }) => id === 'writer' || id === 'hub' || exit !== null));
  });
});
