import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ActorSystem } from '#app/actors/kernel/actor-system.js';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { createTerminalLease, restoreTerminal } from '#app/actors/terminal-lease.js';
import { beginDrawing, createSurface, endDrawing, surfaceByteLength } from '#app/surface/shared-surface.js';
import { SurfaceFormat } from '#app/protocol/constants.js';
import { rgbColor } from '#app/ui-terminal/cells.js';
import { passthroughOffSequence, passthroughOnSequence, terminalRestoreSequence, terminalSetUpSequence } from '#app/ui-terminal/terminal-modes.js';
import { sampleSnapshot } from '../support/sample-view.js';
import { createUnreadPipe } from '../support/unread-pipe.js';
import { until } from '../support/until.js';
import { createVirtualTerminal } from '../support/virtual-terminal.js';
import type { ChildHandle } from '#app/actors/kernel/child-handle.js';
import type { ChildSpec } from '#app/actors/kernel/child-spec.js';
import type { DashboardArgs, DashboardMessage } from '#app/ui-terminal/dashboard-message.js';
import type { UnreadPipe } from '../support/unread-pipe.js';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const dataMax = 64;

function spec(path: string, lease: SharedArrayBuffer, more: Partial<DashboardArgs> = {}): ChildSpec<DashboardArgs> {
  return {
    id: 'dashboard', module: new URL('../../dist/actors/dashboard-actor.js', import.meta.url).href, placement: 'thread', restart: 'temporary', shutdown: 500,
    mailbox: { dataMax, controlMax: 16 }, links: [],
    args: { terminal: { kind: 'path', path }, lease, colorDepth: 'truecolor', framesPerSecond: 60, columns: 100, rows: 30, label: 'host:5900', ...more },
  };
}

async function startDashboard(path: string, lease = createTerminalLease(), more: Partial<DashboardArgs> = {}): Promise<{ dashboard: ChildHandle; system: ActorSystem; tell: (message: DashboardMessage) => string }> {
  const system = new ActorSystem(createNodeHost());
  cleanUps.push(() => system.stopAll());
  const dashboard = await system.start(spec(path, lease, more));
  const tell = (message: DashboardMessage): string => dashboard.address.tell(message, { lane: message.kind === 'stats' || message.kind === 'event' ? 'data' : 'control' });
  return { dashboard, system, tell };
}

/** A regular file takes everything at once and keeps it. */
function recording(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ryll-dashboard-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'recording');
  writeFileSync(path, '');
  return path;
}

function unreadPipe(): UnreadPipe {
  const pipe = createUnreadPipe();
  cleanUps.push(() => pipe.close());
  return pipe;
}

async function screenOf(bytes: Uint8Array | string, { columns, rows } = { columns: 100, rows: 30 }): Promise<string> {
  const terminal = createVirtualTerminal(columns, rows, false);
  await terminal.write(bytes);
  return terminal.text().join('\n');
}

const occurrences = (text: string, part: string): number => text.split(part).length - 1;

/** One frame of this size with a picture of noise is several times what a pipe holds. */
const wide = { columns: 300, rows: 100 };

/** Waits until the thread has been inside one write for a while. */
async function fillUntilBlocked(dashboard: ChildHandle, tell: (message: DashboardMessage) => string): Promise<void> {
  const noise = createSurface(new SharedArrayBuffer(surfaceByteLength(400, 300)), 400, 300, SurfaceFormat.xrgb);
  for (let index = 0; index < noise.words.length; index++) noise.words[index] = Math.imul(index + 1, 0x9e3779b1);
  tell({ kind: 'surface', buffer: noise.buffer as SharedArrayBuffer });
  await until('the dashboard is blocked', () => {
    const { blockedOn, markAgeMs } = dashboard.progress.read();
    return blockedOn === 'terminal' && (markAgeMs ?? 0) > 300;
  });
}

