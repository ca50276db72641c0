import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeCaptureFiles } from '#app/actors/capture-files.js';

let folder = '';
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'ryll-capture-files-')); });
afterAll(() => rmSync(folder, { recursive: true }));

test('a directory is made with its parents, and made again is no error', () => {
  const path = join(folder, 'a/b/c');
  nodeCaptureFiles.makeDirectory(path);
  nodeCaptureFiles.makeDirectory(path);
  expect(existsSync(path)).toBe(true);
});

test('a file in the way is an error that says so', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => nodeCaptureFiles.makeDirectory(file)).toThrow(/EEXIST/);
  expect(() => nodeCaptureFiles.makeDirectory(join(file, 'below'))).toThrow(/ENOTDIR|EEXIST/);
});

test.runIf(existsSync('/proc/self'))('where nothing can be made it fails at once', () => {
  expect(() => nodeCaptureFiles.makeDirectory('/proc/nothing/here')).toThrow(/ENOENT|EPERM|EACCES/);
});
