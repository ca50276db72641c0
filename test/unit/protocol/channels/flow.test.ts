import { describe, expect, test } from 'vitest';
import { answerListed, initialFlow, stepFlow, type FlowInput, type FlowState } from '#app/protocol/channels/flow.js';
import { ChannelType } from '#app/protocol/constants.js';
import { sentText } from '../../../support/driven-channel.ts';

const OTHER: FlowInput = { kind: 'other' };
const ping = (id: number, timestamp = 0n): FlowInput => ({ kind: 'ping', id, timestamp });
const setAck = (generation: number, window: number): FlowInput => ({ kind: 'setAck', generation, window });

const ACK = '2';
const ackSync = (generation: string): string => `1 ${generation}`;

/** What is written for each message, in order; the state at the end. */
function receive(inputs: readonly FlowInput[], from: FlowState = initialFlow): { readonly replies: string[][]; readonly state: FlowState } {
  let state = from;
  const replies = inputs.map((input) => {
    const step = stepFlow(state, input);
    ({ state } = step);
    return step.replies.map((reply) => sentText(ChannelType.display, reply));
  });
  return { replies, state };
}

describe('PONG', () => {
  test('carries the id and the timestamp of its PING and none of its padding: 12 bytes', () => {
    expect(receive([ping(7, 0x0807_0605_0403_0201n)]).replies).toEqual([['3 070000000102030405060708']]);
  });

  test('is owed for every PING, with or without a window', () => {
    const { replies, state } = receive([ping(0), ping(0), ping(1), setAck(1, 0), ping(2)]);
    expect(replies.flat().filter((reply) => reply.startsWith('3 '))).toHaveLength(4);
    expect(state).toMatchObject({ pingsReceived: 4, pongsSent: 4, acksSent: 0 });
  });

  test('goes before the ACK of the same message', () => {
    expect(receive([setAck(1, 2), ping(9)]).replies[1]).toEqual(['3 090000000000000000000000', ACK]);
  });
});

describe('ACK', () => {
  test('before any SET_ACK none is sent', () => {
    expect(receive(Array.from({ length: 100 }, () => OTHER)).replies.flat()).toEqual([]);
  });

  test('SET_ACK is answered with its generation, and is the first message of its window', () => {
    expect(receive([setAck(0x0102, 3), OTHER, OTHER]).replies).toEqual([[ackSync('02010000')], [], [ACK]]);
  });

  test('PINGs count like everything else', () => {
    expect(receive([setAck(1, 3), ping(1), ping(2), ping(3), ping(4), ping(5)]).replies.map((each) => each.includes(ACK))).toEqual([false, false, true, false, false, true]);
  });

  test('a window of 1 is an ACK for every message, SET_ACK included', () => {
    expect(receive([setAck(1, 1), OTHER, ping(1)]).replies).toEqual([[ackSync('01000000'), ACK], [ACK], ['3 010000000000000000000000', ACK]]);
  });

  test('a window of 0 asks for no ACK at all, and is still answered with its generation', () => {
    expect(receive([setAck(5, 0), OTHER, OTHER, OTHER]).replies).toEqual([[ackSync('05000000')], [], [], []]);
  });

  test('a new SET_ACK replaces generation and window, and forgets what was left of the old one', () => {
    const { replies, state } = receive([setAck(1, 4), OTHER, OTHER, setAck(2, 2), OTHER, OTHER, OTHER]);
    expect(replies).toEqual([[ackSync('01000000')], [], [], [ackSync('02000000')], [ACK], [], [ACK]]);
    expect(state).toMatchObject({ ackGeneration: 2, ackWindow: 2, acksSent: 2 });
  });

  test('the spice-server default of 20: the 20th message, SET_ACK being the first, is acknowledged', () => {
    const { replies } = receive([setAck(1, 20), ...Array.from({ length: 39 }, () => OTHER)]);
    expect(replies.flatMap((each, index) => (each.includes(ACK) ? [index + 1] : []))).toEqual([20, 40]);
  });
});

describe('inside a sub-message list', () => {
  test('a PING is answered and does not count: its carrier does, once', () => {
    const begun = receive([setAck(1, 3)]).state;
    const listed = answerListed(begun, ping(4));
    expect(listed.replies.map((reply) => sentText(ChannelType.display, reply))).toEqual(['3 040000000000000000000000']);
    expect(receive([OTHER, OTHER], listed.state).replies).toEqual([[], [ACK]]);
  });

  test('a SET_ACK opens its window, and its carrier is the first of it', () => {
    const listed = answerListed(initialFlow, setAck(3, 1));
    expect(listed.replies.map((reply) => sentText(ChannelType.display, reply))).toEqual([ackSync('03000000')]);
    expect(receive([OTHER], listed.state).replies).toEqual([[ACK]]);
  });

  test('everything else is owed nothing', () => {
    expect(answerListed(initialFlow, OTHER)).toEqual({ state: initialFlow, replies: [] });
  });
});
