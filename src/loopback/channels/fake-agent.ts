// A small vdagent for the loopback server: it announces its capabilities, gives tokens back in batches of five as the real server
// does, enforces the chunk rules, and takes MONITORS_CONFIG as a resize. Pure but for the reassembly buffer, which it owns.

import { agentHeaderBytes, parseAgentMessage, serializeAgentMessage, type AgentDialect } from '../../protocol/agent.ts';
import { agentChunkBytesMax } from '../../protocol/agent-outbox.ts';
import { createAgentReassembly, pushAgentData, type AgentReassembly } from '../../protocol/agent-reassembly.ts';
import { AgentCapability, capabilityWords, ChannelType } from '../../protocol/constants.ts';
import { nothing, serverMessages, violation, type ServerEffect, type ServerStep } from './server-channel.ts';

const send = serverMessages(ChannelType.main);
const dialect: AgentDialect = { clipboardSelection: false, clipboardGrabSerial: false };
const tokenBatch = 5;
const tokensAtStart = 10;
const messageBytesMax = 1024 * 1024;
const capabilities = capabilityWords([AgentCapability.monitorsConfig, AgentCapability.reply]);

export interface FakeAgentState {
  readonly started: boolean;
  readonly clientTokens: number;
  readonly consumed: number;
  readonly messages: number;
  readonly monitors: readonly { readonly width: number; readonly height: number }[];
  readonly reassembly: AgentReassembly;
}

export const initialAgent: FakeAgentState = {
  started: false, clientTokens: tokensAtStart, consumed: 0, messages: 0, monitors: [], reassembly: createAgentReassembly(messageBytesMax),
};

export type FakeAgentInput =
  | { readonly kind: 'start'; readonly tokens: number }
  | { readonly kind: 'tokens'; readonly count: number }
  | { readonly kind: 'data'; readonly bytes: Uint8Array };

export function agentStep(state: FakeAgentState, input: FakeAgentInput): ServerStep<FakeAgentState> {
  switch (input.kind) {
    case 'start':
      return { state: { ...state, started: true, reassembly: createAgentReassembly(messageBytesMax) }, effects: nothing };
    case 'tokens':
      return { state, effects: nothing };
    case 'data':
      return takeData(state, input.bytes);
  }
}

function takeData(state: FakeAgentState, bytes: Uint8Array): ServerStep<FakeAgentState> {
  const effects: ServerEffect[] = [];
  if (!state.started) effects.push(violation('agent-data-before-start'));
  if (state.clientTokens === 0) effects.push(violation('agent-data-without-token'));
  if (bytes.length > agentChunkBytesMax) effects.push(violation('agent-chunk-size'));
  if (state.reassembly.filled === 0 && bytes.length < agentHeaderBytes) effects.push(violation('agent-chunk-header'));
  const consumed = state.consumed + 1;
  const returned = consumed % tokenBatch === 0 ? tokenBatch : 0;
  if (returned > 0) effects.push(send('agentToken', { numTokens: returned }));
  let next: FakeAgentState = { ...state, consumed, clientTokens: Math.max(0, state.clientTokens - 1) + returned };
  const pieces = pushAgentData(state.reassembly, bytes);
  // One body never holds parts of two messages.
  if (pieces.length > 1 || (pieces.length === 1 && state.reassembly.filled > 0)) effects.push(violation('agent-two-messages'));
  for (const piece of pieces) {
    if (piece.kind === 'oversize') continue;
    next = { ...next, messages: next.messages + 1 };
    const message = parseAgentMessage(dialect, piece.type, piece.payload);
    if (message.kind === 'announceCapabilities' && message.value.request !== 0) {
      effects.push(send('agentData', { data: serializeAgentMessage(dialect, 'announceCapabilities', { request: 0, capabilities }) }));
    } else if (message.kind === 'monitorsConfig') {
      next = { ...next, monitors: message.value.monitors.map(({ width, height }) => ({ width, height })) };
    }
  }
  return { state: next, effects };
}
