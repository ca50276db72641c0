// Flow control over any sequence of messages, judged as the server does: it counts what it has sent since its SET_ACK, takes a
// window off for each ACK, and stops for ever at two windows.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { initialFlow, stepFlow, type FlowInput } from '#app/protocol/channels/flow.js';

const input: fc.Arbitrary<FlowInput> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: 'other' as const }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('ping' as const), id: fc.nat(0xffff_ffff), timestamp: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('setAck' as const), generation: fc.nat(0xffff_ffff), window: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 0xffff_ffff })) }) },
);

test('ACKs are the whole windows since SET_ACK, the debt stays below two windows, each PING has its PONG, each SET_ACK its ACK_SYNC', () => {
  fc.assert(
    fc.property(fc.array(input, { maxLength: 200 }), (inputs) => {
      let state = initialFlow;
      let window = 0, messages = 0, acks = 0;
      for (const each of inputs) {
        if (each.kind === 'setAck') [window, messages, acks] = [each.window, 0, 0];
        messages += 1;
        const step = stepFlow(state, each);
        ({ state } = step);
        const names = step.replies.map(({ name }) => name);
        acks += names.filter((name) => name === 'ack').length;
        expect(acks).toBe(window === 0 ? 0 : Math.floor(messages / window));
        expect(window === 0 ? 0 : messages - acks * window).toBeLessThan(Math.max(1, 2 * window));
        expect(step.replies.filter(({ name }) => name !== 'ack')).toEqual(answerTo(each));
        // The answer goes before the ACK, and nothing is said twice.
        expect(names).toEqual([...new Set(names)].toSorted((a, b) => (a === 'ack' ? 1 : 0) - (b === 'ack' ? 1 : 0)));
      }
      expect(state.pongsSent).toBe(inputs.filter(({ kind }) => kind === 'ping').length);
    }),
  );
});

function answerTo(input: FlowInput): readonly unknown[] {
  switch (input.kind) {
    case 'ping':
      return [{ name: 'pong', value: { id: input.id, timestamp: input.timestamp } }];
    case 'setAck':
      return [{ name: 'ackSync', value: { generation: input.generation } }];
    case 'other':
      return [];
  }
}
