// The control socket in the file system: a unix socket that nobody but its owner can reach at any moment, that replaces what a session which
// ended badly left behind, and that never takes a path from a session which lives. It accepts streams and knows nothing of what is said on them.

import { chmodSync, linkSync, lstatSync, mkdtempSync, renameSync, rmSync, unlinkSync, type Stats } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';

/** One client's connection. */
export interface ControlStream {
  /** `taken` is called when the system has taken all of it; never after the stream closed. */
  write(text: string, taken: () => void): void;
  /** Whether bytes of the client are asked for. */
  setReading(reading: boolean): void;
  /** No more is written; what the client still sends is read and forgotten, so that it reads what was written before its end. */
  finish(): void;
  destroy(): void;
}

export interface ControlStreamEvents {
  /** The bytes are valid only during the call. */
  chunk(bytes: Uint8Array): void;
  /** The client sends nothing more. It may still read. */
  ended(): void;
  /** Called exactly once, and nothing is called after it. */
  closed(): void;
}

export interface ControlListener {
  /** Takes no new clients and removes the socket. Those that are connected stay. */
  close(): void;
}

export type ListenForClients = (path: string, accept: (stream: ControlStream) => ControlStreamEvents) => Promise<ControlListener>;

/** Why there can be no control socket at the path. The message is a sentence for people. */
class ControlSocketRefused extends Error {
  override readonly name = 'ControlSocketRefused';
  readonly code: 'live' | 'foreign' | 'notASocket' | 'pathTooLong' | 'contended' | 'system';

  constructor(code: ControlSocketRefused['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** `sun_path` with its NUL is 108 bytes on Linux and 104 on the BSDs; libuv cuts a longer path without a word. */
const pathBytesMax = process.platform === 'linux' ? 107 : 103;
/** How often somebody may be first in taking the path before it is given up. */
const publishAttemptsMax = 5;
/** Only the owner may connect: the one access rule of the control socket. */
const ownerOnly = 0o600;

export function listenForClients(path: string, accept: (stream: ControlStream) => ControlStreamEvents): Promise<ControlListener> {
  return listenOwnerOnly(createServer({ allowHalfOpen: true }, (socket) => serve(socket, accept)), path);
}

/**
 * Lets a server listen at `path`. The socket is bound inside a folder of its own that is closed to others, gets its mode there and is only then
 * linked to its path: `umask` would do the same, but it belongs to the whole process and cannot be set on a worker's thread.
 * Rejects with `ControlSocketRefused`.
 */
export async function listenOwnerOnly(server: Server, path: string): Promise<ControlListener> {
  let folder: string | null = null;
  try {
    folder = mkdtempSync(`${dirname(path)}/.`);
    const hidden = join(folder, 's');
    for (const each of [path, hidden]) {
      if (Buffer.byteLength(each) > pathBytesMax) throw new ControlSocketRefused('pathTooLong', `the path is too long for a socket, with the temporary name ${each} that is needed first; use a shorter one`);
    }
    await listening(server, hidden);
    chmodSync(hidden, ownerOnly);
    await publish(hidden, path, folder);
    const ours = lstatSync(path);
    return { close: () => closeListener(server, path, ours) };
  } catch (error) {
    server.close();
    throw error instanceof ControlSocketRefused ? error : new ControlSocketRefused('system', error instanceof Error ? error.message : String(error));
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }
}

/** Gives the socket its path, which is taken from nobody who listens there. */
async function publish(hidden: string, path: string, folder: string): Promise<void> {
  for (let attempt = 1; attempt <= publishAttemptsMax; attempt++) {
    if (linked(hidden, path)) return;
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) continue;
    if (!found.isSocket()) throw new ControlSocketRefused('notASocket', `there is something at ${path} that is not a socket; it is left alone, so choose another path`);
    if (await isAnswered(path)) throw new ControlSocketRefused('live', `another session listens on ${path}; end it or choose another path`);
    removeStale(path, found, join(folder, 'old'));
  }
  throw new ControlSocketRefused('contended', `other sessions take ${path} at the same time; choose another path`);
}

/** False when somebody has the path. A link is made by one of two that want it, a rename by both. */
function linked(hidden: string, path: string): boolean {
  try {
    linkSync(hidden, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Whether somebody listens there. Rejects when that cannot be found out. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = connect(path);
    probe.on('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', (error) => {
      const code = codeOf(error);
      if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve(false);
      else if (code === 'EAGAIN') resolve(true); // its queue of connections is full
      else reject(code === 'EACCES' || code === 'EPERM' ? new ControlSocketRefused('foreign', `${path} belongs to somebody else; choose another path`) : error);
    });
  });
}

/** Removes the socket that was found, and nothing that came in its place meanwhile. */
function removeStale(path: string, found: Stats, aside: string): void {
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (!isSame(lstatSync(aside), found)) linked(aside, path);
  unlinkSync(aside);
}

function closeListener(server: Server, path: string, ours: Stats): void {
  server.close();
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && isSame(found, ours)) unlinkSync(path);
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      // Running out of descriptors costs that client its connection, and nobody else anything.
      server.on('error', () => undefined);
      // The session decides how long the program runs, not its control socket.
      server.unref();
      resolve();
    });
  });
}

function serve(socket: Socket, accept: (stream: ControlStream) => ControlStreamEvents): void {
  let finished = false;
  const events = accept({
    write: (text, taken) => {
      socket.write(text, (error) => {
        if (error === null || error === undefined) taken();
      });
    },
    setReading: (reading) => void (reading ? socket.resume() : socket.pause()),
    finish: () => {
      finished = true;
      socket.end();
      socket.resume();
    },
    destroy: () => void socket.destroy(),
  });
  socket.unref();
  socket.on('data', (bytes) => {
    if (!finished) events.chunk(bytes);
  });
  socket.on('end', () => {
    if (finished) socket.destroy();
    else events.ended();
  });
  socket.on('error', () => undefined); // `close` follows and says all that matters here
  socket.on('close', () => events.closed());
}

const isSame = (one: Stats, other: Stats): boolean => one.dev === other.dev && one.ino === other.ino;

function codeOf(error: unknown): string | null {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
