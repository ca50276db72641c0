// Control connection: one connection to a session's control socket, from the client's side: requests out, each with its reply, and events in.
// It knows no method: what can be asked is session-client.ts's.

import { connect, type Socket } from 'node:net';
import { createLineSplitter, pushBytes, takeLine } from '../control/line-splitter.ts';

/** A reply's result, or an event's data. */
export type Fields = Readonly<Record<string, unknown>>;

/** The session refused a request, or what was waited for did not come. `code` is one of docs/control-socket-protocol.md. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** There is no session at the socket, or it went while it was asked something. */
export class SessionUnreachable extends Error {
  override readonly name = 'SessionUnreachable';
}

interface Reply {
  readonly id?: number;
  readonly ok?: boolean;
  readonly result?: Fields;
  readonly error?: { readonly code: string; readonly message: string };
  readonly event?: string;
  readonly data?: Fields;
}

interface Asked {
  readonly deadline: NodeJS.Timeout;
  resolve(result: Fields): void;
  reject(error: Error): void;
}

/** The largest line that is believed: a screenshot of a large screen is tens of megabytes. */
const lineBytesMax = 256 * 1024 * 1024;

export class ControlConnection {
  readonly #socket: Socket;
  readonly #splitter = createLineSplitter(lineBytesMax);
  readonly #asked = new Map<number, Asked>();
  readonly #utf8 = new TextDecoder();
  #nextId = 1;
  #gone: Error | null = null;
  #listener: (event: string, data: Fields) => void = () => undefined;
  #closed: () => void = () => undefined;
  /** Settles when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => (this.#closed = resolve));
    socket.on('data', (bytes) => this.#received(bytes));
    socket.on('error', (error) => (this.#gone ??= new SessionUnreachable(`the connection to the session was lost: ${error.message}`)));
    socket.on('close', () => this.#end());
  }

  /** @throws SessionUnreachable when nobody listens there */
  static open(path: string): Promise<ControlConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      const failed = (error: Error): void => reject(new SessionUnreachable(error.message));
      socket.once('error', failed);
      socket.once('connect', () => {
        socket.off('error', failed);
        resolve(new ControlConnection(socket));
      });
    });
  }

  /** Every event, in its order. One listener. */
  onEvent(listener: (event: string, data: Fields) => void): void {
    this.#listener = listener;
  }

  /**
   * Asks and waits for the reply, `deadlineMs` at most.
   * @throws RequestRefused, SessionUnreachable
   */
  request(method: string, params: Fields, deadlineMs: number): Promise<Fields> {
    if (this.#gone !== null) return Promise.reject(this.#gone);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.#asked.delete(id);
        reject(new SessionUnreachable(`the session did not answer within ${deadlineMs / 1000} s`));
      }, deadlineMs);
      this.#asked.set(id, { deadline, resolve, reject });
      this.#socket.write(`${JSON.stringify({ id, method, params })}\n`);
    });
  }

  /** Ends the connection; what is asked still is rejected. */
  close(): Promise<void> {
    this.#gone ??= new SessionUnreachable('the connection was closed');
    this.#socket.destroy();
    return this.closed;
  }

  #received(bytes: Uint8Array): void {
    pushBytes(this.#splitter, bytes);
    for (let line = takeLine(this.#splitter); line !== null; line = takeLine(this.#splitter)) {
      const reply = line.kind === 'line' ? this.#read(line.bytes) : null;
      if (reply === null) {
        this.#gone ??= new SessionUnreachable('what listens there does not speak the control protocol');
        this.#socket.destroy();
        return;
      }
      this.#take(reply);
    }
  }

  #read(bytes: Uint8Array): Reply | null {
    try {
      const value: unknown = JSON.parse(this.#utf8.decode(bytes));
      return typeof value === 'object' && value !== null ? (value as Reply) : null;
    } catch {
      return null;
    }
  }

  #take(reply: Reply): void {
    if (typeof reply.event === 'string') return this.#listener(reply.event, reply.data ?? {});
    const error = new RequestRefused(reply.error?.code ?? 'internal_error', reply.error?.message ?? 'the session gave no reason');
    const asked = reply.id === undefined ? undefined : this.#asked.get(reply.id);
    if (reply.id === undefined || asked === undefined) {
      // Without an id: the session has no room for one more client, and says so as it closes.
      if (reply.ok === false) this.#gone ??= error;
      return;
    }
    this.#asked.delete(reply.id);
    clearTimeout(asked.deadline);
    if (reply.ok === true) asked.resolve(reply.result ?? {});
    else asked.reject(error);
  }

  #end(): void {
    this.#gone ??= new SessionUnreachable('the session ended the connection');
    for (const asked of this.#asked.values()) {
      clearTimeout(asked.deadline);
      asked.reject(this.#gone);
    }
    this.#asked.clear();
    this.#closed();
  }
}
