// traffic.pcap of a report: several channels in one file in the order of their times, link exchanges first, and nothing in it that is not for its readers.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeTraffic, type TrafficCount } from '#app/capture/report/report-traffic.js';
import { createTap, type Tap } from '#app/capture/tap.js';
import { TapProducer } from '#app/mailbox/tap-producer.js';
import { createTapRing, type TapRingHandle } from '#app/mailbox/tap-ring.js';
import { pinTapRing, readTapPins, releaseTapPins, TapPinsReleased } from '#app/mailbox/tap-snapshot.js';
import { serializeAgentMessage } from '#app/protocol/agent.js';
import { readStreams, type ReadStream } from '../../../support/read-pcap.ts';
import { TEST_CLOCK } from '../../../support/tap-rings.ts';

const dialect = { clipboardSelection: true, clipboardGrabSerial: true } as const;

function mini(type: number, body: Uint8Array | number): Uint8Array {
  const bytes = typeof body === 'number' ? new Uint8Array(body).fill(7) : body;
  const message = new Uint8Array(6 + bytes.byteLength);
  new DataView(message.buffer).setUint16(0, type, true);
  new DataView(message.buffer).setUint32(2, bytes.byteLength, true);
  message.set(bytes, 6);
  return message;
}

class Recorded {
  readonly rings: TapRingHandle[] = [];
  #nowMs = 5_000;

