// A bare client's way over a real socket: TCP, TLS with the certificates of the tests, or a unix socket.
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Dial } from './bare-client.ts';
import { pki } from './pki.ts';

export type Where = { readonly port: number; readonly tls: boolean } | { readonly path: string };

/** Bytes written before the connection stands are sent when it does. */
export function dialSocket(where: Where): Dial {
  return (events) => {
    const socket: Socket = 'path' in where ? connectPlain(where.path)
      : where.tls ? connectTls({ host: '127.0.0.1', port: where.port, ca: pki.ca, checkServerIdentity: () => undefined })
        : connectPlain(where.port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => events.received(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => events.closed());
    return { write: (bytes) => void socket.write(bytes), end: () => void socket.end(), destroy: () => void socket.destroy() };
  };
}
