// Main: the session's own channel: its id, the list of channels, mouse mode, the multimedia clock, the guest's agent. It never
// decodes and never touches a disk, so that nothing delays its PONG. Pure.

import { capabilityWords, ChannelType, MainCapability, MouseMode } from '../constants.ts';
import type { ChannelCommand } from '../commands.ts';
import type { MainServerMessage } from '../message.ts';
import { initialAgent, stepAgent, type AgentInput, type AgentState } from './agent-dialogue.ts';
import { describeReplies } from './agent-replies.ts';
import { clientMessages, emit, gap, noEffects, type ChannelBehavior, type ChannelEffect, type Step } from './channel.ts';
import { textOf } from './text.ts';

const send = clientMessages(ChannelType.main);

/** The server's clock for pictures and sound: `serverMs` (wraps at 2^32) was current at `atMs` of the monotonic clock. */
export interface MultiMediaTime {
  readonly serverMs: number;
  readonly atMs: number;
}

export interface MainState {
  readonly sessionId: number | null;
  readonly supportedMouseModes: number;
  readonly mouseMode: number;
  /** A request for client mode is under way: at most one at a time. */
  readonly mouseModeAsked: boolean;
  readonly multiMediaTime: MultiMediaTime | null;
  /** How often the server set it. */
  readonly multiMediaTimeSets: number;
  readonly agent: AgentState;
}

const initial: MainState = { sessionId: null, supportedMouseModes: 0, mouseMode: 0, mouseModeAsked: false, multiMediaTime: null, multiMediaTimeSets: 0, agent: initialAgent };

const uuidGroups = [4, 2, 2, 2, 6];

/** 16 bytes as the usual text: 8-4-4-4-12 hexadecimal digits. */
function uuidText(bytes: Uint8Array): string {
  let at = 0;
  return uuidGroups
    .map((length) => {
      const group = Array.from(bytes.subarray(at, at + length), (byte) => byte.toString(16).padStart(2, '0')).join('');
      at += length;
      return group;
    })
    .join('-');
}

/** Client mode (absolute positions) is wanted whenever the guest can take it; the server may change its mind at any time. */
function mouseModes(state: MainState, supported: number, current: number): Step<MainState> {
  const wanted = (supported & MouseMode.client) !== 0 && current !== MouseMode.client;
  const ask = wanted && !state.mouseModeAsked;
  const changed = current !== state.mouseMode || supported !== state.supportedMouseModes;
  const effects: ChannelEffect[] = [];
  if (changed) effects.push(emit({ kind: 'mouseModeChanged', current, supported }));
  if (ask) effects.push(send('mouseModeRequest', { mode: MouseMode.client }));
  return { state: { ...state, supportedMouseModes: supported, mouseMode: current, mouseModeAsked: wanted && (ask || state.mouseModeAsked) }, effects };
}

function withAgent(state: MainState, input: AgentInput, nowMs: number): Step<MainState> {
  const step = stepAgent(state.agent, input, nowMs);
  return { state: step.state === state.agent ? state : { ...state, agent: step.state }, effects: step.effects };
}

function join(first: Step<MainState>, then: (state: MainState) => Step<MainState>): Step<MainState> {
  const second = then(first.state);
  return { state: second.state, effects: [...first.effects, ...second.effects] };
}

