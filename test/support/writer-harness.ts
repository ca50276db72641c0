// A writer on a disk in memory and in virtual time, with channels that append to real rings: everything of the flight recorder
// but the threads.
import type { CaptureFacts } from '#app/capture/capture-metadata.js';
import type { WriterEvent, WriterMessage } from '#app/capture/writer-message.js';
import type { Actor, ActorContext } from '#app/actors/kernel/actor.js';
import type { StopReason } from '#app/actors/kernel/exit-reason.js';
import type { TapRingHandle } from '#app/mailbox/tap-ring.js';
import { createWriter } from '#app/actors/writer-actor.js';
import { createVirtualHost } from '#app/actors/kernel/virtual-host.js';
import { createTap } from '#app/capture/tap.js';
import { TapProducer } from '#app/mailbox/tap-producer.js';
import { createTapRing, readTapCounters } from '#app/mailbox/tap-ring.js';
import type { MemoryDisk } from './memory-files.ts';
import type { ReadStream } from './read-pcap.ts';
import { memoryDisk } from './memory-files.ts';
import { readStreams } from './read-pcap.ts';

export const FACTS: CaptureFacts = {
  captureId: 'c0ffee', version: '0.1.0', gitSha: null, platform: 'linux', architecture: 'x64',
  targetHost: 'example.test', targetPort: 5900, targetTlsPort: null, startedWallMs: Date.UTC(2026, 0, 1),
  sessionStartedWallMs: Date.UTC(2026, 0, 1), format: 'pcapng', trafficCapMib: 50, inputLog: 'redacted',
};
export const DIRECTORY = '/captures/one';

const keyDown = 101;

/** A SPICE message with a mini header and a body that carries `number`. */
function message(number: number, bodyBytes = 10, type = 1): Uint8Array {
  const bytes = new Uint8Array(6 + Math.max(4, bodyBytes));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, type, true);
  view.setUint32(2, bytes.byteLength - 6, true);
  view.setUint32(6, number, true);
  return bytes;
}

/** The numbers of the messages in a run of bytes; throws when it does not start and end with a whole message. */
export function numbersIn(chunk: Uint8Array): number[] {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const numbers: number[] = [];
  let at = 0;
  while (at < chunk.byteLength) {
    numbers.push(view.getUint32(at + 6, true));
    at += 6 + view.getUint32(at + 2, true);
  }
  if (at !== chunk.byteLength) throw new Error('half a message in the file');
  return numbers;
}

export interface Harness {
  readonly disk: MemoryDisk;
  readonly host: ReturnType<typeof createVirtualHost>;
  readonly events: WriterEvent[];
  readonly refusals: { tell: boolean };
  readonly blockedOn: (string | null)[];
  readonly exits: unknown[];
  addChannel(channel: string, options?: { segmentBytes?: number; segments?: number }): Channel;
  start(overrides?: { directory?: string; facts?: CaptureFacts; capture?: null; generation?: number }): Promise<Actor<WriterMessage>>;
  tell(message: WriterMessage): void;
  /** As the kernel stops it: virtual time stands still, turns go on. */
  stop(reason?: StopReason): Promise<void>;
  /** The file's text, or its streams. */
  metadata(): Record<string, unknown>;
  streams(name: string): ReadStream[];
}

export interface Channel {
  readonly ring: TapRingHandle;
  /** Another generation of the channel's actor. */
  link(generation?: number): void;
  append(number: number, bodyBytes?: number): void;
  send(number: number): void;
  /** As of an inputs channel. */
  press(code: number): void;
  readonly wakes: number;
  counters(): ReturnType<ReturnType<typeof readTapCounters>>;
}

export function writerHarness(): Harness {
  const disk = memoryDisk();
  const host = createVirtualHost({ seed: 1 });
  const events: WriterEvent[] = [];
  const refusals = { tell: false };
  const blockedOn: (string | null)[] = [];
  const exits: unknown[] = [];
  const rings: TapRingHandle[] = [];
  let writer: Actor<WriterMessage> | null = null;

  const context = (generation: number): ActorContext => ({
    id: 'writer',
    generation,
    host,
    address: (to) => ({
      from: 'writer',
      to,
      // The writer tells only WriterEvents.
      tell: (event) => (refusals.tell ? 'full' : (events.push(event as WriterEvent), 'accepted')),
      send: async (event) => {
        if (refusals.tell) throw new Error('nobody listens');
        events.push(event as WriterEvent);
      },
    }),
    progress: { enter: () => {}, leave: () => {}, beat: () => {}, blockedOn: (call) => void blockedOn.push(call) },
    exit: (reason) => void exits.push(reason),
  });
  const tell = (told: WriterMessage): void => writer?.receive(told, { sender: 'test', generation: 1, lane: 'data' });

  return {
    disk, host, events, refusals, blockedOn, exits, tell,
    addChannel(channel, { segmentBytes = 4_096, segments = 4 } = {}) {
      const lagBytes = segmentBytes * segments;
      const ring = createTapRing({ channel, ringBytes: lagBytes, segmentBytes, lagBytes, largeBytes: [segmentBytes * 16, segmentBytes * 256] }, host.clock);
      rings.push(ring);
      const counters = readTapCounters(ring);
      let tap = createTap(new TapProducer(ring, 1), host.clock);
      let wakes = 0;
      const told = (wake: boolean): void => {
        if (!wake) return;
        wakes += 1;
        tell(tap.tappedMessage);
      };
      return {
        ring,
        counters,
        link: (generation = 1) => {
          if (generation > 1) tap = createTap(new TapProducer(ring, generation), host.clock);
          told(tap.linkExchange('sent', message(1_000_000 + generation, 40)));
          told(tap.linkExchange('received', message(2_000_000 + generation, 60)));
        },
        append: (number, bodyBytes) => told(tap.append('received', message(number, bodyBytes))),
        send: (number) => told(tap.append('sent', message(number))),
        press: (code) => told(tap.append('sent', message(code, 4, keyDown))),
        get wakes() {
          return wakes;
        },
      };
    },
    async start({ directory = DIRECTORY, facts = FACTS, capture, generation = 1 } = {}) {
      writer = await createWriter(disk.calls).start(context(generation), { rings, capture: capture === null ? null : { directory, facts }, eventsTo: 'hub' });
      return writer;
    },
    async stop(reason = { kind: 'shutdown' }) {
      const stopped = writer!.stop(reason);
      await host.settle();
      await stopped;
    },
    // Written by us as an object.
    metadata: () => JSON.parse(new TextDecoder().decode(disk.files.get(`${DIRECTORY}/metadata.json`))) as Record<string, unknown>,
    streams: (name) => readStreams(disk.files.get(`${DIRECTORY}/${name}`) ?? new Uint8Array(0)),
  };
}
