import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemRoots } from '#app/cli/system-roots.js';

let folder = '';
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'ryll-roots-')); });
afterAll(() => rmSync(folder, { recursive: true }));

test('the bundle that SSL_CERT_FILE names is the one that is trusted', () => {
  const path = join(folder, 'bundle.pem');
  const pem = readFileSync(new URL('../../support/pki/ca.pem', import.meta.url), 'latin1');
  writeFileSync(path, pem);
  expect(systemRoots({ SSL_CERT_FILE: path })).toBe(pem);
});

test('a bundle that is not there, or holds no certificate, is none: the built-in roots hold', () => {
  const path = join(folder, 'empty.pem');
  writeFileSync(path, 'nothing to see\n');
  expect(systemRoots({ SSL_CERT_FILE: path })).toBeNull();
  expect(systemRoots({ SSL_CERT_FILE: join(folder, 'missing.pem') })).toBeNull();
});
