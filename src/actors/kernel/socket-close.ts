/**
 * Says why a socket closed: turns what Node reports (an errno, an OpenSSL code, an end of stream) into one of the causes that the policies
 * above tell apart. It makes values only and knows no socket; the words for a person are written at the edge, not here.
 */
import type { SocketClose, SocketCloseKind } from './host.ts';

/** Our own codes, for causes that neither the system nor OpenSSL names. */
const TLS_HANDSHAKE_CLOSED = 'TLS_HANDSHAKE_CLOSED';
export const TLS_SUBJECT_MISMATCH = 'TLS_SUBJECT_MISMATCH';
export const TLS_CLOSED_WITHOUT_NOTIFY = 'TLS_CLOSED_WITHOUT_NOTIFY';

const KIND_BY_ERRNO: ReadonlyMap<string, SocketCloseKind> = new Map([
  ['ECONNRESET', 'rst'],
  ['ECONNABORTED', 'rst'],
  // A write after the peer's reset: the reset was the cause, the write only noticed it.
  ['EPIPE', 'rst'],
  ['ECONNREFUSED', 'refused'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['EHOSTDOWN', 'unreachable'],
  ['ENETDOWN', 'unreachable'],
  ['EADDRNOTAVAIL', 'unreachable'],
  // A unix socket whose file is not there: nobody has ever listened on that path.
  ['ENOENT', 'unreachable'],
  // From connect after the system's own tries, or from an open socket whose keepalive probes went unanswered.
  ['ETIMEDOUT', 'timeout'],
]);

/** @param secured whether TLS runs on the socket: errors that the system does not name are then TLS's. */
export function socketCloseFromError(error: Error, secured: boolean): SocketClose {
  const code = codeOf(error);
  const close = (kind: SocketCloseKind): SocketClose => ({ kind, message: error.message, code });
  if (code === TLS_SUBJECT_MISMATCH) return close('tlsSubject');
  // Node reports an end of stream during the handshake as ECONNRESET too; only a real reset carries the system call that met it.
  if (secured && code === 'ECONNRESET' && !('syscall' in error)) {
    return handshakeClosed();
  }
  const kind = code === null ? undefined : KIND_BY_ERRNO.get(code);
  if (kind !== undefined) return close(kind);
  const fromSystem = 'syscall' in error && !/^ERR_|^UNABLE_|^CERT_/.test(code ?? '');
  return close(secured && !fromSystem ? 'tls' : 'error');
}

/** The peer ended the stream before TLS was up: a server that wants no TLS there, or none of what we offer. */
export function handshakeClosed(): SocketClose {
  return socketCloseOf('tls', 'the peer closed the connection during the TLS handshake', TLS_HANDSHAKE_CLOSED);
}

export function socketCloseOf(kind: SocketCloseKind, message: string, code: string | null = null): SocketClose {
  return { kind, message, code };
}

function codeOf(error: Error): string | null {
  return 'code' in error && typeof error.code === 'string' ? error.code : null;
}
