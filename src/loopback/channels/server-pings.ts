// Server PINGs: one every so often, each answered by a PONG with its id and time. Shared by all channels; the connectivity check
// that ends a session is the main channel's.

import { violation, type ServerEffect } from './server-channel.ts';

export interface PingState {
  readonly nextId: number;
  /** The PING that was sent last and not answered yet. */
  readonly outstanding: { readonly id: number; readonly timestamp: bigint } | null;
  readonly sent: number;
  readonly pongs: number;
}

/** Ids begin at 1: 0 is the id of the opening bandwidth test. */
export const initialPings: PingState = { nextId: 1, outstanding: null, sent: 0, pongs: 0 };

/** The value of the next PING. Its time is in nanoseconds, as the real server's latency monitor counts. */
export function nextPing(state: PingState, nowMs: number): { readonly state: PingState; readonly ping: { readonly id: number; readonly timestamp: bigint; readonly padding: Uint8Array } } {
  const timestamp = BigInt(Math.round(nowMs * 1e6));
  const { nextId: id } = state;
  return { state: { ...state, nextId: id + 1, outstanding: { id, timestamp }, sent: state.sent + 1 }, ping: { id, timestamp, padding: new Uint8Array(0) } };
}

/** One PONG. An id of 0 answers the opening test; any other must be the last PING's, with its time. */
export function takePong(state: PingState, pong: { readonly id: number; readonly timestamp: bigint }): { readonly state: PingState; readonly effects: readonly ServerEffect[] } {
  const counted = { ...state, pongs: state.pongs + 1 };
  if (pong.id === 0) return { state: counted, effects: [] };
  const { outstanding } = state;
  if (pong.id >= state.nextId) return { state: counted, effects: [violation('pong-id')] };
  if (outstanding === null || outstanding.id !== pong.id) return { state: counted, effects: [] }; // an earlier one, late
  return { state: { ...counted, outstanding: null }, effects: outstanding.timestamp === pong.timestamp ? [] : [violation('pong-timestamp')] };
}
