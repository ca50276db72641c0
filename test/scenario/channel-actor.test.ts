// Channel actors on real threads against a raw server on real sockets: every way in which a link or a connection can end, what is
// reported about it and how the actor ends; and what it counts while it lives.
import { afterEach, describe, expect, test } from 'vitest';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { ChannelType } from '#app/protocol/constants.js';
import { defaultLinkDeadlines } from '#app/protocol/channel-link.js';
import { LinkErrorCode } from '#app/protocol/link-error.js';
import { createTapRing, type TapRingHandle } from '#app/mailbox/tap-ring.js';
import { TapDiskReader } from '#app/mailbox/tap-reader.js';
import { ChannelWorld, type StartOptions } from '../support/channel-world.ts';
import { plainPeer, tcp, tls, type Peer } from '../support/dialled.ts';
import type { RawPeer, RawScript } from '../support/raw-server.ts';
import { rawTcpServer, type RawTcpServer } from '../support/raw-tcp-server.ts';
import { until } from '../support/until.ts';

const { main, display } = ChannelType;
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function world(): Promise<ChannelWorld> {
  const made = new ChannelWorld(createNodeHost());
  cleanUps.push(() => made.system.stopAll());
  await made.startHub();
  return made;
}

async function server(script: RawScript, options: { readonly tls?: boolean } = {}): Promise<RawTcpServer> {
  const made = await rawTcpServer(script, options);
  cleanUps.push(() => made.close());
  return made;
}

async function accepting(serve: Parameters<typeof plainPeer>[0]): Promise<Peer> {
  const made = await plainPeer(serve);
  cleanUps.push(() => made.close());
  return made;
}

async function startMain(endpoint: StartOptions) {
  const here = await world();
  return { here, child: await here.start(main, 0, endpoint) };
}

/** The one connection of a server with one client. */
function onlyPeer(of: RawTcpServer): RawPeer {
  const [peer, second] = of.peers;
  if (peer === undefined || second !== undefined) throw new Error(`${of.peers.length} connections`);
  return peer;
}

const noPadding = new Uint8Array(0);

describe('a link', () => {
  test('goes through its phases and is linked with what the session asked for', async () => {
    const spice = await server({ password: 'secret' });
    const { here } = await startMain({ plain: tcp(spice.port), password: 'secret', connectionId: 7 });
    await until('linked', () => here.events('main/0').some((event) => event.kind === 'linkPhaseChanged' && event.phase === 'linked'));
    expect(here.events('main/0')).toEqual(['dialing', 'linking', 'authenticating', 'linked'].map((phase) => ({ kind: 'linkPhaseChanged', phase, secure: false })));
    expect(onlyPeer(spice).request).toMatchObject({ connectionId: 7, channelType: main, channelId: 0, commonCaps: [0b1011] });
  });

  test('that NEED_SECURED sends to TLS is made again there', async () => {
    const plain = await server({ refuse: () => LinkErrorCode.needSecured });
    const secured = await server({}, { tls: true });
    const { here } = await startMain({ plain: tcp(plain.port), secure: tls(secured.port, { serverName: 'localhost' }) });
    await until('linked', () => here.events('main/0').some((event) => event.kind === 'linkPhaseChanged' && event.phase === 'linked' && event.secure));
    expect([plain.peers.length, secured.peers.length]).toEqual([1, 1]);
    expect(here.events('main/0').map((event) => (event.kind === 'linkPhaseChanged' ? `${event.phase} ${event.secure}` : event.kind))).toEqual([
      'dialing false', 'linking false', 'dialing true', 'peerCertified', 'linking true', 'authenticating true', 'linked true',
    ]);
  });
});

