// Control socket choice: where a session serves its clients: at the path that was given, otherwise in this user's private folder under its
// name. A session that cannot have the private one goes on without, and says so.

import type { ControlArgs } from '../actors/control-mail.ts';
import { prepareSocketFolder, socketFolder, SocketFolderRefused, socketPath } from '../client/session-sockets.ts';
import type { ConnectOptions } from './arguments.ts';
import { formatVersion, type Version } from './version.ts';

/** What every system takes as a socket's path, and what the socket needs inside its folder before it has its name. */
const pathBytesMax = 103;
const hiddenNameBytes = 10;

/** `label`: what the session is connected to, for people. Null = no socket. */
export function controlSocketOf(
  { controlSocket, name, singleClient }: Pick<ConnectOptions, 'controlSocket' | 'name' | 'singleClient'>, label: string, version: Version, say: (text: string) => void,
): Omit<ControlArgs, 'sessionStartMs'> | null {
  if (controlSocket === false) return null;
  const sessionName = name ?? String(process.pid);
  const identity = { name: sessionName, target: label, pid: process.pid, startedAt: new Date().toISOString(), version: formatVersion(version) };
  if (controlSocket !== undefined) return { path: controlSocket, singleClient, identity };
  const folder = socketFolder();
  try {
    prepareSocketFolder(folder);
    const path = socketPath(sessionName, folder);
    if (Math.max(Buffer.byteLength(path), Buffer.byteLength(folder) + hiddenNameBytes) > pathBytesMax) throw new SocketFolderRefused(`${path} is too long for a socket`);
    return { path, singleClient, identity };
  } catch (error) {
    if (!(error instanceof SocketFolderRefused)) throw error;
    say(`ryll-actors: no control socket: ${error.message}; give one with --control-socket`);
    return null;
  }
}