test('a terminal that nobody reads blocks the dashboard\'s thread only; memory stays flat, and the next frame is the latest', async () => {
  const pipe = unreadPipe();
  const { dashboard, system, tell } = await startDashboard(pipe.path, createTerminalLease(), wide);
  await fillUntilBlocked(dashboard, tell);

  // Everybody else goes on: another actor of the same kind answers, and this thread has taken each tell's answer at once.
  const other = await system.start({ ...spec(recording(), createTerminalLease()), id: 'other' });
  await expect(other.observe()).resolves.toMatchObject({ columns: 100 });
  await expect(dashboard.observe(100)).rejects.toMatchObject({ code: 'observe-failed' });

  const before = process.memoryUsage().rss;
  const large = sampleSnapshot(5000, { session: { label: 'x'.repeat(10_000), title: '', state: 'connected', detail: '', connectedAtMs: null } });
  const results = new Map<string, number>();
  for (let index = 0; index < 20_000; index++) {
    const result = tell({ kind: 'stats', snapshot: large });
    results.set(result, (results.get(result) ?? 0) + 1);
  }
  expect(results.get('accepted') ?? 0).toBeLessThanOrEqual(dataMax);
  expect(results.get('closed')).toBeUndefined();
  expect(dashboard.mailbox().depth).toBeLessThanOrEqual(dataMax + 16);
  expect(dashboard.mailbox().dropped).toBeGreaterThanOrEqual(results.get('full') ?? 0);
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024); // 20,000 queued snapshots would be 200 MB and more.

  const chunks = pipe.read();
  await until('the mailbox has room', () => tell({ kind: 'stats', snapshot: sampleSnapshot(9000, { session: { label: 'the latest', title: '', state: 'held', detail: 'held for a reason', connectedAtMs: null } }) }) === 'accepted');
  const screen = await until('the latest state is on the screen', async () => {
    const text = await screenOf(Buffer.concat(chunks), wide);
    return text.includes('held for a reason') && text;
  });
  expect(screen).toContain('the latest');
  expect(await dashboard.observe()).toMatchObject({ pendingBytes: 0 });
});

test('stopping a dashboard that is blocked in its terminal leaves the thread behind and holds nobody up', async () => {
  const pipe = unreadPipe();
  const lease = createTerminalLease();
  const { dashboard, tell } = await startDashboard(pipe.path, lease, wide);
  await fillUntilBlocked(dashboard, tell);
  expect(await dashboard.stop()).toMatchObject({ reason: { kind: 'killed' }, abandoned: true });
  // The main thread's own attempt does not block either, full as the pipe is.
  restoreTerminal(lease, { kind: 'path', path: pipe.path });
  // Let the thread out of its system call, so that this test leaves none behind.
  pipe.read();
});

test('stop restores the terminal, and only once', async () => {
  const path = recording();
  const lease = createTerminalLease();
  const { dashboard } = await startDashboard(path, lease);
  await until('a frame is drawn', () => readFileSync(path, 'latin1').includes('host:5900'));
  expect(await dashboard.stop()).toMatchObject({ reason: { kind: 'shutdown' }, abandoned: false });
  restoreTerminal(lease, { kind: 'path', path });
  const written = readFileSync(path, 'latin1');
  expect(written.startsWith(terminalSetUpSequence)).toBe(true);
  expect(written.endsWith(terminalRestoreSequence)).toBe(true);
  expect(occurrences(written, terminalRestoreSequence)).toBe(1);
  expect((await screenOf(written)).trim()).toBe('');
});

test('a crash of the actor restores the terminal from the thread that ends', async () => {
  const path = recording();
  const lease = createTerminalLease();
  const { dashboard, tell } = await startDashboard(path, lease);
  await until('a frame is drawn', () => readFileSync(path, 'latin1').includes('host:5900'));
  tell({ kind: 'surface', buffer: new SharedArrayBuffer(4) }); // No surface: opening it throws.
  expect(await dashboard.exited).toMatchObject({ reason: { kind: 'failed', error: { name: 'RangeError' } } });
  restoreTerminal(lease, { kind: 'path', path });
  expect(occurrences(readFileSync(path, 'latin1'), terminalRestoreSequence)).toBe(1);
});

test('a thread that is killed is restored by the main thread', async () => {
  const path = recording();
  const lease = createTerminalLease();
  const { dashboard } = await startDashboard(path, lease);
  await until('a frame is drawn', () => readFileSync(path, 'latin1').includes('host:5900'));
  await dashboard.kill();
  restoreTerminal(lease, { kind: 'path', path });
  restoreTerminal(lease, { kind: 'path', path });
  const written = readFileSync(path, 'latin1');
  expect(written.endsWith(terminalRestoreSequence)).toBe(true);
  expect(occurrences(written, terminalRestoreSequence)).toBe(1);
});

