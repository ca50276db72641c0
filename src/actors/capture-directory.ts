// The directory of one capture: made, claimed with its metadata.json, and never shared with another capture. It knows nothing
// of frames or rings; capture-file.ts asks it for names.

import { join } from 'node:path';
import type { CaptureFacts, CaptureReport } from '../capture/capture-metadata.ts';
import { captureIdOf, METADATA_NAME, metadataText } from '../capture/capture-metadata.ts';
import type { CaptureFiles } from './capture-files.ts';
import { isSystemError } from './capture-files.ts';

/** Why there can be no capture here. Ends the writer's start, which comes before the session. */
export class CaptureRefused extends Error {
  override readonly name = 'CaptureRefused';
  readonly code: 'capture-directory-unusable' | 'capture-exists';
  readonly directory: string;

  constructor(code: CaptureRefused['code'], directory: string, sentence: string) {
    super(sentence);
    this.code = code;
    this.directory = directory;
  }
}

/** A writer that is restarted this often has other troubles. */
const PARTS_MAX = 1_000;
/** Any of these is somebody's capture, of whatever format. */
const CAPTURED = /\.(pcap|pcapng|mkv)$/;

export class CaptureDirectory {
  readonly path: string;
  readonly facts: CaptureFacts;
  readonly #files: CaptureFiles;

  /**
   * Makes and claims the directory. One that holds a capture already is refused, unless it is this very capture, whose
   * writer has been restarted.
   * @throws CaptureRefused
   */
  constructor(path: string, facts: CaptureFacts, files: CaptureFiles) {
    this.path = path;
    this.facts = facts;
    this.#files = files;
    try {
      files.makeDirectory(path);
      const names = files.list(path);
      const metadata = names.includes(METADATA_NAME) ? files.readText(join(path, METADATA_NAME)) : null;
      if (metadata !== null && captureIdOf(metadata) === facts.captureId) return;
      const taken = names.find((name) => name === METADATA_NAME || CAPTURED.test(name));
      if (taken !== undefined) throw this.#exists(taken);
      this.#claim();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      throw new CaptureRefused(
        'capture-directory-unusable',
        path,
        `cannot capture into ${path}: ${error.message}. Choose a directory that you may create and write.`,
      );
    }
  }

  /** A new, empty file for the channel, with its name. A restarted writer gets `display-0.part-2.pcapng`. */
  createFile(channel: string, extension: string = this.facts.format): { readonly name: string; readonly file: number } {
    const base = channel.replaceAll('/', '-');
    for (let part = 1; ; part++) {
      const name = `${base}${part === 1 ? '' : `.part-${part}`}.${extension}`;
      try {
        return { name, file: this.#files.create(join(this.path, name)) };
      } catch (error) {
        if (!isSystemError(error) || error.code !== 'EEXIST' || part >= PARTS_MAX) throw error;
      }
    }
  }

  /** Says in metadata.json what became of the capture. */
  finish(wallMs: number, report: CaptureReport): void {
    this.#files.replaceText(join(this.path, METADATA_NAME), metadataText(this.facts, { wallMs, report }));
  }

  #claim(): void {
    const file = this.#createMetadata();
    try {
      const bytes = new TextEncoder().encode(metadataText(this.facts, null));
      for (let at = 0; at < bytes.byteLength; ) at += this.#files.write(file, bytes.subarray(at), at);
    } finally {
      this.#files.close(file);
    }
  }

  #createMetadata(): number {
    try {
      return this.#files.create(join(this.path, METADATA_NAME));
    } catch (error) {
      // Another process claimed it since it was listed.
      if (isSystemError(error) && error.code === 'EEXIST') throw this.#exists(METADATA_NAME);
      throw error;
    }
  }

  #exists(name: string): CaptureRefused {
    return new CaptureRefused(
      'capture-exists',
      this.path,
      `${this.path} holds a capture already (${name}), and captures are never overwritten. Choose another directory, or move that one away.`,
    );
  }
}
