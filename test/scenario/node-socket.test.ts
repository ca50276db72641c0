import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Endpoint } from '#app/actors/kernel/host.js';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { deferred } from '../support/deferred.ts';
import { dial, plainPeer, tcp, tls, tlsPeer } from '../support/dialled.ts';
import type { Peer } from '../support/dialled.ts';
import { pki } from '../support/pki.ts';

const SUBJECT = 'C=DE,O=Example\\, Inc,OU=Lab,CN=vm.example';
const cleanups: (() => Promise<void>)[] = [];
const keep = (peer: Peer): Peer => {
  cleanups.push(() => peer.close());
  return peer;
};

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
  const left = (): string[] => process.getActiveResourcesInfo().filter((name) => /^(TCP|Pipe(Connect|Server)|TLS)\w*Wrap$|^Immediate$/.test(name));
  // Handles are gone at the end of the turn that closes them, so a few turns are given; what stays is a leak.
  for (let turn = 0; turn < 10 && left().length > 0; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  if (left().length > 0) throw new Error(`left behind: ${left().join(', ')}`);
});

/** Bytes whose order can be told: no 4-byte word comes twice. */
const numbered = (bytes: number): Buffer => {
  const words = new Uint32Array(bytes / 4);
  for (let index = 0; index < words.length; index += 1) words[index] = index;
  return Buffer.from(words.buffer);
};

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('a plain socket', () => {
  test('connects, sends, receives, and tells the FIN after the last byte', async () => {
    const peer = keep(await plainPeer((socket) => socket.once('data', (bytes) => socket.end(Buffer.concat([bytes, bytes])))));
    const dialled = dial(tcp(peer.port));
    await dialled.connected;
    dialled.socket.write(Buffer.from('REDQ'));
    expect(await dialled.closed).toEqual({ kind: 'fin', message: 'closed by the peer', code: null });
    expect(dialled.received().toString()).toBe('REDQREDQ');
    expect(dialled.story).toEqual(['connected', 'chunk', 'fin']);
    expect(dialled.socket.queuedBytes).toBe(0);
  });

  test('works over a unix socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ryll-actors-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    const path = join(folder, 's');
    keep(await plainPeer((socket) => socket.end('hello'), path));
    const dialled = dial({ transport: 'unix', path });
    expect((await dialled.closed).kind).toBe('fin');
    expect(dialled.received().toString()).toBe('hello');
    const absent = dial({ transport: 'unix', path: join(folder, 'absent') });
    expect(await absent.closed).toMatchObject({ kind: 'unreachable', code: 'ENOENT' });
  });

  test('tells a refused connection from a reset one', async () => {
    const peer = await plainPeer(() => {});
    await peer.close();
    const refused = dial(tcp(peer.port));
    expect(await refused.closed).toMatchObject({ kind: 'refused', code: 'ECONNREFUSED' });
    expect(refused.story).toEqual(['refused']);

    const resetting = keep(await plainPeer((socket) => socket.once('data', () => socket.resetAndDestroy())));
    const reset = dial(tcp(resetting.port));
    await reset.connected;
    reset.socket.write(Buffer.of(1));
    expect(await reset.closed).toMatchObject({ kind: 'rst', code: 'ECONNRESET' });
  });

  test('turns an endpoint that cannot be dialled into a close, told after the call', async () => {
    for (const endpoint of [tcp(70_000), { transport: 'unix', path: 'x'.repeat(500) }, tls(1, { hostSubject: 'no equals sign' })] satisfies Endpoint[]) {
      const dialled = dial(endpoint);
      expect(dialled.story).toEqual([]);
      await dialled.closed;
      expect(dialled.story).toHaveLength(1);
      dialled.socket.destroy();
    }
  });

  test('destroy is safe at any moment, tells once, and nothing comes after it', async () => {
    const peer = keep(await plainPeer((socket) => socket.write(Buffer.alloc(1 << 20))));
    const dialling = dial(tcp(peer.port));
    dialling.socket.destroy();
    dialling.socket.destroy();
    expect((await dialling.closed).kind).toBe('local');

    const reading = dial(tcp(peer.port), { onChunk: (_, socket) => socket.destroy() });
    expect((await reading.closed).kind).toBe('local');
    expect(reading.story).toEqual(['connected', 'chunk', 'local']);
    reading.socket.write(Buffer.of(1));
    reading.socket.end();
    reading.socket.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    expect(reading.story).toEqual(['connected', 'chunk', 'local']);
  });

  test('writing before the socket is connected is refused as a mistake', async () => {
    const peer = keep(await plainPeer(() => {}));
    const dialled = dial(tcp(peer.port));
    expect(() => dialled.socket.write(Buffer.of(1))).toThrow(/before/);
    dialled.socket.destroy();
    await dialled.closed;
  });

  test('end sends what is queued, then closes, and the close is ours', async () => {
    const arrived = deferred<number>();
    const peer = keep(
      await plainPeer((socket) => {
        let bytes = 0;
        socket.on('data', (chunk) => (bytes += chunk.length));
        socket.on('end', () => arrived.resolve(bytes));
      }),
    );
    const dialled = dial(tcp(peer.port));
    await dialled.connected;
    dialled.socket.write(new Uint8Array(8 << 20));
    expect(dialled.socket.queuedBytes).toBeGreaterThan(0);
    dialled.socket.end();
    expect(await arrived.promise).toBe(8 << 20);
    expect((await dialled.closed).kind).toBe('local');
  });

  test('queued bytes are counted while the peer reads nothing', async () => {
    const peer = keep(await plainPeer((socket) => socket.pause()));
    const dialled = dial(tcp(peer.port));
    await dialled.connected;
    for (let index = 0; index < 64; index += 1) dialled.socket.write(new Uint8Array(1 << 20));
    await new Promise((resolve) => setImmediate(resolve));
    expect(dialled.socket.queuedBytes).toBeGreaterThan(16 << 20);
    dialled.socket.destroy();
    expect((await dialled.closed).kind).toBe('local');
  });
});

