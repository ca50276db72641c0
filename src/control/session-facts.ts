// Session facts: what the control socket knows of the session: the newest state, as one value. From two of them in a row come the events
// that tell of transitions. It holds no pixels and no counters.

import type { Params } from './request.ts';
import type { ControlEvent } from './control-event.ts';

export interface SurfaceFacts {
  readonly channelId: number;
  readonly surfaceId: number;
  readonly width: number;
  readonly height: number;
}

export interface SessionFacts {
  /** The main channel is linked and the session initialised. */
  readonly connected: boolean;
  readonly agentConnected: boolean;
  /** Why no new session can be begun, for people; null when one can. */
  readonly reconnectRefusal: string | null;
  /** Of each display channel the surface that is its screen. */
  readonly surfaces: readonly SurfaceFacts[];
}

export const nothingKnown: SessionFacts = { connected: false, agentConnected: false, reconnectRefusal: null, surfaces: [] };

/** The result of `status`. */
export function statusOf(facts: SessionFacts): Params {
  return {
    spice_connected: facts.connected,
    agent_connected: facts.agentConnected,
    surfaces: facts.surfaces.map(({ channelId, surfaceId, width, height }) => ({ channel_id: channelId, surface_id: surfaceId, width, height })),
  };
}

/** The events between two states. */
export function transitions(before: SessionFacts, after: SessionFacts): readonly ControlEvent[] {
  return before.agentConnected === after.agentConnected ? [] : [{ kind: 'agent_connected', connected: after.agentConnected }];
}
