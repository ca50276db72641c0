// The other client: spice-gtk's library, headless (lab/peer-stats.py). It proves servers, truth and comparison without us, so
// that a red pixel test means our pixels.
import { join } from 'node:path';
import type { Picture } from './picture.ts';
import { readPpm } from './read-truth.ts';
import { run } from './run.ts';
import { LAB, scratchFolder, type Server } from './servers.ts';

export interface PeerRun {
  readonly screenshot: Picture;
  /** Events per channel, bytes, failures: what peer-stats.py prints. */
  readonly report: { readonly channels: Readonly<Record<string, { readonly events: readonly string[]; readonly bytes: number }>>; readonly failed: readonly string[] };
}

/** Connects the peer for so many seconds and takes the picture at the end. The Debian Python, as another one has no gi. */
export const runPeer = async (server: Server, seconds: number): Promise<PeerRun> => {
  const path = join(scratchFolder('peer'), 'screen.ppm');
  const { stdout, stderr } = await run(
    '/usr/bin/python3',
    [join(LAB, 'peer-stats.py'), '--port', server.get('SPICE_PORT'), '--seconds', String(seconds), '--quiet', '--screenshot', path],
    { timeoutMs: (seconds + 20) * 1000 },
  );
  if (stdout === '') throw new Error(`the peer said nothing: ${stderr}`);
  return { screenshot: readPpm(path), report: JSON.parse(stdout) as PeerRun['report'] };
};
