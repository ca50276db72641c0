// A session that is looked at while it runs: one with a control socket, and the client's own library on the other end.
import { join } from 'node:path';
import { SessionClient, type Region } from '../../../dist/client/session-client.js';
import type { Picture } from './picture.ts';
import { readPngBytes } from './read-png.ts';
import { directOf, scratchFolder, type Server } from './servers.ts';
import { startSession, type Session, type SessionOptions } from './session.ts';
import { until } from './still.ts';

export interface Controlled {
  readonly session: Session;
  readonly client: SessionClient;
}

/** A session with a client of its socket, once there is a picture. It writes its last picture too. */
export async function controlled(server: Server, { more = [], ...options }: Partial<SessionOptions> = {}): Promise<Controlled> {
  const path = join(scratchFolder('control'), 'c');
  const session = startSession({ source: ['--direct', directOf(server)], screenshot: true, ...options, more: ['--control-socket', path, ...more] });
  const client = await until('the control socket', 20_000, () => SessionClient.open(path, 'real').catch(() => null));
  await until('a picture and keys', 20_000, async () => ((await client.status()).surfaces.length > 0 && (await client.describe()).state === 'connected' ? true : null));
  return { session, client };
}

/** What the session shows now. */
export const pictureOf = async (client: SessionClient, region?: Region): Promise<{ readonly png: Uint8Array; readonly picture: Picture }> => {
  const { png } = await client.screenshot(region === undefined ? {} : { region });
  return { png, picture: readPngBytes(Buffer.from(png)) };
};
