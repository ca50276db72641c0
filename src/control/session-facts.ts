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
  /** The inputs channel is linked. */
  readonly inputsReady: boolean;
  /** Positions (SPICE's client mode) or movements (its server mode); null before the server said so. */
  readonly mouseMode: 'absolute' | 'relative' | null;
  /** The guest's lock, as it last told. */
  readonly capsLock: boolean;
  /** How the session stands, as people read it: `connected`, `reconnecting`, … and one line more. */
  readonly state: string;
  readonly detail: string;
}

export const nothingKnown: SessionFacts = {
  connected: false, agentConnected: false, reconnectRefusal: null, surfaces: [], inputsReady: false, mouseMode: null, capsLock: false, state: 'connecting', detail: '',
};

/** The result of `status`. */
export function statusOf(facts: SessionFacts): Params {
  return {
    spice_connected: facts.connected,
    agent_connected: facts.agentConnected,
    surfaces: facts.surfaces.map(({ channelId, surfaceId, width, height }) => ({ channel_id: channelId, surface_id: surfaceId, width, height })),
  };
}

/** What is fixed for as long as the session's process runs. */
export interface SessionIdentity {
  /** How `ryll-actors list` calls it. */
  readonly name: string;
  /** What it is connected to, for people. */
  readonly target: string;
  readonly pid: number;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Of the program. */
  readonly version: string;
}

/** The result of `session`. */
export function sessionResult({ name, target, pid, startedAt, version }: SessionIdentity, { state, detail }: SessionFacts): Params {
  return { name, target, pid, started_at: startedAt, version, state, detail };
}

/** The events between two states. */
export function transitions(before: SessionFacts, after: SessionFacts): readonly ControlEvent[] {
  return [
    ...(before.agentConnected === after.agentConnected ? [] : [{ kind: 'agent_connected', connected: after.agentConnected } as const]),
    ...(before.state === after.state ? [] : [{ kind: 'session_state', state: after.state, detail: after.detail } as const]),
  ];
}
