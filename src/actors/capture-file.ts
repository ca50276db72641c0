// One channel's capture file: entries in, frames at the end of the file. Everything since the last `commit` can be taken
// back, so the file never keeps half a message, whatever the disk does. When to write, and what a failure means, is
// decided by capture-session.ts.

import type { CaptureGap, CaptureStream } from '../capture/capture-metadata.ts';
import { LISTED_GAPS_MAX, LISTED_STREAMS_MAX } from '../capture/capture-metadata.ts';
import type { CaptureFileTotals, PacketFormat, PcapTarget } from '../capture/packet-format.ts';
import type { PcapMessage } from '../capture/pcap.ts';
import { classicPcap, clientPortOf, frameCountOf, handshakeBytesMax, packetBytesMax, writeHandshake, writeMessageFrame } from '../capture/pcap.ts';
import { pcapng } from '../capture/pcapng.ts';
import type { HeadEntry, TapEntry } from '../mailbox/tap-entry.ts';
import type { CaptureDirectory } from './capture-directory.ts';
import type { CaptureFiles } from './capture-files.ts';
import { isSystemError } from './capture-files.ts';

export interface CaptureFileParts {
  readonly channel: string;
  readonly wallBaseMs: number;
  readonly directory: CaptureDirectory;
  readonly files: CaptureFiles;
  /** Lent: used between the first `add` and the `commit` or `rollback` after it, and empty outside. */
  readonly batch: PcapTarget;
  /** The pinned start of a stream. */
  readonly head: (stream: number) => readonly HeadEntry[];
}

/** Where the file stands: as committed, and as it will be. */
interface Place {
  size: number;
  messages: number;
  hasHeader: boolean;
  /** -1 before the first. */
  stream: number;
  clientPort: number;
  /** What the next entry has when nothing is missing. */
  sequence: number;
  sentBefore: number;
  receivedBefore: number;
}

const START: Place = { size: 0, messages: 0, hasHeader: false, stream: -1, clientPort: 0, sequence: 0, sentBefore: 0, receivedBefore: 0 };

const formats: Readonly<Record<PacketFormat['name'], PacketFormat>> = { pcap: classicPcap, pcapng };

export class CaptureFile {
  /** Empty until the channel has something to write. */
  name = '';
  readonly streams: CaptureStream[] = [];
  readonly gaps: CaptureGap[] = [];
  readonly #parts: CaptureFileParts;
  readonly #format: PacketFormat;
  #file: number | null = null;
  #committed: Place = { ...START };
  #place: Place = { ...START };
  #newStreams: CaptureStream[] = [];
  #newGaps: CaptureGap[] = [];
  /** Bytes behind the committed ones may have reached the disk. */
  #hasTail = false;

  constructor(parts: CaptureFileParts) {
    this.#parts = parts;
    this.#format = formats[parts.directory.facts.format];
  }

  get bytes(): number {
    return this.#committed.size;
  }

  get messages(): number {
    return this.#committed.messages;
  }

  /** Frames one entry, writing when the batch is full. Throws what the file calls throw. */
  add(entry: TapEntry): void {
    const place = this.#place;
    const wallMs = this.#parts.wallBaseMs + entry.monotonicMs;
    if (!place.hasHeader) this.#begin();
    const isFirst = entry.stream !== place.stream;
    if (isFirst) this.#beginStream(entry, wallMs);
    if (!this.#isInHead(entry)) {
      const gap = this.#noteGap(entry, wallMs, isFirst);
      place.sentBefore = entry.sentBefore;
      place.receivedBefore = entry.receivedBefore;
      this.#frame(entry.received, wallMs, entry.bytes, gap === null ? undefined : wordGap(gap));
    }
    place.sequence = entry.sequence + 1;
    place.messages += 1;
  }

