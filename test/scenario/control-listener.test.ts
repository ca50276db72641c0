// The control socket in a real file system: who may reach it, whom it replaces, whom it leaves alone, what is left behind.
import { chmodSync, existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, unlinkSync, watch, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { listenForClients } from '#app/actors/control-listener.js';
import type { ControlListener } from '#app/actors/control-listener.js';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ryll-control-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const nobody = { chunk: () => undefined, ended: () => undefined, closed: () => undefined };

/** A listener that greets everybody with its name. */
async function listen(path: string, greeting = 'here'): Promise<ControlListener> {
  const listener = await listenForClients(path, (stream) => {
    stream.write(greeting, () => stream.finish());
    return nobody;
  });
  cleanUps.push(() => listener.close());
  return listener;
}

/** What who connects is told, or the error's code. */
function ask(path: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(path);
    socket.on('data', (bytes) => (text += String(bytes)));
    socket.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    socket.on('close', () => resolve(text));
  });
}

/** A socket file on which nobody listens: as after a crash. */
async function leaveStale(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(`${path}.tmp`, resolve));
  linkSync(`${path}.tmp`, path);
  await new Promise((resolve) => server.close(resolve));
}

test('the socket is its owner’s alone whatever the umask, reachable, and gone with its listener', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'control');
  const umask = process.umask(0);
  cleanUps.push(() => process.umask(umask));
  const listener = await listen(path);
  expect(lstatSync(path).mode & 0o777).toBe(0o600);
  expect(await ask(path)).toBe('here');
  expect(readdirSync(folder)).toEqual(['control']);
  listener.close();
  expect(readdirSync(folder)).toEqual([]);
});

test('at no moment is there a socket that others could reach: it appears at its path with its mode, out of a closed folder', async () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o777);
  const umask = process.umask(0);
  cleanUps.push(() => process.umask(umask));
  const seen = new Map<string, Set<number>>();
  const look = (): void => {
    for (const name of readdirSync(folder)) {
      const mode = lstatSync(join(folder, name), { throwIfNoEntry: false })?.mode;
      if (mode !== undefined) seen.set(name === 'control' ? name : 'other', (seen.get(name === 'control' ? name : 'other') ?? new Set()).add(mode & 0o777));
    }
  };
  const watcher = watch(folder, look);
  cleanUps.push(() => watcher.close());
  for (let round = 0; round < 20; round++) {
    const listening = listen(join(folder, 'control'));
    look();
    const listener = await listening;
    look();
    listener.close();
  }
  expect([...(seen.get('control') ?? [])]).toEqual([0o600]);
  expect([...(seen.get('other') ?? [])]).toEqual([0o700]);
});

test('a socket that a crash left behind is replaced', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'control');
  await leaveStale(path);
  expect(await ask(path)).toBe('ECONNREFUSED');
  await listen(path);
  expect(await ask(path)).toBe('here');
  expect(readdirSync(folder)).toEqual(['control']);
});

test('a socket on which somebody listens is refused with a sentence, and stays theirs', async () => {
  const path = join(temporaryFolder(), 'control');
  await listen(path, 'first');
  await expect(listen(path, 'second')).rejects.toMatchObject({ name: 'ControlSocketRefused', code: 'live', message: expect.stringContaining(`another session listens on ${path}`) as string });
  expect(await ask(path)).toBe('first');
});

test('of many that want the same stale path at once exactly one gets it', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'control');
  await leaveStale(path);
  const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((name) => listen(path, name)));
  const won = outcomes.flatMap((outcome, index) => (outcome.status === 'fulfilled' ? ['abcde'[index]] : []));
  expect(won).toHaveLength(1);
  expect(await ask(path)).toBe(won[0]);
  expect(readdirSync(folder)).toEqual(['control']);
});

test.each<[string, (path: string) => void]>([
  ['a file', (path) => writeFileSync(path, 'precious')],
  ['a folder', (path) => mkdirSync(path)],
  ['a link to nowhere', (path) => symlinkSync('/nonexistent/ryll', path)],
])('%s at the path is left alone', async (_what, make) => {
  const folder = temporaryFolder();
  const path = join(folder, 'control');
  make(path);
  const before = lstatSync(path).ino;
  await expect(listen(path)).rejects.toMatchObject({ code: 'notASocket' });
  expect(lstatSync(path).ino).toBe(before);
  expect(readdirSync(folder)).toEqual(['control']);
});

test('a folder that is not there and a path that is too long are refused with a sentence, and nothing is left', async () => {
  const folder = temporaryFolder();
  await expect(listen(join(folder, 'missing', 'control'))).rejects.toMatchObject({ code: 'system', message: expect.stringContaining('ENOENT') as string });
  const deep = join(folder, 'x'.repeat(100 - folder.length));
  mkdirSync(deep);
  await expect(listen(join(deep, 'c'))).rejects.toMatchObject({ code: 'pathTooLong' });
  await expect(listen(join(folder, 'y'.repeat(108)))).rejects.toMatchObject({ code: 'pathTooLong' });
  expect(readdirSync(deep)).toEqual([]);
  expect(readdirSync(folder)).toEqual([deep.slice(folder.length + 1)]);
});

test('at its end a listener removes its own socket and not one that has taken its place', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'control');
  const listener = await listen(path, 'first');
  renameSync(path, join(folder, 'moved'));
  await listen(path, 'second');
  listener.close();
  expect(await ask(path)).toBe('second');
  unlinkSync(join(folder, 'moved'));
  const gone = await listen(join(folder, 'other'));
  unlinkSync(join(folder, 'other'));
  gone.close();
  expect(existsSync(join(folder, 'other'))).toBe(false);
});

test('what was written before the end is read by a client that is writing itself', async () => {
  const path = join(temporaryFolder(), 'control');
  await listen(path, 'farewell');
  const told = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connect({ path, allowHalfOpen: true });
    // Bytes that nobody reads any more: a plain close would answer them with a reset, and the farewell might be lost.
    socket.on('connect', () => socket.write('x'.repeat(100_000)));
    socket.on('data', (bytes) => (text += String(bytes)));
    socket.on('error', (error) => resolve(error.message));
    socket.on('end', () => {
      resolve(text);
      socket.end();
    });
  });
  expect(told).toBe('farewell');
});
