import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { parseAgentMessage, serializeAgentMessage } from '#app/protocol/agent.js';
import { createAgentOutbox, grantAgentTokens, offerAgentMessage, resetAgentOutbox } from '#app/protocol/agent-outbox.js';
import { createAgentReassembly, pushAgentData, resetAgentReassembly } from '#app/protocol/agent-reassembly.js';
import { hex } from '../../golden/hand-laid.mjs';

const SELECTIONS = { clipboardSelection: true, clipboardGrabSerial: false };

function messageOf(type: number, payloadBytes: number): Uint8Array {
  const bytes = new Uint8Array(20 + payloadBytes).fill(type, 20);
  new DataView(bytes.buffer).setUint32(0, 1, true);
  new DataView(bytes.buffer).setUint32(4, type, true);
  new DataView(bytes.buffer).setUint32(16, payloadBytes, true);
  return bytes;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

describe('agent messages', () => {
  it('have a 20-byte header: protocol 1, type, opaque 0, size', () => {
    expect(serializeAgentMessage(SELECTIONS, 'clipboardRequest', { selection: 1, type: 2 })).toEqual(
      hex('01 00 00 00', '08 00 00 00', '00 00 00 00 00 00 00 00', '08 00 00 00', '01 00 00 00', '02 00 00 00'),
    );
  });

  it('with a number that nobody knows keep their bytes; those that do not fit keep their error', () => {
    expect(parseAgentMessage(SELECTIONS, 99, hex('aa'))).toEqual({ kind: 'unknown', type: 99, payload: hex('aa') });
    expect(parseAgentMessage(SELECTIONS, 8, hex('01'))).toMatchObject({ kind: 'malformed', type: 8, error: { code: 'truncated' } });
  });
});

describe('reassembly', () => {
  it('any chunking of any messages gives the same messages, split headers and shared bodies included', () => {
    const messages = fc.array(fc.record({ type: fc.integer({ min: 1, max: 16 }), size: fc.nat(90) }), { maxLength: 6 });
    fc.assert(
      fc.property(messages, fc.array(fc.nat(), { maxLength: 12 }), (sent, cuts) => {
        const stream = concat(sent.map(({ type, size }) => messageOf(type, size)));
        const places = [0, ...cuts.map((cut) => cut % (stream.byteLength + 1)), stream.byteLength].toSorted((a, b) => a - b);
        const reassembly = createAgentReassembly(100);
        const pieces = places.slice(1).flatMap((end, index) => pushAgentData(reassembly, stream.slice(places[index], end)));
        expect(pieces).toEqual(sent.map(({ type, size }) => ({ kind: 'message', protocol: 1, type, payload: new Uint8Array(size).fill(type) })));
      }),
    );
  });

  it('a message above the cap is named once and passed over, and the next one is read', () => {
    const reassembly = createAgentReassembly(50);
    const stream = concat([messageOf(4, 51), messageOf(8, 3)]);
    const pieces = [stream.slice(0, 30), stream.slice(30, 72), stream.slice(72)].flatMap((body) => pushAgentData(reassembly, body));
    expect(pieces).toEqual([
      { kind: 'oversize', protocol: 1, type: 4, size: 51 },
      { kind: 'message', protocol: 1, type: 8, payload: hex('08 08 08') },
    ]);
  });

  it('a header that announces much does not allocate much', () => {
    const reassembly = createAgentReassembly(100 * 1024 * 1024);
    pushAgentData(reassembly, concat([messageOf(4, 0).fill(0xff, 16, 18).fill(5, 18, 19), hex('aa')]));
    expect(reassembly.partial.byteLength).toBeLessThanOrEqual(128 * 1024);
  });

  it('a lost agent takes its half message with it', () => {
    const reassembly = createAgentReassembly(50);
    pushAgentData(reassembly, messageOf(4, 40).subarray(0, 33));
    resetAgentReassembly(reassembly);
    expect(pushAgentData(reassembly, messageOf(9, 0))).toEqual([{ kind: 'message', protocol: 1, type: 9, payload: hex() }]);
  });
});

describe('the outbox', () => {
  it('cuts at 2048 bytes, the header whole in the first chunk, and joins no two messages', () => {
    const sizesOf = (...payloads: readonly number[]): number[] =>
      payloads.flatMap((size) => offerAgentMessage(createAgentOutbox(9, 10_000), messageOf(4, size)).send.map((chunk) => chunk.byteLength));
    expect(sizesOf(0, 2028, 2029, 4100)).toEqual([20, 2048, 2048, 1, 2048, 2048, 24]);
    expect(() => offerAgentMessage(createAgentOutbox(9, 10_000), hex('01'))).toThrowError(RangeError);
  });

  it('under any mix of offers and grants: never more chunks than tokens, all bytes in order, none lost', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('offer' as const), size: fc.nat(5000) }),
      fc.record({ kind: fc.constant('grant' as const), tokens: fc.nat(4) }),
    );
    fc.assert(
      fc.property(fc.nat(3), fc.array(step, { maxLength: 20 }), (firstTokens, steps) => {
        let outbox = createAgentOutbox(firstTokens, 1_000_000);
        let tokens = firstTokens;
        const offered: Uint8Array[] = [];
        const sent: Uint8Array[] = [];
        for (const one of steps) {
          let result;
          if (one.kind === 'grant') {
            tokens += one.tokens;
            result = grantAgentTokens(outbox, one.tokens);
          } else {
            const message = messageOf(1 + (offered.length % 16), one.size);
            offered.push(message);
            result = offerAgentMessage(outbox, message);
          }
          outbox = result.outbox;
          sent.push(...result.send);
          expect(outbox.tokens).toBe(tokens - sent.length);
          expect(outbox.tokens === 0 || outbox.queuedBytes === 0).toBe(true);
        }
        sent.push(...grantAgentTokens(outbox, 1000).send);
        expect(Buffer.concat(sent).equals(Buffer.concat(offered))).toBe(true);
      }),
    );
  });

  it('refuses a message that does not fit, whole, and keeps the rest', () => {
    const { outbox } = offerAgentMessage(createAgentOutbox(0, 3000), messageOf(4, 2900));
    const refused = offerAgentMessage(outbox, messageOf(4, 100));
    expect(refused).toEqual({ outbox, send: [], accepted: false });
  });

  it('forgets what was queued for an agent that is gone', () => {
    const { outbox } = offerAgentMessage(createAgentOutbox(0, 3000), messageOf(4, 100));
    expect(resetAgentOutbox(outbox, 10)).toEqual(createAgentOutbox(10, 3000));
  });
});
