// The dashboard's thread on a real pseudo-terminal: its own size, one that nobody reads, one stopped with Ctrl+S, one that hangs up.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { ActorSystem } from '#app/actors/kernel/actor-system.js';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { createTerminalLease, restoreTerminal } from '#app/actors/terminal-lease.js';
import { createSurface, surfaceByteLength } from '#app/surface/shared-surface.js';
import { SurfaceFormat } from '#app/protocol/constants.js';
import { terminalRestoreSequence } from '#app/ui-terminal/terminal-modes.js';
import { sampleSnapshot } from '../support/sample-view.js';
import { until } from '../support/until.js';
import { createVirtualTerminal } from '../support/virtual-terminal.js';
import type { ChildHandle } from '#app/actors/kernel/child-handle.js';
import type { DashboardArgs, DashboardMessage } from '#app/ui-terminal/dashboard-message.js';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

interface Pty { readonly path: string; command(line: string): void; output(): Buffer; hangUp(): Promise<void> }

async function openPty(columns: number, rows: number): Promise<Pty> {
  const holder = spawn('python3', ['test/real/support/pty.py', String(columns), String(rows)], { stdio: ['pipe', 'pipe', 'inherit'] });
  let received = Buffer.alloc(0);
  holder.stdout.on('data', (chunk: Buffer) => { received = Buffer.concat([received, chunk]); });
  const hangUp = async (): Promise<void> => {
    if (holder.exitCode !== null) return;
    holder.stdin.end();
    await once(holder, 'exit');
  };
  cleanUps.push(hangUp);
  const lineEnd = await until('the name of the terminal', () => received.includes('\n') && received.indexOf('\n') + 1);
  return {
    path: received.subarray(0, lineEnd - 1).toString(), command: (line) => { holder.stdin.write(`${line}\n`); },
    output: () => received.subarray(lineEnd), hangUp,
  };
}

async function startDashboard(path: string, lease = createTerminalLease()): Promise<{ dashboard: ChildHandle; system: ActorSystem; tell: (message: DashboardMessage) => string }> {
  const system = new ActorSystem(createNodeHost());
  cleanUps.push(() => system.stopAll());
  const args: DashboardArgs = { terminal: { kind: 'path', path }, lease, colorDepth: 'truecolor', framesPerSecond: 30, columns: 80, rows: 24, label: 'host:5900' };
  const dashboard = await system.start({
    id: 'dashboard', module: new URL('../../dist/actors/dashboard-actor.js', import.meta.url).href, placement: 'thread', restart: 'temporary', shutdown: 500,
    mailbox: { dataMax: 16, controlMax: 16 }, links: [], args,
  });
  return { dashboard, system, tell: (message) => dashboard.address.tell(message, { lane: message.kind === 'stats' || message.kind === 'event' ? 'data' : 'control' }) };
}

function noise(): SharedArrayBuffer {
  const surface = createSurface(new SharedArrayBuffer(surfaceByteLength(400, 300)), 400, 300, SurfaceFormat.xrgb);
  for (let index = 0; index < surface.words.length; index++) surface.words[index] = Math.imul(index + 1, 0x9e3779b1);
  return surface.buffer as SharedArrayBuffer;
}

async function screenOf(bytes: Uint8Array, columns: number, rows: number): Promise<string[]> {
  const terminal = createVirtualTerminal(columns, rows, false);
  await terminal.write(bytes);
  return terminal.text();
}

const isBlocked = (dashboard: ChildHandle): boolean => {
  const { blockedOn, markAgeMs } = dashboard.progress.read();
  return blockedOn === 'terminal' && (markAgeMs ?? 0) > 500;
};

test('the terminal\'s own size counts, at the start and after a change', async () => {
  const pty = await openPty(120, 20);
  pty.command('read');
  const { dashboard, tell } = await startDashboard(pty.path);
  await until('a frame as wide as the terminal', async () => (await screenOf(pty.output(), 120, 20))[0]?.endsWith(' connecting '));
  expect(await dashboard.observe()).toMatchObject({ columns: 120, rows: 20 });
  pty.command('size 50 12');
  await until('the new size', async () => {
    tell({ kind: 'resize', columns: 1, rows: 1 }); // What the message says is only for a terminal that does not know.
    const state = await dashboard.observe();
    return typeof state === 'object' && state !== null && 'columns' in state && state['columns'] === 50;
  });
  await until('a frame for it', async () => (await screenOf(pty.output(), 50, 12))[0]?.endsWith(' connecting '));
});

test('a terminal that nobody reads for a while blocks one thread, then shows the latest state', async () => {
  const pty = await openPty(200, 60);
  const { dashboard, system, tell } = await startDashboard(pty.path);
  tell({ kind: 'surface', buffer: noise() });
  await until('the thread is blocked', () => isBlocked(dashboard));
  let accepted = 0;
  for (let index = 0; index < 10_000; index++) accepted += tell({ kind: 'stats', snapshot: sampleSnapshot(1000 + index) }) === 'accepted' ? 1 : 0;
  expect(accepted).toBeLessThanOrEqual(16);
  expect(system.children).toHaveLength(1);
  pty.command('read');
  await until('room', () => tell({ kind: 'stats', snapshot: sampleSnapshot(20_000, { session: { label: 'latest', title: '', state: 'held', detail: 'ticket expired', connectedAtMs: null } }) }) === 'accepted');
  await until('the latest state', async () => (await screenOf(pty.output(), 200, 60)).join('\n').includes('ticket expired'));
  expect(await dashboard.stop()).toMatchObject({ reason: { kind: 'shutdown' } });
  await until('a restored terminal', () => pty.output().toString('latin1').endsWith(terminalRestoreSequence));
});

test('Ctrl+S stops one thread, Ctrl+Q lets it go on; stopped in between, it is left behind', async () => {
  const pty = await openPty(80, 24);
  pty.command('read');
  const lease = createTerminalLease();
  const { dashboard, tell } = await startDashboard(pty.path, lease);
  await until('a frame', async () => (await screenOf(pty.output(), 80, 24)).join('\n').includes('host:5900'));
  pty.command('type 13');
  let atMs = 1000;
  await until('the thread is blocked', () => { tell({ kind: 'stats', snapshot: sampleSnapshot(atMs += 250) }); return isBlocked(dashboard); });
  pty.command('type 11');
  await until('it goes on', async () => { await dashboard.observe(5000); return !isBlocked(dashboard); });
  pty.command('type 13');
  await until('the thread is blocked again', () => { tell({ kind: 'stats', snapshot: sampleSnapshot(atMs += 250) }); return isBlocked(dashboard); });
  expect(await dashboard.stop()).toMatchObject({ abandoned: true });
  restoreTerminal(lease, { kind: 'path', path: pty.path }); // Does not block.
  pty.command('type 11');
});

test('a terminal that hangs up ends the dashboard', async () => {
  const pty = await openPty(80, 24);
  pty.command('read');
  const { dashboard, tell } = await startDashboard(pty.path);
  await until('a frame', async () => (await screenOf(pty.output(), 80, 24)).join('\n').includes('host:5900'));
  await pty.hangUp();
  tell({ kind: 'redraw' });
  expect(await dashboard.exited).toMatchObject({ reason: { kind: 'downstreamClosed', detail: 'the terminal is gone (EIO)' } });
});
