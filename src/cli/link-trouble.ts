// Link trouble: what a channel reports about its connection, handed to the sentences of `error-text.ts`. It words nothing long
// itself; a secondary channel's failure gets one short clause here, because it does not end the session.

import type { SocketClose } from '../actors/kernel/host.ts';
import type { LinkFailure } from '../protocol/channel-link.ts';
import type { ConnectionLoss } from '../protocol/events.ts';
import { lossOfConnection, lossOfLink } from '../protocol/loss-kind.ts';
import type { ConnectionTrouble } from './connection-trouble.ts';

/** The loss as a socket's close; one that is no socket's (`protocol`) becomes `error` and keeps its message. */
export function socketClose({ kind, message, code }: ConnectionLoss): SocketClose {
  return { kind: kind === 'protocol' ? 'error' : kind, message, code };
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

/** One clause for a log line, with the kind by which losses are told apart. */
export function describeFailure(failure: LinkFailure): string {
  const { kind, detail } = lossOfLink(failure);
  return `not linked (${kind}): ${detail}`;
}

/** The same for a connection that stood. */
export function describeLoss(cause: ConnectionLoss): string {
  const { kind, detail } = lossOfConnection(cause);
  return `${kind}: ${detail}`;
}

/** Whether the next address of a name is worth a try: this one did not lead there. A proxy that answered has one word at all its addresses. */
export function leadsNowhere(failure: LinkFailure): boolean {
  if (failure.kind !== 'connection' || failure.phase !== 'dialing') return false;
  return lossOfLink(failure).kind !== 'proxy' || failure.cause.kind === 'proxyUnreached';
}
