import { expect, test } from 'vitest';
import { createProgressMemory, ProgressWriter, readProgress } from '#app/actors/kernel/progress.js';
import { ManualHost } from '../../support/manual-host.js';

function create() {
  const memory = createProgressMemory();
  const host = new ManualHost();
  return { host, writer: new ProgressWriter(memory, host.clock), reader: readProgress(memory, host.clock) };
}

test('marks that were never made read as an actor that has done nothing', () => {
  const { reader } = create();
  expect(reader.read()).toEqual({
    iterations: 0, handler: null, blockedOn: null, blockedCalls: 0, blockedTotalMs: 0, blockedMaxMs: 0, busyTotalMs: 0, busyMaxMs: 0, markAgeMs: null, receiveAgeMs: null, sendAgeMs: null, unlinkedDrops: 0, osThreadId: null,
  });
});

test('a handler shows while it runs, the outer one again after the inner, and ages grow with time', () => {
  const { host, writer, reader } = create();
  host.advance(1_000);
  writer.received();
  writer.enter('drawCopy');
  writer.enter('decode');
  host.advance(70);
  expect(reader.read()).toMatchObject({ iterations: 2, handler: 'decode', markAgeMs: 70, receiveAgeMs: 70, sendAgeMs: null });
  writer.beat();
  expect(reader.read()).toMatchObject({ iterations: 3, handler: 'decode', markAgeMs: 0 });
  writer.leave();
  expect(reader.read().handler).toBe('drawCopy');
  writer.idle();
  expect(reader.read().handler).toBeNull();
});

test('a call that may block the thread is named while it lasts', () => {
  const { writer, reader } = create();
  writer.blockedOn('disk');
  expect(reader.read().blockedOn).toBe('disk');
  writer.blockedOn(null);
  expect(reader.read().blockedOn).toBeNull();
});

test('names are cut at 32 characters, and after 64 of them the rest are other', () => {
  const { writer, reader } = create();
  writer.enter('x'.repeat(40));
  expect(reader.read().handler).toBe('x'.repeat(32));
  for (let i = 0; i < 100; i++) writer.enter(`handler ${i}`);
  expect(reader.read().handler).toBe('other');
  writer.enter('handler 3');
  expect(reader.read().handler).toBe('handler 3');
});

test('an age is right across the wrap of its 32-bit word', () => {
  const { host, writer, reader } = create();
  host.nowMs = 2 ** 31 - 10;
  writer.beat();
  host.nowMs += 25;
  expect(reader.read().markAgeMs).toBe(25);
});
