// Waits: what a client can wait for, and when it has come: one small state machine for each kind, fed with what is seen. It knows no clock,
// no pixels and no memory: a picture comes as a number that differs when the picture does.

import type { EventFilter } from './event-filter.ts';
import type { ControlEventName } from './control-event.ts';
import type { PictureRegion } from './params.ts';
import type { Params } from './request.ts';
import type { PictureTarget } from './work.ts';

export type Wait =
  /** The picture stays the same for `quietMs`. */
  | { readonly kind: 'stable'; readonly target: PictureTarget; readonly quietMs: number }
  /** The picture is another than at the first look. */
  | { readonly kind: 'changed'; readonly target: PictureTarget }
  /** The template, a PNG file in base64, is somewhere on the picture. */
  | { readonly kind: 'image'; readonly target: PictureTarget; readonly template: string; readonly match: ImageMatch }
  | { readonly kind: 'cursor'; readonly visible: boolean | null; readonly region: PictureRegion | null; readonly changed: boolean }
  | { readonly kind: 'agent'; readonly connected: boolean }
  | { readonly kind: 'event'; readonly event: ControlEventName; readonly filter: EventFilter };

/** How alike is alike enough: steps of 256 in each colour, and the share of the pixels that may differ by more. */
export interface ImageMatch {
  readonly tolerance: number;
  readonly differing: number;
}

/** The guest's pointer, as far as waits look at it. `shape` differs when the shape does. */
export interface PointerLook {
  readonly visible: boolean;
  readonly x: number;
  readonly y: number;
  readonly shape: number;
}

/** What was seen. A picture that is not there has no number. */
export type Sight =
  | { readonly kind: 'picture'; readonly nowMs: number; readonly fingerprint: number | null }
  | { readonly kind: 'pointer'; readonly pointer: PointerLook | null }
  | { readonly kind: 'agent'; readonly connected: boolean }
  | { readonly kind: 'event'; readonly event: ControlEventName; readonly data: Params }
  | { readonly kind: 'image'; readonly x: number; readonly y: number };

export interface WaitState {
  readonly wait: Wait;
  /** What the first look saw, of waits that compare with it. */
  readonly first: { readonly picture: number | null; readonly pointer: PointerLook | null } | null;
  readonly last: { readonly fingerprint: number; readonly sinceMs: number } | null;
}

/** `result` null: not yet. */
export interface WaitStep {
  readonly state: WaitState;
  readonly result: Params | null;
}

export const beginWait = (wait: Wait): WaitState => ({ wait, first: null, last: null });

export function stepWait(state: WaitState, sight: Sight): WaitStep {
  const { wait } = state;
  switch (wait.kind) {
    case 'stable':
      return sight.kind === 'picture' ? stable(state, wait.quietMs, sight.nowMs, sight.fingerprint) : waiting(state);
    case 'changed': {
      if (sight.kind !== 'picture') return waiting(state);
      if (state.first === null) return waiting({ ...state, first: { picture: sight.fingerprint, pointer: null } });
      return sight.fingerprint !== null && sight.fingerprint !== state.first.picture ? { state, result: {} } : waiting(state);
    }
    case 'image':
      return sight.kind === 'image' ? { state, result: { x: sight.x, y: sight.y } } : waiting(state);
    case 'cursor':
      return sight.kind === 'pointer' ? cursor(state, wait, sight.pointer) : waiting(state);
    case 'agent':
      return sight.kind === 'agent' && sight.connected === wait.connected ? { state, result: { connected: sight.connected } } : waiting(state);
    case 'event':
      return sight.kind === 'event' && sight.event === wait.event ? { state, result: { event: sight.event, data: sight.data } } : waiting(state);
  }
}

const waiting = (state: WaitState): WaitStep => ({ state, result: null });

function stable(state: WaitState, quietMs: number, nowMs: number, fingerprint: number | null): WaitStep {
  if (fingerprint === null) return waiting({ ...state, last: null });
  if (state.last?.fingerprint !== fingerprint) return waiting({ ...state, last: { fingerprint, sinceMs: nowMs } });
  const quiet = nowMs - state.last.sinceMs;
  return quiet >= quietMs ? { state, result: { quiet_ms: Math.floor(quiet) } } : waiting(state);
}

function cursor(state: WaitState, wait: Extract<Wait, { readonly kind: 'cursor' }>, pointer: PointerLook | null): WaitStep {
  const first = state.first ?? { picture: null, pointer };
  const next = { ...state, first };
  if (pointer === null) return waiting(next);
  const { visible, x, y } = pointer;
  const { region } = wait;
  const inside = region === null || (x >= region.left && x < region.right && y >= region.top && y < region.bottom);
  const isAnother = first.pointer === null ? state.first !== null : visible !== first.pointer.visible || x !== first.pointer.x || y !== first.pointer.y || pointer.shape !== first.pointer.shape;
  const isAsWanted = (wait.visible === null || wait.visible === visible) && inside && (!wait.changed || isAnother);
  return { state: next, result: isAsWanted ? { visible, x, y } : null };
}
