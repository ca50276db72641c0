// The writer on a disk in memory, in virtual time: what ends up in the files, what is counted, what is said, whatever the disk
// does. Real threads and a real disk are in test/scenario/capture.test.ts.
import { describe, expect, test } from 'vitest';
import { readPcapng } from '../../support/read-pcapng.ts';
import { DIRECTORY, FACTS, numbersIn, writerHarness, type Harness } from '../../support/writer-harness.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

describe('a healthy disk', () => {
  test('each channel has a file of its own, with its link exchange first and one TCP stream for each generation', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0');
    const inputs = harness.addChannel('inputs/0');
    await harness.start();
    display.link();
    display.append(1);
    inputs.link();
    inputs.send(2);
    display.link(2);
    display.append(3);
    await harness.stop();
    expect([...harness.disk.files.keys()].sort()).toEqual(['display-0.pcapng', 'inputs-0.pcapng', 'metadata.json'].map((name) => `${DIRECTORY}/${name}`));
    const [first, second] = harness.streams('display-0.pcapng');
    expect([first!.clientPort, second!.clientPort]).toEqual([10_002, 10_502]);
    expect([first!, second!].map(({ sent, received }) => [sent.map(numbersIn), received.map(numbersIn)])).toEqual([
      [[[1_000_001]], [[2_000_001, 1]]],
      [[[1_000_002]], [[2_000_002, 3]]],
    ]);
    expect(numbersIn(harness.streams('inputs-0.pcapng')[0]!.sent[0]!)).toEqual([1_000_001, 2]);
    expect(harness.disk.openFiles).toBe(0);
  });

  test('close drains all that was appended before it, reports it, and finishes metadata.json', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0');
    await harness.start();
    display.link();
    for (const number of range(0, 300)) display.append(number);
    harness.tell({ kind: 'closeCapture' });
    harness.tell({ kind: 'closeCapture' });
    await harness.host.settle();
    expect(numbersIn(harness.streams('display-0.pcapng')[0]!.received[0]!)).toEqual([2_000_001, ...range(0, 300)]);
    const bytes = harness.disk.files.get(`${DIRECTORY}/display-0.pcapng`)!.byteLength;
    expect(harness.events).toEqual([{
      kind: 'captureClosed',
      report: {
        directory: DIRECTORY, writerGeneration: 1, bytes, messages: 302, dropped: 0, errors: [],
        files: [{
          channel: 'display/0', name: 'display-0.pcapng', bytes, messages: 302, dropped: 0, droppedBytes: 0, unrecorded: 0, unwritten: 0, gaps: [],
          streams: [{ clientPort: 10_002, generation: 1, hasLinkExchange: true }],
        }],
      },
    }]);
    expect(harness.metadata()).toMatchObject({ capture_started: '2026-01-01T00:00:00.000Z', capture_finished: '2026-01-01T00:00:00.000Z', messages: 302, writer_dropped_count: 0 });
    expect(harness.host.pending).toBe(0);
  });

  test('what is appended after close is not in the file, wakes nobody and is no drop', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0');
    await harness.start();
    display.append(1);
    harness.tell({ kind: 'closeCapture' });
    await harness.host.settle();
    for (const number of range(10, 5_000)) display.append(number);
    await harness.host.advance(5_000);
    expect(numbersIn(harness.streams('display-0.pcapng')[0]!.received[0]!)).toEqual([1]);
    expect(display.counters()).toMatchObject({ dropped: 0 });
    expect(display.wakes).toBe(0);
  });

  test('messages of any size are whole, also those longer than a segment and than a batch', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0');
    await harness.start();
    for (const [number, bodyBytes] of [10, 4_050, 4_100, 65_476, 65_489, 65_490, 300_000, 900_000, 5].entries()) {
      display.append(number, bodyBytes);
      await harness.host.advance(200);
    }
    await harness.stop();
    expect(numbersIn(harness.streams('display-0.pcapng')[0]!.received[0]!)).toEqual(range(0, 9));
  });

  test('everything is on disk within a second, with the writer woken once for it', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0');
    await harness.start();
    await harness.host.settle();
    for (const number of range(0, 20)) display.append(number);
    expect(display.wakes).toBe(1);
    await harness.host.advance(1_000);
    expect(numbersIn(harness.streams('display-0.pcapng')[0]!.received[0]!)).toEqual(range(0, 20));
    expect(harness.host.pending).toBe(0);
    display.append(20);
    expect(display.wakes).toBe(2);
    await harness.stop();
  });

  test("a channel that spoke before the writer started, and one that came later, are captured too", async () => {
    const harness = writerHarness();
    const main = harness.addChannel('main/0');
    main.append(1);
    await harness.start();
    const late = harness.addChannel('usbredir/3');
    late.append(2);
    harness.tell({ kind: 'addRing', ring: late.ring });
    harness.tell({ kind: 'addRing', ring: late.ring });
    await harness.stop();
    expect(numbersIn(harness.streams('main-0.pcapng')[0]!.received[0]!)).toEqual([1]);
    expect(harness.streams('usbredir-3.pcapng')[0]).toMatchObject({ clientPort: 10_069 });
  });

  test('a ring that nobody has announced makes no file and is counted', async () => {
    const harness = writerHarness();
    const writer = await harness.start();
    harness.tell({ kind: 'tapped', ring: 'webdav/0' });
    await harness.host.advance(1_000);
    expect([...harness.disk.files.keys()]).toEqual([`${DIRECTORY}/metadata.json`]);
    expect(writer.observe()).toMatchObject({ unknownRings: 1, capture: { channels: [] } });
    await harness.stop();
  });

  test('without a capture the writer touches no file and is never woken', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0');
    const writer = await harness.start({ capture: null });
    for (const number of range(0, 1_000)) display.append(number);
    expect([display.wakes, harness.disk.files.size, harness.blockedOn.length]).toEqual([0, 0, 0]);
    expect(writer.observe()).toMatchObject({ capture: null });
    await harness.stop();
  });

  test('each file call is marked before and after', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0');
    let duringWrite: string | null | undefined;
    harness.disk.duringWrite = () => (duringWrite = harness.blockedOn.at(-1));
    await harness.start();
    display.append(1);
    await harness.stop();
    expect(duringWrite).toBe('disk');
    expect(harness.blockedOn.filter((_, index) => index % 2 === 0).every((call) => call === 'disk')).toBe(true);
    expect(harness.blockedOn.filter((_, index) => index % 2 === 1).every((call) => call === null)).toBe(true);
  });
});

