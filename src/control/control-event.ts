// Control events: what a subscribed client is told without asking, as values and as lines. `kind` is the name on the wire.

import { eventLine } from './request.ts';

export type ControlEvent =
  /** The time between two PINGs of the server on main: not a round trip, SPICE has no PING of the client's. */
  | { readonly kind: 'latency'; readonly sampleMs: number; readonly wallMs: number }
  | { readonly kind: 'agent_connected'; readonly connected: boolean }
  /** Something was drawn since the last look. `sessionMs` counts from the session's beginning. */
  | { readonly kind: 'surface_drawn'; readonly channelId: number; readonly surfaceId: number; readonly sessionMs: number; readonly wallMs: number };

/** What a client may subscribe to. `dropped` needs no subscription: who loses events has subscribed to them. */
export const supportedEvents = ['latency', 'agent_connected', 'dropped', 'surface_drawn'] as const;
export type ControlEventName = (typeof supportedEvents)[number];

export function isSupportedEvent(name: string): name is ControlEventName {
  return (supportedEvents as readonly string[]).includes(name);
}

const microseconds = (ms: number): number => Math.round(ms * 1000);
const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));

export function lineOf(event: ControlEvent): string {
  switch (event.kind) {
    case 'latency':
      return eventLine(event.kind, { sample_ms: rounded(event.sampleMs, 3), wallclock_us: microseconds(event.wallMs) });
    case 'agent_connected':
      return eventLine(event.kind, { connected: event.connected });
    case 'surface_drawn':
      return eventLine(event.kind, {
        display_channel_id: event.channelId,
        surface_id: event.surfaceId,
        produced_at_secs: rounded(event.sessionMs / 1000, 6),
        wallclock_us: microseconds(event.wallMs),
      });
  }
}

/** The notice of one episode of loss, with the number of events that are missing in this place. */
export function droppedLine(count: number): string {
  return eventLine('dropped', { count });
}
