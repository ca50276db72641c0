// A client of the control socket, written only from the ancestor's specification of version 1.2 (ryll, docs/control-socket-protocol.md): it
// shares no code and no reading of the protocol with this program.
import { connect, type Socket } from 'node:net';

export interface AncestorReply {
  readonly id?: number | string;
  readonly ok: boolean;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface AncestorEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const deadlineMs = 15_000;

export class AncestorClient {
  readonly socket: Socket;
  readonly events: AncestorEvent[] = [];
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<void>;
  readonly #lines: string[] = [];
  readonly #answers = new Map<number | string, (reply: AncestorReply) => void>();
  #rest = '';
  #nextId = 1;
  #news: (() => void)[] = [];

  constructor(path: string) {
    this.socket = connect(path);
    this.socket.setEncoding('utf8');
    this.socket.on('data', (text: string) => this.#received(text));
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.socket.once('close', () => {
      resolve();
      this.#tell();
    }));
  }

  /** Lines that were neither an event nor the reply to a request of `request`. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  request(method: string, params: Readonly<Record<string, unknown>> = {}, id: number | string = this.#nextId++): Promise<AncestorReply> {
    const answered = new Promise<AncestorReply>((resolve) => this.#answers.set(id, resolve));
    this.send(`${JSON.stringify({ id, method, params })}\n`);
    return Promise.race([answered, this.#deadline(`a reply to ${method}`)]);
  }

  hello(version = '1.2'): Promise<AncestorReply> {
    return this.request('hello', { client_name: 'ancestor-client', protocol_version: version });
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** The first event of this name, past or to come, that is as wanted. */
  async event(name: string, wanted: (data: AncestorEvent['data']) => boolean = () => true): Promise<AncestorEvent> {
    return this.#until(`the event ${name}`, () => this.events.find(({ event, data }) => event === name && wanted(data)));
  }

  /** The next line that is neither event nor reply. */
  line(): Promise<string> {
    return this.#until('a line', () => this.#lines.shift());
  }

  close(): Promise<void> {
    this.socket.destroy();
    return this.closed;
  }

  async #until<T>(what: string, look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.socket.closed) throw new Error(`the connection was closed before ${what} came`);
      await Promise.race([new Promise<void>((resolve) => this.#news.push(resolve)), this.#deadline(what)]);
    }
  }

  async #deadline(what: string): Promise<never> {
    // Unref'd: a deadline that was not needed keeps nobody waiting.
    await new Promise<void>((resolve) => void setTimeout(resolve, deadlineMs).unref());
    throw new Error(`waited ${deadlineMs} ms in vain: ${what}`);
  }

  #received(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
    this.#tell();
  }

  #take(line: string): void {
    // Every message of the server is one JSON object on a line of its own; what is not throws here and fails the test.
    const message = JSON.parse(line) as AncestorReply | AncestorEvent;
    if ('event' in message) {
      this.events.push(message);
      return;
    }
    const answer = message.id === undefined ? undefined : this.#answers.get(message.id);
    if (message.id === undefined || answer === undefined) {
      this.#lines.push(line);
      return;
    }
    this.#answers.delete(message.id);
    answer(message);
  }

  #tell(): void {
    for (const tell of this.#news.splice(0)) tell();
  }
}
