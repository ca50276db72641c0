// Client session: one client of the control socket from its first byte to its last, as a reducer: hello first, then requests and
// subscriptions, one answer for each request in its order, one write under way at a time. It knows no socket, no clock and no other client.

import { findMethod, supportedMethods, type BuiltMethod } from './method.ts';
import { isSupportedEvent, lineOf, supportedEvents, type ControlEvent, type ControlEventName } from './control-event.ts';
import { parseRequest, refusal, replyLine, type Answer, type Params, type Request, type RequestId } from './request.ts';
import { emptyOutbox, isEmpty, putEvent, putReply, repliesMax, repliesWaiting, takeBatch, type Outbox } from './outbox.ts';
import { judgeVersion, protocolVersion } from './protocol-version.ts';
import type { SessionCommand } from './session-command.ts';
import { statusOf, type SessionFacts } from './session-facts.ts';

/** `fresh` = no hello yet; `ending` = what waits is still written; `closed` = the shell was told to close. */
export type ClientPhase = 'fresh' | 'greeted' | 'ending' | 'closed';

export interface ClientState {
  readonly phase: ClientPhase;
  /** As the client called itself; for people. */
  readonly name: string | null;
  readonly subscriptions: ReadonlySet<ControlEventName>;
  readonly outbox: Outbox;
  /** A text was handed to the socket and not taken yet. */
  readonly writing: boolean;
  /** Requests whose command was given to the session and not answered yet. */
  readonly pending: readonly RequestId[];
  readonly requests: number;
  readonly refused: number;
}

export type ClientInput =
  /** A line without its end. */
  | { readonly kind: 'requestReceived'; readonly text: string; readonly facts: SessionFacts }
  | { readonly kind: 'lineRefused'; readonly reason: 'tooLong' | 'notUtf8' }
  | { readonly kind: 'eventOccurred'; readonly event: ControlEvent }
  | { readonly kind: 'commandAnswered'; readonly id: RequestId; readonly accepted: boolean }
  /** The socket has taken the last text. */
  | { readonly kind: 'written' }
  /** The client sends nothing more, or the session is over: what waits is written, then the connection ends. */
  | { readonly kind: 'ended' };

export type ClientEffect =
  /** Whole lines. The next follows after `written`. */
  | { readonly kind: 'write'; readonly text: string }
  /** To be answered with `commandAnswered`. */
  | { readonly kind: 'command'; readonly id: RequestId; readonly command: SessionCommand }
  /** Everything was written. The last effect of a client. */
  | { readonly kind: 'close' };

export interface ClientStep {
  readonly state: ClientState;
  readonly effects: readonly ClientEffect[];
}

export const initialClient: ClientState = {
  phase: 'fresh', name: null, subscriptions: new Set(), outbox: emptyOutbox, writing: false, pending: [], requests: 0, refused: 0,
};

/** Whether another line may be given to the client's session now; otherwise it is to be asked again after the next step. */
export function takesRequests(state: ClientState): boolean {
  return isOpen(state) && repliesWaiting(state.outbox) + state.pending.length < repliesMax;
}

export function stepClient(state: ClientState, input: ClientInput): ClientStep {
  const step = apply(state, input);
  return flush(step.state, step.effects);
}

const isOpen = (state: ClientState): boolean => state.phase === 'fresh' || state.phase === 'greeted';
const unchanged = (state: ClientState): ClientStep => ({ state, effects: [] });

function apply(state: ClientState, input: ClientInput): ClientStep {
  switch (input.kind) {
    case 'requestReceived':
      return isOpen(state) && input.text.trim() !== '' ? receive(state, input.text, input.facts) : unchanged(state);
    case 'lineRefused':
      if (!isOpen(state)) return unchanged(state);
      return unchanged(answer(state, null, refusal('bad_params', input.reason === 'tooLong' ? 'the line is too long' : 'the line is not UTF-8')));
    case 'eventOccurred':
      if (!isOpen(state) || !state.subscriptions.has(input.event.kind)) return unchanged(state);
      return unchanged({ ...state, outbox: putEvent(state.outbox, lineOf(input.event)) });
    case 'commandAnswered': {
      const at = state.pending.indexOf(input.id);
      if (at < 0) return unchanged(state);
      const done: Answer = input.accepted ? { ok: true, result: {} } : refusal('internal_error', 'the session has no room for the command; ask again');
      return unchanged(answer({ ...state, pending: state.pending.toSpliced(at, 1) }, input.id, done));
    }
    case 'written':
      return unchanged({ ...state, writing: false });
    case 'ended':
      return unchanged(isOpen(state) ? { ...state, phase: 'ending' } : state);
  }
}

