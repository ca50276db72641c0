// Client session: one client of the control socket from its first byte to its last, as a reducer: hello first, then requests and
// subscriptions, one answer for each request, one write under way at a time. It knows no socket, no clock and no other client; what takes
// time is work for others (`work.ts`), answered when it is done.

import { noteCommand, nothingHeld, type HeldInput } from '../protocol/held-input.ts';
import { dataOf, isSupportedEvent, lineOf, supportedEvents, type ControlEvent, type ControlEventName } from './control-event.ts';
import { passes, readFilter, type EventFilter } from './event-filter.ts';
import { findMethod, supportedMethods, type Method } from './method.ts';
import { emptyOutbox, isEmpty, putEvent, putReply, repliesMax, repliesWaiting, takeBatch, unreadCharactersMax, type Outbox } from './outbox.ts';
import { readFields, readInteger, readNames, readText, Refused } from './params.ts';
import { judgeVersion, protocolVersion } from './protocol-version.ts';
import { isRequestId, parseRequest, refusal, replyLine, type Answer, type Params, type Request, type RequestId } from './request.ts';
import { sessionResult, statusOf, type SessionFacts, type SessionIdentity } from './session-facts.ts';
import { planTyping, type TypingPlan } from './typing.ts';
import { workOf, type WorkMethod } from './work-requests.ts';
import type { Work } from './work.ts';

/** `fresh` = no hello yet; `ending` = what waits is still written; `closed` = the shell was told to close. */
export type ClientPhase = 'fresh' | 'greeted' | 'ending' | 'closed';

/** Work that was set going and is not answered yet. */
export interface PendingWork {
  readonly token: number;
  readonly id: RequestId;
  readonly work: Work;
}

export interface ClientState {
  readonly phase: ClientPhase;
  /** As the client called itself; for people. */
  readonly name: string | null;
  readonly subscriptions: ReadonlyMap<ControlEventName, EventFilter>;
  readonly outbox: Outbox;
  /** A text was handed to the socket and not taken yet. */
  readonly writing: boolean;
  readonly pending: readonly PendingWork[];
  readonly nextToken: number;
  /** Keys and buttons that the guest was told to press for this client. */
  readonly held: HeldInput;
  /** The request of the paste that is under way. */
  readonly typing: RequestId | null;
  readonly requests: number;
  readonly refused: number;
}

export type ClientInput =
  /** A line without its end. `othersType`: another client's paste is under way. */
  | { readonly kind: 'requestReceived'; readonly text: string; readonly facts: SessionFacts; readonly identity: SessionIdentity; readonly othersType: boolean }
  | { readonly kind: 'lineRefused'; readonly reason: 'tooLong' | 'notUtf8' }
  | { readonly kind: 'eventOccurred'; readonly event: ControlEvent }
  | { readonly kind: 'workAnswered'; readonly token: number; readonly answer: Answer }
  /** The paste is over. `characters` = those that were typed; `reason` null = all of them. */
  | { readonly kind: 'typed'; readonly characters: number; readonly reason: string | null }
  /** The socket has taken the last text. */
  | { readonly kind: 'written' }
  /** The client sends nothing more: its waits and its paste end, it is given the rest of its answers, then the connection ends. */
  | { readonly kind: 'inputEnded' }
  /** The session is over: what waits is written, then the connection ends. */
  | { readonly kind: 'sessionEnded' }
  /** The connection is gone. */
  | { readonly kind: 'gone' };

export type ClientEffect =
  /** Whole lines. The next follows after `written`. */
  | { readonly kind: 'write'; readonly text: string }
  /** To be answered with `workAnswered`. */
  | { readonly kind: 'work'; readonly token: number; readonly work: Work }
  /** Nobody waits for this work's answer any more. */
  | { readonly kind: 'abandon'; readonly token: number }
  /** To be told with `typed`. */
  | { readonly kind: 'type'; readonly plan: TypingPlan; readonly charDelayMs: number }
  | { readonly kind: 'stopTyping' }
  /** What this client holds is held by it no more. */
  | { readonly kind: 'release'; readonly held: HeldInput }
  /** Everything was written. */
  | { readonly kind: 'close' };

export interface ClientStep {
  readonly state: ClientState;
  readonly effects: readonly ClientEffect[];
}

