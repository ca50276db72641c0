// HTTP CONNECT: asks an HTTP proxy for a tunnel (RFC 9110, 9.3.6), with Basic credentials where there are any, and reads its answer. Pure;
// the answer may come in any pieces, and what follows its head is the target's. TLS to the proxy itself is the host's.

import { addressBytes } from './ip-address.ts';
import { base64, joined, latin1, quotable, utf8 } from './proxy-bytes.ts';
import { faulty, type ProxyCredentials, type ProxyEffect, type ProxyStep, type ProxyTarget } from './proxy-exchange.ts';

/** The longest head of an answer, in bytes, interim ones included. */
const headBytesMax = 16 * 1024;
/** How much of a proxy's own words is repeated, in characters. */
const quotedMax = 256;
const magic = 'HTTP/';

export interface HttpConnectState {
  readonly phase: 'head' | 'over';
  readonly hasCredentials: boolean;
  /** What came of the answer so far. */
  readonly head: Uint8Array;
  /** Where in `head` the search for its end goes on. */
  readonly searched: number;
  /** Bytes of interim answers that were passed over. */
  readonly skipped: number;
}

type Step = ProxyStep<HttpConnectState>;

/**
 * HTTP/1.0 as the reference client says it, because that is what every proxy for SPICE has seen; a tunnel has no use for what 1.1 adds.
 * @param target its host must not be split by the request's own marks: no space, control or other character outside ASCII
 */
export function beginHttpConnect(target: ProxyTarget, credentials: ProxyCredentials | null): Step {
  const state: HttpConnectState = { phase: 'head', hasCredentials: credentials !== null, head: new Uint8Array(0), searched: 0, skipped: 0 };
  // It would end the request's line, and begin one of somebody else's choice.
  if (!/^[\x21-\x7e]+$/.test(target.host)) return over(state, faulty('protocol', 'PROXY_TARGET', 'the host name has characters that a request to a proxy cannot hold'));
  // A token with colons in it is no IPv6 address, and goes as it is.
  const address = `${addressBytes(target.host)?.length === 16 ? `[${target.host}]` : target.host}:${target.port}`;
  const lines = [`CONNECT ${address} HTTP/1.0`, `Host: ${address}`, 'Proxy-Connection: keep-alive', 'User-Agent: ryll-actors'];
  if (credentials !== null) lines.push(`Proxy-Authorization: Basic ${base64(utf8(`${credentials.username}:${credentials.password}`))}`);
  return { state, effects: [{ kind: 'send', bytes: utf8(`${lines.join('\r\n')}\r\n\r\n`) }] };
}

export function stepHttpConnect(state: HttpConnectState, bytes: Uint8Array): Step {
  if (state.phase === 'over') return { state, effects: [] };
  const room = headBytesMax - state.skipped;
  const head = joined(state.head, bytes.subarray(0, Math.max(0, room - state.head.length)));
  // The first byte that does not fit is the verdict: a server of another kind may say little and then wait.
  const opening = latin1(head.subarray(0, magic.length));
  if (!magic.startsWith(opening)) return over(state, faulty('protocol', 'PROXY_NOT_HTTP', `what answers is not an HTTP proxy: it said "${quotable(latin1(head.subarray(0, 16)), 16)}"`));
  const end = endOfHead(head, state.searched);
  if (end === null) {
    if (head.length >= room) return over(state, faulty('protocol', 'PROXY_HEAD_TOO_LONG', `the proxy's answer has no end within ${headBytesMax} bytes`));
    return { state: { ...state, head, searched: Math.max(0, head.length - 3) }, effects: [] };
  }
  const lines = latin1(head.subarray(0, end)).split(/\r?\n/);
  const rest = joined(head.subarray(end), bytes.subarray(Math.max(0, room - state.head.length)));
  const status = /^HTTP\/\d\.\d +(\d{3})(?: |$)/.exec(lines[0] ?? '')?.[1];
  if (status === undefined) return over(state, faulty('protocol', 'PROXY_NOT_HTTP', `the proxy's answer has no status: "${quotable(lines[0] ?? '', quotedMax)}"`));
  // An interim answer says only that there will be another.
  if (status.startsWith('1')) return stepHttpConnect({ ...state, head: new Uint8Array(0), searched: 0, skipped: state.skipped + end }, rest);
  return over(state, verdict(Number(status), lines, state.hasCredentials, rest));
}

function verdict(status: number, lines: readonly string[], hasCredentials: boolean, rest: Uint8Array): ProxyEffect {
  const code = `HTTP_${status}`;
  const said = `"${quotable((lines[0] ?? '').replace(/^HTTP\/\d\.\d +/, ''), quotedMax)}"`;
  if (status >= 200 && status < 300) return { kind: 'established', rest };
  const denied = `the proxy does not allow the connection: ${said}`;
  const refused = `the proxy does not accept the credentials: ${said}`;
  switch (status) {
    case 407: {
      const schemes = lines.flatMap((line) => /^proxy-authenticate:\s*([!#$%&'*+.^_`|~\w-]+)/i.exec(line)?.[1] ?? []);
      if (schemes.length > 0 && !schemes.some((scheme) => /^basic$/i.test(scheme))) {
        return faulty('auth', code, `the proxy wants a login by ${quotable(schemes.join(', '), quotedMax)}, and only Basic is supported`);
      }
      return faulty('auth', code, hasCredentials ? refused : `the proxy wants credentials: ${said}`);
    }
    case 401:
      // tinyproxy 1.11 says this of wrong credentials, and 407 of missing ones; Proxmox VE says it of a token that is too old.
      if (hasCredentials) return faulty('auth', code, refused);
      return faulty('denied', code, denied);
    case 403:
    case 405:
      return faulty('denied', code, denied);
    default:
      return faulty('failed', code, `the proxy made no connection: ${said}`);
  }
}

/** Just behind the empty line that ends a head; null when it has not come. */
function endOfHead(head: Uint8Array, from: number): number | null {
  for (let at = from; at < head.length; at++) {
    if (head[at] !== 10) continue;
    if (head[at + 1] === 10) return at + 2;
    if (head[at + 1] === 13 && head[at + 2] === 10) return at + 3;
  }
  return null;
}

function over(state: HttpConnectState, effect: ProxyEffect): Step {
  return { state: { ...state, phase: 'over', head: new Uint8Array(0) }, effects: [effect] };
}
