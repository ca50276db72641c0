// What took a channel has one word, whoever saw it; every cause has one, and every word a cause.
import { expect, test } from 'vitest';
import { ChannelLosses, lossOfExit } from '#app/cli/channel-losses.js';
import { leadsNowhere } from '#app/cli/link-trouble.js';
import type { LinkFailure } from '#app/protocol/channel-link.js';
import type { ConnectionLossKind } from '#app/protocol/events.js';
import { lossKinds, lossOfConnection, lossOfLink, type LossKind } from '#app/protocol/loss-kind.js';
import { WireError } from '#app/protocol/wire/wire-error.js';
import type { ExitReason } from '#app/actors/kernel/exit-reason.js';
import { judgeLinkFailure } from '#app/protocol/relink-verdict.js';

const connections: Readonly<Record<ConnectionLossKind, LossKind>> = {
  fin: 'eof', rst: 'rst', refused: 'refused', unreachable: 'unreachable', timeout: 'timeout', tls: 'tls', tlsSubject: 'tls', tlsTruncated: 'truncated', local: 'local', error: 'system',
  protocol: 'protocol', proxyUnreached: 'proxy', proxyTls: 'proxy', proxyAuth: 'proxy', proxyDenied: 'proxy', proxyFailed: 'proxy', proxyProtocol: 'proxy',
};
const failureBy = (kind: ConnectionLossKind, phase: 'dialing' | 'linking' = 'dialing'): LinkFailure => ({ kind: 'connection', phase, secure: false, cause: { kind, message: 'its words', code: null } });
const handshake = (error: Extract<LinkFailure, { kind: 'handshake' }>['error']): LinkFailure => ({ kind: 'handshake', phase: 'linking', secure: false, error });

const failures: readonly (readonly [LinkFailure, LossKind, RegExp])[] = [
  [{ kind: 'deadline', phase: 'linking', secure: false, waitedMs: 10_000 }, 'timeout', /10 s \(linking\)/],
  [{ kind: 'noEndpoint', wanted: 'secure' }, 'denied', /no TLS port/],
  [{ kind: 'noEndpoint', wanted: 'plain' }, 'denied', /no plain port/],
  [handshake({ kind: 'refused', code: 7, name: 'permissionDenied', phase: 'result' }), 'auth', /permissionDenied/],
  [handshake({ kind: 'refused', code: 9, name: 'channelNotAvailable', phase: 'result' }), 'denied', /channelNotAvailable/],
  [handshake({ kind: 'refused', code: 77, name: null, phase: 'result' }), 'denied', /77/],
  [handshake({ kind: 'saslOnly' }), 'auth', /SASL/],
  [handshake({ kind: 'closedEarly', phase: 'ticket' }), 'eof', /ticket/],
  [handshake({ kind: 'notSpice', firstBytes: new Uint8Array(4) }), 'protocol', /SPICE/],
  [handshake({ kind: 'version', major: 3, minor: 0 }), 'protocol', /3\.0/],
  [handshake({ kind: 'malformed', error: new WireError('oversize', 'size', 9, 8) }), 'protocol', /no sense/],
];
const exits: readonly (readonly [ExitReason, LossKind | null])[] = [
  [{ kind: 'failed', error: { name: 'Error', message: 'a mistake', stack: '', code: null } }, 'crash'],
  [{ kind: 'frozen' }, 'frozen'],
  [{ kind: 'killed' }, 'killed'],
  [{ kind: 'normal' }, null],
  [{ kind: 'shutdown' }, null],
  [{ kind: 'downstreamClosed', detail: 'fin: closed' }, null],
];

test.each(Object.entries(connections) as [ConnectionLossKind, LossKind][])('a connection that ended by %s was lost by %s, before and after the link', (kind, loss) => {
  expect(lossOfConnection({ kind, message: 'its words', code: null })).toEqual({ kind: loss, detail: 'its words' });
  expect(lossOfLink(failureBy(kind))).toEqual({ kind: loss, detail: 'its words' });
});

test.each(failures)('%j is %s', (failure, kind, words) => {
  expect(lossOfLink(failure)).toEqual({ kind, detail: expect.stringMatching(words) });
});

test.each(exits)('an actor that ended by %j: %s', (reason, kind) => {
  expect(lossOfExit(reason)?.kind ?? null).toBe(kind);
});

test('every kind is somebody\'s', () => {
  const used = new Set([...Object.values(connections), ...failures.map(([, kind]) => kind), ...exits.map(([, kind]) => kind)]);
  expect(lossKinds.filter((kind) => !used.has(kind))).toEqual([]);
});

test('of each channel the last loss is kept, with its moment; what is no loss changes nothing', () => {
  const losses = new ChannelLosses();
  expect(losses.of('display/0')).toBeNull();
  losses.heard('display/0', { kind: 'connectionLost', cause: { kind: 'rst', message: 'reset', code: 'ECONNRESET' } }, 10);
  losses.heard('display/0', { kind: 'surfaceMarked' }, 20);
  losses.ended({ id: 'display/0', generation: 1, reason: { kind: 'downstreamClosed', detail: 'rst: reset' }, abandoned: false }, 30);
  expect(losses.of('display/0')).toEqual({ kind: 'rst', detail: 'reset', atMs: 10 });
  losses.ended({ id: 'display/0', generation: 2, reason: { kind: 'frozen' }, abandoned: false }, 40);
  expect(losses.of('display/0')).toMatchObject({ kind: 'frozen', atMs: 40 });
  losses.heard('inputs/0', { kind: 'linkFailed', failure: failureBy('proxyDenied') }, 50);
  expect(losses.of('inputs/0')).toMatchObject({ kind: 'proxy', atMs: 50 });
  expect(losses.of('display/0')).toMatchObject({ kind: 'frozen' });
});

test('the next address is tried where this one leads nowhere, and not where a proxy has answered', () => {
  for (const kind of ['refused', 'unreachable', 'timeout', 'proxyUnreached'] as const) expect(leadsNowhere(failureBy(kind))).toBe(true);
  for (const kind of ['proxyTls', 'proxyAuth', 'proxyDenied', 'proxyFailed', 'proxyProtocol'] as const) expect(leadsNowhere(failureBy(kind))).toBe(false);
  expect(leadsNowhere(failureBy('refused', 'linking'))).toBe(false);
});

test('a proxy that lets no more through ends the session, as a ticket that is refused does; one that fails is tried again', () => {
  for (const kind of ['proxyAuth', 'proxyDenied'] as const) expect(judgeLinkFailure(failureBy(kind), true, 2)).toBe('sessionLost');
  for (const kind of ['proxyUnreached', 'proxyFailed', 'proxyTls', 'proxyProtocol'] as const) expect(judgeLinkFailure(failureBy(kind), true, 2)).toBe('again');
  expect(judgeLinkFailure(failureBy('proxyDenied'), false, 1)).toBe('unavailable');
});