  /** Writes what is in the batch. Throws what the file calls throw. */
  flush(): void {
    const { batch, files } = this.#parts;
    const file = this.#file;
    if (file === null) return;
    for (let at = 0; at < batch.used; ) {
      this.#hasTail = true;
      const written = files.write(file, batch.bytes.subarray(at, batch.used), this.#place.size);
      at += written;
      this.#place.size += written;
    }
    batch.used = 0;
  }

  /** What was added and flushed stays. */
  commit(): void {
    this.#hasTail = false;
    this.#committed = { ...this.#place };
    this.streams.push(...this.#newStreams.slice(0, LISTED_STREAMS_MAX - this.streams.length));
    this.gaps.push(...this.#newGaps.slice(0, LISTED_GAPS_MAX - this.gaps.length));
    this.#newStreams = [];
    this.#newGaps = [];
  }

  /** Forgets what was added since the last commit. */
  rollback(): void {
    this.#parts.batch.used = 0;
    this.#place = { ...this.#committed };
    this.#newStreams = [];
    this.#newGaps = [];
    try {
      this.#cutTail();
    } catch (error) {
      // The failure that led here has been told already. The tail is overwritten by the next write, or cut off by `close`.
      if (!isSystemError(error)) throw error;
    }
  }

  /** Writes the end of a file that is complete, once. Throws what the file calls throw; then the file is as it was. */
  finish(totals: CaptureFileTotals): void {
    if (this.#file === null || !this.#place.hasHeader) return;
    const { batch } = this.#parts;
    const trailer = this.#format.fileTrailer(totals);
    batch.bytes.set(trailer, batch.used);
    batch.used += trailer.byteLength;
    try {
      this.flush();
      this.commit();
    } catch (error) {
      this.rollback();
      throw error;
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
    const file = this.#file;
    if (file === null || !this.#hasTail) return;
    this.#parts.files.truncate(file, this.#committed.size);
    this.#hasTail = false;
  }

  #begin(): void {
    const { directory, channel, batch } = this.#parts;
    if (this.#file === null) {
      const { name, file } = directory.createFile(channel);
      this.name = name;
      this.#file = file;
    }
    const { version, platform, architecture, sessionStartedWallMs } = directory.facts;
    const header = this.#format.fileHeader({ channel, application: `ryll-actors ${version}`, system: `${platform} ${architecture}`, sessionStartedWallMs });
    batch.bytes.set(header, batch.used);
    batch.used += header.byteLength;
    this.#place.hasHeader = true;
  }

  /** A generation of the channel is a TCP stream of its own, and starts with its link exchange even when that is long gone from the ring. */
  #beginStream(entry: TapEntry, wallMs: number): void {
    const place = this.#place;
    const { channel, directory, head, wallBaseMs } = this.#parts;
    const isAtStart = entry.sentBefore === 0 && entry.receivedBefore === 0;
    const pieces = isAtStart ? [] : head(entry.stream);
    const firstMs = pieces[0] === undefined ? wallMs : wallBaseMs + pieces[0].monotonicMs;
    place.stream = entry.stream;
    place.clientPort = clientPortOf(channel, entry.stream);
    place.sentBefore = 0;
    place.receivedBefore = 0;
    this.#makeRoom(handshakeBytesMax(this.#format));
    const secondsIn = ((firstMs - directory.facts.sessionStartedWallMs) / 1000).toFixed(3);
    writeHandshake(this.#parts.batch, place.clientPort, firstMs, this.#format, `${channel}#${entry.generation}: this link begins ${secondsIn} s into the session`);
    for (const piece of pieces) this.#frame(piece.received, wallBaseMs + piece.monotonicMs, piece.bytes);
    this.#newStreams.push({ clientPort: place.clientPort, generation: entry.generation, hasLinkExchange: isAtStart ? entry.head : pieces.length > 0 });
  }

  /** Written already, from the stream's pinned head. */
  #isInHead(entry: TapEntry): boolean {
    const { sentBefore, receivedBefore } = this.#place;
    return entry.head && (entry.received ? entry.receivedBefore < receivedBefore : entry.sentBefore < sentBefore);
  }

  #noteGap(entry: TapEntry, wallMs: number, isFirst: boolean): CaptureGap | null {
    const place = this.#place;
    const sentBytes = (entry.sentBefore - place.sentBefore) >>> 0;
    const receivedBytes = (entry.receivedBefore - place.receivedBefore) >>> 0;
    if (sentBytes === 0 && receivedBytes === 0) return null;
    const messages = entry.sequence - place.sequence;
    const gap = { wallMs, clientPort: place.clientPort, messages: isFirst || messages === 0 ? null : messages, sentBytes, receivedBytes };
    this.#newGaps.push(gap);
    return gap;
  }

  /** The bytes at the file's present place in the stream. */
  #frame(received: boolean, wallMs: number, bytes: Uint8Array, comment?: string): void {
    const place = this.#place;
    const { batch } = this.#parts;
    const message: PcapMessage = {
      clientPort: place.clientPort, received, sentBefore: place.sentBefore, receivedBefore: place.receivedBefore, wallMs, bytes, comment,
    };
    const frames = frameCountOf(bytes.byteLength);
    for (let index = 0; index < frames; index++) {
      this.#makeRoom(packetBytesMax(this.#format, bytes.byteLength, comment));
      writeMessageFrame(batch, message, index, this.#format);
    }
    if (received) place.receivedBefore = (place.receivedBefore + bytes.byteLength) >>> 0;
    else place.sentBefore = (place.sentBefore + bytes.byteLength) >>> 0;
  }

  #makeRoom(byteLength: number): void {
    if (this.#parts.batch.used + byteLength > this.#parts.batch.bytes.byteLength) this.flush();
  }
}

function wordGap({ messages, sentBytes, receivedBytes }: CaptureGap): string {
  const lost = `${sentBytes} bytes sent and ${receivedBytes} bytes received`;
  if (messages === null) return `messages are missing before this one, ${lost}`;
  return `${messages} ${messages === 1 ? 'message is' : 'messages are'} missing before this one, ${lost}`;
}
