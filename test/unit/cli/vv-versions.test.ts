import { expect, test } from 'vitest';
import { isNewerThanKnown, newerViewerNote, parseSystemVersion } from '#app/cli/vv-versions.js';

test.each<[string, boolean]>([
  ['11.0', false], ['11', false], ['11.0.0', false], ['2.0-160', false], ['11.0-999', false], ['10.99', false],
  ['11.0.1', true], ['11.1', true], ['12', true], ['99.0-1', true],
  // No version asks for nothing, as for virt-viewer.
  ['11.x', false], ['', false], ['-1', false], ['12345678901', false],
])('version %j is newer than the known viewer: %j', (version, newer) => {
  expect(isNewerThanKnown(version)).toBe(newer);
});

test.each<[string, unknown]>([
  ['rhel9:11.0-1', { system: 'rhel9', version: '11.0-1' }],
  ['rhel9=11.0', { system: 'rhel9', version: '11.0' }],
  [' win : 2 ', { system: 'win', version: '2' }],
  ['rhel9', null], [':1', null], ['a:', null], ['a b:1', null],
])('%j is read as %j', (item, expected) => {
  expect(parseSystemVersion(item)).toEqual(expected);
});

test('one system with an older version is enough for nothing to be said', () => {
  const at = (version: string) => ({ system: 'a', version });
  expect(newerViewerNote(null, [at('12'), at('11')], null)).toBeNull();
  expect(newerViewerNote(null, [], null)).toBeNull();
  expect(newerViewerNote(null, [at('12'), at('13')], 'https://a')).toMatch(/12 on a, 13 on a or newer.*points to https:\/\/a/);
});
