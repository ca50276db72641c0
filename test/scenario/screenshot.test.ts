// Screenshots through the real pool, into a real folder.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { writeScreenshots } from '#app/cli/screenshot.js';
import type { ShownSurface } from '#app/cli/shown-surfaces.js';
import { SurfaceFormat } from '#app/protocol/constants.js';
import { createSurface, surfaceByteLength } from '#app/surface/shared-surface.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ryll-screenshot-'));
  folders.push(folder);
  return folder;
}

/** Width and height of a PNG file's first chunk. */
function readPng(path: string): { readonly width: number; readonly height: number } {
  const bytes = readFileSync(path);
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

function surface(channel: string, width: number, height: number, coverage: SharedArrayBuffer | null = null): ShownSurface {
  const buffer = new SharedArrayBuffer(surfaceByteLength(width, height));
  createSurface(buffer, width, height, SurfaceFormat.xrgb).words.fill(0x00_ff_00_00);
  return { channel, surfaceId: 0, width, height, buffer, coverage };
}

test('the first display has the name that was given, another says which it is; nothing else is left in the folder', async () => {
  const folder = temporaryFolder();
  const written = await writeScreenshots([surface('display/1', 5, 7), surface('display/0', 8, 4)], { picture: join(folder, 'v.m.png'), coverage: undefined });
  expect(readdirSync(folder).toSorted()).toEqual(['v.m-display-1.png', 'v.m.png']);
  const [first, second] = [readPng(join(folder, 'v.m.png')), readPng(join(folder, 'v.m-display-1.png'))];
  expect([first.width, first.height, second.width, second.height]).toEqual([8, 4, 5, 7]);
  expect(written.map(({ channel, path, width, height }) => ({ channel, path, width, height }))).toEqual([
    { channel: 'display/0', path: join(folder, 'v.m.png'), width: 8, height: 4 },
    { channel: 'display/1', path: join(folder, 'v.m-display-1.png'), width: 5, height: 7 },
  ]);
});

test('a name without an ending gets the display behind it, whatever its folder is called', async () => {
  const folder = join(temporaryFolder(), 'a.b');
  mkdirSync(folder);
  await writeScreenshots([surface('display/0', 1, 1), surface('display/1', 1, 1)], { picture: join(folder, 'vm'), coverage: undefined });
  expect(readdirSync(folder).toSorted()).toEqual(['vm', 'vm-display-1']);
});

test('a coverage mask is written only for a display that keeps one', async () => {
  const folder = temporaryFolder();
  const coverage = new SharedArrayBuffer(4);
  new Uint8Array(coverage).set([1, 0, 0, 1]);
  await writeScreenshots([surface('display/0', 2, 2, coverage), surface('display/1', 2, 2)], { picture: undefined, coverage: join(folder, 'mask.png') });
  expect(readdirSync(folder)).toEqual(['mask.png']);
});

test('a file that cannot be written is the file system’s error, and nothing is left behind', async () => {
  const folder = temporaryFolder();
  const write = (picture: string) => writeScreenshots([surface('display/0', 8, 4)], { picture, coverage: undefined });
  await expect(write(join(folder, 'missing', 'vm.png'))).rejects.toThrow(/^ENOENT/);
  // A folder of that name: the picture is written beside it and cannot take its place.
  mkdirSync(join(folder, 'taken.png'));
  await expect(write(join(folder, 'taken.png'))).rejects.toThrow(/^E[A-Z]+:/);
  expect(readdirSync(folder)).toEqual(['taken.png']);
});