/** Hands over what waits when nothing is under way, and closes when nothing is left to be said. */
function flush(state: ClientState, effects: readonly ClientEffect[]): ClientStep {
  if (state.writing || state.phase === 'closed') return { state, effects };
  if (!isEmpty(state.outbox)) {
    const { outbox, text } = takeBatch(state.outbox);
    return { state: { ...state, outbox, writing: true }, effects: [...effects, { kind: 'write', text }] };
  }
  if (state.phase !== 'ending' || state.pending.length > 0) return { state, effects };
  return { state: { ...state, phase: 'closed' }, effects: [...effects, { kind: 'close' }] };
}

function receive(before: ClientState, text: string, facts: SessionFacts): ClientStep {
  const state = { ...before, requests: before.requests + 1 };
  const parsed = parseRequest(text);
  if (!parsed.ok) return unchanged(answer(state, parsed.id, parsed));
  const { request } = parsed;
  if (state.phase === 'fresh' && request.method !== 'hello') return unchanged(answer(state, request.id, refusal('no_hello_yet', 'first request must be hello')));
  const found = findMethod(request.method);
  switch (found.kind) {
    case 'built':
      return perform(state, found.method, request, facts);
    case 'planned':
      return unchanged(answer(state, request.id, refusal('not_implemented', `${request.method} is not built in this version`)));
    case 'unknown':
      return unchanged(answer(state, request.id, refusal('unknown_method', 'no such method; hello names those that there are')));
  }
}

function perform(state: ClientState, method: BuiltMethod, { id, params }: Request, facts: SessionFacts): ClientStep {
  switch (method) {
    case 'hello':
      return unchanged(greet(state, id, params));
    case 'status':
      return unchanged(answer(state, id, { ok: true, result: statusOf(facts) }));
    case 'subscribe': {
      const names = namesOf(params);
      if (names === null) return unchanged(answer(state, id, badEvents));
      const subscribed = names.filter(isSupportedEvent);
      return unchanged(answer({ ...state, subscriptions: new Set([...state.subscriptions, ...subscribed]) }, id, { ok: true, result: { subscribed } }));
    }
    case 'unsubscribe': {
      const names = namesOf(params);
      if (names === null) return unchanged(answer(state, id, badEvents));
      const subscriptions = new Set(state.subscriptions);
      const unsubscribed = names.filter((name) => isSupportedEvent(name) && subscriptions.delete(name));
      return unchanged(answer({ ...state, subscriptions }, id, { ok: true, result: { unsubscribed } }));
    }
    case 'disconnect':
      return { state: { ...state, pending: [...state.pending, id] }, effects: [{ kind: 'command', id, command: { kind: 'disconnect' } }] };
    case 'reconnect':
      if (facts.reconnectRefusal !== null) return unchanged(answer(state, id, refusal('bad_state', facts.reconnectRefusal)));
      return { state: { ...state, pending: [...state.pending, id] }, effects: [{ kind: 'command', id, command: { kind: 'reconnect' } }] };
  }
}

/** How much of a client's name is kept. */
const nameCharactersMax = 100;

function greet(state: ClientState, id: RequestId, params: Params): ClientState {
  const { client_name: name, protocol_version: asked } = params as { readonly client_name?: unknown; readonly protocol_version?: unknown };
  if (typeof name !== 'string') return answer(state, id, refusal('bad_params', 'client_name must be a string'));
  const judged = judgeVersion(asked);
  switch (judged.kind) {
    case 'notAVersion':
      return answer(state, id, refusal('bad_params', 'protocol_version must be a string like "1.2"'));
    case 'otherMajor':
      return { ...answer(state, id, refusal('protocol_version_mismatch', judged.message)), phase: 'ending' };
    case 'accepted': {
      // The name is the ancestor's on purpose: its clients may look at it, and the version beside it says what to expect.
      const result: Params = { server_name: 'ryll', protocol_version: protocolVersion, supported_methods: supportedMethods, supported_events: supportedEvents };
      return answer({ ...state, phase: 'greeted', name: name.slice(0, nameCharactersMax) }, id, { ok: true, result });
    }
  }
}

const badEvents = refusal('bad_params', 'events must be an array of strings');

/** The names that were asked for, each once; null when the parameter is not a list of names. */
function namesOf(params: Params): readonly string[] | null {
  const events: unknown = params['events'];
  if (!Array.isArray(events)) return null;
  const names = new Set<string>();
  for (const name of events as readonly unknown[]) {
    if (typeof name !== 'string') return null;
    names.add(name);
  }
  return [...names];
}

function answer(state: ClientState, id: RequestId | null, given: Answer): ClientState {
  return { ...state, refused: state.refused + (given.ok ? 0 : 1), outbox: putReply(state.outbox, replyLine(id, given)) };
}
