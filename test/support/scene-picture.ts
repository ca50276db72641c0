// The scene as a picture of the kind that screenshots are compared in.
import { readSceneNumber, sceneFrame } from '#app/loopback/scene.js';
import type { Picture } from '../real/support/picture.ts';

/** Picture `n` of the loopback server's scene. */
export function scenePicture(n: number): Picture {
  const { width, height, words } = sceneFrame(n);
  const rgb = new Uint8Array(width * height * 3);
  for (const [at, word] of words.entries()) rgb.set([(word >>> 16) & 255, (word >>> 8) & 255, word & 255], at * 3);
  return { width, height, rgb };
}

/** The number that stands in a screenshot's top rows. */
export function numberIn({ width, rgb }: Picture): number {
  const words = Array.from({ length: width * 4 }, (_, at) => ((rgb[at * 3] ?? 0) << 16) | ((rgb[at * 3 + 1] ?? 0) << 8) | (rgb[at * 3 + 2] ?? 0));
  return readSceneNumber(words, width);
}
