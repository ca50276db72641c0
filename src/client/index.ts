// The library: `import { attach, connect } from 'ryll-actors'`. It speaks to a session in another process through its control socket, whether
// that one was there before or is started for the caller.

import { listSessions, socketPath } from './session-sockets.ts';
import { SessionClient } from './session-client.ts';
import { SessionUnreachable } from './control-connection.ts';
import { startSessionProcess, type ConnectOptions, type OwnSession } from './session-process.ts';

export { RequestRefused, SessionUnreachable, type Fields } from './control-connection.ts';
export { SessionClient } from './session-client.ts';
export type { ImageOptions, MouseButton, PictureOptions, PressOptions, Region, Screenshot, SessionDescription, Status, WaitOptions } from './session-client.ts';
export { listSessions, type ListedSession } from './session-sockets.ts';
export type { ConnectOptions, OwnSession } from './session-process.ts';

export interface AttachOptions {
  /** A control socket's path. */
  readonly socket?: string;
  /** A session's name, as `ryll-actors list` shows it. With neither, the only session that there is. */
  readonly session?: string;
}

/**
 * Joins a session that runs.
 * @throws SessionUnreachable, RequestRefused
 */
export async function attach({ socket, session }: AttachOptions = {}): Promise<SessionClient> {
  return SessionClient.open(socket ?? (session === undefined ? await onlySocket() : socketPath(session)), 'ryll-actors library');
}

/**
 * Starts a session of one's own, in a process beside this one, and waits until it is up.
 * @throws SessionUnreachable with what the session said
 */
export function connect(options: ConnectOptions): Promise<OwnSession> {
  return startSessionProcess(options);
}

async function onlySocket(): Promise<string> {
  const sessions = await listSessions();
  const [only] = sessions;
  if (only === undefined) throw new SessionUnreachable('no session runs');
  if (sessions.length > 1) throw new SessionUnreachable(`${sessions.length} sessions run; name one of them`);
  return only.path;
}
