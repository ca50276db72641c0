// SOCKS5: asks a SOCKS proxy for a connection (RFC 1928), with a user name and password where there are any (RFC 1929), and reads its
// answers. Pure; they may come in any pieces, and what follows the last is the target's. Names go to the proxy as names.

import { addressBytes } from './ip-address.ts';
import { joined, quotable, latin1, utf8 } from './proxy-bytes.ts';
import { faulty, type ProxyCredentials, type ProxyEffect, type ProxyStep, type ProxyTarget } from './proxy-exchange.ts';

const version = 5;
const loginVersion = 1;
const method = { none: 0, login: 2, refused: 0xff } as const;
const connectCommand = 1;
const addressType = { ipv4: 1, name: 3, ipv6: 4 } as const;
/** RFC 1928 and 1929 have one byte for these lengths. */
const lengthMax = 255;

export interface Socks5State {
  readonly phase: 'method' | 'login' | 'reply' | 'over';
  readonly target: ProxyTarget;
  readonly credentials: ProxyCredentials | null;
  /** What came of the present answer so far; no answer is longer than 262 bytes. */
  readonly pending: Uint8Array;
}

type Step = ProxyStep<Socks5State>;

export function beginSocks5(target: ProxyTarget, credentials: ProxyCredentials | null): Step {
  const state: Socks5State = { phase: 'method', target, credentials, pending: new Uint8Array(0) };
  if (utf8(target.host).length > lengthMax) return over(state, faulty('protocol', 'PROXY_TARGET', `the host name is longer than the ${lengthMax} bytes that SOCKS can carry`));
  if (credentials !== null) {
    const lengths = [utf8(credentials.username).length, utf8(credentials.password).length];
    if (lengths.some((length) => length < 1 || length > lengthMax)) return over(state, faulty('auth', 'SOCKS_CREDENTIALS', `SOCKS takes a user name and a password of 1 to ${lengthMax} bytes each`));
  }
  const methods = credentials === null ? [method.none] : [method.none, method.login];
  return { state, effects: [send([version, methods.length, ...methods])] };
}

export function stepSocks5(state: Socks5State, bytes: Uint8Array): Step {
  const pending = state.pending.length === 0 ? bytes : joined(state.pending, bytes);
  const step = answered(state, pending);
  // A copy: the caller's bytes are valid during the call only.
  return step ?? { state: { ...state, pending: joined(pending) }, effects: [] };
}

/** Null while the answer is not whole. */
function answered(state: Socks5State, bytes: Uint8Array): Step | null {
  switch (state.phase) {
    case 'over':
      return { state, effects: [] };
    case 'method':
      return chosen(state, bytes);
    case 'login':
      return loggedIn(state, bytes);
    case 'reply':
      return replied(state, bytes);
  }
}

function chosen(state: Socks5State, bytes: Uint8Array): Step | null {
  const [answerVersion, choice] = bytes;
  if (answerVersion === undefined) return null;
  if (answerVersion !== version) return over(state, notSocks(bytes));
  if (choice === undefined) return null;
  if (choice === method.none) return request(state, bytes.subarray(2));
  if (choice === method.login && state.credentials !== null) {
    const username = utf8(state.credentials.username);
    const password = utf8(state.credentials.password);
    return then({ ...state, phase: 'login' }, send([loginVersion, username.length, ...username, password.length, ...password]), bytes.subarray(2));
  }
  if (choice === method.refused) {
    const message = state.credentials === null ? 'the proxy wants credentials' : 'the proxy wants another way to log in than user name and password';
    return over(state, faulty('auth', 'SOCKS_METHODS_REFUSED', message));
  }
  return over(state, faulty('protocol', 'SOCKS_METHOD', `the proxy chose login method ${choice}, which was not offered`));
}

function loggedIn(state: Socks5State, bytes: Uint8Array): Step | null {
  // Some proxies repeat the version of SOCKS where that of the login belongs, so only the status counts.
  const status = bytes[1];
  if (status === undefined) return null;
  return status === 0 ? request(state, bytes.subarray(2)) : over(state, faulty('auth', `SOCKS_LOGIN_${status}`, 'the proxy does not accept the credentials'));
}

function request(state: Socks5State, rest: Uint8Array): Step {
  const { host, port } = state.target;
  const address = addressBytes(host);
  const name = utf8(host);
  const destination = address === null ? [addressType.name, name.length, ...name] : [address.length === 4 ? addressType.ipv4 : addressType.ipv6, ...address];
  return then({ ...state, phase: 'reply' }, send([version, connectCommand, 0, ...destination, port >> 8, port & 0xff]), rest);
}

function replied(state: Socks5State, bytes: Uint8Array): Step | null {
  const [answerVersion, reply, , type, nameLength] = bytes;
  if (answerVersion === undefined) return null;
  if (answerVersion !== version) return over(state, notSocks(bytes));
  if (reply === undefined) return null;
  // A refusal is often cut short by the close, and the address behind it means nothing.
  if (reply !== 0) return over(state, refusal(reply));
  if (type === undefined) return null;
  const addressBytesCount = type === addressType.ipv4 ? 4 : type === addressType.ipv6 ? 16 : type !== addressType.name ? null : nameLength === undefined ? undefined : 1 + nameLength;
  if (addressBytesCount === undefined) return null;
  if (addressBytesCount === null) return over(state, faulty('protocol', 'SOCKS_ADDRESS_TYPE', `the proxy's reply has the unknown address type ${type}`));
  const end = 4 + addressBytesCount + 2;
  return bytes.length < end ? null : over(state, { kind: 'established', rest: joined(bytes.subarray(end)) });
}

/** The replies of RFC 1928, 6. */
const replyWords: readonly string[] = [
  'succeeded', 'a general failure', 'its rules do not allow this connection', 'the network is unreachable from there', 'the host is unreachable from there',
  'the server refused the connection', 'the connection ran out of hops', 'it does not connect at all', 'it does not take this kind of address',
];
const replyNotAllowed = 2;

function refusal(reply: number): ProxyEffect {
  const words = replyWords[reply] ?? `the unassigned reply ${reply}`;
  return faulty(reply === replyNotAllowed ? 'denied' : 'failed', `SOCKS_REPLY_${reply}`, `the proxy made no connection: ${words}`);
}

function notSocks(bytes: Uint8Array): ProxyEffect {
  return faulty('protocol', 'PROXY_NOT_SOCKS5', `what answers is not a SOCKS5 proxy: it said "${quotable(latin1(bytes.subarray(0, 16)), 16)}"`);
}

/** Goes on with bytes that came behind an answer, which only a proxy that is ahead of us sends. */
function then(state: Socks5State, effect: ProxyEffect, rest: Uint8Array): Step {
  const next = stepSocks5({ ...state, pending: new Uint8Array(0) }, rest);
  return { state: next.state, effects: [effect, ...next.effects] };
}

function over(state: Socks5State, effect: ProxyEffect): Step {
  return { state: { ...state, phase: 'over', pending: new Uint8Array(0) }, effects: [effect] };
}

const send = (bytes: readonly number[]): ProxyEffect => ({ kind: 'send', bytes: Uint8Array.from(bytes) });
