// Loss kind: what took a channel, in one closed list of words, whatever reported it: the socket, the link or the actor's own end. For logs,
// statistics and notifications, which name the channel beside it. Pure; sentences with a next step are made at the edge.

import type { LinkFailure } from './channel-link.ts';
import type { ConnectionLoss, ConnectionLossKind } from './events.ts';
import { LinkErrorCode, type LinkError } from './link-error.ts';

export const lossKinds = [
  /** The peer closed in order (FIN), with TLS after its close notify. */
  'eof',
  /** The peer, or something between, reset the connection (RST). */
  'rst',
  /** TLS ended without a close notify: in order or cut, nobody can say. */
  'truncated',
  /** Our own patience ended: a deadline, keepalive probes without an answer, a peer that takes nothing. */
  'timeout',
  /** Nothing listens there. */
  'refused',
  /** No way leads there. */
  'unreachable',
  /** TLS did not come about, or the certificate is not the expected one. */
  'tls',
  /** The server refused the ticket, or wants a login that is not supported. */
  'auth',
  /** The server refused the link for another reason. */
  'denied',
  /** What came is not SPICE, or not as it has to be. */
  'protocol',
  /** A proxy between did not let the connection through. */
  'proxy',
  /** The actor made no progress and was ended. */
  'frozen',
  /** The actor failed: our mistake. */
  'crash',
  /** The actor was ended from outside. */
  'killed',
  /** This side closed it. */
  'local',
  /** The system says something else. */
  'system',
] as const;
export type LossKind = (typeof lossKinds)[number];

/** One loss, with the words of whoever saw it. */
export interface Loss {
  readonly kind: LossKind;
  readonly detail: string;
}

export function lossOfConnection(cause: ConnectionLoss): Loss {
  return { kind: kindOfConnection(cause.kind), detail: cause.message };
}

export function lossOfLink(failure: LinkFailure): Loss {
  switch (failure.kind) {
    case 'connection':
      return lossOfConnection(failure.cause);
    case 'deadline':
      return { kind: 'timeout', detail: `no answer within ${failure.waitedMs / 1000} s (${failure.phase})` };
    case 'noEndpoint':
      return { kind: 'denied', detail: failure.wanted === 'secure' ? 'the server wants TLS and no TLS port is known' : 'the server refuses TLS and no plain port is known' };
    case 'handshake':
      return lossOfHandshake(failure.error);
  }
}

function kindOfConnection(kind: ConnectionLossKind): LossKind {
  switch (kind) {
    case 'fin':
      return 'eof';
    case 'rst':
    case 'refused':
    case 'unreachable':
    case 'timeout':
    case 'tls':
    case 'local':
    case 'protocol':
      return kind;
    case 'tlsSubject':
      return 'tls';
    case 'tlsTruncated':
      return 'truncated';
    case 'proxyUnreached':
    case 'proxyTls':
    case 'proxyAuth':
    case 'proxyDenied':
    case 'proxyFailed':
    case 'proxyProtocol':
      return 'proxy';
    case 'error':
      return 'system';
  }
}

function lossOfHandshake(error: LinkError): Loss {
  switch (error.kind) {
    case 'refused':
      return { kind: error.code === LinkErrorCode.permissionDenied ? 'auth' : 'denied', detail: `the server answered ${error.name ?? error.code}` };
    case 'saslOnly':
      return { kind: 'auth', detail: 'the server takes SASL logins only' };
    case 'closedEarly':
      return { kind: 'eof', detail: `the server closed before its answer (${error.phase})` };
    case 'notSpice':
      return { kind: 'protocol', detail: 'what answers does not speak SPICE' };
    case 'version':
      return { kind: 'protocol', detail: `the server speaks SPICE ${error.major}.${error.minor}` };
    case 'malformed':
      return { kind: 'protocol', detail: `the link reply makes no sense: ${error.error.message}` };
  }
}
