import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ActorSystem } from '#app/actors/kernel/actor-system.js';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { createVirtualHost } from '#app/actors/kernel/virtual-host.js';
import { sampleEvents, sampleSnapshot } from '../support/sample-view.js';
import { createUnreadPipe } from '../support/unread-pipe.js';
import { until } from '../support/until.js';
import type { ChildSpec, Placement } from '#app/actors/kernel/child-spec.js';
import type { LogSinkArgs, LogSinkMessage } from '#app/ui-terminal/log-sink-message.js';
import type { SessionEvent } from '#app/ui-terminal/session-event.js';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ryll-log-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const spec = (path: string, placement: Placement, summaries = false): ChildSpec<LogSinkArgs> => ({
  id: 'log-sink', module: new URL('../../dist/actors/log-sink-actor.js', import.meta.url).href, placement, restart: 'temporary', shutdown: 500,
  mailbox: { dataMax: 64, controlMax: 16 }, links: [], args: { output: { kind: 'path', path }, summaries },
});
const note = (number: number): SessionEvent => ({ kind: 'noted', wallMs: 0, severity: 'info', source: 'main#1', text: `line ${number}` });

test('each event is a line, in order, in a file that is made and appended to', async () => {
  const path = join(temporaryFolder(), 'session.log');
  const system = new ActorSystem(createNodeHost());
  cleanUps.push(() => system.stopAll());
  for (const round of [0, 1]) {
    const sink = await system.start(spec(path, 'thread'));
    for (const [index, event] of sampleEvents.entries()) expect(sink.address.tell({ kind: 'event', sequence: index, event } satisfies LogSinkMessage)).toBe('accepted');
    await until('all lines', () => readFileSync(path, 'utf8').split('\n').length === (round + 1) * sampleEvents.length + 1);
    await sink.stop();
  }
  expect(readFileSync(path, 'utf8').split('\n')[7]).toBe('2026-11-03T12:34:58.889Z warn inputs/0#3 waiting: connection reset by the server, starting again in 250 ms');
});

test('an output that nobody reads: lines beyond the mailbox are dropped, counted, and named once where they are missing', async () => {
  const pipe = createUnreadPipe();
  cleanUps.push(() => pipe.close());
  const system = new ActorSystem(createNodeHost());
  cleanUps.push(() => system.stopAll());
  const sink = await system.start(spec(pipe.path, 'thread'));
  let sequence = 0;
  let refused = 0;
  const offer = (): string => {
    const result = sink.address.tell({ kind: 'event', sequence, event: note(sequence) } satisfies LogSinkMessage);
    sequence += 1;
    if (result !== 'accepted') refused += 1;
    return result;
  };
  await until('the sink is blocked', () => {
    for (let count = 0; count < 50; count++) offer();
    const { blockedOn, markAgeMs } = sink.progress.read();
    return blockedOn === 'log' && (markAgeMs ?? 0) > 300;
  });
  for (let count = 0; count < 1000; count++) offer();
  expect(refused).toBeGreaterThan(900);

  const chunks = pipe.read();
  await until('room', () => offer() === 'accepted');
  const last = sequence - 1;
  const lines = await until('the last line', () => {
    const text = Buffer.concat(chunks).toString('utf8');
    return text.includes(`line ${last}\n`) && text.trimEnd().split('\n');
  });
  const numbers = lines.filter((line) => line.includes(' main#1 ')).map((line) => Number(line.split(' ').at(-1)));
  expect(numbers).toEqual(numbers.toSorted((first, second) => first - second));
  const named = lines.map((line) => /warn log (\d+) lines? left out/.exec(line)?.[1]).filter((count) => count !== undefined).map(Number);
  // Produced = delivered + dropped, and each gap in the numbers has one line that names it.
  expect(numbers.length + refused).toBe(sequence);
  expect(named.reduce((sum, count) => sum + count, 0)).toBe(refused);
  expect(named).toHaveLength(numbers.filter((number, index) => number !== (numbers[index - 1] ?? -1) + 1).length);
  expect(await sink.observe()).toMatchObject({ dropped: refused });
});

test('a summary every 10 s of whatever came last, none when nothing came, and a last one at the end', async () => {
  const path = join(temporaryFolder(), 'session.log');
  const host = createVirtualHost({ seed: 1 });
  const system = new ActorSystem(host, { placement: 'local' });
  const starting = system.start(spec(path, 'thread', true));
  await host.advance(1);
  const sink = await starting;
  const summaries = (): number => readFileSync(path, 'utf8').split(' info summary ').length - 1;
  await host.advance(30_000);
  expect(summaries()).toBe(0);
  for (let step = 1; step <= 80; step++) {
    sink.address.tell({ kind: 'stats', snapshot: sampleSnapshot(step * 250) } satisfies LogSinkMessage);
    await host.advance(250);
  }
  expect(summaries()).toBe(2);
  await host.advance(60_000);
  expect(summaries()).toBe(2);
  const stopping = sink.stop();
  await host.advance(1000);
  await stopping;
  expect(summaries()).toBe(3);
  expect(host.pending).toBe(0);
});

test('a reader that goes away ends the sink with that reason', async () => {
  const pipe = createUnreadPipe();
  const system = new ActorSystem(createNodeHost());
  cleanUps.push(() => system.stopAll());
  const sink = await system.start(spec(pipe.path, 'thread'));
  pipe.close();
  sink.address.tell({ kind: 'event', sequence: 0, event: note(0) } satisfies LogSinkMessage);
  expect(await sink.exited).toMatchObject({ reason: { kind: 'downstreamClosed', detail: 'nobody reads the log any more (EPIPE)' } });
});
