// PNG task: one picture of a shared surface, encoded and written to a file in a pool's thread, because encoding takes longer than
// any channel may wait and the main thread writes no files. The file appears whole, under its name, or not at all.

import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { encodePng } from '../surface/png.ts';
import { copyPixels, openSurface } from '../surface/shared-surface.ts';

export interface PngTask {
  readonly surface: SharedArrayBuffer;
  readonly path: string;
}

/** What was written. `sequence` tells one picture of a surface from another. */
export interface PngResult {
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly sequence: number;
}

/** Speed over size: the picture is written once, and level 6 takes twice as long for a tenth fewer bytes. */
const deflateLevel = 3;

/** @throws the file system's error when the file cannot be written; nothing is left behind then */
export default function writePng(task: PngTask): PngResult {
  const { width, height, pixels, sequence } = copyPixels(openSurface(task.surface));
  const png = encodePng({ width, height, pixels }, (input) => deflateSync(input, { level: deflateLevel }));
  const unfinished = `${task.path}.part`;
  try {
    writeFileSync(unfinished, png);
    renameSync(unfinished, task.path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  return { width, height, bytes: png.length, sequence };
}
