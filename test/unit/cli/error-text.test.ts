import { describe, expect, test } from 'vitest';
import { formatProblem } from '#app/cli/cli-problem.js';
import { explainTrouble } from '#app/cli/error-text.js';
import type { ConnectionPhase, ConnectionTrouble, TroubleContext } from '#app/cli/connection-trouble.js';
import { linkErrorName } from '#app/protocol/link-error.js';
import { WireError } from '#app/protocol/wire/wire-error.js';
import type { SocketCloseKind } from '#app/actors/kernel/host.js';

const CONTEXT: TroubleContext = {
  channel: 'main/0',
  secure: false,
  target: { label: 'vm.example:5900', tlsPort: null, caPem: null, hostSubject: null, singleUse: false, ticketValidUntilMs: null, unixPath: null },
  passwordOrigin: 'source',
  nowSeconds: 1_700_000_000,
};
const context = (target: Partial<TroubleContext['target']> = {}, rest: Partial<TroubleContext> = {}): TroubleContext => ({ ...CONTEXT, ...rest, target: { ...CONTEXT.target, ...target } });
const refused = (code: number): ConnectionTrouble => ({ kind: 'link', error: { kind: 'refused', code, name: linkErrorName(code), phase: 'result' } });
const closed = (kind: SocketCloseKind, code: string | null = null, phase: ConnectionPhase = 'linking', message = 'as it was told'): ConnectionTrouble => ({ kind: 'socket', phase, cause: { kind, code, message } });
const say = (trouble: ConnectionTrouble, of: TroubleContext = CONTEXT) => explainTrouble(trouble, of);

describe('a link error code', () => {
  test.each<[number, string, string, RegExp]>([
    [1, 'link.error', 'linkRefused', /without giving a reason/],
    [2, 'link.invalidMagic', 'linkRefused', /first bytes/],
    [3, 'link.invalidData', 'linkRefused', /report it/],
    [4, 'link.versionMismatch', 'linkRefused', /2\.2/],
    [5, 'link.needSecured', 'linkRefused', /no TLS port is known; give one: HOST:PORT:TLS_PORT/],
    [6, 'link.needUnsecured', 'linkRefused', /plain port/],
    [7, 'link.ticketRefused', 'authFailed', /password of the connection file/],
    [8, 'link.badConnectionId', 'linkRefused', /connect again/],
    [9, 'link.channelNotAvailable', 'linkRefused', /--channels/],
    [0, 'link.code0', 'linkRefused', /unknown code 0/],
    [77, 'link.code77', 'linkRefused', /unknown code 77/],
  ])('%i names its cause and the next step', (code, expected, exit, words) => {
    expect(say(refused(code))).toMatchObject({ code: expected, exit, message: expect.stringMatching(words) });
  });

  test('NEED_SECURED says something else when there is a TLS port, and when TLS was on', () => {
    expect(say(refused(5), context({ tlsPort: 5901 })).message).toContain('5901');
    expect(say(refused(5), context({}, { secure: true })).message).toContain('misconfigured');
    expect(say({ kind: 'noEndpoint', wanted: 'secure' }).code).toBe('link.needSecured');
    expect(say({ kind: 'noEndpoint', wanted: 'plain' }).code).toBe('link.needUnsecured');
  });

  test('a refused ticket is told apart as expired, missing, single-use and wrong', () => {
    expect(say(refused(7), context({ ticketValidUntilMs: 1_699_999_999_000 }))).toMatchObject({ code: 'link.ticketExpired', message: expect.stringContaining('2023-11-14 22:13:19 UTC') });
    expect(say(refused(7), context({ ticketValidUntilMs: 1_700_000_001_000 })).code).toBe('link.ticketRefused');
    expect(say(refused(7), context({}, { passwordOrigin: 'none' }))).toMatchObject({ code: 'link.ticketMissing', message: expect.stringContaining('RYLL_PASSWORD') });
    expect(say(refused(7), context({ singleUse: true })).message).toContain('only once');
    expect(say(refused(7), context({}, { passwordOrigin: 'passwordFile' })).message).toContain('--password-file');
    expect(say(refused(7), context({ ticketValidUntilMs: 8.7e18 - 1_000 }, { nowSeconds: 8.7e15 })).message).toContain('second 8');
  });
});

