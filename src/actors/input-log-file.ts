// The file of an input log: lines in, text at the end of the file. As in capture-file.ts, everything since the last `commit` can be taken back, so that
// file and log of an inputs channel hold the same messages and the log never keeps half a line. What a line says is capture/input-log.ts's.

import { inputLine, missingLine, type InputLogOptions } from '../capture/input-log.ts';
import type { TapEntry } from '../mailbox/tap-entry.ts';
import type { CaptureDirectory } from './capture-directory.ts';
import { isSystemError, type CaptureFiles } from './capture-files.ts';

export interface InputLogFileParts {
  readonly channel: string;
  readonly wallBaseMs: number;
  readonly directory: CaptureDirectory;
  readonly files: CaptureFiles;
}

interface Place {
  readonly size: number;
  readonly lines: number;
  /** What the next entry has when nothing is missing; null before the first. */
  readonly sequence: number | null;
}

const firstChannel = 'inputs/0';
const encoder = new TextEncoder();

export class InputLogFile {
  /** Empty until there was an input. */
  name = '';
  readonly #parts: InputLogFileParts;
  readonly #options: InputLogOptions;
  #file: number | null = null;
  #committed: Place = { size: 0, lines: 0, sequence: null };
  #place: Place = this.#committed;
  #text = '';
  /** Bytes behind the committed ones may have reached the disk. */
  #hasTail = false;

  constructor(parts: InputLogFileParts) {
    const { inputLog, sessionStartedWallMs } = parts.directory.facts;
    this.#parts = parts;
    this.#options = { detail: inputLog, wallBaseMs: parts.wallBaseMs, sessionStartedWallMs };
  }

  /** That are in the file. */
  get lines(): number {
    return this.#committed.lines;
  }

  add(entry: TapEntry): void {
    const { lines, sequence } = this.#place;
    const missing = sequence === null ? 0 : entry.sequence - sequence;
    const input = inputLine(entry, this.#options);
    const gap = missing > 0 ? missingLine(entry, this.#options, missing) : '';
    this.#text += gap + (input ?? '');
    this.#place = { ...this.#place, lines: lines + (gap === '' ? 0 : 1) + (input === null ? 0 : 1), sequence: entry.sequence + 1 };
  }

  /** Writes what was added. Throws what the file calls throw. */
  flush(): void {
    if (this.#text === '') return;
    const { channel, directory, files } = this.#parts;
    if (this.#file === null) {
      const { name, file } = directory.createFile(channel === firstChannel ? 'inputs' : channel, 'log');
      this.name = name;
      this.#file = file;
    }
    const bytes = encoder.encode(this.#text);
    const { size } = this.#place;
    for (let at = 0; at < bytes.byteLength; ) {
      this.#hasTail = true;
      at += files.write(this.#file, bytes.subarray(at), size + at);
    }
    this.#place = { ...this.#place, size: size + bytes.byteLength };
    this.#text = '';
  }

  /** What was added and flushed stays. */
  commit(): void {
    this.#hasTail = false;
    this.#committed = this.#place;
  }

  /** Forgets what was added since the last commit. */
  rollback(): void {
    this.#text = '';
    this.#place = this.#committed;
    try {
      this.#cutTail();
    } catch (error) {
      // The failure that led here has been told already. The tail is overwritten by the next write, or cut off by `close`.
      if (!isSystemError(error)) throw error;
    }
  }

  /** Throws what the file calls throw; the file is closed all the same. */
  close(): void {
    const file = this.#file;
    if (file === null) return;
    try {
      this.#cutTail();
    } finally {
      this.#file = null;
      this.#parts.files.close(file);
    }
  }

  #cutTail(): void {
    if (this.#file === null || !this.#hasTail) return;
    this.#parts.files.truncate(this.#file, this.#committed.size);
    this.#hasTail = false;
  }
}