describe('a link that fails is reported and ends the actor:', () => {
  async function failureOf(start: StartOptions) {
    const { here, child } = await startMain(start);
    const { failure } = await here.event('main/0', 'linkFailed');
    expect((await child.exited).reason).toMatchObject({ kind: 'downstreamClosed', detail: expect.stringContaining('link failed') });
    expect(here.events('main/0').filter(({ kind }) => kind === 'linkFailed' || kind === 'connectionLost')).toHaveLength(1);
    return failure;
  }

  test('a wrong ticket', async () => {
    const spice = await server({ password: 'right' });
    expect(await failureOf({ plain: tcp(spice.port), password: 'wrong' })).toMatchObject({
      kind: 'handshake', phase: 'authenticating', error: { kind: 'refused', code: LinkErrorCode.permissionDenied, phase: 'result' },
    });
  });

  test('nobody listens', async () => {
    const gone = await plainPeer(() => undefined);
    await gone.close();
    expect(await failureOf({ plain: tcp(gone.port) })).toMatchObject({ kind: 'connection', phase: 'dialing', cause: { kind: 'refused', code: 'ECONNREFUSED' } });
  });

  test('a server that says nothing, at the deadline of its phase', async () => {
    const silent = await accepting(() => undefined);
    expect(await failureOf({ plain: tcp(silent.port), deadlines: { ...defaultLinkDeadlines, linkMs: 30 } })).toEqual({ kind: 'deadline', phase: 'linking', secure: false, waitedMs: 30 });
  });

  test('a server that closes instead of answering', async () => {
    const closing = await accepting((socket) => socket.on('data', () => socket.end()));
    expect(await failureOf({ plain: tcp(closing.port) })).toMatchObject({ kind: 'connection', phase: 'linking', cause: { kind: 'fin' } });
  });

  test('a server of something else, named by its first bytes', async () => {
    const web = await accepting((socket) => socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const failure = await failureOf({ plain: tcp(web.port) });
    expect(failure).toMatchObject({ kind: 'handshake', error: { kind: 'notSpice' } });
    expect(failure).toMatchObject({ error: { firstBytes: Uint8Array.from(Buffer.from('HTTP/1.1 400 Bad')) } });
  });

  test('a link reply that makes no sense, with what is wrong in it', async () => {
    // A size of 5 cannot hold a reply.
    const odd = await accepting((socket) => socket.on('data', () => socket.write(Buffer.from('5245445102000000020000000500000000', 'hex'))));
    const failure = await failureOf({ plain: tcp(odd.port) });
    expect(failure).toMatchObject({ kind: 'handshake', error: { kind: 'malformed', error: { message: expect.stringContaining('linkReply') } } });
  });
});

describe('a connection that ends is reported and ends the actor:', () => {
  /** Links main, lets the server do its worst, and says what came of it. */
  async function lossOf(worst: (peer: RawPeer, spice: RawTcpServer) => void) {
    // Once the client has answered a PING it only reads: Node tells a reset that comes right behind data as an ordinary end.
    const spice: RawTcpServer = await server({
      linked: (peer) => peer.send(main, 'ping', { id: 1, timestamp: 0n, padding: noPadding }),
      message: (peer) => worst(peer, spice),
    });
    const { here, child } = await startMain({ plain: tcp(spice.port) });
    const { cause } = await here.event('main/0', 'connectionLost');
    const { reason } = await child.exited;
    expect(here.events('main/0').filter(({ kind }) => kind === 'linkFailed' || kind === 'connectionLost')).toHaveLength(1);
    expect(here.state(main, 0)).toMatchObject({ phase: 'closed' });
    return { cause, reason, gaps: here.gaps('main/0'), here };
  }

  test('FIN', async () => {
    const { cause, reason, gaps } = await lossOf((peer) => peer.end());
    expect([cause.kind, reason, gaps]).toEqual(['fin', { kind: 'downstreamClosed', detail: `fin: ${cause.message}` }, []]);
  });

  test('RST', async () => {
    const { cause, gaps } = await lossOf((peer, spice) => spice.socketOf(peer).resetAndDestroy());
    expect([cause.kind, gaps]).toEqual(['rst', []]);
  });

  test('FIN inside a message, which is a gap of its own', async () => {
    const { cause, gaps } = await lossOf((peer) => {
      peer.sendBytes(peer.bytesOf(main, 'ping', { id: 1, timestamp: 0n, padding: new Uint8Array(100) }).subarray(0, 50));
      peer.end();
    });
    expect([cause.kind, gaps]).toEqual(['fin', ['main:framing:truncated']]);
  });

  test('a header that announces more than anybody may send: refused from the header, after what came before it', async () => {
    const { cause, reason, gaps, here } = await lossOf((peer) => {
      peer.sendBytes(Buffer.concat([peer.bytesOf(main, 'name', { name: Buffer.from('vm\0') }), Buffer.from('6900ffffffff', 'hex')]));
    });
    expect(cause).toMatchObject({ kind: 'protocol', code: 'oversize' });
    expect(reason).toMatchObject({ kind: 'downstreamClosed', detail: expect.stringMatching(/^protocol: /) });
    expect(gaps).toEqual(['main:framing:oversize']);
    expect(here.events('main/0')).toContainEqual({ kind: 'serverNamed', name: 'vm' });
  });

  test('garbage that is no header', async () => {
    const { cause } = await lossOf((peer) => peer.sendBytes(Buffer.from('ssh-2.0-OpenSSH_9.2\r\n')));
    expect(cause).toMatchObject({ kind: 'protocol', code: 'oversize' });
  });
});

/** What a tap ring holds: the bytes of the link exchange, and every message as direction, number and length. */
function tapped(ring: TapRingHandle): { readonly link: { sent: number; received: number }; readonly messages: string[] } {
  const link = { sent: 0, received: 0 };
  const messages: string[] = [];
  new TapDiskReader(ring).take(Infinity, ({ received, head, bytes }) => {
    if (head) link[received ? 'received' : 'sent'] += bytes.length;
    else messages.push(`${received ? '<' : '>'} ${bytes[0]} ${bytes.length}`);
  });
  return { link, messages };
}

describe('a linked channel', () => {
  test('lives on with messages that nobody knows and bodies that do not fit: each is a gap, and PONGs go on', async () => {
    const spice = await server({
      linked: (peer) => {
        peer.sendBytes(Buffer.from('e703' + '03000000' + 'aabbcc', 'hex')); // type 999
        peer.sendBytes(Buffer.from('6800' + '02000000' + '0100', 'hex')); // CHANNELS_LIST of two bytes
        peer.send(main, 'ping', { id: 5, timestamp: 6n, padding: noPadding });
      },
    });
    const { here, child } = await startMain({ plain: tcp(spice.port) });
    await until('the PONG', () => spice.peers[0]?.kinds.includes('pong'));
    await until('both gaps', () => here.gaps('main/0').length === 2);
    expect(here.gaps('main/0')).toEqual(['main:message:999', 'main:malformed:104']);
    expect((await child.stop()).reason).toEqual({ kind: 'shutdown' });
    expect(here.state(main, 0)).toMatchObject({ phase: 'closed', gaps: { 'main:message:999': 1, 'main:malformed:104': 1 } });
  });

  test('counts exactly what was exchanged, in its counters, its cell and its tap', async () => {
    const spice = await server({
      linked: (peer) => {
        peer.send(main, 'setAck', { generation: 1, window: 2 });
        for (let id = 0; id < 5; id++) peer.send(main, 'ping', { id, timestamp: BigInt(id), padding: new Uint8Array(1_000) });
      },
    });
    const here = await world();
    const tap = createTapRing({ channel: 'main/0', ringBytes: 1024 * 1024 }, { monotonicMs: () => here.nowMs(), wallMs: () => Date.now() });
    const child = await here.start(main, 0, { plain: tcp(spice.port), tap });
    await until('the last ACK', () => spice.peers[0]?.kinds.filter((kind) => kind === 'ack').length === 3);
    await child.stop();
    // SET_ACK of 8 bytes and five PINGs of 1,012; ACK_SYNC of 4, five PONGs of 12, three ACKs of 0; six bytes of header each.
    expect(here.counters(main, 0)).toMatchObject({
      messages_in: 6, bytes_in: 14 + 5 * 1_018, messages_out: 9, bytes_out: 10 + 5 * 18 + 3 * 6,
      ping_recv_count: 5, pong_send_count: 5, ack_send_count: 3, gaps: 0, events_dropped: 0,
    });
    expect(here.state(main, 0)).toMatchObject({ flow: { pingsReceived: 5, pongsSent: 5, acksSent: 3, ackWindow: 2 }, gaps: {} });
    expect(tapped(tap)).toEqual({
      // Link message, selector and ticket; reply and result.
      link: { sent: 42 + 4 + 128, received: 198 + 4 },
      messages: ['< 3 14', '> 1 10', '< 4 1018', '> 3 18', '> 2 6', '< 4 1018', '> 3 18', '< 4 1018', '> 3 18', '> 2 6', '< 4 1018', '> 3 18', '< 4 1018', '> 3 18', '> 2 6'],
    });
    expect(onlyPeer(spice).received.map(({ kind, type }) => `${kind} ${type}`)).toEqual(['ackSync 1', 'pong 3', 'ack 2', 'pong 3', 'pong 3', 'ack 2', 'pong 3', 'pong 3', 'ack 2']);
  });

  test('that is started again goes on counting where its predecessor stopped', async () => {
    const spice = await server({ linked: (peer) => peer.send(main, 'ping', { id: 1, timestamp: 0n, padding: noPadding }) });
    const here = await world();
    for (const generation of [1, 2]) {
      const child = await here.start(main, 0, { plain: tcp(spice.port) });
      await until('the PONG', () => spice.peers[generation - 1]?.kinds.includes('pong'));
      await child.stop();
    }
    expect(here.counters(main, 0)).toMatchObject({ messages_in: 2, messages_out: 2, ping_recv_count: 2, pong_send_count: 2 });
    expect(here.state(main, 0)).toMatchObject({ flow: { pingsReceived: 1 } });
  });
});

describe('WAIT_FOR_CHANNELS between two displays', () => {
  const surface = { surfaceId: 0, width: 8, height: 8, format: 32, flags: 1 };

  test('what follows waits until the other has handled it, PONGs do not; then everything is done in order', async () => {
    const spice = await server({});
    const here = await world();
    const plain = tcp(spice.port);
    await here.start(display, 0, { plain });
    await here.start(display, 1, { plain });
    const [waiting, awaited] = await until('both linked', () => {
      const linked = spice.peers.filter((peer) => peer.linked).toSorted((a, b) => (a.channel < b.channel ? -1 : 1));
      return linked.length === 2 && linked.every((peer) => peer.kinds.includes('init')) ? linked : null;
    });
    waiting!.send(display, 'waitForChannels', { waits: [{ channelType: display, channelId: 1, messageSerial: 2n }] });
    waiting!.send(display, 'surfaceCreate', surface);
    waiting!.send(display, 'ping', { id: 1, timestamp: 0n, padding: noPadding });
    await until('the PONG of the waiting display', () => waiting!.kinds.includes('pong'));
    awaited!.send(display, 'surfaceCreate', surface);
    await here.event('display/1', 'surfaceCreated');
    expect(here.events('display/0').filter(({ kind }) => kind === 'surfaceCreated')).toEqual([]);
    awaited!.send(display, 'mark', {});
    expect(await here.event('display/0', 'surfaceCreated')).toMatchObject({ width: 8, height: 8 });
    expect([...here.gaps('display/0'), ...here.gaps('display/1')]).toEqual([]);
  });
});