describe('the real host', () => {
  test('dials with the same events', async () => {
    const peer = keep(await plainPeer((socket) => socket.end('x')));
    const kind = await new Promise((resolve) => {
      createNodeHost().dial(tcp(peer.port), { connected() {}, chunk() {}, closed: (cause) => resolve(cause.kind) });
    });
    expect(kind).toBe('fin');
  });
});

describe('budgeted reading', () => {
  const serveInPieces = (bytes: Buffer, sizes: readonly number[]) => (socket: Socket) => {
    let at = 0;
    let turn = 0;
    const next = (): void => {
      while (at < bytes.length) {
        const size = sizes[turn++ % sizes.length] ?? 1;
        const more = socket.write(bytes.subarray(at, at + size));
        at += size;
        if (!more) return void socket.once('drain', next);
        if (turn % 7 === 0) return void setImmediate(next);
      }
      socket.end();
    };
    next();
  };

  test.each([
    ['plain', [1, 65_536, 3, 40_000, 200_000]],
    ['tls', [1, 65_536, 3, 40_000, 200_000]],
    ['plain', [1 << 22]],
    ['tls', [1 << 22]],
  ] as const)('%s: with pieces of %j every byte arrives in order, and the loop turns between any two deliveries', async (kind, sizes) => {
    const bytes = numbered(4 << 20);
    const peer = keep(kind === 'plain' ? await plainPeer(serveInPieces(bytes, sizes)) : await tlsPeer(serveInPieces(bytes, sizes)));
    let loopTurn = 0;
    let deliveredIn = -1;
    let deliveriesInOneTurn = 0;
    let counting: NodeJS.Immediate | undefined;
    const count = (): void => {
      loopTurn += 1;
      counting = setImmediate(count);
    };
    count();
    // No time at all: every delivery uses its turn up.
    const dialled = dial(kind === 'plain' ? tcp(peer.port) : tls(peer.port), {
      turn: { budgetMs: 0, nowMs: () => 0 },
      onChunk() {
        if (deliveredIn === loopTurn) deliveriesInOneTurn += 1;
        deliveredIn = loopTurn;
      },
    });
    expect((await dialled.closed).kind).toBe('fin');
    clearImmediate(counting);
    expect(dialled.received().length).toBe(bytes.length);
    expect(digest(dialled.received())).toBe(digest(bytes));
    expect(deliveriesInOneTurn).toBe(0);
    expect(loopTurn).toBeGreaterThan(bytes.length / 65_536);
  });

  test.each(['plain', 'tls'] as const)('%s: answering inside a delivery keeps the order', async (kind) => {
    const bytes = numbered(1 << 20);
    const peer = keep(await (kind === 'plain' ? plainPeer : tlsPeer)((socket: Socket) => {
      socket.resume();
      serveInPieces(bytes, [10_000])(socket);
    }));
    const dialled = dial(kind === 'plain' ? tcp(peer.port) : tls(peer.port), { onChunk: (_, socket) => socket.write(new Uint8Array(100)) });
    expect((await dialled.closed).kind).toBe('fin');
    expect(digest(dialled.received())).toBe(digest(bytes));
  });

  test('a socket closed while reading was paused still delivers everything first', async () => {
    const peer = keep(await tlsPeer((socket) => socket.end(Buffer.alloc(50_000, 1))));
    const dialled = dial(tls(peer.port), { turn: { budgetMs: 0, nowMs: () => 0 } });
    expect((await dialled.closed).kind).toBe('fin');
    expect(dialled.received().length).toBe(50_000);
    expect(dialled.story).toEqual(['connected', 'chunk', 'fin']);
  });
});

