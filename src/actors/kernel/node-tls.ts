/**
 * Opens a TLS socket the way a SPICE client needs it: trust from the connection file's own CA, the subject check in place of the host-name check,
 * no server name for addresses, TLS 1.2 or newer. It is not the socket's life (node-socket.ts) and knows nothing of what the bytes mean.
 */
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
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

/** What TLS goes over: a TCP connection that is made for it, or one that stands already, through a proxy to the host that is named. */
export type TlsBelow = { readonly kind: 'address'; readonly address: string; readonly port: number; readonly reader: SocketReader } | { readonly kind: 'tunnel'; readonly socket: Socket; readonly host: string };

/**
 * Starts TLS over an address or a tunnel. A socket over a tunnel has no reader: Node reads `onread` only where it makes the TCP socket itself, so its bytes come as
 * `data` events. Throws for a `host-subject` that cannot be read or settings that OpenSSL refuses; everything later is an event of
 * the socket. A subject mismatch is an `error` event with the code TLS_SUBJECT_MISMATCH, before any byte of ours was sent.
 */
export function connectTls(below: TlsBelow, settings: TlsSettings): TLSSocket {
  const expected = settings.hostSubject === null ? null : parseHostSubject(settings.hostSubject);
  if (expected?.kind === 'malformed') throw new Error(`host-subject, column ${expected.column}: ${expected.message}`);

  // Node reads `onread` also when it makes the TCP socket itself (`tls.connect` in the documentation), but @types/node has it on TCP sockets only.
  const options: ConnectionOptions & { onread?: SocketReader } = {
    ...(below.kind === 'address' ? { host: below.address, port: below.port, onread: below.reader } : { host: below.host, socket: below.socket }),
    minVersion: 'TLSv1.2',
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

/**
 * The same for a socket over a tunnel, whose `end` event comes only when the last buffered byte was taken: by then the FIN behind a close notify may have been read,
 * too. So the question is put when the end is read. Call it before any byte is.
 *
 * Inside TLS with a proxy both may be read in one piece after reading had stopped; that counts as a close notify.
 * @returns the answer, once the end was read
 */
export function watchForNotify(socket: TLSSocket): () => boolean {
  let withNotify = true;
  const push = socket.push.bind(socket);
  socket.push = (chunk: unknown, encoding?: BufferEncoding) => {
    const handle: unknown = Reflect.get(socket, '_handle');
    if (chunk === null) withNotify = closedWithNotify(socket, isObject(handle) && Reflect.get(handle, 'reading') === false);
    return push(chunk, encoding);
  };
  return () => withNotify;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function subjectMismatch(expected: string, actual: string): Error {
  return Object.assign(new Error(`expected the subject ${expected}, the certificate has ${actual}`), { code: TLS_SUBJECT_MISMATCH });
}
