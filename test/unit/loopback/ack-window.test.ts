// The server's flow control: what it holds back, and which ACKs it can tell to be wrong.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBlocked, noWindow, offerMessage, owesAck, takeAck, takeAckSync, type AckWindow } from '#app/loopback/ack-window.js';

const WINDOW = 3;
const setAck = { message: 'setAck', setAck: { generation: 7, window: WINDOW } };
const plain = (message: string) => ({ message, setAck: null });

/** A window that is open and synced, with so many messages offered after SET_ACK. */
function opened(messages: number): { state: AckWindow<string>; sent: string[] } {
  const sent: string[] = [];
  let { state } = takeAckSync(offerMessage<string>(noWindow, setAck).state, 7);
  for (let index = 0; index < messages; index += 1) {
    const step = offerMessage(state, plain(`m${index}`));
    state = step.state;
    sent.push(...step.send);
  }
  return { state, sent };
}

test('without SET_ACK nothing is held back', () => {
  let state: AckWindow<string> = noWindow;
  for (let index = 0; index < 1_000; index += 1) ({ state } = offerMessage(state, plain('m')));
  expect(state.waiting).toEqual([]);
  expect(isBlocked(state)).toBe(false);
});

test('what passes two windows waits, in order, for the next ACK', () => {
  const { state, sent } = opened(10);
  // SET_ACK is the first of the seven that may be unacknowledged.
  expect(sent).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5']);
  expect(isBlocked(state)).toBe(true);
  expect(takeAck(state)).toMatchObject({ send: ['m6', 'm7', 'm8'], violation: null });
});

test('a new SET_ACK starts its window anew and wants a new ACK_SYNC', () => {
  const again = offerMessage(opened(2).state, { message: 'again', setAck: { generation: 8, window: 5 } });
  expect(again.state).toMatchObject({ generation: 8, window: 5, sent: 1, acks: 0, synced: false });
  expect(takeAckSync(again.state, 7).violation).toBe('ack-sync-generation');
  expect(takeAckSync(again.state, 8).violation).toBeNull();
});

describe('an ACK is wrong', () => {
  test('before ACK_SYNC', () => expect(takeAck(offerMessage<string>(noWindow, setAck).state).violation).toBe('ack-unasked'));
  test('for more messages than were sent', () => {
    expect(takeAck(opened(1).state).violation).toBe('ack-ahead');
    expect(takeAck(opened(2).state).violation).toBeNull();
  });
  test('and does not count', () => expect(takeAck(opened(1).state).state.acks).toBe(0));
});

test('whoever counts every message owes nothing at any PONG, with SET_ACK counted or without; whoever forgets an ACK is found', () => {
  const countsSetAck = fc.boolean();
  fc.assert(fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 60 }), countsSetAck, (window, messages, counted) => {
    let state: AckWindow<string> = takeAckSync(offerMessage<string>(noWindow, { message: 's', setAck: { generation: 1, window } }).state, 1).state;
    let left = counted ? window - 1 : window;
    const acknowledge = (): void => {
      if (left > 0) return;
      left = window;
      const step = takeAck(state);
      expect(step.violation).toBeNull();
      ({ state } = step);
    };
    acknowledge();
    for (let index = 0; index < messages; index += 1) {
      ({ state } = offerMessage(state, plain('m')));
      expect(owesAck(state, state.sent)).toBe(false);
      left -= 1;
      acknowledge();
    }
    const forgetful = { ...state, acks: state.acks - 1 };
    expect(owesAck(forgetful, state.sent + window + 1)).toBe(true);
  }));
});
