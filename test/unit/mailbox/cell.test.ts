import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { CellReader, CellWriter, createCell } from '#app/mailbox/cell.js';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

test('a cell that was never written has no value', () => {
  expect(new CellReader(createCell(4)).read()).toBeNull();
});

test('a reader gets the newest value with its version, and its own copy of it', () => {
  const memory = createCell(4);
  const writer = new CellWriter(memory), reader = new CellReader(memory);
  writer.write(bytes(1, 2));
  const first = reader.read();
  writer.write(bytes(3, 4, 5));
  writer.write(bytes());
  expect(first).toEqual({ version: 1, bytes: bytes(1, 2) });
  expect(reader.read()).toEqual({ version: 3, bytes: bytes() });
});

test('the version alone says whether there is anything new', () => {
  const memory = createCell(1);
  const writer = new CellWriter(memory), reader = new CellReader(memory);
  expect(reader.version).toBe(0);
  writer.write(bytes(1));
  expect(reader.version).toBe(1);
  expect(reader.read()?.version).toBe(reader.version);
});

test('a hundred writes are one bell until the reader has looked', () => {
  const memory = createCell(1);
  const writer = new CellWriter(memory), reader = new CellReader(memory);
  expect(Array.from({ length: 100 }, (_, i) => writer.write(bytes(i))).filter(Boolean)).toHaveLength(1);
  reader.acknowledge();
  expect(writer.write(bytes(100))).toBe(true);
  expect(reader.read()?.bytes).toEqual(bytes(100));
});

test('a restarted writer goes on from its predecessor\'s version', () => {
  const memory = createCell(1);
  new CellWriter(memory).write(bytes(7));
  new CellWriter(memory).write(bytes(8));
  expect(new CellReader(memory).read()).toEqual({ version: 2, bytes: bytes(8) });
});

test('more bytes than the cell holds are refused before anything is written', () => {
  const memory = createCell(2);
  const writer = new CellWriter(memory);
  writer.write(bytes(1));
  expect(() => writer.write(bytes(1, 2, 3))).toThrow('3 bytes in a cell of 2');
  expect(new CellReader(memory).read()).toEqual({ version: 1, bytes: bytes(1) });
  expect(() => createCell(0)).toThrow(RangeError);
});

test('a reader never sees a value that is half one write and half another, with the writer on another thread', async () => {
  const memory = createCell(4_096);
  const code = `
    import { workerData } from 'node:worker_threads';
    const { CellWriter } = await import(workerData.module);
    const writer = new CellWriter(workerData.memory), value = new Uint8Array(4096);
    for (let i = 0; ; i++) { value.fill(i); writer.write(value); }`;
  const module = import.meta.resolve('#app/mailbox/cell.js');
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: { memory, module } });
  const reader = new CellReader(memory);
  let seen = 0, lastVersion = 0;
  while (seen < 3_000) {
    const value = reader.read();
    if (value === null) {
      await new Promise((resolve) => void setImmediate(resolve));
      continue;
    }
    expect((value.version - lastVersion) | 0).toBeGreaterThanOrEqual(0);
    expect(value.bytes.every((byte) => byte === value.bytes[0])).toBe(true);
    lastVersion = value.version;
    seen++;
  }
  await worker.terminate();
});
