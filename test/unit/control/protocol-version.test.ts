import { expect, test } from 'vitest';
import { judgeVersion, protocolVersion } from '#app/control/protocol-version.js';

test('the version spoken is 1.3', () => {
  expect(protocolVersion).toBe('1.3');
});

test.each(['1.0', '1.2', '1.3', '1.999'])('%s is accepted: minor versions only add', (version) => {
  expect(judgeVersion(version)).toEqual({ kind: 'accepted' });
});

test.each([['2.0', 2], ['0.9', 0], ['11.2', 11]])('%s is another major version, which the message names', (version, major) => {
  expect(judgeVersion(version)).toEqual({ kind: 'otherMajor', message: `server speaks major version 1; client requested major version ${major}` });
});

test.each(['1', '1.', '.2', '1.2.3', 'v1.2', ' 1.2', '-1.2', '', 1.2, null, undefined, ['1.2'], '1.12345678901'])('%j is not a version', (version) => {
  expect(judgeVersion(version)).toEqual({ kind: 'notAVersion' });
});
