// A small vdagent for the loopback server: it announces its capabilities, gives tokens back in batches of five as the real server
// does, enforces the chunk rules as the real server does, and takes MONITORS_CONFIG. Pure but for the message under way, which it owns.

import { agentHeaderBytes, parseAgentMessage, serializeAgentMessage, type AgentDialect } from '../../protocol/agent.ts';
import { agentChunkBytesMax, createAgentOutbox, grantAgentTokens, offerAgentMessage, type AgentOutbox, type AgentOutboxStep } from '../../protocol/agent-outbox.ts';
import { createAgentReassembly, pushAgentData, type AgentReassembly } from '../../protocol/agent-reassembly.ts';
import { AgentCapability, AgentReplyError, capabilityWords, ChannelType } from '../../protocol/constants.ts';
import { nothing, refusal, serverMessages, violation, type ScreenSize, type ServerStep } from './server-channel.ts';

const send = serverMessages(ChannelType.main);
const dialect: AgentDialect = { clipboardSelection: false, clipboardGrabSerial: false };
const tokenBatch = 5;
/** AGENT_DATA messages that a client may send before it is given more. */
export const agentTokensAtStart = 10;
const messageBytesMax = 1024 * 1024;
const monitorsConfigType = 2;
const capabilities = capabilityWords([AgentCapability.monitorsConfig, AgentCapability.reply]);

export interface FakeAgentState {
  readonly started: boolean;
  /** What the client may still send. */
  readonly clientTokens: number;
  /** Chunks since tokens were last given back. */
  readonly consumed: number;
  /** Bytes of the message under way that are still to come. */
  readonly missingBytes: number;
  readonly messages: number;
  readonly screens: readonly ScreenSize[];
  readonly outbox: AgentOutbox;
  readonly reassembly: AgentReassembly;
}

export function createFakeAgent(): FakeAgentState {
  return {
    started: false, clientTokens: agentTokensAtStart, consumed: 0, missingBytes: 0, messages: 0, screens: [],
    outbox: createAgentOutbox(0, messageBytesMax), reassembly: createAgentReassembly(messageBytesMax),
  };
}

export type FakeAgentInput =
  | { readonly kind: 'start'; readonly tokens: number }
  | { readonly kind: 'tokens'; readonly count: number }
  | { readonly kind: 'data'; readonly bytes: Uint8Array };

export function stepFakeAgent(state: FakeAgentState, input: FakeAgentInput): ServerStep<FakeAgentState> {
  switch (input.kind) {
    case 'start':
      return { state: { ...state, started: true, outbox: createAgentOutbox(input.tokens, messageBytesMax) }, effects: nothing };
    case 'tokens':
      return sent(state, grantAgentTokens(state.outbox, input.count));
    case 'data': {
      const rule = brokenRule(state, input.bytes);
      return rule === null ? take(state, input.bytes) : { state, effects: [refusal(rule)] };
    }
  }
}

/** What the real server shuts the connection down for. */
function brokenRule({ started, clientTokens, missingBytes }: FakeAgentState, bytes: Uint8Array): string | null {
  if (!started) return 'agent-data-before-start';
  if (clientTokens === 0) return 'agent-data-without-token';
  if (bytes.byteLength > agentChunkBytesMax) return 'agent-chunk-size';
  if (missingBytes > 0) return bytes.byteLength > missingBytes ? 'agent-two-messages' : null;
  if (bytes.byteLength < agentHeaderBytes) return 'agent-chunk-header';
  if (header(bytes).protocol !== 1) return 'agent-protocol';
  return bytes.byteLength > header(bytes).totalBytes ? 'agent-two-messages' : null;
}

function header(bytes: Uint8Array): { readonly protocol: number; readonly totalBytes: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { protocol: view.getUint32(0, true), totalBytes: agentHeaderBytes + view.getUint32(agentHeaderBytes - 4, true) };
}

function take(state: FakeAgentState, bytes: Uint8Array): ServerStep<FakeAgentState> {
  const total = state.missingBytes > 0 ? state.missingBytes : header(bytes).totalBytes;
  const isBatch = state.consumed + 1 === tokenBatch;
  let step: ServerStep<FakeAgentState> = {
    state: {
      ...state,
      missingBytes: total - bytes.byteLength,
      consumed: isBatch ? 0 : state.consumed + 1,
      clientTokens: state.clientTokens - 1 + (isBatch ? tokenBatch : 0),
    },
    effects: isBatch ? [send('agentToken', { numTokens: tokenBatch })] : nothing,
  };
  for (const piece of pushAgentData(state.reassembly, bytes)) {
    const next = piece.kind === 'message' ? handle(step.state, piece.type, piece.payload) : { state: step.state, effects: [violation('agent-oversize')] };
    step = { state: next.state, effects: [...step.effects, ...next.effects] };
  }
  return step;
}

function handle(state: FakeAgentState, type: number, payload: Uint8Array): ServerStep<FakeAgentState> {
  const counted = { ...state, messages: state.messages + 1 };
  const message = parseAgentMessage(dialect, type, payload);
  switch (message.kind) {
    case 'announceCapabilities':
      return message.value.request === 0 ? { state: counted, effects: nothing } : say(counted, serializeAgentMessage(dialect, 'announceCapabilities', { request: 0, capabilities }));
    case 'monitorsConfig': {
      const screens = message.value.monitors.filter(({ width, height }) => width > 0 && height > 0).map(({ width, height }) => ({ width, height }));
      const reply = say({ ...counted, screens }, serializeAgentMessage(dialect, 'reply', { type: monitorsConfigType, error: AgentReplyError.success }));
      return { state: reply.state, effects: [{ kind: 'tell', note: { kind: 'screens', screens } }, ...reply.effects] };
    }
    case 'malformed':
      return { state: counted, effects: [violation(`agent-malformed-${type}`)] };
    default:
      return { state: counted, effects: nothing };
  }
}

function say(state: FakeAgentState, message: Uint8Array): ServerStep<FakeAgentState> {
  return sent(state, offerAgentMessage(state.outbox, message));
}

function sent(state: FakeAgentState, step: AgentOutboxStep): ServerStep<FakeAgentState> {
  return { state: { ...state, outbox: step.outbox }, effects: step.send.map((data) => send('agentData', { data })) };
}
