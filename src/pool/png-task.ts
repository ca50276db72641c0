// PNG task: one picture of a shared surface, or the map of its trusted pixels, encoded and written to a file in a pool's thread, because encoding takes longer than
// any channel may wait and the main thread writes no files. The file appears whole, under its name, or not at all.

import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { nameThread } from '../actors/kernel/thread-name.ts';
import { encodePng } from '../surface/png.ts';
import { copyPixels, openSurface } from '../surface/shared-surface.ts';

export interface PngTask {
  readonly surface: SharedArrayBuffer;
  /** One byte a pixel; given, the picture is white where it is 1 and black elsewhere. */
  readonly coverage: SharedArrayBuffer | null;
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

nameThread('pool');

/** @throws the file system's error when the file cannot be written; nothing is left behind then */
export default function writePng(task: PngTask): PngResult {
  const { width, height, pixels: drawn, sequence } = copyPixels(openSurface(task.surface));
  const pixels = task.coverage === null ? drawn : blackAndWhite(new Uint8Array(task.coverage));
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

/** 4 bytes a pixel, all 0 or all 255. */
function blackAndWhite(coverage: Uint8Array): Uint8Array {
  return new Uint8Array(Uint32Array.from(coverage, (trusted) => (trusted === 1 ? 0xffff_ffff : 0)).buffer);
}
