// A whole session against a raw server that offers channels and draws nothing: which channels start and with what, how the session
// ends by itself, and in which order everything is closed. On threads, and all in one.
import { afterEach, describe, expect, test } from 'vitest';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import type { ConnectionTarget } from '#app/cli/connection-target.js';
import type { SessionRunOptions } from '#app/cli/session-options.js';
import { SessionRun } from '#app/cli/session-run.js';
import { statsDocument } from '#app/cli/stats-document.js';
import { ChannelType } from '#app/protocol/constants.js';
import { plainPeer, tcp } from '../support/dialled.ts';
import type { RawPeer, RawScript } from '../support/raw-server.ts';
import { rawTcpServer, type RawTcpServer } from '../support/raw-tcp-server.ts';
import { noSound } from '../support/sound.ts';
import { until } from '../support/until.ts';

const { main, display, inputs, cursor, smartcard } = ChannelType;
const SESSION_ID = 0x1234;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const TARGET: ConnectionTarget = {
  host: '127.0.0.1', port: 1, tlsPort: null, unixPath: null, password: null, caPem: null, hostSubject: null, secureChannels: [], disableChannels: [],
  title: null, label: 'a raw server', singleUse: false, ticketValidUntilMs: null, proxy: null,
};

function options(ports: readonly number[], changes: Partial<SessionRunOptions> = {}): SessionRunOptions {
  return {
    host: createNodeHost(), target: TARGET, endpoints: ports.map((port) => ({ plain: tcp(port), secure: null })), password: '', filter: null, disabled: new Set(),
    singleThread: false, frozenMs: 5_000, keepaliveIdleMs: 10_000, faults: [], captureFolder: null, version: { version: '0', commit: null, dirty: false }, monitors: 1, trackCoverage: false, verbose: false, dashboard: null, log: null, control: null, sound: noSound(),
    ...changes,
  };
}

async function server(script: RawScript): Promise<RawTcpServer> {
  const made = await rawTcpServer(script);
  cleanUps.push(() => made.close());
  return made;
}

async function started(ports: readonly number[], changes: Partial<SessionRunOptions> = {}): Promise<SessionRun> {
  const run = new SessionRun(options(ports, changes));
  cleanUps.push(() => run.stop());
  await run.start();
  return run;
}

/** Main says INIT and lists the channels when it is asked; a display has a surface of its own. */
function offering(channels: readonly (readonly [type: number, id: number])[], rest: RawScript = {}): RawScript {
  return {
    linked: (peer) => {
      if (peer.request?.channelType === main) {
        peer.send(main, 'init', { sessionId: SESSION_ID, displayChannelsHint: 1, supportedMouseModes: 1, currentMouseMode: 1, agentConnected: 0, agentTokens: 10, multiMediaTime: 0, ramHint: 0 });
      } else if (peer.request?.channelType === display) {
        peer.send(display, 'setAck', { generation: 1, window: 20 });
        peer.send(display, 'surfaceCreate', { surfaceId: 0, width: 16, height: 9, format: 32, flags: 1 });
      }
    },
    message: (peer, message) => {
      if (message.kind === 'attachChannels') peer.send(main, 'channelsList', { channels: channels.map(([type, id]) => ({ type, id })) });
    },
    ...rest,
  };
}

const linked = (spice: RawTcpServer): string[] => spice.peers.filter((peer) => peer.linked).map(({ channel }) => channel).toSorted();

