// Agent dialogue: this client's half of the conversation with the guest's vdagent on the main channel: start, capabilities,
// tokens, monitors. What the agent says beyond that is named as a gap. Pure but for the reassembly buffer, which it owns.

import { serializeAgentMessage, parseAgentMessage, type AgentDialect, type AgentKind, type AgentMessage, type AgentValue } from '../agent.ts';
import { createAgentOutbox, grantAgentTokens, offerAgentMessage, resetAgentOutbox, type AgentOutbox, type AgentOutboxStep } from '../agent-outbox.ts';
import { createAgentReassembly, pushAgentData, type AgentReassembly } from '../agent-reassembly.ts';
import { AgentCapability, AgentReplyError, capabilityWords, ChannelType, hasCapability, MonitorsConfigFlag } from '../constants.ts';
import { agentMessageBytesMax } from '../limits.ts';
import { forgetRequests, noReplies, noteReply, noteRequest, noteWaiting, type AgentReplies } from './agent-replies.ts';
import { clientMessages, emit, gap, noEffects, type ChannelEffect, type Step } from './channel.ts';

const send = clientMessages(ChannelType.main);

/** Bytes of agent messages that may wait for tokens. */
const outboxBytesMax = 1024 * 1024;
/** Messages that the server may send us: as the reference client, all of them at once, so that no token is ever owed. */
const serverTokens = 0xffff_ffff;
/** What this client honours; the clipboard is not announced, so the agent never grabs it. */
const announced = capabilityWords([AgentCapability.monitorsConfig, AgentCapability.reply]);
const dialect: AgentDialect = { clipboardSelection: false, clipboardGrabSerial: false };
const colourDepth = 32;

export interface Monitor {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface AgentState {
  readonly connected: boolean;
  /** Words of the agent's capabilities; null until it announced them. */
  readonly capabilities: readonly number[] | null;
  readonly outbox: AgentOutbox;
  /** Asked for before the agent could be told. */
  readonly wantedMonitors: readonly Monitor[] | null;
  readonly messagesReceived: number;
  readonly replies: AgentReplies;
  /** Null while no agent is connected. */
  readonly reassembly: AgentReassembly | null;
}

export const initialAgent: AgentState = {
  connected: false,
  capabilities: null,
  outbox: createAgentOutbox(0, outboxBytesMax),
  wantedMonitors: null,
  messagesReceived: 0,
  replies: noReplies,
  reassembly: null,
};

export type AgentInput =
  /** `tokens` null = keep the old count (AGENT_CONNECTED, for clients without the tokens capability). */
  | { readonly kind: 'connected'; readonly tokens: number | null }
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'tokens'; readonly count: number }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'configureMonitors'; readonly monitors: readonly Monitor[] };

/** `nowMs` is the monotonic clock. */
export function stepAgent(before: AgentState, input: AgentInput, nowMs: number): Step<AgentState> {
  const { state, effects } = stepDialogue(before, input, nowMs);
  const replies = noteWaiting(state.replies, state.outbox.tokens === 0 && state.outbox.messages.length > 0, nowMs);
  return { state: replies === state.replies ? state : { ...state, replies }, effects };
}

function stepDialogue(state: AgentState, input: AgentInput, nowMs: number): Step<AgentState> {
  switch (input.kind) {
    case 'connected': {
      const outbox = resetAgentOutbox(state.outbox, input.tokens ?? state.outbox.tokens);
      const begun: AgentState = { ...state, connected: true, capabilities: null, outbox, reassembly: createAgentReassembly(agentMessageBytesMax) };
      // AGENT_START comes before any other agent traffic, every time the agent connects.
      const greeting = offer(begun, 'announceCapabilities', { request: 1, capabilities: announced });
      return { state: greeting.state, effects: [send('agentStart', { numTokens: serverTokens }), ...greeting.effects, emit({ kind: 'agentChanged', connected: true })] };
    }
    case 'disconnected': {
      // Tokens stay: an agent that comes back with AGENT_CONNECTED brings none, the old count goes on.
      const ended: AgentState = { ...state, replies: forgetRequests(state.replies), connected: false, capabilities: null, outbox: resetAgentOutbox(state.outbox, state.outbox.tokens), reassembly: null };
      return { state: ended, effects: state.connected ? [emit({ kind: 'agentChanged', connected: false })] : noEffects };
    }
    case 'tokens':
      return sent(state, grantAgentTokens(state.outbox, input.count));
    case 'data':
      return receive(state, input.bytes, nowMs);
    case 'configureMonitors':
      return monitorsWanted({ ...state, wantedMonitors: input.monitors }, nowMs);
  }
}