describe('a slow disk', () => {
  test('costs whole messages and nothing else: the file has the rest in order, gaps are jumps of the sequence, drops are counted', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0', { segmentBytes: 1_024, segments: 4 });
    let next = 0;
    let appended = 0;
    await harness.start();
    // While the disk takes its time over one write, five times as much comes in as the ring can hold.
    harness.disk.duringWrite = () => {
      for (let i = 0; i < 600 && appended < 5_000; i++, appended++) display.append(next++);
    };
    display.link();
    display.append(next++);
    await harness.host.advance(10_000);
    harness.disk.duringWrite = null;
    await harness.stop();
    const { dropped, droppedBytes, delivered, appended: total } = display.counters();
    const [stream] = harness.streams('display-0.pcapng');
    const numbers = stream!.received.flatMap(numbersIn).slice(1);
    expect(dropped).toBeGreaterThan(1_000);
    expect(delivered + dropped).toBe(total);
    expect(numbers.length + 2).toBe(delivered);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(stream!.receivedGaps.reduce((sum, gap) => sum + gap, 0)).toBe(droppedBytes);
    const [file] = harness.metadata()['files'] as { writer_dropped_count: number; gaps: { messages: number; received_bytes: number }[] }[];
    expect(file!.writer_dropped_count).toBe(dropped);
    expect(file!.gaps.reduce((sum, gap) => sum + gap.messages, 0)).toBe(dropped);
    expect(file!.gaps.map((gap) => gap.received_bytes)).toEqual(stream!.receivedGaps.filter((gap) => gap > 0));
    expect(harness.events.filter(({ kind }) => kind === 'captureFellBehind')).toHaveLength(1);
    // The file itself says the same: a comment at each gap, and the totals at the end.
    const { packets, totals } = readPcapng(harness.disk.files.get(`${DIRECTORY}/display-0.pcapng`)!);
    const comments = packets.flatMap((packet) => packet.comments).slice(1);
    expect(comments).toEqual(file!.gaps.map((gap) => `${gap.messages} messages are missing before this one, 0 bytes sent and ${gap.received_bytes} bytes received`));
    expect(totals).toEqual({ received: total, delivered, dropped });
  });

  test('is written in the older format when that is asked for', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0', { segmentBytes: 1_024, segments: 4 });
    display.link();
    for (const number of range(0, 10)) display.append(number);
    await harness.start({ facts: { ...FACTS, format: 'pcap' } });
    await harness.stop();
    expect([...harness.disk.files.keys()]).toContain(`${DIRECTORY}/display-0.pcap`);
    expect(numbersIn(harness.streams('display-0.pcap')[0]!.received[0]!)).toEqual([2_000_001, ...range(0, 10)]);
    expect(harness.metadata()).toMatchObject({ capture_format: 'pcap' });
  });

  test('a stream whose start was given up still begins with its link exchange', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0', { segmentBytes: 1_024, segments: 4 });
    display.link();
    for (const number of range(0, 1_000)) display.append(number);
    await harness.start();
    await harness.stop();
    const [stream] = harness.streams('display-0.pcapng');
    expect(numbersIn(stream!.sent[0]!)).toEqual([1_000_001]);
    expect(numbersIn(stream!.received[0]!)).toEqual([2_000_001]);
    expect(stream!.receivedGaps[1]).toBeGreaterThan(0);
    expect(numbersIn(stream!.received[1]!).at(-1)).toBe(999);
  });
});

