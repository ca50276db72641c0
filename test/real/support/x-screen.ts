// What an Xspice server's root window shows, and holding its scene still: the programs that draw are stopped where
// they stand (SIGSTOP), so that screen and picture are of the same moment.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { comparePixels, type Picture } from './picture.ts';
import { readPpm } from './read-truth.ts';
import { runTool, start } from './run.ts';
import { LAB, scratchFolder, type Server } from './servers.ts';
import { until } from './still.ts';

/**
 * Stops the process group that draws the server's scene (the server's own `stop` ends it), and gives back the root window once it
 * stands still: requests that the programs had sent are drawn after they were stopped.
 */
export const holdScene = async (server: Server): Promise<Picture> => holdGroup(server, scenePid(server));

/** Lets a scene that was held go on. */
export const resumeScene = (server: Server): void => {
  process.kill(-scenePid(server), 'SIGCONT');
};

const scenePid = (server: Server): number => Number(readFileSync(join(server.get('SPICE_DIR'), 'scene.pid'), 'utf8'));

const holdGroup = async (server: Server, pid: number): Promise<Picture> => {
  process.kill(-pid, 'SIGSTOP');
  let before = await rootWindow(server);
  return until('the root window stands still', 20_000, async () => {
    const now = await rootWindow(server);
    const still = comparePixels(before, now).equal;
    before = now;
    return still ? now : null;
  });
};

export interface Scene {
  /** As holdScene. */
  hold(): Promise<Picture>;
  end(): Promise<void>;
}

/** Draws on a server that was started without a scene: several can follow each other on one server. */
export const startScene = (server: Server, words: string): Scene => {
  const { pid, finished } = start(join(LAB, 'x-scene.sh'), words.split(' '), { env: { DISPLAY: server.get('DISPLAY') }, timeoutMs: 120_000 });
  return {
    hold: () => holdGroup(server, pid),
    end: async () => {
      process.kill(-pid, 'SIGTERM');
      process.kill(-pid, 'SIGCONT');
      await finished;
    },
  };
};

/**
 * The root window as it is now, by ffmpeg's x11grab: the server's own pixels. Not by xwd, which puts the picture together itself, and wrongly, as soon as a
 * window has a colour map of its own (SDL's).
 */
export const rootWindow = async (server: Server): Promise<Picture> => {
  const path = join(scratchFolder('root'), 'root.ppm');
  await runTool('ffmpeg', ['-v', 'error', '-f', 'x11grab', '-draw_mouse', '0', '-i', server.get('DISPLAY'), '-frames:v', '1', '-f', 'image2', '-pix_fmt', 'rgb24', '-c:v', 'ppm', path]);
  return readPpm(path);
};