  tap(channel: string, ringBytes = 1024 * 1024): Tap {
    let ring = this.rings.find((each) => each.channel === channel);
    if (ring === undefined) this.rings.push((ring = createTapRing({ channel, ringBytes, ...(ringBytes < 100_000 ? { segmentBytes: 4_096, lagBytes: ringBytes } : {}) }, TEST_CLOCK)));
    return createTap(new TapProducer(ring, 1), { monotonicMs: () => this.#nowMs++ });
  }

  file(redacted = true): { readonly bytes: Uint8Array; readonly count: TrafficCount; readonly streams: readonly ReadStream[] } {
    const pins = this.rings.map((ring) => pinTapRing(ring));
    const count = { messages: 0, bytes: 0 };
    const pieces = [...copied(writeTraffic(pins.map((each) => ({ channel: each.handle.channel, wallBaseMs: each.handle.wallBaseMs, ...readTapPins(each) })), { redacted }, count))];
    for (const each of pins) releaseTapPins(each);
    const bytes = new Uint8Array(Buffer.concat(pieces));
    return { bytes, count, streams: readStreams(bytes) };
  }
}

function* copied(pieces: Iterable<Uint8Array>): Generator<Uint8Array, void> {
  for (const piece of pieces) yield piece.slice();
}

const magic = [0x52, 0x45, 0x44, 0x51] as const;
const linkMessage = new Uint8Array([...magic, ...Array.from({ length: 26 }, () => 1)]);
const exchange = (tap: Tap): void => {
  tap.linkExchange('sent', linkMessage);
  tap.linkExchange('received', linkMessage);
  tap.linkExchange('sent', new Uint8Array([1, 0, 0, 0]));
  tap.linkExchange('sent', new Uint8Array(128).fill(0xab));
  tap.linkExchange('received', new Uint8Array(4));
};

describe('the file', () => {
  test('holds every channel with a port of its own, each stream from its link exchange on', () => {
    const recorded = new Recorded();
    const [main, display] = [recorded.tap('main/0'), recorded.tap('display/0')];
    exchange(main);
    exchange(display);
    main.append('received', mini(4, 12));
    display.append('received', mini(304, 100_000));
    main.append('sent', mini(3, 12));
    const { streams, count } = recorded.file();
    expect(count.messages).toBe(13);
    expect(streams.map(({ clientPort, sent, received }) => [clientPort, sent.map((chunk) => chunk.byteLength), received.map((chunk) => chunk.byteLength)])).toEqual([
      [10_001, [linkMessage.byteLength + 4 + 128 + 18], [linkMessage.byteLength + 4 + 18]],
      [10_002, [linkMessage.byteLength + 4 + 128], [linkMessage.byteLength + 4 + 100_006]],
    ]);
  });

  test('begins with the link exchange also when that has left the ring, and a second link is a stream of its own', () => {
    const recorded = new Recorded();
    const first = recorded.tap('display/0', 16_384);
    exchange(first);
    for (let index = 0; index < 100; index++) first.append('received', mini(304, 1_000));
    exchange(recorded.tap('display/0'));
    const { streams } = recorded.file();
    expect(streams.map(({ clientPort }) => clientPort)).toEqual([10_002, 10_502]);
    expect([...streams[0]!.received[0]!.subarray(0, 4)]).toEqual([...magic]);
    // What left the ring is a gap.
    expect(streams[0]!.received.length).toBe(2);
  });

  test('of pins that were released meanwhile is not written to its end', () => {
    const recorded = new Recorded();
    const tap = recorded.tap('display/0');
    for (let index = 0; index < 100; index++) tap.append('received', mini(304, 10_000));
    const pins = pinTapRing(recorded.rings[0]!);
    const pieces = writeTraffic([{ channel: 'display/0', wallBaseMs: 0, ...readTapPins(pins) }], { redacted: true }, { messages: 0, bytes: 0 });
    expect(pieces.next().done).toBe(false);
    releaseTapPins(pins);
    expect(() => [...pieces]).toThrow(TapPinsReleased);
  });
});

describe('redaction', () => {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
  const shows = (recorded: Recorded, secret: string, redacted = true): boolean => text(recorded.file(redacted).bytes).includes(secret);

  test('takes key codes out, and leaves the messages and lock keys', () => {
    const recorded = new Recorded();
    const inputs = recorded.tap('inputs/0');
    for (const [type, body] of [[101, 'KEY1'], [102, 'KEY2'], [104, 'KEY3'], [103, 'LOCK'], [112, 'MOVE']] as const) inputs.append('sent', mini(type, Buffer.from(body)));
    const [stream] = recorded.file().streams;
    expect(text(stream!.sent[0]!).replaceAll(/[^A-Z0-9]/g, '')).toBe('LOCKMOVE'.replaceAll(' ', ''));
    expect(stream!.sent[0]!.byteLength).toBe(50);
    expect(shows(recorded, 'KEY1', false)).toBe(true);
  });

  test('takes the ticket out of the link exchange, wherever it is kept', () => {
    const recorded = new Recorded();
    exchange(recorded.tap('cursor/0'));
    expect(shows(recorded, '\xab\xab\xab\xab')).toBe(false);
    expect(shows(recorded, '\xab\xab\xab\xab', false)).toBe(true);
  });

  const clipboard = serializeAgentMessage(dialect, 'clipboard', { selection: 0, type: 1, data: Buffer.from('the-clipboard-secret') });
  const monitors = serializeAgentMessage(dialect, 'monitorsConfig', { flags: 0, monitors: [{ height: 0x4d4f4e49, width: 0x544f5253, depth: 32, x: 0, y: 0 }], physicalSizes: null });

  /** AGENT_DATA is 107 from the client and 109 from the server. */
  const agentData = (received: boolean, bytes: Uint8Array): Uint8Array => mini(received ? 109 : 107, bytes);

  test.each([[true], [false]])('takes clipboards out however they are cut, and leaves what is the machine\'s (received: %s)', (received) => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 }), (cuts) => {
      const recorded = new Recorded();
      const main = recorded.tap('main/0');
      exchange(main);
      const stream = Buffer.concat([monitors, clipboard, monitors]);
      let at = 0;
      for (let index = 0; at < stream.length; index++) {
        const end = at + cuts[index % cuts.length]!;
        main.append(received ? 'received' : 'sent', agentData(received, stream.subarray(at, end)));
        main.append('received', mini(4, 12));
        at = end;
      }
      const [read] = recorded.file().streams;
      const shown = text(agentBytes(received ? read!.received[0]! : read!.sent[0]!, received));
      expect(shown).not.toMatch(/[-](clip|secret)/);
      expect(shown.length).toBe(stream.length);
      expect(shown.slice(0, monitors.length)).toBe(text(monitors));
      expect(shown.slice(-monitors.length)).toBe(text(monitors));
    }));
  });

  test('takes out everything of the agent where the start of its messages is not known', () => {
    const recorded = new Recorded();
    const main = recorded.tap('main/0', 16_384);
    exchange(main);
    for (let index = 0; index < 100; index++) main.append('received', mini(4, 1_000));
    main.append('sent', agentData(false, clipboard));
    main.append('sent', agentData(false, monitors));
    expect(shows(recorded, 'secret')).toBe(false);
    expect(shows(recorded, 'INOMSROT')).toBe(false);
    expect(shows(recorded, 'INOMSROT', false)).toBe(true);
    // An agent that begins anew is known again.
    main.append('received', mini(107, 0));
    main.append('sent', agentData(false, monitors));
    expect(shows(recorded, 'INOMSROT')).toBe(true);
  });
});

/** The bodies of AGENT_DATA, together. */
function agentBytes(chunk: Uint8Array, received: boolean): Uint8Array {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const bodies: Uint8Array[] = [];
  // Behind the link exchange.
  for (let at = linkMessage.byteLength + (received ? 4 : 132); at < chunk.byteLength; at += 6 + view.getUint32(at + 2, true)) {
    if (view.getUint16(at, true) === (received ? 109 : 107)) bodies.push(chunk.subarray(at + 6, at + 6 + view.getUint32(at + 2, true)));
  }
  return Buffer.concat(bodies);
}
