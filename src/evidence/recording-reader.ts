// The messages of a recording in the order of their times, whichever file they are in. It holds a piece of each file and no more, ends
// a file at its first fault, and keeps what was wrong for whoever has read to the end.

import { behind, type PacketReader, type ReadingFault } from '../capture/read/packet.ts';
import { ClassicPcapReader, isClassicPcap } from '../capture/read/classic-pcap.ts';
import type { RecordedMessage } from '../capture/read/recorded-message.ts';
import { TrafficReader } from '../capture/read/traffic-reader.ts';
import { isPcapng, PcapngReader } from './pcapng-packets.ts';
import type { RecordedFile, Recording, RecordingSource } from './recording.ts';
import { systemReason } from './recording-error.ts';

export interface FileFault extends ReadingFault {
  readonly file: string;
}

/** Messages that are handed on at once. */
const BATCH_MAX = 256;
const MAGIC_BYTES = 4;

/** The messages of one source that are read and not yet handed on. */
interface Queue {
  readonly batches: AsyncGenerator<readonly RecordedMessage[]>;
  waiting: readonly RecordedMessage[];
  at: number;
}

export class RecordingReader {
  readonly faults: FileFault[] = [];
  /** Of all files, as far as they have been read. */
  bytesRead = 0;
  packets = 0;
  otherPackets = 0;
  /** Bytes of messages whose end is in no file. */
  unfinishedBytes = 0;
  readonly #recording: Recording;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  /** In batches, oldest first. To be read once. */
  async *messages(): AsyncGenerator<readonly RecordedMessage[]> {
    const queues: Queue[] = [];
    for (const source of this.#recording.sources) {
      const queue: Queue = { batches: this.#source(source), waiting: [], at: 0 };
      if (await refill(queue)) queues.push(queue);
    }
    let batch: RecordedMessage[] = [];
    while (queues.length > 0) {
      const queue = earliest(queues);
      batch.push(queue.waiting[queue.at++]!);
      if (batch.length === BATCH_MAX) {
        yield batch;
        batch = [];
      }
      if (queue.at === queue.waiting.length && !(await refill(queue))) queues.splice(queues.indexOf(queue), 1);
    }
    if (batch.length > 0) yield batch;
  }

  async *#source(source: RecordingSource): AsyncGenerator<readonly RecordedMessage[]> {
    const traffic = new TrafficReader({ channel: source.channel });
    for (const [index, file] of source.files.entries()) {
      if (index > 0) traffic.continueWithNextFile();
      yield* this.#file(file, traffic);
    }
    this.packets += traffic.packets;
    this.otherPackets += traffic.otherPackets;
    this.unfinishedBytes += traffic.unfinishedBytes;
  }

  async *#file(file: RecordedFile, traffic: TrafficReader): AsyncGenerator<readonly RecordedMessage[]> {
    let reader: PacketReader | null = null;
    let first: Uint8Array = new Uint8Array(0);
    for await (const bytes of this.#chunks(file)) {
      first = reader === null ? behind(first, bytes) : bytes;
      if (reader === null && first.byteLength < MAGIC_BYTES) continue;
      reader ??= readerOf(first);
      const messages = reader.push(first).flatMap((packet) => traffic.take(packet));
      if (messages.length > 0) yield messages;
      if (reader.fault !== null) break;
    }
    reader ??= new PcapngReader();
    reader.end();
    if (reader.fault !== null) this.faults.push({ file: file.name, ...reader.fault });
  }

  /** What the disk or the zip gives; its failure is a fault of the file, and the end of it. */
  async *#chunks(file: RecordedFile): AsyncGenerator<Uint8Array> {
    let offset = 0;
    const failed = (error: unknown): void => void this.faults.push({ file: file.name, code: 'unreadable', offset, message: systemReason(error) });
    const stream = await file.stream().catch(failed);
    if (stream === undefined) return;
    try {
      const chunks = stream[Symbol.asyncIterator]();
      for (;;) {
        const next = await chunks.next().catch(failed);
        if (next === undefined || next.done === true) return;
        // Not a Buffer, whose slice is a view: what reads the messages counts on copies where it asks for them.
        const { buffer, byteOffset, byteLength } = next.value as Buffer;
        const bytes = new Uint8Array(buffer, byteOffset, byteLength);
        offset += bytes.byteLength;
        this.bytesRead += bytes.byteLength;
        yield bytes;
      }
    } finally {
      stream.destroy();
    }
  }
}

/** By the first bytes, not by the name. */
function readerOf(bytes: Uint8Array): PacketReader {
  const magic = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  return isPcapng(magic) || !isClassicPcap(magic) ? new PcapngReader() : new ClassicPcapReader();
}

async function refill(queue: Queue): Promise<boolean> {
  const next = await queue.batches.next();
  if (next.done === true) return false;
  queue.waiting = next.value;
  queue.at = 0;
  return true;
}

/** Sources are few: one for each channel. The first of those that are equally early. */
function earliest(queues: readonly Queue[]): Queue {
  let found = queues[0]!;
  for (const queue of queues) if (queue.waiting[queue.at]!.atMs < found.waiting[found.at]!.atMs) found = queue;
  return found;
}
