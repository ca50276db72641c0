// Session sockets: the private folder in which this user's sessions have their control sockets, one `NAME.sock` each, and who of them lives.
// A session makes its socket itself (`actors/control-listener.ts`); here they are named, found and, when nobody listens any more, removed.

import { chmodSync, lstatSync, mkdirSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { SessionClient, type SessionDescription } from './session-client.ts';
import { SessionUnreachable } from './control-connection.ts';

const ownerOnly = 0o700;
const suffix = '.sock';
/** Socket paths are short, and the folder's own is part of them. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;

/** Why there can be no such folder or name. The message is a sentence for people. */
export class SocketFolderRefused extends Error {
  override readonly name = 'SocketFolderRefused';
}

/** `$XDG_RUNTIME_DIR/ryll-actors`, or a folder in the system's temporary one that has the user's number. */
export function socketFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const runtime = environment['XDG_RUNTIME_DIR'] ?? '';
  if (runtime.startsWith('/') && statSync(runtime, { throwIfNoEntry: false })?.isDirectory() === true) return join(runtime, 'ryll-actors');
  return join(tmpdir(), `ryll-actors-${userInfo().uid}`);
}

/**
 * Makes the folder, or sees that it is nobody else's: in a temporary folder anybody may have been first.
 * @throws SocketFolderRefused
 */
export function prepareSocketFolder(folder: string = socketFolder()): void {
  try {
    mkdirSync(folder, { mode: ownerOnly, recursive: true });
    const found = lstatSync(folder);
    if (!found.isDirectory() || found.uid !== userInfo().uid) throw new SocketFolderRefused(`${folder} is not a folder of your own`);
    if ((found.mode & 0o077) !== 0) chmodSync(folder, ownerOnly);
  } catch (error) {
    if (error instanceof SocketFolderRefused) throw error;
    throw new SocketFolderRefused(error instanceof Error ? error.message : String(error));
  }
}

export const isSessionName = (name: string): boolean => namePattern.test(name);

/** The socket of the session with this name, whether it is there or not. */
export function socketPath(name: string, folder: string = socketFolder()): string {
  return join(folder, `${name}${suffix}`);
}

export interface ListedSession {
  readonly path: string;
  /** Null: it has no room for one more client, or did not answer. */
  readonly session: SessionDescription | null;
}

/** How long a session has to describe itself, in milliseconds. */
const answerMs = 2_000;

/** This user's sessions, by their names. What nobody listens on any more is removed. */
export async function listSessions(folder: string = socketFolder()): Promise<readonly ListedSession[]> {
  const names = entriesOf(folder).filter((name) => name.endsWith(suffix)).toSorted();
  const found = await Promise.all(names.map((name) => look(join(folder, name))));
  return found.filter((each) => each !== null);
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

async function look(path: string): Promise<ListedSession | null> {
  let client: SessionClient;
  try {
    client = await SessionClient.open(path, 'ryll-actors list', answerMs);
  } catch (error) {
    if (error instanceof SessionUnreachable && /ECONNREFUSED|ENOENT/.test(error.message)) {
      removeStale(path);
      return null;
    }
    return { path, session: null };
  }
  const session = await client.describe().catch(() => null);
  await client.close();
  return { path, session };
}

/** A socket that refuses connections belongs to nobody any more. */
function removeStale(path: string): void {
  try {
    if (lstatSync(path).isSocket()) unlinkSync(path);
  } catch {
    // Somebody else was first.
  }
}
