// One capture: reads the rings, a batch at a time, into one file for each channel, and sleeps when there is nothing. It decides
// when to write, what a failed file call means, and when the capture is complete; the shell that gives it messages is
// writer-actor.ts, the frames are capture-file.ts.

import type { CaptureFileReport, CaptureReport, CaptureWriteError } from '../capture/capture-metadata.ts';
import { METADATA_NAME } from '../capture/capture-metadata.ts';
import type { CaptureFileTotals, PcapTarget } from '../capture/packet-format.ts';
import { pcapTarget } from '../capture/packet-format.ts';
import type { WriterEvent } from '../capture/writer-message.ts';
import type { TapMark } from '../mailbox/tap-reader.ts';
import { TapDiskReader } from '../mailbox/tap-reader.ts';
import type { TapCounters, TapRingHandle } from '../mailbox/tap-ring.ts';
import { readTapCounters, readTapDrops } from '../mailbox/tap-ring.ts';
import type { CaptureDirectory } from './capture-directory.ts';
import { CaptureFile } from './capture-file.ts';
import type { CaptureFiles, SystemError } from './capture-files.ts';
import { isSystemError } from './capture-files.ts';
import { InputLogFile } from './input-log-file.ts';
import type { JsonValue } from './kernel/actor.ts';
import type { Cancel, Host } from './kernel/host.ts';
import type { ProgressMark } from './kernel/progress.ts';

const BATCH_BYTES = 256 * 1024;
/**
 * After a wake-up, traffic gathers this long in the rings before the first write, so that a trickle of small messages is a
 * few writes and a few wake-ups a second. It is also what an abort of the whole process can cost.
 */
const GATHER_MS = 100;
const RETRY_MS = 1_000;
/** Different failures that a report lists; all are counted in it. */
const LISTED_ERRORS_MAX = 100;

interface Captured {
  readonly handle: TapRingHandle;
  readonly reader: TapDiskReader;
  readonly file: CaptureFile;
  /** Of a channel of inputs. */
  readonly inputLog: InputLogFile | null;
  readonly counters: () => TapCounters;
  readonly drops: () => number;
  /** Since when its file calls have failed. */
  failing: { readonly name: string; readonly dropped: number; retryAtMs: number } | null;
  /** Drops that have been told. */
  dropped: number;
  isBehind: boolean;
}

export interface CaptureSessionParts {
  readonly host: Host;
  readonly progress: ProgressMark;
  readonly files: CaptureFiles;
  readonly directory: CaptureDirectory;
  readonly writerGeneration: number;
  readonly tell: (event: WriterEvent) => void;
}

export class CaptureSession {
  readonly #parts: CaptureSessionParts;
  readonly #batch: PcapTarget = pcapTarget(BATCH_BYTES);
  readonly #channels: Captured[] = [];
  readonly #errors = new Map<string, CaptureWriteError>();
  #errorCount = 0;
  #next = 0;
  #timer: { readonly dueMs: number; readonly cancel: Cancel } | null = null;

  constructor(parts: CaptureSessionParts) {
    this.#parts = parts;
  }

  addRing(handle: TapRingHandle): void {
    if (this.knows(handle.channel)) return;
    const { directory, files } = this.#parts;
    const { channel, wallBaseMs } = handle;
    const reader = new TapDiskReader(handle);
    const head = (stream: number): ReturnType<TapDiskReader['head']> => reader.head(stream);
    const file = new CaptureFile({ channel, wallBaseMs, directory, files, batch: this.#batch, head });
    const inputLog = channel.startsWith('inputs/') ? new InputLogFile({ channel, wallBaseMs, directory, files }) : null;
    this.#channels.push({ handle, reader, file, inputLog, counters: readTapCounters(handle), drops: readTapDrops(handle), failing: null, dropped: 0, isBehind: false });
    this.#schedule(0);
  }

  knows(channel: string): boolean {
    return this.#channels.some(({ handle }) => handle.channel === channel);
  }

  /** A ring has something. All of them are looked at: the word of another may have been refused by a full mailbox. */
  wake(): void {
    this.#schedule(GATHER_MS);
  }

  /** Writes everything appended so far, as far as the disk takes it, and finishes the files. */
  async close(): Promise<CaptureReport> {
    await this.#drain();
    const { host, directory } = this.#parts;
    for (const each of this.#channels) {
      each.reader.detach();
      if (each.failing === null) this.#attempt(each.file.name, () => each.file.finish(totalsOf(each, host.clock.wallMs())));
      this.#closeFiles(each);
    }
    const wallMs = host.clock.wallMs();
    this.#attempt(METADATA_NAME, () => directory.finish(wallMs, this.report()));
    return this.report();
  }

  /** Leaves the files as they are for another writer, which goes on in files of its own. */
  async leave(): Promise<void> {
    await this.#drain();
    for (const each of this.#channels) this.#closeFiles(each);
  }

  #closeFiles({ file, inputLog }: Captured): void {
    this.#attempt(file.name, () => file.close());
    if (inputLog !== null) this.#attempt(inputLog.name, () => inputLog.close());
  }

  report(): CaptureReport {
    const files = this.#channels.map((each) => fileReport(each));
    const total = (pick: (file: CaptureFileReport) => number): number => files.reduce((sum, file) => sum + pick(file), 0);
    return {
      directory: this.#parts.directory.path,
      writerGeneration: this.#parts.writerGeneration,
      bytes: total((file) => file.bytes),
      messages: total((file) => file.messages),
      dropped: total((file) => file.dropped),
      files,
      errors: [...this.#errors.values()],
    };
  }

  observe(): JsonValue {
    return {
      directory: this.#parts.directory.path,
      errors: this.#errorCount,
      channels: this.#channels.map((each) => ({
        channel: each.handle.channel,
        file: each.file.name,
        bytes: each.file.bytes,
        messages: each.file.messages,
        writer_dropped_count: each.drops(),
        waiting: each.reader.waiting(),
        failing: each.failing !== null,
      })),
    };
  }

