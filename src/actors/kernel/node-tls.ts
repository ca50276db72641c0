/**
 * Opens a TLS socket the way a SPICE client needs it: trust from the connection file's own CA, the subject check in place of the host-name check,
 * no server name for addresses, TLS 1.2 or newer. It is not the socket's life (node-socket.ts) and knows nothing of what the bytes mean.
 */
import { isIP } from 'node:net';
import { checkServerIdentity, connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { formatSubject, parseCertificateSubject, parseHostSubject, sameSubject } from './host-subject.ts';
import type { TlsSettings } from './host.ts';
import { TLS_SUBJECT_MISMATCH } from './socket-close.ts';

/** What `net.Socket` reads into, and whom it tells. */
export interface SocketReader {
  readonly buffer: Uint8Array;
  /** False stops reading until `resume`. */
  readonly callback: (bytesRead: number, buffer: Uint8Array) => boolean;
}

/**
 * Starts connecting to an address. Throws for a `host-subject` that cannot be read or settings that OpenSSL refuses; everything later is an event of
 * the socket. A subject mismatch is an `error` event with the code TLS_SUBJECT_MISMATCH, before any byte of ours was sent.
 */
export function connectTls(address: string, port: number, settings: TlsSettings, reader: SocketReader): TLSSocket {
  const expected = settings.hostSubject === null ? null : parseHostSubject(settings.hostSubject);
  if (expected?.kind === 'malformed') throw new Error(`host-subject, column ${expected.column}: ${expected.message}`);

  // Node reads `onread` also when it makes the TCP socket itself (`tls.connect` in the documentation), but @types/node has it on TCP sockets only.
  const options: ConnectionOptions & { onread: SocketReader } = {
    host: address,
    port,
    minVersion: 'TLSv1.2',
    onread: reader,
    checkServerIdentity(name, certificate) {
      if (expected === null) return checkServerIdentity(name, certificate);
      // Only the printed form keeps the order of the entries. The chain has been verified by now.
      const actual = parseCertificateSubject(socket.getPeerX509Certificate()?.subject ?? '');
      return sameSubject(expected.entries, actual) ? undefined : subjectMismatch(formatSubject(expected.entries), formatSubject(actual));
    },
  };
  // RFC 6066 forbids addresses as server name; the host-name check then looks for the address among the certificate's.
  if (settings.serverName !== null && isIP(settings.serverName) === 0) options.servername = settings.serverName;
  // Given a CA, only that CA is trusted: a connection file names the one authority of its site.
  if (settings.caPem !== null) options.ca = settings.caPem;
  const socket = connect(options);
  return socket;
}

/**
 * Whether the end of a TLS stream came with the peer's close notify, asked in the socket's `end` event. Without it the bytes may have been cut by anyone
 * on the path (RFC 8446, 6.1).
 *
 * Node reports both the same way. They differ in what ended: after a close notify the TCP socket below is still reading, after a bare FIN it has
 * stopped, and libuv answers a second start of reading with EALREADY in the first case only. A socket that we had paused cannot have
 * met a FIN, so what ended then was TLS. Should a Node version hide the socket below, the answer is true: an unproven accusation helps nobody.
 */
export function closedWithNotify(socket: TLSSocket, paused: boolean): boolean {
  if (paused) return true;
  const handle: unknown = Reflect.get(socket, '_handle');
  const tcp: unknown = isObject(handle) ? Reflect.get(handle, '_parent') : null;
  const readStart: unknown = isObject(tcp) ? Reflect.get(tcp, 'readStart') : null;
  if (typeof readStart !== 'function') return true;
  return Reflect.apply(readStart, tcp, []) !== 0;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function subjectMismatch(expected: string, actual: string): Error {
  return Object.assign(new Error(`expected the subject ${expected}, the certificate has ${actual}`), { code: TLS_SUBJECT_MISMATCH });
}
