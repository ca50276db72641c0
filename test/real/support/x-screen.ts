// What an Xspice server's root window shows (xwd -root), and holding its scene still: the programs that draw are stopped where
// they stand (SIGSTOP), so that screen and picture are of the same moment.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { comparePixels, type Picture } from './picture.ts';
import { readXwd } from './read-truth.ts';
import { runTool } from './run.ts';
import { scratchFolder, type Server } from './servers.ts';
import { until } from './still.ts';

/**
 * Stops the process group that draws the server's scene (the server's own `stop` ends it), and gives back the root window once it
 * stands still: requests that the programs had sent are drawn after they were stopped.
 */
export const holdScene = async (server: Server): Promise<Picture> => {
  process.kill(-scenePid(server), 'SIGSTOP');
  let before = await rootWindow(server);
  return until('the root window stands still', 20_000, async () => {
    const now = await rootWindow(server);
    const still = comparePixels(before, now).equal;
    before = now;
    return still ? now : null;
  });
};

/** Lets a scene that was held go on. */
export const resumeScene = (server: Server): void => {
  process.kill(-scenePid(server), 'SIGCONT');
};

const scenePid = (server: Server): number => Number(readFileSync(join(server.get('SPICE_DIR'), 'scene.pid'), 'utf8'));

/** The root window as it is now. */
export const rootWindow = async (server: Server): Promise<Picture> => {
  const path = join(scratchFolder('root'), 'root.xwd');
  await runTool('xwd', ['-root', '-silent', '-out', path], { env: { DISPLAY: server.get('DISPLAY') } });
  return readXwd(path);
};