describe('a full disk', () => {
  test('is told once, counted each time, and costs nothing that the ring can keep until there is room', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0');
    const writer = await harness.start();
    harness.disk.free = 250;
    for (const number of range(0, 50)) display.append(number);
    await harness.host.advance(3_500);
    expect(harness.events).toMatchObject([{ kind: 'captureWriteFailed', file: 'display-0.pcapng', code: 'ENOSPC' }]);
    expect(writer.observe()).toMatchObject({ capture: { errors: 4, channels: [{ failing: true, messages: 0, waiting: 50 }] } });
    // What stands in the file is whole at any time.
    expect(harness.disk.files.get(`${DIRECTORY}/display-0.pcapng`)!.byteLength).toBe(0);
    harness.disk.free = 1_000_000;
    await harness.host.advance(1_000);
    expect(harness.events.at(-1)).toEqual({ kind: 'captureWriteRecovered', file: 'display-0.pcapng', dropped: 0 });
    await harness.stop();
    expect(numbersIn(harness.streams('display-0.pcapng')[0]!.received[0]!)).toEqual(range(0, 50));
  });

  test('that stays full ends in a report of what is missing, and the files are closed', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0', { segmentBytes: 1_024, segments: 4 });
    await harness.start();
    for (const number of range(0, 10)) display.append(number);
    await harness.host.advance(500);
    harness.disk.free = 0;
    for (const number of range(10, 1_000)) display.append(number);
    await harness.host.advance(5_000);
    await harness.stop();
    expect(numbersIn(harness.streams('display-0.pcapng')[0]!.received[0]!)).toEqual(range(0, 10));
    const { dropped, appended } = display.counters();
    const [file] = harness.metadata()['files'] as { unwritten: number }[];
    expect(dropped).toBeGreaterThan(0);
    expect(10 + dropped + file!.unwritten).toBe(appended);
    expect(harness.metadata()).toMatchObject({ errors: [{ file: 'display-0.pcapng', code: 'ENOSPC', count: 6 }] });
    expect(harness.disk.openFiles).toBe(0);
  });

  test('in the middle of a large message takes all of it back, and other channels go on', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0');
    const inputs = harness.addChannel('inputs/0');
    await harness.start();
    display.append(0);
    inputs.append(1);
    await harness.host.advance(500);
    const before = harness.disk.files.get(`${DIRECTORY}/display-0.pcapng`)!.byteLength;
    harness.disk.free = 500_000;
    display.append(2, 900_000);
    inputs.append(3);
    await harness.host.advance(3_000);
    expect(harness.disk.files.get(`${DIRECTORY}/display-0.pcapng`)!.byteLength).toBe(before);
    expect(numbersIn(harness.streams('inputs-0.pcapng')[0]!.received[0]!)).toEqual([1, 3]);
    harness.disk.free = 10_000_000;
    await harness.stop();
    expect(numbersIn(harness.streams('display-0.pcapng')[0]!.received[0]!)).toEqual([0, 2]);
  });

  test('whose tail cannot even be cut off leaves no garbage behind in the end', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0');
    await harness.start();
    display.append(0);
    await harness.host.advance(500);
    harness.disk.free = 500;
    harness.disk.failing = { truncate: 'EIO' };
    for (const number of range(1, 20)) display.append(number);
    await harness.host.advance(500);
    harness.disk.failing = {};
    await harness.stop();
    expect(numbersIn(harness.streams('display-0.pcapng')[0]!.received[0]!)).toEqual([0]);
    expect(harness.metadata()).toMatchObject({ files: [{ unwritten: 19 }] });
  });
});

