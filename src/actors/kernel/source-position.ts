// Source positions: from a place in a compiled file to the line that somebody wrote, by the source map beside the file. Maps are read when
// a stack is described, which is rare, and not kept.

import { open } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const mapBytesMax = 8 * 1024 * 1024;
const packageFolder = fileURLToPath(new URL('../../../', import.meta.url));

export class SourcePositions {
  readonly #maps = new Map<string, SourceMap>();

  /** Reads the maps of these files, as far as there are any. Never rejects. */
  async load(urls: readonly string[]): Promise<void> {
    for (const url of new Set(urls)) {
      if (!url.startsWith('file:')) continue;
      const map = await readMap(fileURLToPath(url));
      if (map !== null) this.#maps.set(url, map);
    }
  }

  /** @param line from 0, as is `column` */
  locate(url: string, line: number, column: number): SourcePosition {
    const entry = this.#maps.get(url)?.findEntry(line, column);
    if (entry !== undefined && 'originalSource' in entry) {
      return { file: nameOf(new URL(entry.originalSource, url).href), line: entry.originalLine + 1, column: entry.originalColumn + 1 };
    }
    return { file: nameOf(url), line: line + 1, column: column + 1 };
  }
}

function nameOf(url: string): string {
  if (!url.startsWith('file:')) return url === '' ? '(unknown)' : url;
  const path = fileURLToPath(url);
  const below = relative(packageFolder, path);
  return below.startsWith('..') ? path : below;
}

async function readMap(path: string): Promise<SourceMap | null> {
  try {
    const file = await open(`${path}.map`);
    try {
      const { size } = await file.stat();
      if (size > mapBytesMax) return null;
      // Written by our own compiler, beside our own files.
      return new SourceMap(JSON.parse(await file.readFile('utf8')) as ConstructorParameters<typeof SourceMap>[0]);
    } finally {
      await file.close();
    }
  } catch {
    // No map, or none that can be read: the compiled line is still a line.
    return null;
  }
}