describe('a TLS socket', () => {
  const hello = (socket: Socket): void => void socket.end('hello');

  test('trusts the given CA, and the address must be in the certificate', async () => {
    const peer = keep(await tlsPeer(hello));
    const dialled = dial(tls(peer.port));
    expect((await dialled.closed).kind).toBe('fin');
    expect(dialled.received().toString()).toBe('hello');
  });

  test('says whose certificate it was, by its fingerprint; a plain one has none to say', async () => {
    const [secured, plain] = [keep(await tlsPeer(hello)), keep(await plainPeer(hello))];
    expect(await dial(tls(secured.port)).connected).toBe(new X509Certificate(pki.server).fingerprint256);
    expect(await dial(tcp(plain.port)).connected).toBeUndefined();
  });

  test.each([
    ['another CA', { caPem: pki.otherCa }, {}, /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY/],
    ['no CA given, so the public roots', { caPem: null }, {}, /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY/],
    ['a certificate of another host', {}, { cert: pki.elsewhere }, /ERR_TLS_CERT_ALTNAME_INVALID/],
    ['a certificate that ended', {}, { cert: pki.expired }, /CERT_HAS_EXPIRED/],
    ['a name that the certificate does not have', { serverName: 'other.example' }, {}, /ERR_TLS_CERT_ALTNAME_INVALID/],
    ['a server that is too old', {}, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }, /^ERR_SSL_/],
  ] as const)('%s: refused with its code, and never told as connected', async (_, settings, server, code) => {
    const peer = keep(await tlsPeer((socket) => socket.resume(), server));
    const dialled = dial(tls(peer.port, settings));
    const cause = await dialled.closed;
    expect(cause.kind).toBe('tls');
    expect(cause.code).toMatch(code);
    expect(dialled.story).toEqual(['tls']);
  });

  test('a matching subject replaces the host-name check', async () => {
    const peer = keep(await tlsPeer(hello, { cert: pki.elsewhere }));
    const dialled = dial(tls(peer.port, { hostSubject: 'CN=vm.example,OU=Lab,O=Example\\, Inc,C=DE' }));
    expect((await dialled.closed).kind).toBe('fin');
    expect(dialled.received().toString()).toBe('hello');
  });

  test.each([
    ['other entries', 'CN=vm.example'],
    ['the same entries in another order', 'CN=vm.example,OU=Lab,O=Example\\, Inc,C=DE'],
    ['one entry more', `${SUBJECT},CN=vm.example`],
  ])('a subject with %s is refused, both are told, and a fitting host name does not help', async (_, hostSubject) => {
    const peer = keep(await tlsPeer(hello));
    const dialled = dial(tls(peer.port, { hostSubject }));
    const cause = await dialled.closed;
    expect(cause).toMatchObject({ kind: 'tlsSubject', code: 'TLS_SUBJECT_MISMATCH' });
    expect(cause.message).toContain(hostSubject);
    expect(cause.message).toContain(SUBJECT);
    expect(dialled.story).toEqual(['tlsSubject']);
  });

  test('a right subject does not make up for a wrong CA', async () => {
    const peer = keep(await tlsPeer(hello));
    expect((await dial(tls(peer.port, { hostSubject: SUBJECT, caPem: pki.otherCa })).closed).kind).toBe('tls');
  });

  test('the server name is sent for a name and not for an address', async () => {
    const names: unknown[] = [];
    const peer = keep(await tlsPeer((socket) => {
      names.push(Reflect.get(socket, 'servername'));
      socket.end();
    }));
    await dial(tls(peer.port, { serverName: 'vm.example' })).closed;
    await dial(tls(peer.port, { serverName: '127.0.0.1' })).closed;
    await dial(tls(peer.port)).closed;
    expect(names).toEqual(['vm.example', false, false]);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: an end with close notify is a FIN, one without is a truncation, whatever was sent before', async (version) => {
    const tlsVersion = { minVersion: version, maxVersion: version };
    for (const bytes of [0, 5, 16_384, 300_000]) {
      for (const turn of [undefined, { budgetMs: 0, nowMs: () => 0 }]) {
        const options = turn === undefined ? {} : { turn };
        const orderly = keep(await tlsPeer((socket) => socket.end(Buffer.alloc(bytes)), tlsVersion));
        const ended = dial(tls(orderly.port), options);
        expect((await ended.closed).kind).toBe('fin');
        expect(ended.received().length).toBe(bytes);

        const cutting = keep(await tlsPeer((socket) => cut(socket, bytes), tlsVersion));
        const truncated = dial(tls(cutting.port), options);
        expect(await truncated.closed).toMatchObject({ kind: 'tlsTruncated', code: 'TLS_CLOSED_WITHOUT_NOTIFY' });
        expect(truncated.received().length).toBe(bytes);
      }
    }
  });

  test('a reset is a reset under TLS too', async () => {
    // The reset comes when neither side is writing: a failed write would eat the error, and the next read then sees an ordinary end.
    const arrived = deferred<void>();
    const peer = keep(await tlsPeer((socket) => socket.once('data', () => arrived.resolve())));
    const relayed: Socket[] = [];
    const relay = keep(await plainPeer((socket) => {
      const onward = connect(peer.port, '127.0.0.1');
      onward.on('error', () => {});
      socket.pipe(onward).pipe(socket);
      socket.on('close', () => onward.destroy());
      relayed.push(socket);
    }));
    const dialled = dial(tls(relay.port));
    await dialled.connected;
    dialled.socket.write(Buffer.of(1));
    await arrived.promise;
    relayed[0]?.resetAndDestroy();
    expect(await dialled.closed).toMatchObject({ kind: 'rst', code: 'ECONNRESET' });
  });

  test('a peer that speaks no TLS, or hangs up on the handshake, is a TLS failure', async () => {
    const spice = keep(await plainPeer((socket) => socket.once('data', () => socket.end('REDQ\u0002\0\0\0\u0002\0\0\0'))));
    expect(await dial(tls(spice.port)).closed).toMatchObject({ kind: 'tls', code: 'ERR_SSL_WRONG_VERSION_NUMBER' });
    const silent = keep(await plainPeer((socket) => socket.end()));
    expect(await dial(tls(silent.port)).closed).toMatchObject({ kind: 'tls', code: 'TLS_HANDSHAKE_CLOSED' });
  });

  test('destroy inside the handshake leaves nothing', async () => {
    const accepted = deferred<void>();
    const peer = keep(await plainPeer(() => accepted.resolve()));
    const dialled = dial(tls(peer.port));
    await accepted.promise;
    dialled.socket.destroy();
    expect((await dialled.closed).kind).toBe('local');
    expect(dialled.story).toEqual(['local']);
  });
});

/** Sends bytes, then a bare FIN. */
function cut(socket: Socket, bytes: number): void {
  if (bytes === 0) below(socket).end();
  else socket.write(Buffer.alloc(bytes), () => below(socket).end());
}

/** The TCP socket under a TLS server's socket, which Node does not show otherwise. */
function below(socket: Socket): Socket {
  return Reflect.get(socket, '_parent') as Socket;
}
