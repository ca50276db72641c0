// The wedge that this project began with, in a whole session on threads and sockets: an actor stops reading, and whoever tells it things goes on. Nobody
// watches for frozen actors here. The session itself notices, and its report alone names the mailbox, the sender and the receiver that was abandoned.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ActorSystem } from '#app/actors/kernel/actor-system.js';
import { createNodeBase } from '#app/actors/kernel/node-base.js';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { verdictOf } from '#app/capture/verdict.js';
import { sessionEvents } from '#app/cli/session-events.js';
import { listen } from '#app/loopback/node-listener.js';
import { defaultLoopbackOptions, LoopbackServer } from '#app/loopback/server.js';
import { testSession } from '../support/session-fixture.ts';
import { noSound } from '../support/sound.ts';
import { until } from '../support/until.ts';

const room = 8;
const cleanUps: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** Room for a few packets of sound, so that the mailbox is full within a second. */
class SmallMailboxes extends ActorSystem {
  override start(...[spec]: Parameters<ActorSystem['start']>): ReturnType<ActorSystem['start']> {
    return super.start(spec.id === 'audio' ? { ...spec, mailbox: { ...spec.mailbox, dataMax: room } } : spec);
  }
}

test('a session whose sound actor waits for ever names its mailbox, playback as the sender and audio as abandoned; PINGs are answered all the while', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ryll-wedge-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  const server = new LoopbackServer(createNodeBase(), { ...defaultLoopbackOptions, pingEveryMs: 50 });
  const listener = await listen(server, { kind: 'tcp', address: '127.0.0.1', port: 0 });
  cleanUps.push(() => listener.close(), () => server.close());
  const session = testSession(createNodeHost(), Number(listener.address.split(':').at(-1)), {
    createSystem: (host) => new SmallMailboxes(host), filter: new Set(['display', 'playback']), frozenMs: null, sound: { ...noSound(), file: join(folder, 'sound.wav') },
    faults: [{ actor: 'audio', fault: { kind: 'wait', atMs: 300, generationsMax: 1 } }],
  });
  cleanUps.push(() => session.run.stop());
  await session.run.start();
  await until('the session has noticed', () => session.troubles.some((line) => line.startsWith('audio#1 its mailbox is full')));

  const verdict = verdictOf(new Map([['events.json', JSON.stringify(sessionEvents(session.run, session.run.nowMs()))]]));
  expect(verdict.causes.map(({ cause, subject, confidence }) => [cause, subject, confidence])).toEqual([['abandonedMailbox', 'audio', 'certain']]);
  expect(verdict.causes[0]?.evidence.map(({ fact }) => fact)).toEqual([
    expect.stringMatching(new RegExp(`^the mailbox is the data lane of audio#1: ${room} of ${room} messages wait, the first for \\d+(\\.\\d)? s$`)),
    expect.stringMatching(/^the sender is playback\/0#1, of which [1-9]\d* messages were refused$/),
    expect.stringMatching(/^the receiver is audio#1: in 'timer'$/),
  ]);
  const pongs = Number(server.observe().channels['main/0']?.['pongsReceived']);
  expect(pongs).toBeGreaterThan(20);
  await until('another PONG', () => Number(server.observe().channels['main/0']?.['pongsReceived']) > pongs);
});
