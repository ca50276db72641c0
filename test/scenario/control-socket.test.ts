// The control socket of the real program, against the loopback server and against `serve`: every transcript of the specification, and a
// client that was written from the ancestor's specification only.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodeBase } from '#app/actors/kernel/node-base.js';
import { lineOf, supportedEvents, type ControlEvent } from '#app/control/control-event.js';
import { listen, type Listener } from '#app/loopback/node-listener.js';
import { defaultLoopbackOptions, LoopbackServer } from '#app/loopback/server.js';
import { serializeNotification } from '#app/supervisor/notifications.js';
import { readPngBytes } from '../real/support/read-png.ts';
import { AncestorClient } from '../support/ancestor-client.ts';
import { until } from '../support/until.ts';

const PROGRAM = new URL('../../dist/cli/main.js', import.meta.url).pathname;
const DOCUMENT = readFileSync(new URL('../../docs/control-socket-protocol.md', import.meta.url), 'utf8');
/** Real programs on a machine that does other things too: generous, and never waited for when all is well. */
const deadlineMs = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'ryll-control-'));
const running = new Set<ChildProcess>();

interface Program { readonly child: ChildProcess; readonly exited: Promise<number | null>; output(): string }

function start(...args: string[]): Program {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += String(bytes)));
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => {
    running.delete(child);
    resolve(code);
  }));
  return { child, exited, output: () => output };
}

/** A session with a control socket, once its picture is there. */
async function startSession(server: string, name: string, ...more: string[]): Promise<Program & { readonly path: string }> {
  const path = join(folder, name);
  const program = start('connect', `spice+unix://${server}`, '--headless', '--control-socket', path, ...more);
  await until(`the picture of ${name}`, async () => existsSync(path) && ((await statusAt(path))?.['surfaces'] as readonly unknown[] | undefined)?.length === 1, deadlineMs);
  return { ...program, path };
}

/** The status, or null from a socket that is busy, or on which nobody listens any more. */
async function statusAt(path: string): Promise<Readonly<Record<string, unknown>> | null> {
  const client = new AncestorClient(path);
  try {
    await Promise.race([client.hello(), client.line().then(() => { throw new Error('busy'); })]);
    return (await client.request('status')).result ?? null;
  } catch {
    return null;
  } finally {
    await client.close();
  }
}

afterAll(async () => {
  const ended = [...running].map((child) => new Promise((resolve) => { child.once('close', resolve); }));
  for (const child of running) child.kill('SIGTERM');
  await Promise.all(ended);
  rmSync(folder, { recursive: true, force: true });
});

