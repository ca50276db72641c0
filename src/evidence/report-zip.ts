// A report's zip as its members, read through yauzl. A zip is a claim of whoever made it: how many members, how large each is, how much
// smaller it was packed are checked before anything is inflated, and yauzl ends a member that brings more than was said.

import type { Readable } from 'node:stream';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { RecordingError, systemReason } from './recording-error.ts';

/** A report has a dozen members. */
const MEMBERS_MAX = 1_000;
/** Of a member that is read as a whole: a document, a picture. */
const WHOLE_BYTES_MAX = 256 * 1024 * 1024;
/** Of a member that is streamed: all traffic rings together, and then some. */
const STREAMED_BYTES_MAX = 8 * 1024 * 1024 * 1024;
/** Deflate packs no more than 1032 to 1. */
const RATIO_MAX = 1_033;
const STORED = 0, DEFLATED = 8;

export interface ZipMember {
  readonly name: string;
  /** Unpacked, and as packed. */
  readonly bytes: number;
  readonly packedBytes: number;
}

export class ReportZip {
  readonly path: string;
  readonly members: readonly ZipMember[];
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(path: string, zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.path = path;
    this.#zip = zip;
    this.#entries = entries;
    this.members = Array.from(entries, ([name, entry]) => ({ name, bytes: entry.uncompressedSize, packedBytes: entry.compressedSize }));
  }

  /** @throws RecordingError when it is no zip, or one that claims what no report is */
  static async open(path: string): Promise<ReportZip> {
    let zip: ZipFile;
    try {
      zip = await openPromise(path, { autoClose: false, lazyEntries: true, strictFileNames: true });
    } catch (error) {
      throw new RecordingError('notAZip', path, `it is no whole zip file (${systemReason(error)})`);
    }
    // Told to whoever waits for an entry; what comes later is told to the member's stream.
    zip.on('error', () => undefined);
    try {
      return new ReportZip(path, zip, await readEntries(path, zip));
    } catch (error) {
      zip.close();
      if (error instanceof RecordingError) throw error;
      throw new RecordingError('notAZip', path, `its list of members is broken (${systemReason(error)})`);
    }
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /**
   * A member as a stream; fails on the way when it does not unpack to what it claims.
   * @throws RecordingError when there is none, or it is too large
   */
  async stream(name: string): Promise<Readable> {
    return this.#open(name, STREAMED_BYTES_MAX);
  }

  /** @throws RecordingError when there is none, it is too large or does not unpack */
  async bytes(name: string): Promise<Buffer> {
    const stream = await this.#open(name, WHOLE_BYTES_MAX);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of stream) chunks.push(chunk as Buffer);
    } catch (error) {
      throw new RecordingError('unreadable', this.path, `its member ${name} is broken (${systemReason(error)})`);
    }
    return Buffer.concat(chunks);
  }

  /**
   * A member as JSON; null when there is none.
   * @throws RecordingError when it is not JSON
   */
  async json(name: string): Promise<unknown> {
    if (!this.has(name)) return null;
    const text = (await this.bytes(name)).toString('utf8');
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new RecordingError('unreadable', this.path, `its member ${name} is not JSON`);
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#zip.isOpen) this.#zip.close();
  }

  async #open(name: string, bytesMax: number): Promise<Readable> {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new RecordingError('unreadable', this.path, `it has no member ${name}`);
    if (entry.uncompressedSize > bytesMax) throw new RecordingError('tooLarge', this.path, `its member ${name} claims ${entry.uncompressedSize} bytes`);
    try {
      return await this.#zip.openReadStreamPromise(entry);
    } catch (error) {
      throw new RecordingError('unreadable', this.path, `its member ${name} cannot be read (${systemReason(error)})`);
    }
  }
}

async function readEntries(path: string, zip: ZipFile): Promise<ReadonlyMap<string, Entry>> {
  const refuse = (message: string): never => {
    throw new RecordingError('tooLarge', path, message);
  };
  if (zip.entryCount > MEMBERS_MAX) refuse(`it claims ${zip.entryCount} members, and a report has a dozen`);
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    const { fileName: name, uncompressedSize, compressedSize, compressionMethod } = entry;
    if (entries.size >= MEMBERS_MAX) refuse(`it has more than ${MEMBERS_MAX} members`);
    if (uncompressedSize > compressedSize * RATIO_MAX + RATIO_MAX) refuse(`its member ${name} claims to unpack ${compressedSize} bytes to ${uncompressedSize}`);
    const isReadable = !entry.isEncrypted() && (compressionMethod === STORED || compressionMethod === DEFLATED);
    // Of two members of one name a reader would see either: the first is the one that counts.
    if (isReadable && !name.endsWith('/') && !entries.has(name)) entries.set(name, entry);
  }
  return entries;
}
