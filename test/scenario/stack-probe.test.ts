// What the probe says of a thread in each way of not answering, on real threads, and that the thread goes on afterwards as before.
import { readFileSync } from 'node:fs';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { StackProbe, type StackReport } from '#app/actors/kernel/stack-probe.js';
import type { ActorSystem } from '#app/actors/kernel/actor-system.js';
import type { ChildHandle } from '#app/actors/kernel/child-handle.js';
import { expect, test } from 'vitest';
import { echoSpec } from '../support/echo-spec.js';
import { echoState, echoStateWhen, withSystem } from '../support/kernel-fixture.js';

const ECHO_SOURCE = 'test/support/actors/echo.mjs';
/** The line of its source in which this stands, from 1. */
const lineOf = (text: string): number => readFileSync(new URL('../support/actors/echo.mjs', import.meta.url), 'utf8').split('\n').findIndex((line) => line.includes(text)) + 1;
const probe = new StackProbe(createNodeHost().timers);

const probed = (handle: ChildHandle): Promise<StackReport> => probe.probe({ threadId: handle.threadId ?? -1, osThreadId: handle.progress.read().osThreadId });

/** An actor that is inside the handler of this message. */
async function stuck(system: ActorSystem, id: string, message: { readonly kind: string }): Promise<ChildHandle> {
  const handle = await system.start(echoSpec(id));
  handle.address.tell(message);
  while (handle.progress.read().handler !== message.kind) await new Promise((resolve) => void setImmediate(resolve));
  return handle;
}

test.each([
  ['an endless loop', { kind: 'spin' }, 'running'],
  ['a wait for a word that nobody writes', { kind: 'wait', memory: new SharedArrayBuffer(4) }, 'sleeping'],
  ['a regular expression that never ends', { kind: 'regex' }, 'running'],
])('%s: the stack names the line, the kernel\'s own lines by their source, and whether the thread ran', (_, message, state) => withSystem(async (system) => {
  const handle = await stuck(system, 'stuck', message);
  const report = await probed(handle);
  expect(report).toMatchObject({ kind: 'stack', framesLeftOut: 0, osThread: process.platform === 'linux' ? { state } : null });
  const frames = report.kind === 'stack' ? report.frames : [];
  expect(frames[0]).toMatchObject({ functionName: 'obey', file: ECHO_SOURCE, line: lineOf(`case '${message.kind}'`) });
  expect(frames.find(({ file }) => file === 'src/mailbox/mailbox.ts')).toBeDefined();
  expect(frames.some(({ file }) => file.includes('dist/'))).toBe(false);
  expect(await handle.kill({ kind: 'frozen' })).toMatchObject({ reason: { kind: 'frozen' }, abandoned: false });
}));

/** The report once it runs no JavaScript: a thread that has just been given something to do may be seen in the middle of it. */
async function atRest(handle: ChildHandle): Promise<StackReport> {
  for (let asked = 0; asked < 10; asked++) {
    const report = await probed(handle);
    if (report.kind !== 'stack') return report;
  }
  return probed(handle);
}

test('a thread that waits for work is idle, and works on', () => withSystem(async (system) => {
  const handle = await system.start(echoSpec('waiting'));
  expect(await atRest(handle)).toEqual({ kind: 'idle' });
  handle.address.tell({ text: 'after the probe' });
  expect((await echoStateWhen(handle, (state) => state.received.length === 1)).received[0]?.text).toBe('after the probe');
}));

test('a thread inside native code is told from both, with what the system knows of it, and works on when it comes out', () => withSystem(async (system) => {
  const handle = await stuck(system, 'native', { kind: 'native', seconds: '3' } as { kind: string });
  // The call is prepared in JavaScript, after the mark.
  const report = await atRest(handle);
  expect(report).toMatchObject({ kind: 'native' });
  const { osThreadId } = handle.progress.read();
  expect(report).toMatchObject(process.platform === 'linux' ? { osThread: { osThreadId, state: 'sleeping' } } : { osThread: null });
  // The probe's commands wait for it behind the call: they must not stop it there.
  handle.address.tell({ text: 'after the call' });
  expect((await echoStateWhen(handle, (state) => state.received.length === 2)).received[1]?.text).toBe('after the call');
}));

test('a thread that waited on a word goes on with its wait after the probe, and out of it when the word changes', () => withSystem(async (system) => {
  const memory = new SharedArrayBuffer(4);
  const handle = await stuck(system, 'waits', { kind: 'wait', memory } as { kind: string });
  await probed(handle);
  expect(handle.progress.read().handler).toBe('wait');
  Atomics.store(new Int32Array(memory), 0, 1);
  Atomics.notify(new Int32Array(memory), 0);
  expect((await echoState(handle)).received).toHaveLength(1);
}));

test('of twelve actors of which number eleven spins it is that one\'s stack, and the others are idle', () => withSystem(async (system) => {
  const handles: ChildHandle[] = [];
  for (let number = 1; number <= 12; number++) handles.push(await system.start(echoSpec(`display/${number}`)));
  const spinning = handles[10]!;
  spinning.address.tell({ kind: 'timerSpins' });
  while (spinning.progress.read().handler !== 'timer') await new Promise((resolve) => void setImmediate(resolve));
  // Asked for at once: the probe takes them one after the other.
  const reports = await Promise.all([probed(spinning), atRest(handles[0]!), atRest(handles[1]!)]);
  expect(reports.map(({ kind }) => kind)).toEqual(['stack', 'idle', 'idle']);
  const frames = reports[0]?.kind === 'stack' ? reports[0].frames : [];
  expect(frames.slice(0, 2).map(({ file }) => file)).toEqual([ECHO_SOURCE, 'src/actors/kernel/host-marks.ts']);
  expect(frames[0]?.line).toBe(lineOf("case 'timerSpins'"));
}));

test('a thread that has ended is said to be gone', () => withSystem(async (system) => {
  const handle = await system.start(echoSpec('ended'));
  await handle.kill();
  expect(await probed(handle)).toMatchObject({ kind: 'unavailable' });
}));
