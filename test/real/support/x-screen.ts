// What an Xspice server's root window shows (xwd -root), and holding its scene still: the programs that draw are stopped where
// they stand (SIGSTOP), so that screen and picture are of the same moment.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Picture } from './picture.ts';
import { readXwd } from './read-truth.ts';
import { runTool } from './run.ts';
import { scratchFolder, type Server } from './servers.ts';

/** Stops the process group that draws the server's scene; the server's own `stop` ends it. */
export const holdScene = (server: Server): void => {
  process.kill(-Number(readFileSync(join(server.get('SPICE_DIR'), 'scene.pid'), 'utf8')), 'SIGSTOP');
};

/** The root window. X answers this after all it was asked before, so nothing is on its way into the picture. */
export const rootWindow = async (server: Server): Promise<Picture> => {
  const path = join(scratchFolder('root'), 'root.xwd');
  await runTool('xwd', ['-root', '-silent', '-out', path], { env: { DISPLAY: server.get('DISPLAY') } });
  return readXwd(path);
};
