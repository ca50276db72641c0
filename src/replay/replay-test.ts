// A scenario test from a recording: a vitest file that replays it and compares what it ends in with what it ended in when the test was written, and
// beside it the recording as the test needs it: what the server sent, and nothing that the user typed.

import { createWriteStream } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipArchive } from 'archiver';
import { clientPortOf, FRAME_BYTES_MAX, frameCountOf, HANDSHAKE_BYTES, pcapFileHeader, pcapTarget, writeHandshake, writeMessageFrame } from '../capture/pcap.ts';
import type { RecordedMessage } from '../capture/read/recorded-message.ts';
import { openRecording, REPORT_METADATA_MEMBER, TRAFFIC_MEMBER } from '../evidence/recording.ts';
import { RecordingReader } from '../evidence/recording-reader.ts';
import { replayedGaps, type Replayed } from './replay.ts';

export interface ReplayTestOptions {
  readonly paths: readonly string[];
  readonly replayed: Replayed;
  /** Ends in `.test.ts`. */
  readonly file: string;
  /** Seconds; null = to the end. */
  readonly until: number | null;
}

/** Rejects with the file system's error, also when the test is there already; then neither file is left behind half. */
export async function writeReplayTest({ paths, replayed, file, until }: ReplayTestOptions): Promise<{ readonly test: string; readonly fixture: string }> {
  const fixture = join(dirname(file), `${basename(file, '.test.ts')}.replay.zip`);
  // First the one that must not be there: the fixture of an older test of this name stays as it is.
  await writeFile(file, testText(basename(file, '.test.ts'), basename(fixture), replayed), { flag: 'wx' });
  try {
    await writeFixture(paths, fixture, until);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
  return { test: file, fixture };
}

async function writeFixture(paths: readonly string[], path: string, until: number | null): Promise<void> {
  const recording = await openRecording(paths);
  const unfinished = `${path}.part`;
  try {
    const zip = new ZipArchive({ zlib: { level: 9 } });
    const written = pipeline(zip, createWriteStream(unfinished, { flags: 'w' }));
    zip.append(`${JSON.stringify({ format: 'ryll-actors-replay-fixture/1', description: 'what a server sent, for a replay in a test', until }, null, 2)}\n`, { name: REPORT_METADATA_MEMBER, date: EPOCH });
    for (const name of ['session.json']) if (recording.zip?.has(name) === true) zip.append(await recording.zip.bytes(name), { name, date: EPOCH });
    zip.append(Readable.from(fixtureTraffic(new RecordingReader(recording), until)), { name: TRAFFIC_MEMBER, date: EPOCH });
    await Promise.all([zip.finalize(), written]);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  } finally {
    recording.close();
  }
}

/** The same recording gives the same file. */
const EPOCH = new Date(Date.UTC(1980, 0, 2));

async function* fixtureTraffic(reader: RecordingReader, until: number | null): AsyncGenerator<Uint8Array> {
  yield pcapFileHeader();
  const streams = new Map<string, FixtureStream>();
  let startMs: number | null = null;
  for await (const batch of reader.messages()) {
    for (const message of batch) {
      startMs ??= message.atMs;
      if (until !== null && message.atMs - startMs >= until * 1_000) return;
      if (message.direction === 'sent' && message.kind !== 'link') continue;
      const key = `${message.channel} ${message.stream}`;
      const stream = streams.get(key) ?? new FixtureStream(clientPortOf(message.channel, message.stream));
      streams.set(key, stream);
      yield* stream.frames(message);
    }
  }
}

/** One connection, written anew: its gaps stay where they were. */
class FixtureStream {
  readonly #clientPort: number;
  #isBegun = false;
  #sent = 0;
  #received = 0;

  constructor(clientPort: number) {
    this.#clientPort = clientPort;
  }

  *frames(message: RecordedMessage): Generator<Uint8Array> {
    const { atMs, kind, direction, missingBefore, name } = message;
    // The ticket is encrypted for a key that only its server had; a replay does not look at it.
    const bytes = name === 'linkTicket' ? new Uint8Array(message.bytes.byteLength) : message.bytes;
    const isFirst = !this.#isBegun;
    this.#isBegun = true;
    if (isFirst && kind === 'link') {
      const target = pcapTarget(HANDSHAKE_BYTES);
      writeHandshake(target, this.#clientPort, atMs);
      yield target.bytes.subarray(0, target.used);
    }
    const received = direction === 'received';
    if (received) this.#received = (this.#received + (missingBefore ?? 1)) >>> 0;
    for (let index = 0; index < frameCountOf(bytes.byteLength); index++) {
      const target = pcapTarget(FRAME_BYTES_MAX);
      writeMessageFrame(target, { clientPort: this.#clientPort, received, sentBefore: this.#sent, receivedBefore: this.#received, wallMs: atMs, bytes }, index);
      yield target.bytes.subarray(0, target.used);
    }
    if (received) this.#received = (this.#received + bytes.byteLength) >>> 0;
    else this.#sent = (this.#sent + bytes.byteLength) >>> 0;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}

function testText(name: string, fixture: string, { pictures, channels, missing, state_hash: hash }: Replayed): string {
  const gaps = replayedGaps(channels);
  const literal = (value: unknown): string => JSON.stringify(value, null, 2).replaceAll('\n', '\n  ');
  return `// Replays ${fixture}, what a server once sent, and compares what it ends in with what it ended in when this test was written by
// \`ryll-actors replay --to-test\`. The state's hash is the strictest and the most fragile of the three: a version that observes more of a channel has another.
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { replayedGaps, replayFiles, type Replayed } from '#app/replay/replay-files.js';

describe(${quoted(`the recording ${name}`)}, () => {
  let replayed: Replayed;
  beforeAll(async () => {
    replayed = await replayFiles([fileURLToPath(new URL(${quoted(`./${fixture}`)}, import.meta.url))]);
  }, 60_000);

  test('ends with the same pictures', () => {
    expect(replayed.pictures).toEqual(${literal(pictures).replaceAll('\n', '\n  ')});
    expect(replayed.missing).toEqual(${literal(missing).replaceAll('\n', '\n  ')});
  });

  test('has the same gaps', () => {
    expect(replayedGaps(replayed.channels)).toEqual(${literal(gaps).replaceAll('\n', '\n  ')});
  });

  test('ends in the same state', () => {
    expect(replayed.state_hash).toBe(${quoted(hash)});
  });
});
`;
}