describe('the end of a handshake without a code', () => {
  test.each<[ConnectionTrouble, string, string]>([
    [{ kind: 'link', error: { kind: 'notSpice', firstBytes: Uint8Array.of(21, 3, 1) } }, 'link.notSpice', 'linkRefused'],
    [{ kind: 'link', error: { kind: 'version', major: 3, minor: 0 } }, 'link.versionMismatch', 'linkRefused'],
    [{ kind: 'link', error: { kind: 'malformed', error: new WireError('oversize', 'size', 9, 8) } }, 'link.malformed', 'linkRefused'],
    [{ kind: 'link', error: { kind: 'saslOnly' } }, 'link.saslOnly', 'authFailed'],
    [{ kind: 'link', error: { kind: 'closedEarly', phase: 'ticket' } }, 'socket.fin', 'connectFailed'],
    [{ kind: 'deadline', phase: 'dialing', waitedMs: 10_000 }, 'deadline.dialing', 'connectFailed'],
    [{ kind: 'deadline', phase: 'linking', waitedMs: 10_000 }, 'deadline.linking', 'connectFailed'],
    [{ kind: 'deadline', phase: 'authenticating', waitedMs: 10_000 }, 'deadline.authenticating', 'connectFailed'],
    [{ kind: 'deadline', phase: 'linked', waitedMs: 500 }, 'deadline.linked', 'connectFailed'],
  ])('%j is worded', (trouble, code, exit) => {
    const problem = say(trouble);
    expect(problem).toMatchObject({ code, exit });
    expect(problem.message).toMatch(/^\S.+\.$/);
    expect(say(trouble, context({}, { secure: true })).code).toBe(code);
  });
});

describe('a closed socket', () => {
  test.each<[SocketCloseKind, string, string, RegExp]>([
    ['fin', 'socket.fin', 'connectFailed', /closed the connection of main\/0 while linking; check the port, and whether it wants TLS/],
    ['rst', 'socket.rst', 'connectFailed', /reset.*whether it wants TLS/],
    ['refused', 'socket.refused', 'connectFailed', /Nothing listens/],
    ['unreachable', 'socket.unreachable', 'connectFailed', /cannot be reached/],
    ['timeout', 'socket.timeout', 'connectFailed', /firewall/],
    ['tls', 'tls.failed', 'tlsFailed', /as it was told/],
    ['tlsSubject', 'tls.subjectMismatch', 'tlsFailed', /as it was told.*host-subject/],
    ['tlsTruncated', 'socket.tlsTruncated', 'connectFailed', /closed the connection of main\/0 while linking/],
    ['local', 'socket.local', 'connectFailed', /this client/],
    ['error', 'socket.error', 'connectFailed', /as it was told/],
  ])('by %s is worded with cause and next step', (kind, code, exit, words) => {
    expect(say(closed(kind))).toMatchObject({ code, exit, message: expect.stringMatching(words) });
    const lost = say({ kind: 'mainLost', cause: { kind, message: 'as it was told', code: null }, serverReason: null });
    expect(lost).toMatchObject({ code: `mainLost.${kind}`, exit: 'mainLost' });
    expect(lost.message).toContain('main channel');
  });

  test('of a unix path speaks of the path', () => {
    expect(say(closed('unreachable', 'ENOENT'), context({ unixPath: '/s' })).message).toContain('no socket /s');
    expect(say(closed('refused', 'ECONNREFUSED'), context({ unixPath: '/s' })).message).toContain('left over');
  });

  test.each<[string, string, RegExp]>([
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls.untrusted', /--ca-file/],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls.untrusted', /--ca-file/],
    ['CERT_HAS_EXPIRED', 'tls.expired', /clock/],
    ['CERT_NOT_YET_VALID', 'tls.notYetValid', /clocks/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls.hostMismatch', /--host-subject/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls.notTls', /does not speak TLS/],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'tls.tooOld', /1\.2/],
    ['EE_KEY_TOO_SMALL', 'tls.weakKey', /RSA 2048/],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'tls.noCommonCipher', /cipher/],
    ['TLS_HANDSHAKE_CLOSED', 'tls.handshakeClosed', /TLS port/],
  ])('by TLS with %s says what to do', (code, expected, words) => {
    expect(say(closed('tls', code))).toMatchObject({ code: expected, exit: 'tlsFailed', message: expect.stringMatching(words) });
  });

  test('by a CA that does not match the given one does not ask for a CA', () => {
    const { message } = say(closed('tls', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'), context({ caPem: 'x' }));
    expect(message).toContain('not signed by the given CA');
    expect(message).not.toContain('--ca-file');
  });

  test('by the server itself names its reason', () => {
    expect(say({ kind: 'mainLost', cause: { kind: 'fin', message: '', code: null }, serverReason: 1 })).toMatchObject({ code: 'mainLost.serverDisconnected', exit: 'mainLost' });
  });
});

test("the peer's words cannot act on a terminal", () => {
  const { message } = say(closed('tlsSubject', null, 'dialing', 'CN=\u001b[2J\u202Evm\u2028\r\n'));
  // eslint-disable-next-line no-control-regex -- these are what must not be there
  expect(message).not.toMatch(/[\u0000-\u001f\u202e\u2028]/);
});

test('a problem is one line with its code at the end', () => {
  expect(formatProblem(say(refused(8)))).toMatch(/^ryll-actors: vm\.example:5900 does not know .+\. \[link\.badConnectionId\]$/);
});
