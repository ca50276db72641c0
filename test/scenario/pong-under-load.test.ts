// Every PING is answered, in order, whatever happens elsewhere in the client: the loads of test/bench/pong.bench.mjs, which measures how
// soon.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createNodeBase } from '#app/actors/kernel/node-base.js';
import { listen } from '#app/loopback/node-listener.js';
import { defaultLoopbackOptions, LoopbackServer } from '#app/loopback/server.js';
import { loads, startLoadedClient } from '../bench/support/loaded-client.mjs';
import { until } from '../support/until.ts';

const measured = ['main/0', 'display/0'];
const deadlineMs = 60_000;

/** A server of its own that pings 200 times a second, and a folder. */
async function served(body: (server: LoopbackServer, port: number, folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ryll-load-'));
  const server = new LoopbackServer(createNodeBase(), { ...defaultLoopbackOptions, scene: 'still', pingEveryMs: 5 });
  const listener = await listen(server, { kind: 'tcp', address: '127.0.0.1', port: 0 });
  try {
    await body(server, listener.port ?? 0, folder);
  } finally {
    server.close();
    await listener.close();
    rmSync(folder, { recursive: true });
  }
}

describe.concurrent('every PING has its PONG, in order', () => {
  test.each(loads)('%s', (load) => served(async (server, port, folder) => {
    const count = (channel: string, name: 'pingsSent' | 'pongsReceived' | 'unaskedPongs'): number => Number(server.observe().channels[channel]?.[name] ?? 0);
    const client = await startLoadedClient(load, port, folder);
    try {
      for (const channel of measured) await until(`400 PINGs on ${channel}`, () => count(channel, 'pingsSent') >= 400, deadlineMs);
      for (const channel of measured) {
        const sent = count(channel, 'pingsSent');
        await until(`${sent} PONGs on ${channel}`, () => count(channel, 'pongsReceived') >= sent, deadlineMs);
      }
      expect(measured.map((channel) => count(channel, 'unaskedPongs'))).toEqual([0, 0]);
      expect(server.observe().violations).toEqual({});
      expect(await client.subscriberLost()).toBe(load === 'subscriber' ? true : null);
      client.interrupt();
      expect(await client.ended).toBe(130);
    } finally {
      await client.kill();
    }
  }), 120_000);
});
