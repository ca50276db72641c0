// What goes when a folder of auto-snapshots is full, and what a second file of one name is called.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filesToPrune, numberedPath, type StoredFile } from '#app/capture/report/report-members.js';

const caps = { prefix: 'auto-', filesMax: 3, bytesMax: 100 };
const file = (name: string, bytes: number, modifiedMs: number): StoredFile => ({ name, bytes, modifiedMs });

test('the oldest go until both bounds hold; files of others are not touched', () => {
  expect(filesToPrune([file('auto-d', 10, 4), file('auto-a', 10, 1), file('other', 500, 0), file('auto-c', 10, 3), file('auto-b', 10, 2)], caps)).toEqual(['auto-a']);
  expect(filesToPrune([file('auto-a', 60, 1), file('auto-b', 60, 2), file('auto-c', 30, 3)], caps)).toEqual(['auto-a']);
});

test('the newest stays, however large it is', () => {
  expect(filesToPrune([file('auto-a', 1, 1), file('auto-b', 1_000, 2)], caps)).toEqual(['auto-a']);
});

test('what is left keeps the bounds, but for one file that is alone', () => {
  const stored = fc.record({ name: fc.integer({ min: 0, max: 999 }).map((n) => `auto-${n}`), bytes: fc.nat(200), modifiedMs: fc.nat(50) });
  fc.assert(fc.property(fc.uniqueArray(stored, { selector: ({ name }) => name, maxLength: 30 }), (files) => {
    const gone = new Set(filesToPrune(files, caps));
    const left = files.filter(({ name }) => !gone.has(name));
    expect(left.length).toBeLessThanOrEqual(caps.filesMax);
    expect(left.length <= 1 || left.reduce((sum, { bytes }) => sum + bytes, 0) <= caps.bytesMax).toBe(true);
    const oldestLeft = Math.min(...left.map(({ modifiedMs }) => modifiedMs));
    expect(files.filter(({ name }) => gone.has(name)).every(({ modifiedMs }) => modifiedMs <= oldestLeft)).toBe(true);
  }));
});

test('a second file of one name has a number', () => {
  expect([1, 2, 3].map((number) => numberedPath('a/b.zip', number))).toEqual(['a/b.zip', 'a/b-2.zip', 'a/b-3.zip']);
});