function offer<K extends AgentKind>(state: AgentState, kind: K, value: AgentValue<K>): Step<AgentState> {
  const step = offerAgentMessage(state.outbox, serializeAgentMessage(dialect, kind, value));
  if (!step.accepted) return { state, effects: [gap(`main:agent:${kind}-unsent`, 'the agent takes no messages and the queue for it is full')] };
  return sent(state, step);
}

function sent(state: AgentState, step: AgentOutboxStep): Step<AgentState> {
  return { state: { ...state, outbox: step.outbox }, effects: step.send.map((data) => send('agentData', { data })) };
}

/** Without physical sizes: vdagentd 0.22.1 refuses the message when it carries them (measured on Debian 12). */
function monitorsWanted(state: AgentState, nowMs: number): Step<AgentState> {
  const { wantedMonitors, capabilities } = state;
  if (wantedMonitors === null || capabilities === null || !hasCapability(capabilities, AgentCapability.monitorsConfig)) return { state, effects: noEffects };
  const monitors = wantedMonitors.map(({ x, y, width, height }) => ({ height, width, depth: colourDepth, x, y }));
  const before: AgentState = { ...state, wantedMonitors: null };
  const offered = offer(before, 'monitorsConfig', { flags: MonitorsConfigFlag.usePosition, monitors, physicalSizes: null });
  // One that found no room in the queue asks for nothing.
  return offered.state === before ? offered : { ...offered, state: { ...offered.state, replies: noteRequest(offered.state.replies, nowMs) } };
}

function receive(state: AgentState, bytes: Uint8Array, nowMs: number): Step<AgentState> {
  if (state.reassembly === null) return { state, effects: [gap('main:agent:data-unstarted', 'agent data came before an agent was connected')] };
  let next = state;
  const effects: ChannelEffect[] = [];
  for (const piece of pushAgentData(state.reassembly, bytes)) {
    if (piece.kind === 'oversize') {
      effects.push(gap('main:agent:oversize', `an agent message of ${piece.size} bytes was passed over`));
      continue;
    }
    const step = handle({ ...next, messagesReceived: next.messagesReceived + 1 }, parseAgentMessage(dialect, piece.type, piece.payload), nowMs);
    next = step.state;
    effects.push(...step.effects);
  }
  return { state: next, effects };
}

function handle(state: AgentState, message: AgentMessage, nowMs: number): Step<AgentState> {
  switch (message.kind) {
    case 'announceCapabilities': {
      const known: AgentState = { ...state, capabilities: message.value.capabilities };
      const answered = message.value.request === 0 ? { state: known, effects: noEffects } : offer(known, 'announceCapabilities', { request: 0, capabilities: announced });
      const configured = monitorsWanted(answered.state, nowMs);
      return { state: configured.state, effects: [...answered.effects, ...configured.effects] };
    }
    case 'reply':
      return { state: { ...state, replies: noteReply(state.replies, message.value.error !== AgentReplyError.success, nowMs) }, effects: noEffects };
    case 'malformed':
      return { state, effects: [gap(`main:agent:malformed-${message.type}`, message.error.message)] };
    case 'unknown':
      return { state, effects: [gap(`main:agent:type-${message.type}`, `agent message of type ${message.type}, ${message.payload.length} bytes`)] };
    default:
      return { state, effects: [gap(`main:agent:${message.kind}`, 'the agent said something that this client did not ask for')] };
  }
}