test('a terminal that hangs up ends the dashboard with that reason', async () => {
  const pipe = unreadPipe();
  const { dashboard, tell } = await startDashboard(pipe.path);
  pipe.close();
  tell({ kind: 'redraw' });
  expect(await dashboard.exited).toMatchObject({ reason: { kind: 'downstreamClosed', detail: 'the terminal is gone (EPIPE)' } });
});

test('a terminal that is not there fails the start', async () => {
  await expect(startDashboard(join(tmpdir(), 'no-such-terminal'))).rejects.toMatchObject({ code: 'start-failed' });
});

test('the guest\'s picture follows the shared surface without a message for each change', async () => {
  const pipe = unreadPipe();
  const chunks = pipe.read();
  const { tell } = await startDashboard(pipe.path);
  const surface = createSurface(new SharedArrayBuffer(surfaceByteLength(640, 480)), 640, 480, SurfaceFormat.xrgb);
  surface.words.fill(0xff112233);
  tell({ kind: 'surface', buffer: surface.buffer as SharedArrayBuffer });
  const shows = async (rgb: number): Promise<boolean> => {
    const terminal = createVirtualTerminal(100, 30, false);
    await terminal.write(Buffer.concat(chunks));
    const grid = terminal.grid();
    return grid.characters.some((code, index) => code === 0x2580 && grid.foregrounds[index] === rgbColor(rgb) && grid.backgrounds[index] === rgbColor(rgb));
  };
  await until('the first picture', () => shows(0x112233));
  beginDrawing(surface);
  surface.words.fill(0xffe69f00);
  endDrawing(surface);
  await until('the changed picture', () => shows(0xe69f00));
  tell({ kind: 'surface', buffer: null });
  const without = await until('no picture', async () => {
    const text = await screenOf(Buffer.concat(chunks));
    return !text.includes('▀') && text;
  });
  expect(without).toContain('events: none yet');
});

test('an unchanged view costs no frames', async () => {
  const path = recording();
  const { dashboard, tell } = await startDashboard(path);
  const surface = createSurface(new SharedArrayBuffer(surfaceByteLength(64, 48)), 64, 48, SurfaceFormat.xrgb);
  tell({ kind: 'surface', buffer: surface.buffer as SharedArrayBuffer });
  await until('the picture is drawn', () => readFileSync(path, 'utf8').includes('▀'));
  const before = await dashboard.observe();
  await until('it has looked at the surface ten times', () => dashboard.progress.read().iterations > 20);
  expect(await dashboard.observe()).toEqual(before);
});

test('passthrough sets the terminal\'s modes once, takes them back, and they are off after the end', async () => {
  const path = recording();
  const { dashboard, tell } = await startDashboard(path);
  const written = (): string => readFileSync(path, 'latin1');
  tell({ kind: 'passthrough', on: true });
  tell({ kind: 'passthrough', on: true });
  await until('it is on', () => written().includes(passthroughOnSequence));
  tell({ kind: 'passthrough', on: false });
  await until('it is off', () => written().includes(passthroughOffSequence));
  tell({ kind: 'passthrough', on: true });
  await until('it is on again', () => occurrences(written(), passthroughOnSequence) === 2);
  await dashboard.stop();
  expect(written().lastIndexOf(passthroughOffSequence)).toBeGreaterThan(written().lastIndexOf(passthroughOnSequence));
});

test('redraw and resize draw everything again', async () => {
  const pipe = unreadPipe();
  const chunks = pipe.read();
  const { tell } = await startDashboard(pipe.path);
  await until('the first frame', async () => (await screenOf(Buffer.concat(chunks))).includes('host:5900'));
  const clears = (): number => occurrences(Buffer.concat(chunks).toString('latin1'), '\x1b[0m\x1b[2J');
  const before = clears();
  tell({ kind: 'redraw' });
  await until('drawn again', () => clears() === before + 1);
  tell({ kind: 'resize', columns: 40, rows: 10 });
  await until('drawn for the new size', () => clears() === before + 2);
  const small = createVirtualTerminal(40, 10, false);
  await small.write(Buffer.concat(chunks));
  expect(small.text()[0]).toMatch(/^ host:5900 +connecting $/);
});
