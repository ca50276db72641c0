import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import { chmod, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConnectionSource } from '#app/cli/connection-source.js';
import { KEY_FILE_BYTES_MAX } from '#app/cli/key-file.js';
import { createSourceIo } from '#app/cli/source-io.js';

const VV = '[virt-viewer]\ntype=spice\nhost=vm.example\nport=5900\n';
const io = (options: Partial<Parameters<typeof createSourceIo>[0]> = {}) => createSourceIo({ stdin: Readable.from([]), ...options });
let folder = '';
let server: Server | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ryll-actors-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
  const closing = server;
  server = null;
  if (closing !== null) {
    closing.closeAllConnections();
    await new Promise((resolve) => closing.close(resolve));
  }
});

async function serve(answer: (response: ServerResponse, path: string) => void): Promise<string> {
  const http = createServer((request, response) => answer(response, request.url ?? ''));
  server = http;
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

describe('a connection file', () => {
  test('is read from a path, and deleted when it asks for it', async () => {
    const path = join(folder, 'a.vv');
    await writeFile(path, `${VV}delete-this-file=1\n`);
    expect(await readConnectionSource({ source: path }, io())).toMatchObject({ ok: true, value: { target: { host: 'vm.example' } } });
    expect(await readdir(folder)).toEqual([]);
  });

  test('that asks to be deleted stays when it is a link or a pipe, and the note says why', async () => {
    const [target, link, pipe] = ['a.vv', 'link.vv', 'pipe.vv'].map((name) => join(folder, name)) as [string, string, string];
    await writeFile(target, `${VV}delete-this-file=1\n`);
    await symlink(target, link);
    execFileSync('mkfifo', [pipe]);
    for (const path of [link, pipe]) {
      // Opening a pipe waits for its other end.
      const written = path === pipe ? writeFile(pipe, `${VV}delete-this-file=1\n`) : Promise.resolve();
      expect(await readConnectionSource({ source: path }, io())).toMatchObject({ ok: true, value: { target: { singleUse: true }, notes: [expect.stringMatching(/^warning: .*not a regular file/)] } });
      await written;
    }
    expect((await readdir(folder)).toSorted()).toEqual(['a.vv', 'link.vv', 'pipe.vv']);
  });

  test('that is gone by the time it should be deleted is a warning and no more', async () => {
    const path = join(folder, 'a.vv');
    await writeFile(path, `${VV}delete-this-file=1\n`);
    const real = io();
    const racing = { ...real, readFile: async (name: string, what: string) => { const bytes = await real.readFile(name, what); await rm(name); return bytes; } };
    expect(await readConnectionSource({ source: path }, racing)).toMatchObject({ ok: true, value: { notes: [expect.stringMatching(/^warning: .*no such file/)] } });
  });

  test('is read from standard input, in whatever pieces it comes', async () => {
    const stdin = Readable.from([VV.slice(0, 9), Buffer.from(VV.slice(9))]);
    expect(await readConnectionSource({ source: '-' }, io({ stdin }))).toMatchObject({ ok: true, value: { target: { port: 5900 } } });
  });

  test('that cannot be read says why', async () => {
    expect(await readConnectionSource({ file: join(folder, 'absent') }, io())).toMatchObject({ ok: false, problem: { code: 'source.unreadable', message: expect.stringContaining('no such file') } });
    expect(await readConnectionSource({ file: folder }, io())).toMatchObject({ ok: false, problem: { message: expect.stringContaining('it is a folder') } });
  });

  test('that is too large is refused without reading it all', async () => {
    const path = join(folder, 'large.vv');
    await writeFile(path, Buffer.alloc(KEY_FILE_BYTES_MAX + 1, 0x0a));
    expect(await readConnectionSource({ file: path }, io())).toMatchObject({ ok: false, problem: { code: 'source.tooLarge' } });
    const stdin = Readable.from((function* endless() {
      for (;;) yield Buffer.alloc(65_536);
    })());
    expect(await readConnectionSource({ file: '-' }, io({ stdin }))).toMatchObject({ ok: false, problem: { code: 'source.tooLarge' } });
    expect(stdin.destroyed).toBe(true);
  });

  test('that may not be deleted is used all the same, and the user is told', async () => {
    const path = join(folder, 'a.vv');
    await writeFile(path, `${VV}delete-this-file=1\n`);
    const stubborn = { ...io(), deleteFile: async () => 'permission denied' };
    expect(await readConnectionSource({ file: path }, stubborn)).toMatchObject({ ok: true, value: { notes: [expect.stringContaining('permission denied')] } });
    await chmod(path, 0o600);
    expect(await io().deleteFile(join(folder, 'absent'))).toBe('there is no such file');
  });
});

describe('a connection file from a URL', () => {
  test('is fetched, over a redirect too', async () => {
    const url = await serve((response, path) => (path === '/a' ? response.writeHead(302, { location: '/b' }).end() : response.end(VV)));
    expect(await readConnectionSource({ url: `${url}/a` }, io())).toMatchObject({ ok: true, value: { target: { host: 'vm.example' } } });
  });

  test('refused by its server names the status and not the secret part of the address', async () => {
    const url = await serve((response) => response.writeHead(410).end());
    const outcome = await readConnectionSource({ url: `${url}/console?token=secret` }, io());
    expect(outcome).toMatchObject({ ok: false, problem: { code: 'source.url.status', exit: 'sourceInvalid', message: expect.stringMatching(/\/console\?… answered 410/) } });
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['never answers', () => {}],
    ['stops in the middle', (response) => response.writeHead(200, { 'content-length': '1000' }).write('[virt')],
  ])('whose server %s is given up at the deadline', async (_, answer) => {
    const url = await serve(answer);
    expect(await readConnectionSource({ url }, io({ urlDeadlineMs: 50 }))).toMatchObject({ ok: false, problem: { code: 'source.url.timeout' } });
  });

  test('that does not end is cut off at the size cap', async () => {
    const url = await serve((response) => {
      const write = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', write);
      write();
    });
    expect(await readConnectionSource({ url }, io())).toMatchObject({ ok: false, problem: { code: 'source.tooLarge' } });
  });

  test('that nobody serves says so', async () => {
    const url = await serve(() => {});
    const closing = server;
    server = null;
    await new Promise((resolve) => closing?.close(resolve));
    expect(await readConnectionSource({ url }, io())).toMatchObject({ ok: false, problem: { code: 'source.url.failed', message: expect.stringContaining('nothing listens there') } });
  });
});