describe.each([['on threads', false], ['in one thread', true]])('%s', (_name, singleThread) => {
  test('every channel that is offered and known is linked with the session id; main closes last', async () => {
    const closed: string[] = [];
    const spice = await server(offering([[main, 0], [display, 0], [inputs, 0], [cursor, 0], [smartcard, 0], [display, 1]], { closed: (peer: RawPeer) => closed.push(peer.channel) }));
    const run = await started([spice.port], { singleThread });
    await until('all linked', () => linked(spice).length === 5);
    expect(linked(spice)).toEqual(['1/0', '2/0', '2/1', '3/0', '4/0']);
    expect(spice.peers.map(({ request }) => request?.connectionId).toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual([0, SESSION_ID, SESSION_ID, SESSION_ID, SESSION_ID]);
    await until('both pictures', () => run.surfaces.length === 2);
    expect(run.surfaces.map(({ channel, width, height }) => `${channel} ${width}x${height}`).toSorted()).toEqual(['display/0 16x9', 'display/1 16x9']);
    expect(run.connected).toBe(true);

    await run.stop();
    await until('the server has seen every close', () => closed.length === 5);
    expect(closed.at(-1)).toBe('1/0');
    expect(run.actors.map(({ id, exit }) => `${id} ${exit?.reason.kind}`).filter((line) => !line.endsWith(' shutdown'))).toEqual([]);
    const { channels } = statsDocument(run, 'ok', true, 'v', run.nowMs());
    expect(channels.map(({ channel, state }) => `${channel} ${state}`).toSorted()).toEqual(['cursor/0 closed', 'display/0 closed', 'display/1 closed', 'inputs/0 closed', 'main/0 closed']);
  });
});

test('only the channels that the user wants', async () => {
  const spice = await server(offering([[display, 0], [inputs, 0], [cursor, 0]]));
  await started([spice.port], { filter: new Set(['inputs', 'cursor']), disabled: new Set(['cursor']) });
  await until('inputs', () => linked(spice).length === 2);
  expect(linked(spice)).toEqual(['1/0', '3/0']);
});

test('a device that appears later gets its channel, and what runs is not linked again', async () => {
  const spice = await server(offering([[inputs, 0]]));
  await started([spice.port]);
  await until('inputs', () => linked(spice).length === 2);
  spice.peers[0]!.send(main, 'channelsList', { channels: [{ type: inputs, id: 0 }, { type: cursor, id: 0 }] });
  await until('the cursor', () => linked(spice).length === 3);
  expect(linked(spice)).toEqual(['1/0', '3/0', '4/0']);
});

describe('a session ends by itself when', () => {
  test('main is lost, with the reason that the server gave', async () => {
    const spice = await server(offering([[inputs, 0]]));
    const run = await started([spice.port]);
    await until('inputs', () => linked(spice).length === 2);
    spice.peers[0]!.send(main, 'disconnecting', { timeStamp: 0n, reason: 4 });
    spice.peers[0]!.end();
    expect(await run.ended).toMatchObject({ kind: 'mainLost', cause: { kind: 'fin' }, serverReason: 4 });
    expect(run.connected).toBe(false);
  });

  test('main cannot be linked', async () => {
    const spice = await server({ password: 'right' });
    const run = await started([spice.port], { password: 'wrong' });
    expect(await run.ended).toMatchObject({ kind: 'connectFailed', failure: { kind: 'handshake' } });
  });

  test('no address answers; each is tried in turn', async () => {
    const gone = await plainPeer(() => undefined);
    await gone.close();
    const run = await started([gone.port, gone.port]);
    expect(await run.ended).toMatchObject({ kind: 'connectFailed', failure: { kind: 'connection', phase: 'dialing' } });
    expect(run.actors.find(({ id }) => id === 'main/0')?.handle.generation).toBe(2);
  });

  test('and not when a secondary channel is lost', async () => {
    const spice = await server(offering([[inputs, 0], [cursor, 0]]));
    const run = await started([spice.port]);
    await until('both', () => linked(spice).length === 3);
    const lost = spice.peers.find(({ channel }) => channel === '4/0')!;
    lost.end();
    await until('the cursor is gone', () => run.actors.some(({ id, exit }) => id === 'cursor/0' && exit !== null));
    expect(run.connected).toBe(true);
    expect(run.session.end).toBeNull();
  });
});

test('the next address is tried when nobody listens on the first', async () => {
  const gone = await plainPeer(() => undefined);
  await gone.close();
  const spice = await server(offering([]));
  const run = await started([gone.port, spice.port]);
  await until('connected', () => run.connected);
  expect(linked(spice)).toEqual(['1/0']);
});

test('a session that is stopped while its channels are being linked ends all of them', async () => {
  const spice = await server(offering([[display, 0], [inputs, 0]]));
  const run = await started([spice.port]);
  await until('main is linked', () => spice.peers.some((peer) => peer.linked));
  await run.stop();
  expect(run.actors.filter(({ exit }) => exit === null)).toEqual([]);
  await until('the server has seen every close', () => spice.peers.every(({ closedAfter }) => closedAfter !== null));
});
