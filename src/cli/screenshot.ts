// Screenshots: every display's picture as a PNG file, through the pool. The first display's file has the name that was given,
// `vm.png`; another's says which it is, `vm-display-1.png`.

import { Piscina } from 'piscina';
import type { PngResult, PngTask } from '../pool/png-task.ts';
import type { ShownSurface } from './session-run.ts';

export interface WrittenScreenshot extends PngResult {
  readonly channel: string;
  readonly path: string;
}

export function screenshotPath(path: string, channel: string, isFirst: boolean): string {
  return isFirst ? path : path.replace(/(\.[^./]*)?$/, `-${channel.replace('/', '-')}$1`);
}

/** Rejects with the file system's error for the first file that cannot be written. */
export async function writeScreenshots(surfaces: readonly ShownSurface[], path: string): Promise<readonly WrittenScreenshot[]> {
  const pool = new Piscina<PngTask, PngResult>({ filename: new URL('../pool/png-task.js', import.meta.url).href, minThreads: 1, maxThreads: 2 });
  try {
    const ordered = surfaces.toSorted((a, b) => (a.channel < b.channel ? -1 : 1));
    return await Promise.all(
      ordered.map(async ({ channel, buffer }, index) => {
        const file = screenshotPath(path, channel, index === 0);
        return { channel, path: file, ...(await pool.run({ surface: buffer, path: file })) };
      }),
    );
  } finally {
    await pool.destroy();
  }
}