function stepMessage(state: MainState, message: MainServerMessage, nowMs: number): Step<MainState> {
  switch (message.kind) {
    case 'init': {
      const { sessionId, displayChannelsHint, supportedMouseModes, currentMouseMode, agentConnected, agentTokens, multiMediaTime, ramHint } = message.value;
      if (state.sessionId !== null) return { state, effects: [gap('main:init:repeated', 'the server initialised the session a second time; the first id stays')] };
      const begun: Step<MainState> = {
        state: { ...state, sessionId, multiMediaTime: { serverMs: multiMediaTime, atMs: nowMs }, multiMediaTimeSets: state.multiMediaTimeSets + 1 },
        effects: [{ kind: 'setMultiMediaTime', serverMs: multiMediaTime }, emit({ kind: 'sessionInitialised', sessionId, displayChannelsHint, ramHint })],
      };
      const moused = join(begun, (next) => mouseModes(next, supportedMouseModes, currentMouseMode));
      // The tokens of INIT also count for an agent that comes later with AGENT_CONNECTED, which brings none of its own.
      const greeted = join(moused, (next) => withAgent(next, agentConnected === 0 ? { kind: 'tokens', count: agentTokens } : { kind: 'connected', tokens: agentTokens }, nowMs));
      return join(greeted, (next) => ({ state: next, effects: [send('attachChannels', {})] }));
    }
    case 'channelsList':
      return { state, effects: [emit({ kind: 'channelsListed', channels: message.value.channels.map(({ type, id }) => ({ type, id })) })] };
    case 'mouseMode':
      return mouseModes({ ...state, mouseModeAsked: false }, message.value.supportedModes, message.value.currentMode);
    case 'multiMediaTime':
      return { state: { ...state, multiMediaTime: { serverMs: message.value.time, atMs: nowMs }, multiMediaTimeSets: state.multiMediaTimeSets + 1 }, effects: [{ kind: 'setMultiMediaTime', serverMs: message.value.time }] };
    case 'name':
      return { state, effects: [emit({ kind: 'serverNamed', name: textOf(message.value.name) })] };
    case 'uuid':
      return { state, effects: [emit({ kind: 'serverIdentified', uuid: uuidText(message.value.uuid) })] };
    case 'agentConnected':
      return withAgent(state, { kind: 'connected', tokens: null }, nowMs);
    case 'agentConnectedTokens':
      return withAgent(state, { kind: 'connected', tokens: message.value.numTokens }, nowMs);
    case 'agentDisconnected':
      return withAgent(state, { kind: 'disconnected' }, nowMs);
    case 'agentToken':
      return withAgent(state, { kind: 'tokens', count: message.value.numTokens }, nowMs);
    case 'agentData':
      return withAgent(state, { kind: 'data', bytes: message.value.data }, nowMs);
    case 'migrateBegin':
    case 'migrateBeginSeamless':
      // Answered truthfully: the server then migrates without waiting for this client, which loses the session.
      return { state, effects: [send('migrateConnectError', {}), gap(`main:migrate:${message.kind}`, 'the guest moves to another host; following it is not supported')] };
    case 'migrateCancel':
    case 'migrateSwitchHost':
    case 'migrateEnd':
    case 'migrateDstSeamlessAck':
    case 'migrateDstSeamlessNack':
      return { state, effects: [gap(`main:migrate:${message.kind}`, 'the guest moves to another host; following it is not supported')] };
    default:
      return { state, effects: noEffects };
  }
}

function stepCommand(state: MainState, command: ChannelCommand, nowMs: number): Step<MainState> {
  if (command.kind !== 'configureMonitors') return { state, effects: noEffects };
  return withAgent(state, { kind: 'configureMonitors', monitors: command.monitors }, nowMs);
}

export const mainBehavior: ChannelBehavior<MainState, MainServerMessage> = {
  type: ChannelType.main,
  capabilities: capabilityWords([MainCapability.nameAndUuid, MainCapability.agentConnectedTokens]),
  initial,
  step(state, input) {
    switch (input.kind) {
      case 'linked':
        return { state, effects: noEffects };
      case 'message':
        return stepMessage(state, input.message, input.nowMs);
      case 'command':
        return stepCommand(state, input.command, input.nowMs);
    }
  },
  describe: (state) => ({
    sessionId: state.sessionId,
    mouseMode: state.mouseMode,
    supportedMouseModes: state.supportedMouseModes,
    multiMediaTime: state.multiMediaTime,
    multiMediaTimeSets: state.multiMediaTimeSets,
    agentConnected: state.agent.connected,
    agentTokens: state.agent.outbox.tokens,
    agentQueuedBytes: state.agent.outbox.queuedBytes,
    agent: describeReplies(state.agent.replies),
  }),
};
