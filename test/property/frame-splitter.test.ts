import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { createFrameSplitter, push } from '#app/protocol/frame-splitter.js';
import type { Frame } from '#app/protocol/frame-splitter.js';
import { WireError } from '#app/protocol/wire/wire-error.js';

interface Sent {
  readonly type: number;
  readonly body: Uint8Array;
}

const message = fc.record({ type: fc.integer({ min: 1, max: 0xffff }), body: fc.uint8Array({ maxLength: 60 }) });
const messages = fc.array(message, { maxLength: 12 });
const cuts = fc.array(fc.nat(), { maxLength: 20 });

/** Lays frames with a DataView of its own: not with the writer under test. */
function lay(header: 'mini' | 'full', sent: readonly Sent[]): Uint8Array {
  const headerBytes = header === 'mini' ? 6 : 18;
  const bytes = new Uint8Array(sent.reduce((sum, one) => sum + headerBytes + one.body.byteLength, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [index, { type, body }] of sent.entries()) {
    if (header === 'full') view.setBigUint64(at, BigInt(index + 1), true);
    view.setUint16(at + headerBytes - (header === 'mini' ? 6 : 10), type, true);
    view.setUint32(at + (header === 'mini' ? 2 : 10), body.byteLength, true);
    bytes.set(body, at + headerBytes);
    at += headerBytes + body.byteLength;
  }
  return bytes;
}

function chunksOf(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [...new Set([0, ...at.map((cut) => cut % (bytes.byteLength + 1)), bytes.byteLength])].sort((a, b) => a - b);
  return places.slice(1).map((end, index) => bytes.slice(places[index], end));
}

/** Copies: a frame is valid only until the next push. */
function kept(frame: Frame): Frame {
  return { ...frame, bytes: frame.bytes.slice(), body: frame.body.slice() };
}

function thrownBy(run: () => void): unknown {
  try {
    run();
    return null;
  } catch (error) {
    return error;
  }
}

describe.each(['mini', 'full'] as const)('with %s headers', (header) => {
  it('any chunking gives the same frames, and their bytes are the stream', () => {
    fc.assert(
      fc.property(messages, cuts, (sent, at) => {
        const stream = lay(header, sent);
        const splitter = createFrameSplitter({ header, bodyBytesMax: 60 });
        const frames = chunksOf(stream, at).flatMap((chunk) => push(splitter, chunk).map(kept));
        expect(frames.map(({ type, body, serial }) => ({ type, body, serial }))).toEqual(
          sent.map(({ type, body }, index) => ({ type, body, serial: index + 1 })),
        );
        expect(Buffer.concat(frames.map((frame) => frame.bytes))).toEqual(Buffer.from(stream));
      }),
    );
  });

  it('a frame that straddles chunks keeps its bytes while later frames are assembled', () => {
    const stream = lay(header, [1, 2, 3].map((type) => ({ type, body: Uint8Array.of(type, type) })));
    const splitter = createFrameSplitter({ header, bodyBytesMax: 60 });
    const frames = Array.from(stream, (byte) => push(splitter, Uint8Array.of(byte))).flat();
    expect(frames.map((frame) => [...frame.body])).toEqual([[1, 1], [2, 2], [3, 3]]);
  });

  it('one byte at a time is a chunking too', () => {
    const stream = lay(header, [
      { type: 3, body: new Uint8Array(0) },
      { type: 4, body: Uint8Array.of(1, 2, 3) },
    ]);
    const splitter = createFrameSplitter({ header, bodyBytesMax: 60 });
    const types = Array.from(stream, (byte) => push(splitter, Uint8Array.of(byte)).map((frame) => frame.type)).flat();
    expect(types).toEqual([3, 4]);
  });

  it('a body above the maximum is refused from its header, after the frames before it, wherever the chunks end', () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 61, max: 0xffff_ffff }), cuts, (sent, size, at) => {
        const good = lay(header, sent);
        const bad = lay(header, [{ type: 1, body: new Uint8Array(0) }]);
        new DataView(bad.buffer).setUint32(header === 'mini' ? 2 : 10, size, true);
        const stream = Uint8Array.from([...good, ...bad]);
        const splitter = createFrameSplitter({ header, bodyBytesMax: 60 });
        let frames = 0;
        let error: unknown = null;
        for (const chunk of chunksOf(stream, at)) {
          try {
            push(splitter, chunk);
          } catch (thrown) {
            error = thrown;
          }
          frames += splitter.completed.length;
        }
        expect(error).toBeInstanceOf(WireError);
        expect(error).toMatchObject({ code: 'oversize', value: size, limit: 60 });
        expect(frames).toBe(sent.length);
      }),
    );
  });

  it('junk gives frames or an oversize error and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
        const splitter = createFrameSplitter({ header, bodyBytesMax: 1024 });
        const error = thrownBy(() => chunks.forEach((chunk) => push(splitter, chunk)));
        expect(error === null || (error instanceof WireError && error.code === 'oversize')).toBe(true);
        expect(splitter.filled).toBeLessThan(18 + 1024);
      }),
    );
  });
});
