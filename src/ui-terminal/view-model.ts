// What the dashboard knows, and how each input changes it: `(view, input) -> view`. It draws nothing and knows no terminal but its
// size; every list is bounded and every text is cut when it comes in, because the thread that holds the view outlives many peers.

import { gridSize } from './cells.ts';
import type { Pane } from './pane.ts';
import type { ActorState, SessionEvent, SessionState } from './session-event.ts';

/** Totals since the actor's generation started, and the state its supervisor sees. All times are the monotonic clock's, in milliseconds. */
export interface ActorSnapshot {
  readonly id: string;
  /** The supervisor it belongs to, or null for a root. A parent that is not in the snapshot counts as null. */
  readonly parent: string | null;
  readonly state: ActorState;
  readonly generation: number;
  readonly restarts: number;
  readonly threadId: number | null;
  readonly mailbox: { readonly depth: number; readonly highWater: number; readonly max: number } | null;
  readonly traffic: TrafficTotals | null;
  readonly pings: number;
  readonly pongs: number;
  readonly gaps: number;
  readonly drops: number;
  readonly lastActivityMs: number | null;
}

/** Totals of one actor's socket. */
export interface TrafficTotals { readonly bytesReceived: number; readonly bytesSent: number; readonly messagesReceived: number; readonly messagesSent: number }

/** The session in one line. */
export interface SessionSummary {
  /** What it is connected to, for people. */
  readonly label: string;
  /** The guest's name or the connection file's title; empty when there is none. */
  readonly title: string;
  readonly state: SessionState;
  readonly detail: string;
  /** Monotonic time of the connection, null before there is one. */
  readonly connectedAtMs: number | null;
  /** What a session that is held asks of whoever sits there. */
  readonly held?: HeldBox | null;
}

/** A box over everything else: lines of the body are separated by `\n`; `keys` are what can be pressed, as in `R reconnect`. */
export interface HeldBox { readonly title: string; readonly body: string; readonly keys: readonly string[] }

/** Everything at one moment; a newer one replaces it, so one that was dropped costs nothing. */
export interface StatsSnapshot { readonly atMs: number; readonly session: SessionSummary; readonly actors: readonly ActorSnapshot[] }

/** What changes a view. */
export type ViewInput =
  | { readonly kind: 'stats'; readonly snapshot: StatsSnapshot }
  | { readonly kind: 'event'; readonly event: SessionEvent }
  | { readonly kind: 'picture'; readonly size: { readonly width: number; readonly height: number } | null }
  | { readonly kind: 'passthrough'; readonly on: boolean }
  | { readonly kind: 'pane'; readonly pane: Pane | null }
  | { readonly kind: 'resize'; readonly columns: number; readonly rows: number };

/** Rates over the last second or so, per second. */
export interface TrafficRates { readonly bytesIn: number; readonly bytesOut: number; readonly messagesIn: number; readonly messagesOut: number }

/** One line of the actor tree. */
export interface ActorRow {
  readonly actor: ActorSnapshot;
  readonly depth: number;
  /** The branch drawn before the name, `├─ ` or `└─ ` with its parents' lines. */
  readonly branch: string;
  readonly rates: TrafficRates | null;
}

/** One entry of the event list; equal events in a row are one entry with a count. */
export interface EventEntry { readonly event: SessionEvent; readonly repeats: number }

/** Everything that is drawn. */
export interface View {
  readonly columns: number;
  readonly rows: number;
  readonly atMs: number;
  readonly session: SessionSummary;
  readonly actors: readonly ActorRow[];
  /** Actors left out because there were more than `actorRowsMax`. */
  readonly actorsHidden: number;
  /** Oldest first. */
  readonly events: readonly EventEntry[];
  /** How many events came in, shown or not. */
  readonly eventsTotal: number;
  readonly picture: { readonly width: number; readonly height: number } | null;
  /** Keys and mouse go to the guest. */
  readonly passthrough: boolean;
  /** What a key has opened over everything else. */
  readonly pane: Pane | null;
  /** Earlier totals by actor and generation, oldest first, from which the rates come. */
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
}

/** Totals at a moment. */
interface Sample { readonly atMs: number; readonly generation: number; readonly totals: TrafficTotals }

/** Rows kept, whatever a snapshot holds. */
export const actorRowsMax = 256;
/** Events kept. */
export const eventsMax = 200;
/** Characters kept of a text that came in, in UTF-16 units; the widest terminal shows fewer. */
export const textUnitsMax = 1000;
/** Rates are means over at most this long, in milliseconds: long enough to be read, short enough to show a stall. */
const rateWindowMs = 1000;
/** Snapshots may come faster than 4 a second; this many are kept for one window. */
const samplesMax = 16;

/** A view of nothing, for a terminal of this size. */
export function createView(columns: number, rows: number, label: string): View {
  return {
    ...gridSize(columns, rows), atMs: 0, actors: [], actorsHidden: 0, events: [], eventsTotal: 0, picture: null, passthrough: false, pane: null, samples: new Map(),
    session: { label: cut(label), title: '', state: 'connecting', detail: '', connectedAtMs: null },
  };
}

/** The view after an input. */
export function applyToView(view: View, input: ViewInput): View {
  switch (input.kind) {
    case 'stats': return applySnapshot(view, input.snapshot);
    case 'event': return { ...view, events: appendEvent(view.events, cutEvent(input.event)), eventsTotal: view.eventsTotal + 1 };
    case 'picture': return { ...view, picture: input.size };
    case 'passthrough': return { ...view, passthrough: input.on };
    case 'pane': return { ...view, pane: input.pane };
    case 'resize': return { ...view, ...gridSize(input.columns, input.rows) };
  }
}

