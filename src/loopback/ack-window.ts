// The server's side of SPICE flow control on one channel: what may be sent now, what waits, and whether the client's ACKs can be right.
// Pure; the messages themselves are opaque here.

/** A message that goes out; SET_ACK opens a window of its own. */
export interface Outbound<T> {
  readonly message: T;
  readonly setAck: { readonly generation: number; readonly window: number } | null;
}

export interface AckWindow<T> {
  readonly generation: number;
  /** Messages for each ACK; 0 = no flow control yet. */
  readonly window: number;
  /** The client's ACK_SYNC has named the current generation: its ACKs count. */
  readonly synced: boolean;
  /** Messages of this generation that were sent, SET_ACK the first of them. */
  readonly sent: number;
  /** ACKs of this generation. */
  readonly acks: number;
  /** In order; only what the window holds back. */
  readonly waiting: readonly Outbound<T>[];
}

export interface AckStep<T> {
  readonly state: AckWindow<T>;
  /** To be written now, in this order. */
  readonly send: readonly T[];
  /** The rule that the client broke. */
  readonly violation: string | null;
}

export const noWindow: AckWindow<never> = { generation: 0, window: 0, synced: false, sent: 0, acks: 0, waiting: [] };

/** More than two windows are unacknowledged: nothing may be sent. The margin is spice-server's. */
export function isBlocked(state: AckWindow<unknown>): boolean {
  return state.window > 0 && state.sent - state.acks * state.window > 2 * state.window;
}

export function offerMessage<T>(state: AckWindow<T>, message: Outbound<T>): AckStep<T> {
  return release({ ...state, waiting: [...state.waiting, message] });
}

export function takeAckSync<T>(state: AckWindow<T>, generation: number): AckStep<T> {
  const known = state.window > 0 && generation === state.generation;
  return { state: known ? { ...state, synced: true } : state, send: [], violation: known ? null : 'ack-sync-generation' };
}

export function takeAck<T>(state: AckWindow<T>): AckStep<T> {
  // The real server ignores these; a client that sends them counts for a window that it was not given.
  if (!state.synced) return { state, send: [], violation: 'ack-unasked' };
  const acks = state.acks + 1;
  if (acks * state.window > state.sent) return { state, send: [], violation: 'ack-ahead' };
  return release({ ...state, acks });
}

/**
 * Whether an ACK is missing at the moment of the PONG for the PING that was message number `ordinal` of the current generation.
 * Whatever a client's order of PONG and ACK, it has handled all that came before the PING: one ACK is owed for each full window of that.
 * SET_ACK itself may be counted (as spice-server does) or not (as spice-gtk does), hence the second message less.
 */
export function owesAck(state: AckWindow<unknown>, ordinal: number): boolean {
  return state.synced && state.acks < Math.floor((ordinal - 2) / state.window);
}

function release<T>(state: AckWindow<T>): AckStep<T> {
  const send: T[] = [];
  let next = state;
  for (const { message, setAck } of state.waiting) {
    if (isBlocked(next)) break;
    if (setAck !== null) next = { ...next, generation: setAck.generation, window: setAck.window, synced: false, sent: 0, acks: 0 };
    next = { ...next, sent: next.sent + 1 };
    send.push(message);
  }
  return { state: { ...next, waiting: state.waiting.slice(send.length) }, send, violation: null };
}