  /** One batch of one channel, so that a command gets in between any two file calls of a slow disk. */
  #turn(): void {
    this.#timer = null;
    this.#parts.progress.enter('drain');
    const wrote = this.#drainNext();
    this.#parts.progress.leave();
    if (wrote) return this.#schedule(0);
    const nowMs = this.#parts.host.clock.monotonicMs();
    for (const { failing, reader } of this.#channels) {
      if (failing !== null) this.#schedule(Math.max(0, failing.retryAtMs - nowMs));
      else if (!reader.sleep()) this.#schedule(0);
    }
  }

  #drainNext(): boolean {
    const nowMs = this.#parts.host.clock.monotonicMs();
    for (let tried = 0; tried < this.#channels.length; tried++) {
      this.#next = (this.#next + 1) % this.#channels.length;
      // In range: the index is below the length.
      const each = this.#channels[this.#next]!;
      if ((each.failing?.retryAtMs ?? nowMs) > nowMs) continue;
      if (this.#drainOnce(each) === 'wrote') return true;
    }
    return false;
  }

  #drainOnce(each: Captured): 'wrote' | 'empty' | 'failed' {
    const { reader, file, inputLog } = each;
    let any: boolean;
    let writing: CaptureFile | InputLogFile = file;
    try {
      any = reader.take(BATCH_BYTES, (entry) => {
        file.add(entry);
        inputLog?.add(entry);
      });
      if (any) file.flush();
      if (any && inputLog !== null) (writing = inputLog).flush();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      reader.rollback();
      file.rollback();
      inputLog?.rollback();
      this.#fail(each, writing.name, error);
      return 'failed';
    }
    if (any) {
      reader.commit();
      file.commit();
      inputLog?.commit();
    }
    this.#noteDrops(each, any);
    if (any && each.failing !== null) this.#recover(each, each.failing);
    return any ? 'wrote' : 'empty';
  }

  async #drain(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    const marks = this.#channels.map((each): [Captured, TapMark] => [each, each.reader.end()]);
    for (const [each, mark] of marks) {
      while (!each.reader.isPast(mark)) {
        if (this.#drainOnce(each) === 'failed') break;
        await new Promise<void>((resolve) => void this.#parts.host.timers.soon(resolve));
      }
    }
  }

  #noteDrops(each: Captured, any: boolean): void {
    const dropped = each.drops();
    if (dropped > each.dropped && !each.isBehind) {
      each.isBehind = true;
      this.#parts.tell({ kind: 'captureFellBehind', channel: each.handle.channel, dropped });
    } else if (!any) {
      each.isBehind = false;
    }
    each.dropped = dropped;
  }

  // What failed stays in the ring, which keeps what it can; nothing else is lost by a disk that is full for a while.
  #fail(each: Captured, fileName: string, error: SystemError): void {
    const retryAtMs = this.#parts.host.clock.monotonicMs() + RETRY_MS;
    const name = fileName === '' ? each.handle.channel : fileName;
    this.#count(name, error);
    if (each.failing !== null) {
      each.failing.retryAtMs = retryAtMs;
      return;
    }
    each.failing = { name, dropped: each.drops(), retryAtMs };
    this.#parts.tell({ kind: 'captureWriteFailed', file: name, code: error.code, message: error.message });
  }

  #recover(each: Captured, failed: NonNullable<Captured['failing']>): void {
    each.failing = null;
    for (const [key, error] of this.#errors) if (error.file === failed.name) this.#errors.set(key, { ...error, recovered: true });
    const dropped = each.dropped - failed.dropped;
    this.#parts.tell({ kind: 'captureWriteRecovered', file: failed.name, dropped });
  }

  #attempt(name: string, call: () => void): void {
    try {
      call();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#count(name, error);
      this.#parts.tell({ kind: 'captureWriteFailed', file: name, code: error.code, message: error.message });
    }
  }

  #count(file: string, error: SystemError): void {
    this.#errorCount += 1;
    const key = `${file} ${error.code}`;
    const known = this.#errors.get(key);
    if (known === undefined && this.#errors.size >= LISTED_ERRORS_MAX) return;
    this.#errors.set(key, { file, code: error.code, message: error.message, count: (known?.count ?? 0) + 1, recovered: false });
  }

  #schedule(ms: number): void {
    const { clock, timers } = this.#parts.host;
    const dueMs = clock.monotonicMs() + ms;
    if (this.#timer !== null) {
      if (this.#timer.dueMs <= dueMs) return;
      this.#timer.cancel();
    }
    const run = (): void => this.#turn();
    this.#timer = { dueMs, cancel: ms === 0 ? timers.soon(run) : timers.after(ms, run) };
  }
}

function totalsOf({ counters, file }: Captured, wallMs: number): CaptureFileTotals {
  const { appended, unrecorded } = counters();
  const seen = appended + unrecorded;
  return { wallMs, seen, written: file.messages, missing: seen - file.messages };
}

function fileReport({ handle, file, inputLog, reader, counters, failing }: Captured): CaptureFileReport {
  const { dropped, droppedBytes, unrecorded } = counters();
  return {
    channel: handle.channel,
    name: file.name === '' ? null : file.name,
    bytes: file.bytes,
    messages: file.messages,
    dropped,
    droppedBytes,
    unrecorded,
    unwritten: failing === null ? 0 : reader.waiting(),
    streams: file.streams,
    gaps: file.gaps,
    ...(inputLog === null || inputLog.name === '' ? {} : { inputLog: { name: inputLog.name, lines: inputLog.lines } }),
  };
}