/** The sum of all actors' rates. */
export function totalRates(view: View): TrafficRates {
  const sum = { bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0 };
  for (const { rates } of view.actors) {
    if (rates === null) continue;
    sum.bytesIn += rates.bytesIn; sum.bytesOut += rates.bytesOut; sum.messagesIn += rates.messagesIn; sum.messagesOut += rates.messagesOut;
  }
  return sum;
}

function applySnapshot(view: View, snapshot: StatsSnapshot): View {
  const samples = new Map<string, readonly Sample[]>();
  const shown = snapshot.actors.slice(0, actorRowsMax).map((actor) => ({ ...actor, id: cut(actor.id) }));
  for (const actor of shown) {
    if (actor.traffic !== null) samples.set(actor.id, addSample(view.samples.get(actor.id) ?? [], { atMs: snapshot.atMs, generation: actor.generation, totals: actor.traffic }));
  }
  const { session } = snapshot;
  return {
    ...view, atMs: snapshot.atMs, samples,
    session: { ...session, label: cut(session.label), title: cut(session.title), detail: cut(session.detail), held: cutBox(session.held ?? null) },
    actors: treeOf(shown, samples),
    actorsHidden: snapshot.actors.length - shown.length,
  };
}

/** Keeps what a window needs: one sample at its beginning or before, and those inside. A new generation starts its totals again. */
function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last === undefined || last.generation !== sample.generation || last.atMs >= sample.atMs) return [sample];
  const kept = [...samples, sample].slice(-samplesMax);
  while (kept.length > 2 && sample.atMs - (kept[1]?.atMs ?? 0) >= rateWindowMs) kept.shift();
  return kept;
}

/** Null as long as there is only one sample: a rate needs two. */
function ratesOf(samples: readonly Sample[] | undefined): TrafficRates | null {
  const first = samples?.at(0);
  const last = samples?.at(-1);
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return null;
  const perSecond = (before: number, after: number): number => (Math.max(0, after - before) * 1000) / (last.atMs - first.atMs);
  return {
    bytesIn: perSecond(first.totals.bytesReceived, last.totals.bytesReceived), bytesOut: perSecond(first.totals.bytesSent, last.totals.bytesSent),
    messagesIn: perSecond(first.totals.messagesReceived, last.totals.messagesReceived), messagesOut: perSecond(first.totals.messagesSent, last.totals.messagesSent),
  };
}

/** Children under their parents, in the snapshot's order. A parent's name that leads in a circle makes its members roots. */
function treeOf(actors: readonly ActorSnapshot[], samples: ReadonlyMap<string, readonly Sample[]>): ActorRow[] {
  const byId = new Map(actors.map((actor) => [actor.id, actor]));
  const children = new Map<string | null, ActorSnapshot[]>();
  for (const actor of actors) {
    const parent = actor.parent !== null && byId.has(actor.parent) && endsAtRoot(actor, byId) ? actor.parent : null;
    const siblings = children.get(parent) ?? [];
    siblings.push(actor);
    children.set(parent, siblings);
  }
  const rows: ActorRow[] = [];
  const visit = (parent: string | null, depth: number, indent: string): void => {
    const siblings = children.get(parent) ?? [];
    for (const [index, actor] of siblings.entries()) {
      const isLast = index === siblings.length - 1;
      rows.push({ actor, depth, branch: depth === 0 ? '' : `${indent}${isLast ? '└─' : '├─'}`, rates: ratesOf(samples.get(actor.id)) });
      visit(actor.id, depth + 1, depth === 0 ? '' : `${indent}${isLast ? '  ' : '│ '}`);
    }
  };
  visit(null, 0, '');
  return rows;
}

/** Whether the chain of parents ends. */
function endsAtRoot(actor: ActorSnapshot, byId: ReadonlyMap<string, ActorSnapshot>): boolean {
  let at: ActorSnapshot | undefined = actor;
  for (let steps = 0; steps <= byId.size; steps++) {
    if (at === undefined || at.parent === null) return true;
    at = byId.get(at.parent);
  }
  return false;
}

function appendEvent(entries: readonly EventEntry[], event: SessionEvent): readonly EventEntry[] {
  const last = entries.at(-1);
  if (last !== undefined && isSameFact(last.event, event)) return [...entries.slice(0, -1), { event, repeats: last.repeats + 1 }];
  return [...entries.slice(Math.max(0, entries.length + 1 - eventsMax)), { event, repeats: 1 }];
}

/** Whether two notes differ only in their time. Changes of state are always told apart. */
function isSameFact(first: SessionEvent, second: SessionEvent): boolean {
  return first.kind === 'noted' && second.kind === 'noted' && first.text === second.text && first.source === second.source && first.severity === second.severity;
}

function cutEvent(event: SessionEvent): SessionEvent {
  switch (event.kind) {
    case 'actorStateChanged': return { ...event, actor: cut(event.actor), reason: event.reason === null ? null : cut(event.reason) };
    case 'sessionStateChanged': return { ...event, detail: event.detail === null ? null : cut(event.detail) };
    case 'noted': return { ...event, source: cut(event.source), text: cut(event.text) };
  }
}

const cutBox = (box: HeldBox | null): HeldBox | null => (box === null ? null : { title: cut(box.title), body: cut(box.body), keys: box.keys.map(cut) });
const cut = (text: string): string => (text.length > textUnitsMax ? text.slice(0, textUnitsMax) : text);