export const initialClient: ClientState = {
  phase: 'fresh', name: null, subscriptions: new Map(), outbox: emptyOutbox, writing: false, pending: [], nextToken: 1, held: nothingHeld, typing: null, requests: 0, refused: 0,
};

/** Waits of one client at a time. */
const waitsMax = 8;
const isWait = ({ work }: Pick<PendingWork, 'work'>): boolean => work.kind === 'wait';

/** Whether another line may be given to the client's session now; otherwise it is to be asked again after the next step. */
export function takesRequests(state: ClientState): boolean {
  return isOpen(state) && state.pending.every(isWait) && state.outbox.replyCharacters < unreadCharactersMax && repliesWaiting(state.outbox) + state.pending.length < repliesMax;
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
      return isOpen(state) && input.text.trim() !== '' ? receive(state, input) : unchanged(state);
    case 'lineRefused':
      if (!isOpen(state)) return unchanged(state);
      return unchanged(answer(state, null, refusal('bad_params', input.reason === 'tooLong' ? 'the line is too long' : 'the line is not UTF-8')));
    case 'eventOccurred':
      return unchanged(isOpen(state) ? offer(state, input.event) : state);
    case 'workAnswered':
      return unchanged(finish(state, input.token, input.answer));
    case 'typed': {
      if (state.typing === null) return unchanged(state);
      const event: ControlEvent = input.reason === null
        ? { kind: 'paste_completed', requestId: state.typing, characters: input.characters }
        : { kind: 'paste_failed', requestId: state.typing, reason: input.reason };
      return unchanged(offer({ ...state, typing: null }, event));
    }
    case 'written':
      return unchanged({ ...state, writing: false });
    case 'inputEnded':
      return end(state, refusal('cancelled', 'the client sends nothing more'));
    case 'sessionEnded':
      return end(state, refusal('bad_state', 'the session is over'));
    case 'gone':
      return gone(state);
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

/** What is asked is answered still; what would go on by itself ends here, because a client that has gone altogether looks the same. */
function end(state: ClientState, why: Extract<Answer, { readonly ok: false }>): ClientStep {
  if (state.phase === 'closed') return unchanged(state);
  const waits = state.pending.filter(isWait);
  const effects: ClientEffect[] = waits.map(({ token }) => ({ kind: 'abandon', token }));
  const answered = waits.reduce((before, { token }) => finish(before, token, why), state);
  if (state.typing === null) return { state: { ...answered, phase: 'ending' }, effects };
  const told = offer({ ...answered, phase: 'ending', typing: null }, { kind: 'paste_failed', requestId: state.typing, reason: why.error.message });
  return { state: told, effects: [...effects, { kind: 'stopTyping' }] };
}

function gone(state: ClientState): ClientStep {
  const effects: ClientEffect[] = state.pending.map(({ token }) => ({ kind: 'abandon', token }));
  if (state.typing !== null) effects.push({ kind: 'stopTyping' });
  if (state.held.scancodes.size + state.held.buttons.size > 0) effects.push({ kind: 'release', held: state.held });
  return { state: { ...state, phase: 'closed', pending: [], held: nothingHeld, typing: null }, effects };
}

function offer(state: ClientState, event: ControlEvent): ClientState {
  const filter = state.subscriptions.get(event.kind);
  return filter === undefined || !passes(filter, dataOf(event)) ? state : { ...state, outbox: putEvent(state.outbox, lineOf(event)) };
}

function finish(state: ClientState, token: number, given: Answer): ClientState {
  const done = state.pending.find((each) => each.token === token);
  if (done === undefined) return state;
  return answer({ ...state, pending: state.pending.filter((each) => each !== done), held: heldAfter(state.held, done.work, given) }, done.id, given);
}

/** What the guest was told to press is held; of what may not have reached it, only the presses are believed. */
function heldAfter(held: HeldInput, work: Work, given: Answer): HeldInput {
  if (work.kind !== 'command' || work.command.kind !== 'input') return held;
  const presses = work.command.commands.filter(({ kind }) => given.ok || kind === 'pressKey' || kind === 'pressButton');
  return presses.reduce(noteCommand, held);
}

type Received = Extract<ClientInput, { readonly kind: 'requestReceived' }>;

function receive(before: ClientState, received: Received): ClientStep {
  const state = { ...before, requests: before.requests + 1 };
  const parsed = parseRequest(received.text);
  if (!parsed.ok) return unchanged(answer(state, parsed.id, parsed));
  const { request } = parsed;
  if (state.phase === 'fresh' && request.method !== 'hello') return unchanged(answer(state, request.id, refusal('no_hello_yet', 'first request must be hello')));
  const method = findMethod(request.method);
  if (method === null) return unchanged(answer(state, request.id, refusal('unknown_method', 'no such method; hello names those that there are')));
  try {
    return perform(state, method, request, received);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return unchanged(answer(state, request.id, error.answer));
  }
}

function perform(state: ClientState, method: Method, { id, params }: Request, received: Received): ClientStep {
  const done = (result: Params, after: ClientState = state): ClientStep => unchanged(answer(after, id, { ok: true, result }));
  switch (method) {
    case 'hello':
      return unchanged(greet(state, id, params));
    case 'status':
      return done(statusOf(received.facts));
    case 'session':
      return done(sessionResult(received.identity, received.facts));
    case 'subscribe': {
      const subscribed = readNames(params, 'events').filter(isSupportedEvent);
      const filters = readFields(params, 'filters');
      const added = subscribed.map((name) => [name, readFilter(filters, name)] as const);
      return done({ subscribed }, { ...state, subscriptions: new Map([...state.subscriptions, ...added]) });
    }
    case 'unsubscribe': {
      const subscriptions = new Map(state.subscriptions);
      const unsubscribed = readNames(params, 'events').filter((name) => isSupportedEvent(name) && subscriptions.delete(name));
      return done({ unsubscribed }, { ...state, subscriptions });
    }
    case 'paste':
      return paste(state, id, params, received);
    case 'cancel':
      return cancel(state, id, params);
    default:
      return begin(state, id, method, params, received.facts);
  }
}

function begin(state: ClientState, id: RequestId, method: WorkMethod, params: Params, facts: SessionFacts): ClientStep {
  const work = workOf(method, params, facts);
  if (work.kind === 'wait' && state.pending.filter(isWait).length >= waitsMax) {
    throw new Refused('too_many_waits', `${waitsMax} waits of this client are under way, which is all that there may be`);
  }
  // Keys in the middle of a text would become part of it.
  if (work.kind === 'command' && work.command.kind === 'input' && state.typing !== null) throw new Refused('bad_state', 'a paste of this client is under way; wait for paste_completed');
  const token = state.nextToken;
  return { state: { ...state, nextToken: token + 1, pending: [...state.pending, { token, id, work }] }, effects: [{ kind: 'work', token, work }] };
}

/** Milliseconds from one character to the next. */
const charDelayMs = { min: 0, max: 10_000, fallback: 10 };

function paste(state: ClientState, id: RequestId, params: Params, { facts, othersType }: Received): ClientStep {
  const text = readText(params, 'text');
  const delayMs = readInteger(params, 'char_delay_ms', charDelayMs);
  if (!facts.inputsReady) throw new Refused('bad_state', 'the guest takes no input: the inputs channel is not linked');
  if (state.typing !== null || othersType) throw new Refused('bad_state', 'another paste is under way');
  const planned = planTyping(text, state.held, facts.capsLock);
  if (!planned.ok) throw new Refused('bad_params', planned.reason);
  const answered = answer({ ...state, typing: id }, id, { ok: true, result: {} });
  return { state: answered, effects: [{ kind: 'type', plan: planned.plan, charDelayMs: delayMs }] };
}

/** Ends the waits whose request had this id. */
function cancel(state: ClientState, id: RequestId, params: Params): ClientStep {
  const meant: unknown = params['request_id'];
  if (!isRequestId(meant)) throw new Refused('bad_params', 'request_id must be the id of the request that waits');
  const waits = state.pending.filter((each) => isWait(each) && each.id === meant);
  const ended = waits.reduce((before, { token }) => finish(before, token, refusal('cancelled', 'cancelled')), state);
  return { state: answer(ended, id, { ok: true, result: { cancelled: waits.length } }), effects: waits.map(({ token }) => ({ kind: 'abandon', token })) };
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

function answer(state: ClientState, id: RequestId | null, given: Answer): ClientState {
  return { ...state, refused: state.refused + (given.ok ? 0 : 1), outbox: putReply(state.outbox, replyLine(id, given)) };
}
