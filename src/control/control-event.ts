// Control events: what a subscribed client is told without asking, as values and as lines. `kind` is the name on the wire.

import { eventLine, type Params, type RequestId } from './request.ts';

export type ControlEvent =
  /** The time between two PINGs of the server on main: not a round trip, SPICE has no PING of the client's. */
  | { readonly kind: 'latency'; readonly sampleMs: number; readonly wallMs: number }
  | { readonly kind: 'agent_connected'; readonly connected: boolean }
  /** Something was drawn since the last look. `sessionMs` counts from the session's beginning. */
  | { readonly kind: 'surface_drawn'; readonly channelId: number; readonly surfaceId: number; readonly sessionMs: number; readonly wallMs: number }
  /** What became of a paste; told to the client that asked for it and to no other. */
  | { readonly kind: 'paste_completed'; readonly requestId: RequestId; readonly characters: number }
  | { readonly kind: 'paste_failed'; readonly requestId: RequestId; readonly reason: string }
  /** How the session stands has changed. */
  | { readonly kind: 'session_state'; readonly state: string; readonly detail: string }
  /** As `notifications` serialises it. */
  | { readonly kind: 'notification'; readonly notification: Params }
  /** What one channel received and sent since the last event about it, `overMs` ago. */
  | { readonly kind: 'traffic'; readonly channel: string; readonly overMs: number; readonly counts: TrafficCounts };

export interface TrafficCounts {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
}

/** What a client may subscribe to. `dropped` needs no subscription: who loses events has subscribed to them. */
export const supportedEvents = [
  'latency', 'agent_connected', 'paste_completed', 'paste_failed', 'dropped', 'surface_drawn', 'session_state', 'notification', 'traffic',
] as const;
export type ControlEventName = (typeof supportedEvents)[number];

export function isSupportedEvent(name: string): name is ControlEventName {
  return (supportedEvents as readonly string[]).includes(name);
}

const microseconds = (ms: number): number => Math.round(ms * 1000);
const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));

/** The event's `data`, as it is on the wire. */
export function dataOf(event: ControlEvent): Params {
  switch (event.kind) {
    case 'latency':
      return { sample_ms: rounded(event.sampleMs, 3), wallclock_us: microseconds(event.wallMs) };
    case 'agent_connected':
      return { connected: event.connected };
    case 'surface_drawn':
      return {
        display_channel_id: event.channelId,
        surface_id: event.surfaceId,
        produced_at_secs: rounded(event.sessionMs / 1000, 6),
        wallclock_us: microseconds(event.wallMs),
      };
    case 'paste_completed':
      return { request_id: event.requestId, chars_sent: event.characters };
    case 'paste_failed':
      return { request_id: event.requestId, reason: event.reason };
    case 'session_state':
      return { state: event.state, detail: event.detail };
    case 'notification':
      return event.notification;
    case 'traffic': {
      const { bytesIn, bytesOut, messagesIn, messagesOut } = event.counts;
      return { channel: event.channel, over_ms: Math.round(event.overMs), bytes_in: bytesIn, bytes_out: bytesOut, messages_in: messagesIn, messages_out: messagesOut };
    }
  }
}

export function lineOf(event: ControlEvent): string {
  return eventLine(event.kind, dataOf(event));
}

/** The notice of one episode of loss, with the number of events that are missing in this place. */
export function droppedLine(count: number): string {
  return eventLine('dropped', { count });
}