interface Transcript { readonly kind: string; readonly lines: readonly string[] }
const blocks = (language: string): Transcript[] =>
  [...DOCUMENT.matchAll(new RegExp(`^\`\`\`${language} ?(.*)\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, kind = '', text = '']) => ({ kind, lines: text.trimEnd().split('\n') }));
const transcripts = blocks('transcript');
/** What differs from run to run; only its type is part of the specification. */
const varying = ['sample_ms', 'wallclock_us', 'produced_at_secs', 'waited_ms', 'data_base64', 'last_id', 'path', 'bytes', 'messages'];
const closes = '(closes)';
const comparable = (line: string | null): unknown => (line === null || line === closes ? closes : JSON.parse(line, (key, value: unknown) => (varying.includes(key) && typeof value !== 'object' ? typeof value : value)));
const serverSide = ({ lines }: Transcript): unknown[] => lines.filter((line) => line.startsWith('S: ')).map((line) => comparable(line.slice(3)));
const eventOf = (line: string): string | undefined => (JSON.parse(line) as { readonly event?: string }).event;

/** Plays the client's side and returns the server's. Replies come in their order; an event may have others before it. */
async function play(path: string, transcript: Transcript): Promise<unknown[]> {
  const socket = connect(path);
  const received = createInterface({ input: socket })[Symbol.asyncIterator]();
  const next = async (): Promise<string | null> => {
    const { value, done } = await received.next();
    return done === true ? null : value;
  };
  const kept: string[] = [];
  const answers: unknown[] = [];
  const answer = async (isWanted: (line: string) => boolean): Promise<string | null> => {
    const early = kept.findIndex(isWanted);
    if (early >= 0) return kept.splice(early, 1)[0] ?? null;
    for (;;) {
      const line = await next();
      if (line === null || isWanted(line)) return line;
      kept.push(line);
    }
  };
  try {
    for (const line of transcript.lines) {
      const text = line.slice(3);
      if (line.startsWith('C: ')) socket.write(`${text}\n`);
      else answers.push(comparable(await answer((one) => text !== closes && eventOf(one) === eventOf(text))));
    }
    return answers;
  } finally {
    const closed = new Promise((resolve) => { socket.once('close', resolve); });
    socket.destroy();
    await closed;
  }
}

test('the specification has transcripts of each kind, and every line of them has a side', () => {
  expect(transcripts.map(({ kind }) => kind).toSorted()).toEqual([...Array.from({ length: 11 }, () => ''), 'last', 'single-client']);
  for (const { lines } of transcripts) expect(lines.filter((line) => !/^[CS]: [{(]/.test(line))).toEqual([]);
});

test('the specification’s events are what this program writes, one of each', () => {
  const events = blocks('json').flatMap(({ lines }) => lines);
  expect(new Set(events.map(eventOf))).toEqual(new Set(supportedEvents));
  expect(events).toHaveLength(supportedEvents.length);
  const notification = { ...serializeNotification({ id: 1, wallMs: 1_795_238_964_000, atMs: 0, severity: 'Info', source: 'Connection', message: 'Connected', visibility: null, count: 1, read: false }) };
  const written = [
    { kind: 'latency', sampleMs: 2_199.343, wallMs: 1_795_238_964_116.735 },
    { kind: 'agent_connected', connected: true },
    { kind: 'surface_drawn', channelId: 0, surfaceId: 0, sessionMs: 3_356.598, wallMs: 1_795_238_964_366 },
    { kind: 'paste_completed', requestId: 3, characters: 13 },
    { kind: 'paste_failed', requestId: 3, reason: 'the inputs channel takes nothing at the moment; ask again' },
    { kind: 'session_state', state: 'reconnecting', detail: 'Reconnecting… (1/3)' },
    { kind: 'notification', notification },
    { kind: 'traffic', channel: 'display/0', overMs: 250.4, counts: { bytesIn: 81_234, bytesOut: 60, messagesIn: 120, messagesOut: 3 } },
  ] satisfies readonly ControlEvent[];
  for (const event of written) expect(`${events.find((line) => eventOf(line) === event.kind)}\n`).toBe(lineOf(event));
});

describe('a session', () => {
  let session: Program & { readonly path: string };
  let listener: Listener;
  // PINGs come as often as nobody has to wait for one; by itself the server sends one in 15 s.
  const server = new LoopbackServer(createNodeBase(), { ...defaultLoopbackOptions, pingEveryMs: 100 });
  beforeAll(async () => {
    listener = await listen(server, { kind: 'unix', path: join(folder, 'loopback') });
    session = await startSession(listener.address, 'control', '--bug-report-dir', join(folder, 'reports'));
  }, deadlineMs);
  afterAll(async () => {
    server.close();
    await listener.close();
  });

  test('has a socket for its owner only', () => {
    expect(lstatSync(session.path).mode & 0o777).toBe(0o600);
  });

  test.each(transcripts.filter(({ kind }) => kind === '').map((transcript, index) => [index + 1, transcript] as const))('goes as in transcript %i of the specification', async (_index, transcript) => {
    expect(await play(session.path, transcript)).toEqual(serverSide(transcript));
  });

  test('is no place for a second session: it is told so, with an exit code of its own, before it dials', async () => {
    const second = start('connect', 'spice+unix:///nonexistent/spice', '--headless', '--control-socket', session.path);
    expect(await second.exited).toBe(13);
    expect(second.output()).toContain(`another session listens on ${session.path}`);
    expect(second.output()).toContain('[control.start]');
    expect(existsSync(session.path)).toBe(true);
  }, deadlineMs);

  test('works with a client of the ancestor', async () => {
    const client = new AncestorClient(session.path);
    expect((await client.request('status', {}, 'early')).error?.code).toBe('no_hello_yet');
    const hello = await client.hello('1.0');
    expect(hello.result).toMatchObject({ server_name: 'ryll' });
    expect(String(hello.result?.['protocol_version'])).toMatch(/^1\.\d+$/);
    const methods = hello.result?.['supported_methods'] as readonly string[];
    expect(methods).toEqual(expect.arrayContaining(['hello', 'status', 'send_key', 'paste', 'screenshot', 'subscribe', 'unsubscribe']));
    expect((await client.request('status')).result).toMatchObject({ spice_connected: true, agent_connected: true, surfaces: [{ surface_id: 0 }] });
    expect(client.events).toEqual([]);
    expect((await client.request('subscribe', { events: ['latency', 'digest_updated', 'surface_drawn'] })).result).toEqual({ subscribed: ['latency', 'surface_drawn'] });
    const drawn = (await client.event('surface_drawn')).data;
    expect(Object.keys(drawn)).toEqual(['display_channel_id', 'surface_id', 'produced_at_secs', 'wallclock_us']);
    expect(Number((await client.event('latency')).data['sample_ms'])).toBeGreaterThanOrEqual(0);
    expect((await client.request('unsubscribe', { events: ['surface_drawn', 'paste_failed'] })).result).toEqual({ unsubscribed: ['surface_drawn'] });
    expect((await client.request('frobnicate')).error?.code).toBe('unknown_method');
    expect((await client.request('subscribe', {})).error?.code).toBe('bad_params');
    for (const state of ['down', 'up', 'press']) expect(await client.request('send_key', { scancode: 0xe04b, state })).toMatchObject({ ok: true, result: {} });
    expect((await client.request('send_key', { scancode: 0xe04b, state: 'sideways' })).error?.code).toBe('bad_params');
    expect((await client.request('subscribe', { events: ['paste_completed', 'paste_failed'] })).result).toEqual({ subscribed: ['paste_completed', 'paste_failed'] });
    expect((await client.request('paste', { text: 'ls -l\n', char_delay_ms: 1 }, 'paste 1')).result).toEqual({});
    expect((await client.event('paste_completed')).data).toEqual({ request_id: 'paste 1', chars_sent: 6 });
    const png = (await client.request('screenshot', { surface_id: null, format: null })).result;
    expect(png).toMatchObject({ width: 640, height: 400, format: 'png' });
    expect(readPngBytes(Buffer.from(String(png?.['data_base64']), 'base64'))).toMatchObject({ width: 640, height: 400 });
    const rgba = (await client.request('screenshot', { surface_id: 0, format: 'rgba' })).result;
    expect(Buffer.from(String(rgba?.['data_base64']), 'base64')).toHaveLength(640 * 400 * 4);
    expect((await client.request('screenshot', { surface_id: 99, format: 'png' })).error?.code).toBe('no_such_surface');
    expect((await client.request('screenshot', { surface_id: 0, format: 'tiff' })).error?.code).toBe('unsupported_format');
    client.send('this is not JSON\n');
    expect(JSON.parse(await client.line())).toMatchObject({ ok: false, error: { code: 'bad_params' } });
    expect((await client.request('status')).ok).toBe(true);
    await client.close();
  });

  test('goes on whatever its clients do, and ends when one says so, with exit code 0 and without its socket', async () => {
    const rude = new AncestorClient(session.path);
    rude.send('{"id":1,"method":"hel');
    await rude.close();
    const last = transcripts.find(({ kind }) => kind === 'last')!;
    expect(await play(session.path, last)).toEqual(serverSide(last));
    expect(await session.exited).toBe(0);
    expect(existsSync(session.path)).toBe(false);
  }, deadlineMs);
});

test('with --single-client a second one is told busy; killed, the session leaves a socket that the next replaces; reconnect is a new session to the same client', async () => {
  const server = join(folder, 'served');
  const { child } = start('serve', '--unix', server);
  await new Promise<void>((resolve) => void createInterface({ input: child.stdout! }).once('line', () => resolve()));
  const session = await startSession(server, 'single', '--single-client');
  const first = await until('the client that looked for the picture is gone', async () => {
    const client = new AncestorClient(session.path);
    const welcome = await Promise.race([client.hello().then(({ ok }) => ok), client.line().then(() => false)]);
    if (!welcome) await client.close();
    return welcome && client;
  });
  const busy = transcripts.find(({ kind }) => kind === 'single-client')!;
  expect(await play(session.path, busy)).toEqual(serverSide(busy));
  expect((await first.request('status')).ok).toBe(true);
  session.child.kill('SIGKILL');
  await session.exited;
  await first.closed;
  expect(existsSync(session.path)).toBe(true);
  const next = await startSession(server, 'single');
  const client = new AncestorClient(next.path);
  await client.hello();
  const sessions = (): number => next.output().match(/session connected/g)?.length ?? 0;
  expect(sessions()).toBe(1);
  expect((await client.request('reconnect')).ok).toBe(true);
  // The same client sees the next session come: the socket does not belong to one of them.
  await until('the next session is up', async () => sessions() === 2 && (await client.request('status')).result?.['spice_connected'] === true, deadlineMs);
  expect((await client.request('disconnect')).ok).toBe(true);
  await client.closed;
  expect(await next.exited).toBe(0);
}, 3 * deadlineMs);
