// Audio file: samples as WAV files on disk: the one that was asked for, and parts beside it where one file cannot hold what comes: another
// format, 4 GiB, an audio actor that was started again. Its header is put right every second, so a file is
// whole up to then whatever ends the program. Samples that the disk refuses are counted; the next ones are tried again.

import { wavDataBytesMax, wavHeader, wavHeaderBytes, wavPartPath } from '../audio/wav.ts';
import { blockBytes, isSameFormat, type SoundFormat } from '../audio/sound-format.ts';
import type { AudioCounters, AudioEvent } from './audio-mail.ts';
import { isSystemError, type CaptureFiles } from './capture-files.ts';
import type { Cancel, Timers } from './kernel/host.ts';

const headerEveryMs = 1_000;
const partsMax = 1_000;
/** What the header of a file without a single sample says. */
const emptyFormat: SoundFormat = { channels: 2, frequencyHz: 48_000 };

/** Why there can be no file where one is wanted. */
export class AudioFileRefused extends Error {
  override readonly name = 'AudioFileRefused';
}

export interface AudioFileParts {
  readonly path: string;
  readonly files: CaptureFiles;
  readonly timers: Timers;
  readonly counters: AudioCounters;
  /** Of the audio actor: a later one goes on beside the file of the first. */
  readonly generation: number;
  tell(event: AudioEvent): void;
}

interface OpenFile {
  readonly path: string;
  readonly file: number;
  format: SoundFormat;
  dataBytes: number;
}

export class AudioFile {
  readonly #parts: AudioFileParts;
  #open: OpenFile | null = null;
  #part = 0;
  #cancelHeader: Cancel | null = null;
  /** Samples lost since the disk began to refuse; null = it takes everything. */
  #lost: number | null = null;

  /** Makes the file. Throws `AudioFileRefused` when it is there already or cannot be made. */
  constructor(parts: AudioFileParts) {
    this.#parts = parts;
    try {
      this.#begin(emptyFormat);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      throw new AudioFileRefused(error.code === 'EEXIST' ? `${parts.path} exists already; name another file or remove it` : `${parts.path} cannot be written: ${error.message}`);
    }
  }

  append(format: SoundFormat, pcm: Uint8Array): void {
    const samples = pcm.length / blockBytes(format);
    try {
      const open = this.#fileFor(format, pcm.length);
      this.#write(open.file, pcm, wavHeaderBytes + open.dataBytes);
      open.dataBytes += pcm.length;
    } catch (error) {
      this.#parts.counters.file_samples_lost.add(samples);
      return this.#failed(error, samples);
    }
    this.#parts.counters.file_samples.add(samples);
    this.#recovered();
    this.#cancelHeader ??= this.#parts.timers.after(headerEveryMs, () => {
      this.#cancelHeader = null;
      this.#header();
    });
  }

  /** The header says what the file holds, and the file is closed. */
  close(): void {
    this.#cancelHeader?.();
    this.#cancelHeader = null;
    const open = this.#open;
    if (open === null) return;
    this.#header();
    this.#open = null;
    try {
      this.#parts.files.close(open.file);
    } catch (error) {
      this.#failed(error, 0);
    }
  }

  #fileFor(format: SoundFormat, bytes: number): OpenFile {
    const open = this.#open;
    if (open !== null && open.dataBytes === 0) open.format = format;
    if (open !== null && isSameFormat(open.format, format) && open.dataBytes + bytes <= wavDataBytesMax) return open;
    this.close();
    return this.#begin(format);
  }

  #begin(format: SoundFormat): OpenFile {
    const made = this.#make(format);
    this.#open = made;
    this.#header();
    if (this.#part > 1) this.#parts.tell({ kind: 'audioFileChanged', path: made.path, format });
    return made;
  }

  /** The first file has the name that was given and is never one that is there; parts take the next name that is free. */
  #make(format: SoundFormat): OpenFile {
    const { files, path, generation, counters } = this.#parts;
    for (;;) {
      const part = this.#part + 1;
      const partPath = wavPartPath(path, part);
      try {
        const file = files.create(partPath);
        this.#part = part;
        counters.files.add(1);
        return { path: partPath, file, format, dataBytes: 0 };
      } catch (error) {
        const isTaken = isSystemError(error) && error.code === 'EEXIST' && (part > 1 || generation > 1) && part < partsMax;
        if (!isTaken) throw error;
        this.#part = part;
      }
    }
  }

  #header(): void {
    const open = this.#open;
    if (open === null) return;
    try {
      this.#write(open.file, wavHeader(open.format, open.dataBytes), 0);
    } catch (error) {
      this.#failed(error, 0);
    }
  }

  #write(file: number, bytes: Uint8Array, position: number): void {
    for (let at = 0; at < bytes.length; ) at += this.#parts.files.write(file, bytes.subarray(at), position + at);
  }

  #failed(error: unknown, samples: number): void {
    if (!isSystemError(error)) throw error;
    this.#parts.counters.file_failures.add(1);
    if (this.#lost === null) this.#parts.tell({ kind: 'audioFileFailed', path: this.#open?.path ?? this.#parts.path, message: error.message });
    this.#lost = (this.#lost ?? 0) + samples;
  }

  #recovered(): void {
    if (this.#lost === null) return;
    this.#parts.tell({ kind: 'audioFileRecovered', path: this.#open?.path ?? this.#parts.path, lostSamples: this.#lost });
    this.#lost = null;
  }
}
