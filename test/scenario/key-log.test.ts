// --tls-keylog with the program as it is started: what is in the file, whose it is, and what is said.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProgram, type RunningProgram } from '../support/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'ryll-keylog-'));
const pki = (name: string): string => new URL(`../support/pki/${name}`, import.meta.url).pathname;
let server: RunningProgram;
let address = '';

beforeAll(async () => {
  server = startProgram(folder, ['serve', '--tls-port', '0', '--tls-cert', pki('server.pem'), '--tls-key', pki('server.key')]);
  address = ((await server.line(/^listening on/)).split(' ')[2] ?? '').replace(/:(\d+)$/, '::$1');
});
afterAll(async () => {
  server.child.kill();
  await server.ended;
  rmSync(folder, { recursive: true, force: true });
});

const connect = (...more: readonly string[]): RunningProgram =>
  startProgram(folder, ['connect', '--direct', address, '--headless', '--no-reconnect', '--ca-file', pki('ca.pem'), '--channels', 'main,inputs', ...more]);

test('each connection adds its keys to the file, which is then its owner\'s alone, and the client warns', async () => {
  const path = join(folder, 'keys.log');
  writeFileSync(path, '# another session\n', { mode: 0o644 });
  const client = connect('--duration', '1', '--tls-keylog', path);
  expect(await client.ended).toBe(0);
  expect(client.lines.join('\n')).toContain(`warning: the keys of this session's TLS connections are written to ${path}`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const [first, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(first).toBe('# another session');
  // TLS 1.3: four kinds of secret and one for exporters, for each of two channels; the second field tells connections apart.
  expect(lines.every((line) => /^(CLIENT|SERVER)_(HANDSHAKE_TRAFFIC_SECRET|TRAFFIC_SECRET_0) [0-9a-f]{64} [0-9a-f]{64,96}$|^EXPORTER_SECRET [0-9a-f]{64} [0-9a-f]{64,96}$/.test(line))).toBe(true);
  expect(new Set(lines.map((line) => line.split(' ')[1])).size).toBe(2);
  expect(lines).toHaveLength(10);
});

test('a file that cannot be written ends the program before it dials, with what to do', async () => {
  const client = connect('--tls-keylog', join(folder, 'missing', 'keys.log'));
  expect(await client.ended).not.toBe(0);
  expect(client.lines.at(-1)).toMatch(/writer could not be started: the TLS keys cannot be written to .*ENOENT.*Choose a file that you may create and write\. \[capture\.start\]/);
});
