// Link trouble: what a channel reports about its connection, handed to the sentences of `error-text.ts`. It words nothing long
// itself; a secondary channel's failure gets one short clause here, because it does not end the session.

import type { SocketClose, SocketCloseKind } from '../actors/kernel/host.ts';
import type { LinkFailure } from '../protocol/channel-link.ts';
import type { ConnectionLoss } from '../protocol/events.ts';
import { linkErrorName } from '../protocol/link-error.ts';
import type { ConnectionTrouble } from './connection-trouble.ts';

const closeKinds: ReadonlySet<string> = new Set<SocketCloseKind>(['fin', 'rst', 'refused', 'unreachable', 'timeout', 'tls', 'tlsSubject', 'tlsTruncated', 'local', 'error']);

/** The loss as a socket's close; kinds that are no socket's (`protocol`) become `error` and keep their message. */
export function socketClose(loss: ConnectionLoss): SocketClose {
  const kind = closeKinds.has(loss.kind) ? (loss.kind as SocketCloseKind) : 'error';
  return { kind, message: loss.message, code: loss.code };
}

export function troubleOf(failure: LinkFailure): ConnectionTrouble {
  switch (failure.kind) {
    case 'connection':
      return { kind: 'socket', phase: failure.phase, cause: socketClose(failure.cause) };
    case 'deadline':
      return { kind: 'deadline', phase: failure.phase, waitedMs: failure.waitedMs };
    case 'handshake':
      return { kind: 'link', error: failure.error };
    case 'noEndpoint':
      return { kind: 'noEndpoint', wanted: failure.wanted };
  }
}

/** Whether the failed attempt went over TLS. */
export function wasSecure(failure: LinkFailure): boolean {
  return failure.kind === 'noEndpoint' ? failure.wanted === 'plain' : failure.secure;
}

/** One clause for a log line. */
export function describeFailure(failure: LinkFailure): string {
  switch (failure.kind) {
    case 'connection':
      return `not linked: ${failure.cause.message}`;
    case 'deadline':
      return `not linked: no answer within ${failure.waitedMs / 1000} s (${failure.phase})`;
    case 'handshake':
      return `not linked: ${failure.error.kind === 'refused' ? `the server answered ${linkErrorName(failure.error.code) ?? failure.error.code}` : failure.error.kind}`;
    case 'noEndpoint':
      return failure.wanted === 'secure' ? 'not linked: the server wants TLS and no TLS port is known' : 'not linked: the server refuses TLS and no plain port is known';
  }
}
