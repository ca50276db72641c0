// What happened, as values for people: the facts that the dashboard keeps in its list and the log writes as lines. They are made by
// whoever knows (supervisor, session, channels) and only worded here; the protocol's own events are something else.

import { formatDuration } from './units.ts';

/** What an actor is doing, as its supervisor sees it. `waiting` is before a restart; `blockedOnDisk` is inside a file call. */
export type ActorState = 'starting' | 'running' | 'stopping' | 'waiting' | 'frozen' | 'blockedOnDisk' | 'failed' | 'stopped';

/** Where the session is. `held` is a session that waits for the user's decision. */
export type SessionState = 'connecting' | 'connected' | 'reconnecting' | 'held' | 'disconnected';

/** How much attention something wants. */
export type Severity = 'info' | 'warning' | 'error';

/** One fact, with the wall time at which it was noted. */
export type SessionEvent =
  | { readonly kind: 'actorStateChanged'; readonly wallMs: number; readonly actor: string; readonly generation: number; readonly state: ActorState;
      /** Why, in words, when there is a cause to name. */ readonly reason: string | null;
      /** How long until it is started again, in milliseconds, when that is known. */ readonly restartInMs: number | null }
  | { readonly kind: 'sessionStateChanged'; readonly wallMs: number; readonly state: SessionState; readonly detail: string | null }
  | { readonly kind: 'noted'; readonly wallMs: number; readonly severity: Severity; readonly source: string; readonly text: string };

/** The words for an actor's state. */
export const actorStateWords: Readonly<Record<ActorState, string>> = {
  starting: 'starting', running: 'running', stopping: 'stopping', waiting: 'waiting', frozen: 'frozen', blockedOnDisk: 'on disk', failed: 'failed', stopped: 'stopped',
};

/** How much attention an actor in this state wants. */
export function actorStateSeverity(state: ActorState): Severity {
  switch (state) {
    case 'running': case 'starting': case 'stopping': case 'stopped': return 'info';
    case 'waiting': case 'blockedOnDisk': return 'warning';
    case 'frozen': case 'failed': return 'error';
  }
}

/** How much attention a session in this state wants. */
export function sessionStateSeverity(state: SessionState): Severity {
  switch (state) {
    case 'connecting': case 'connected': return 'info';
    case 'reconnecting': case 'disconnected': return 'warning';
    case 'held': return 'error';
  }
}

/** How much attention an event wants. */
export function eventSeverity(event: SessionEvent): Severity {
  switch (event.kind) {
    case 'actorStateChanged': return actorStateSeverity(event.state);
    case 'sessionStateChanged': return sessionStateSeverity(event.state);
    case 'noted': return event.severity;
  }
}

/** Who the event is about: `display/0#7`, `session`, or what the note names. */
export function eventSource(event: SessionEvent): string {
  switch (event.kind) {
    case 'actorStateChanged': return `${event.actor}#${event.generation}`;
    case 'sessionStateChanged': return 'session';
    case 'noted': return event.source;
  }
}

/** What happened, without time and source. The text may hold what a peer said: it is made safe where it is shown. */
export function eventText(event: SessionEvent): string {
  switch (event.kind) {
    case 'actorStateChanged': {
      const cause = event.reason === null ? '' : `: ${event.reason}`;
      const next = event.restartInMs === null ? '' : event.restartInMs <= 0 ? ', starting again now' : `, starting again in ${formatDuration(event.restartInMs)}`;
      return `${actorStateWords[event.state]}${cause}${next}`;
    }
    // The words for an attempt name the state themselves.
    case 'sessionStateChanged': return event.detail === null ? event.state : event.state === 'reconnecting' ? event.detail : `${event.state}: ${event.detail}`;
    case 'noted': return event.text;
  }
}
