// A recording on disk: a capture directory, capture files, or a report's zip. Opening it says what there is; what is in the files is
// read by recording-reader.ts, in pieces, so that its size does not matter.

import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { METADATA_NAME } from '../capture/capture-metadata.ts';
import { isChannelName } from '../capture/message-name.ts';
import { RecordingError, systemReason } from './recording-error.ts';
import { ReportZip } from './report-zip.ts';

/** The member of a report that holds traffic, and the one that says what the report is. */
export const TRAFFIC_MEMBER = 'traffic.pcap';
export const REPORT_METADATA_MEMBER = 'metadata.json';

const CHUNK_BYTES = 256 * 1024;
const METADATA_BYTES_MAX = 16 * 1024 * 1024;
const FILES_MAX = 10_000;
const CAPTURE_FILE = /^(?<base>.+?)(?:\.part-(?<part>\d{1,6}))?\.pcap(?:ng)?$/;
const ZIP_MAGIC = 0x504b_0304;

/** One file of packets. */
export interface RecordedFile {
  readonly name: string;
  readonly bytes: number;
  /** @throws RecordingError; the stream may fail on the way */
  stream(): Promise<Readable>;
}

/** A file, and those that a writer which was started again went on in. */
export interface RecordingSource {
  /** The channel that the name says, or null. */
  readonly channel: string | null;
  readonly files: readonly RecordedFile[];
}

export interface Recording {
  readonly kind: 'files' | 'directory' | 'report';
  readonly path: string;
  readonly sources: readonly RecordingSource[];
  readonly bytes: number;
  /** The report, when it is one. */
  readonly zip: ReportZip | null;
  /** metadata.json of a directory or a report, whatever is in it; null when there is none, or none that is JSON. */
  readonly metadata: unknown;
  /** Idempotent. */
  close(): void;
}

/**
 * @param paths one directory, one report, or any number of capture files
 * @throws RecordingError
 */
export async function openRecording(paths: readonly string[]): Promise<Recording> {
  const [first = '', ...more] = paths;
  const isDirectory = await kindOf(first) === 'directory';
  if (isDirectory && more.length === 0) return openDirectory(first);
  if (!isDirectory && more.length === 0 && (await magicOf(first)) === ZIP_MAGIC) return openReport(first);
  for (const path of paths) {
    if ((await kindOf(path)) === 'directory') throw new RecordingError('notARecording', path, 'it is a folder, which can only be given alone');
    if ((await magicOf(path)) === ZIP_MAGIC) throw new RecordingError('notARecording', path, 'it is a report, which can only be given alone');
  }
  const sources = sourcesOf(await Promise.all(paths.map(diskFile)));
  return { kind: 'files', path: first, sources, bytes: bytesOf(sources), zip: null, metadata: null, close: () => undefined };
}

async function openDirectory(path: string): Promise<Recording> {
  const names = (await attempt(path, () => readdir(path))).filter((name) => CAPTURE_FILE.test(name)).toSorted();
  if (names.length === 0) throw new RecordingError('empty', path, 'there is no capture in this folder: no .pcapng and no .pcap file');
  if (names.length > FILES_MAX) throw new RecordingError('tooLarge', path, `there are more than ${FILES_MAX} captures in this folder`);
  const sources = sourcesOf(await Promise.all(names.map((name) => diskFile(join(path, name)))));
  return { kind: 'directory', path, sources, bytes: bytesOf(sources), zip: null, metadata: await readMetadata(join(path, METADATA_NAME)), close: () => undefined };
}

async function openReport(path: string): Promise<Recording> {
  const zip = await ReportZip.open(path);
  const traffic = zip.members.find(({ name }) => name === TRAFFIC_MEMBER);
  const sources = traffic === undefined ? [] : [{ channel: null, files: [{ name: TRAFFIC_MEMBER, bytes: traffic.bytes, stream: () => zip.stream(TRAFFIC_MEMBER) }] }];
  const metadata = await zip.json(REPORT_METADATA_MEMBER).catch(() => null);
  return { kind: 'report', path, sources, bytes: bytesOf(sources), zip, metadata, close: () => zip.close() };
}

async function diskFile(path: string): Promise<RecordedFile> {
  const { size } = await attempt(path, () => stat(path));
  return { name: path, bytes: size, stream: async () => createReadStream(path, { highWaterMark: CHUNK_BYTES }) };
}

/** `display-0.pcap`, `display-0.part-2.pcap` … are one source, in this order; the ancestor's `display.pcap` is display/0. */
function sourcesOf(files: readonly RecordedFile[]): readonly RecordingSource[] {
  const groups = new Map<string, { readonly part: number; readonly file: RecordedFile }[]>();
  for (const file of files) {
    const { base = '', part = '1' } = CAPTURE_FILE.exec(basename(file.name))?.groups ?? {};
    const key = base === '' ? file.name : join(file.name, '..', base);
    groups.set(key, [...(groups.get(key) ?? []), { part: Number(part), file }]);
  }
  return Array.from(groups, ([key, parts]) => ({ channel: channelOf(basename(key)), files: parts.toSorted((a, b) => a.part - b.part).map(({ file }) => file) }));
}

function channelOf(base: string): string | null {
  const { name = '', id = '0' } = /^(?<name>[a-z]+)(?:-(?<id>\d{1,3}))?$/.exec(base)?.groups ?? {};
  return isChannelName(name) ? `${name}/${Number(id)}` : null;
}

function bytesOf(sources: readonly RecordingSource[]): number {
  return sources.flatMap(({ files }) => files).reduce((sum, { bytes }) => sum + bytes, 0);
}

async function kindOf(path: string): Promise<'directory' | 'file'> {
  return (await attempt(path, () => stat(path))).isDirectory() ? 'directory' : 'file';
}

/** The first four bytes as a big-endian number; 0 when there are fewer. */
async function magicOf(path: string): Promise<number> {
  return attempt(path, async () => {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
      return bytesRead < 4 ? 0 : buffer.readUInt32BE();
    } finally {
      await file.close();
    }
  });
}

/** A capture is read without it too. */
async function readMetadata(path: string): Promise<unknown> {
  try {
    const file = await open(path, 'r');
    try {
      if ((await file.stat()).size > METADATA_BYTES_MAX) return null;
      return JSON.parse(await file.readFile('utf8')) as unknown;
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}

async function attempt<T>(path: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new RecordingError('unreadable', path, systemReason(error));
  }
}
