// Screenshots: every display's picture as a PNG file, through the pool. The first display's file has the name that was given,
// `vm.png`; another's says which it is, `vm-display-1.png`.

import { Piscina } from 'piscina';
import type { PngResult, PngTask } from '../pool/png-task.ts';
import type { ShownSurface } from './shown-surfaces.ts';

export interface WrittenScreenshot extends PngResult {
  readonly channel: string;
  readonly path: string;
}

function screenshotPath(path: string, channel: string, isFirst: boolean): string {
  return isFirst ? path : path.replace(/(\.[^./]*)?$/, `-${channel.replace('/', '-')}$1`);
}

/** Where to write pictures and coverage masks; `undefined` = not wanted. */
export interface ScreenshotPaths {
  readonly picture: string | undefined;
  readonly coverage: string | undefined;
}

/** Rejects with the file system's error for the first file that cannot be written. */
export async function writeScreenshots(surfaces: readonly ShownSurface[], paths: ScreenshotPaths): Promise<readonly WrittenScreenshot[]> {
  const pool = new Piscina<PngTask, PngResult>({
    filename: new URL('../pool/png-task.js', import.meta.url).href, minThreads: 1, maxThreads: 2, resourceLimits: { maxOldGenerationSizeMb: 128 },
  });
  const write = async (channel: string, path: string, task: Omit<PngTask, 'path'>): Promise<WrittenScreenshot> => ({ channel, path, ...(await pool.run({ ...task, path })) });
  try {
    const ordered = surfaces.toSorted((a, b) => (a.channel < b.channel ? -1 : 1));
    return await Promise.all(
      ordered.flatMap(({ channel, buffer: surface, coverage }, index) => {
        const isFirst = index === 0;
        const picture = paths.picture === undefined ? [] : [write(channel, screenshotPath(paths.picture, channel, isFirst), { surface, coverage: null })];
        const mask = paths.coverage === undefined || coverage === null ? [] : [write(channel, screenshotPath(paths.coverage, channel, isFirst), { surface, coverage })];
        return [...picture, ...mask];
      }),
    );
  } finally {
    await pool.destroy();
  }
}