describe('the log of inputs', () => {
  const textOf = (harness: Harness, name = 'inputs.log'): string => new TextDecoder().decode(harness.disk.files.get(`${DIRECTORY}/${name}`));
  const linesOf = (harness: Harness, name?: string): unknown[] => textOf(harness, name).trimEnd().split('\n').map((line): unknown => JSON.parse(line));

  test('has the messages that the channel\'s file has, whichever of the two the disk refuses for a while', async () => {
    const harness = writerHarness();
    const inputs = harness.addChannel('inputs/0');
    await harness.start({ facts: { ...FACTS, inputLog: 'intimate' } });
    inputs.link();
    inputs.press(1);
    await harness.host.advance(500);
    const before = textOf(harness);
    // Room for the frames of the file, and for less than a line.
    harness.disk.free = 150;
    inputs.press(2);
    await harness.host.advance(500);
    expect(harness.events).toMatchObject([{ kind: 'captureWriteFailed', file: 'inputs.log', code: 'ENOSPC' }]);
    expect(textOf(harness)).toBe(before);
    harness.disk.free = 1_000_000;
    inputs.send(3);
    await harness.host.advance(1_000);
    expect(harness.events.at(-1)).toEqual({ kind: 'captureWriteRecovered', file: 'inputs.log', dropped: 0 });
    await harness.stop();
    expect(linesOf(harness)).toMatchObject([{ kind: 'keyDown', code: 1 }, { kind: 'keyDown', code: 2 }]);
    expect(numbersIn(harness.streams('inputs-0.pcapng')[0]!.sent[0]!)).toEqual([1_000_001, 1, 2, 3]);
    expect(harness.metadata()).toMatchObject({ files: [{ input_log: { name: 'inputs.log', lines: 2 } }], errors: [{ file: 'inputs.log', code: 'ENOSPC', recovered: true }] });
    expect(harness.disk.openFiles).toBe(0);
  });

  test('says how many messages are missing where, as many as are counted', async () => {
    const harness = writerHarness();
    const inputs = harness.addChannel('inputs/0', { segmentBytes: 1_024, segments: 4 });
    await harness.start();
    inputs.press(0);
    await harness.host.advance(500);
    harness.disk.free = 0;
    for (const code of range(1, 500)) inputs.press(code);
    await harness.host.advance(500);
    harness.disk.free = 1_000_000;
    await harness.host.advance(1_000);
    await harness.stop();
    const lines = linesOf(harness) as { readonly kind: string; readonly messages?: number }[];
    const { dropped } = inputs.counters();
    expect(dropped).toBeGreaterThan(100);
    expect(lines.filter(({ kind }) => kind === 'missing').reduce((sum, { messages = 0 }) => sum + messages, 0)).toBe(dropped);
    expect(lines.filter(({ kind }) => kind === 'keyDown')).toHaveLength(500 - dropped);
  });

  test('of a writer that was started again goes on in a file of its own', async () => {
    const harness = writerHarness();
    const inputs = harness.addChannel('inputs/0');
    await harness.start();
    inputs.press(1);
    await harness.stop({ kind: 'restart', detail: 'test' });
    inputs.press(2);
    await harness.start({ generation: 2 });
    await harness.stop();
    expect([linesOf(harness), linesOf(harness, 'inputs.part-2.log')]).toMatchObject([[{ kind: 'keyDown' }], [{ kind: 'keyDown' }]]);
  });
});

describe('write errors', () => {
  test('a disk that takes a few bytes at a time is written to until it has all', async () => {
    const harness = writerHarness();
    harness.disk.writeMax = 7;
    const display = harness.addChannel('display/0');
    await harness.start();
    for (const number of range(0, 30)) display.append(number);
    await harness.stop();
    expect(numbersIn(harness.streams('display-0.pcapng')[0]!.received[0]!)).toEqual(range(0, 30));
  });

  test('a file that may not be created is an event and a field of the report; the session is none the wiser', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0');
    await harness.start();
    harness.disk.failing = { create: 'EACCES' };
    display.append(0);
    await harness.host.advance(500);
    expect(harness.events).toMatchObject([{ kind: 'captureWriteFailed', file: 'display/0', code: 'EACCES' }]);
    harness.disk.failing = {};
    await harness.host.advance(1_000);
    await harness.stop();
    expect(numbersIn(harness.streams('display-0.pcapng')[0]!.received[0]!)).toEqual([0]);
  });

  test('closing and finishing may fail too, and say so', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0');
    await harness.start();
    display.append(0);
    harness.disk.failing = { close: 'EIO', replaceText: 'EROFS' };
    await harness.stop();
    expect(harness.events).toMatchObject([
      { kind: 'captureWriteFailed', file: 'display-0.pcapng', code: 'EIO' },
      { kind: 'captureWriteFailed', file: 'metadata.json', code: 'EROFS' },
      { kind: 'captureClosed', report: { errors: [{ code: 'EIO' }, { code: 'EROFS' }] } },
    ]);
  });

  test('events that nobody takes are counted, and the writer goes on', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0');
    const writer = await harness.start();
    harness.refusals.tell = true;
    harness.disk.failing = { write: 'EIO' };
    display.append(0);
    await harness.host.advance(500);
    harness.disk.failing = {};
    await harness.stop();
    expect(writer.observe()).toMatchObject({ eventsRefused: 3 });
  });
});

describe('the directory', () => {
  test('that cannot be made is refused before anything starts, with its name, the cause and what to do', async () => {
    const harness = writerHarness();
    harness.disk.failing = { makeDirectory: 'EACCES' };
    await expect(harness.start()).rejects.toMatchObject({
      name: 'CaptureRefused', code: 'capture-directory-unusable', directory: DIRECTORY,
      message: `cannot capture into ${DIRECTORY}: EACCES: makeDirectory refused. Choose a directory that you may create and write.`,
    });
  });

  test('that cannot be written to is refused too', async () => {
    const harness = writerHarness();
    harness.disk.free = 10;
    await expect(harness.start()).rejects.toMatchObject({ code: 'capture-directory-unusable' });
    expect(harness.disk.openFiles).toBe(0);
  });

  test.each(['metadata.json', 'display.pcapng'])('that holds %s already is refused, and nothing in it is touched', async (name) => {
    const harness = writerHarness();
    harness.disk.calls.makeDirectory(DIRECTORY);
    harness.disk.calls.close(harness.disk.calls.create(`${DIRECTORY}/${name}`));
    await expect(harness.start()).rejects.toMatchObject({ code: 'capture-exists', message: expect.stringContaining(name) as unknown });
    expect([...harness.disk.files]).toEqual([[`${DIRECTORY}/${name}`, new Uint8Array(0)]]);
  });

  test("that holds another process's capture, begun this very moment, is refused", async () => {
    const harness = writerHarness();
    harness.disk.failing = { create: 'EEXIST' };
    await expect(harness.start()).rejects.toMatchObject({ code: 'capture-exists' });
  });

  test('a later capture into the same directory is refused', async () => {
    const harness = writerHarness();
    await harness.start();
    await harness.stop();
    await expect(harness.start({ facts: { ...FACTS, captureId: 'another' } })).rejects.toMatchObject({ code: 'capture-exists' });
  });
});

describe('a restarted writer', () => {
  test('goes on in new files where the last one stopped: no message twice, none missing', async () => {
    const harness = writerHarness();
    const display = harness.addChannel('display/0');
    await harness.start();
    display.link();
    for (const number of range(0, 50)) display.append(number);
    await harness.stop({ kind: 'restart', detail: 'test' });
    for (const number of range(50, 100)) display.append(number);
    await harness.start({ generation: 2 });
    for (const number of range(100, 120)) display.append(number);
    await harness.stop();
    const [one] = harness.streams('display-0.pcapng');
    const [two] = harness.streams('display-0.part-2.pcapng');
    expect(numbersIn(one!.received[0]!)).toEqual([2_000_001, ...range(0, 50)]);
    expect(two!.received.map(numbersIn)).toEqual([[2_000_001], range(50, 120)]);
    expect(display.counters()).toMatchObject({ dropped: 0, delivered: 122 });
    expect(harness.metadata()).toMatchObject({ writer_generation: 2 });
  });
});
