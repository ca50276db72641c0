// Main, the server's half: INIT, the opening PINGs with their 250 KiB of padding, the list of channels on request, mouse mode, the
// multimedia clock, a notice about unencrypted keys, and a small agent with tokens.

import { capabilityWords, ChannelType, hasCapability, MainCapability, MouseMode, NotifySeverity, NotifyVisibility } from '../../protocol/constants.ts';
import type { OfferedChannel } from '../../protocol/events.ts';
import { agentTokensAtStart, createFakeAgent, stepFakeAgent, type FakeAgentInput, type FakeAgentState } from './fake-agent.ts';
import { multiMediaTime, nothing, serverMessages, timer, violation, type ClientMessage, type ServerChannel, type ServerEffect, type ServerStep } from './server-channel.ts';

const send = serverMessages(ChannelType.main);

/** As spice-server: two warm-ups, then the PING that it measures bandwidth with. Not on unix sockets. */
const openingPaddings = [0, 0, 256_000];
const clockEveryMs = 10_000;
const supportedModes = MouseMode.server | MouseMode.client;
/** Said to be the guest's, for clients that size their caches by it. */
const videoMemoryBytes = 64 * 1024 * 1024;

export interface MainServerOptions {
  readonly sessionId: number;
  readonly name: string;
  readonly channels: readonly OfferedChannel[];
  readonly agent: boolean;
  /** Whether the multimedia clock is sent again from time to time. */
  readonly tellsTime: boolean;
}

export interface MainServerState {
  readonly mouseMode: number;
  readonly attached: boolean;
  readonly agent: FakeAgentState | null;
}

/** Fixed: what tests and screens show is the same each time. */
const uuid = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
const text = new TextEncoder();

function opening(options: MainServerOptions, nowMs: number, channelCaps: readonly number[], local: boolean): readonly ServerEffect[] {
  const { sessionId, name, agent, channels, tellsTime } = options;
  return [
    ...(local ? [] : openingPaddings.map((paddingBytes): ServerEffect => ({ kind: 'ping', paddingBytes }))),
    send('init', {
      sessionId,
      displayChannelsHint: channels.filter(({ type }) => type === ChannelType.display).length,
      supportedMouseModes: supportedModes,
      currentMouseMode: MouseMode.server,
      agentConnected: agent ? 1 : 0,
      agentTokens: agentTokensAtStart,
      multiMediaTime: multiMediaTime(nowMs),
      ramHint: videoMemoryBytes,
    }),
    ...(hasCapability(channelCaps, MainCapability.nameAndUuid) ? [send('name', { name: text.encode(`${name}\0`) }), send('uuid', { uuid })] : []),
    ...(tellsTime ? [timer('clock', clockEveryMs)] : []),
  ];
}

function toAgent(state: MainServerState, input: FakeAgentInput): ServerStep<MainServerState> {
  // The real server takes these without an agent too, and drops them.
  if (state.agent === null) return { state, effects: [violation('agent-not-there')] };
  const next = stepFakeAgent(state.agent, input);
  return { state: { ...state, agent: next.state }, effects: next.effects };
}

function onMessage(state: MainServerState, options: MainServerOptions, message: ClientMessage<1>): ServerStep<MainServerState> {
  switch (message.kind) {
    case 'attachChannels': {
      const again: readonly ServerEffect[] = state.attached ? [violation('attach-twice')] : nothing;
      return { state: { ...state, attached: true }, effects: [...again, send('channelsList', { channels: options.channels })] };
    }
    case 'mouseModeRequest': {
      const { mode } = message.value;
      if (mode !== MouseMode.server && mode !== MouseMode.client) return { state, effects: [violation('mouse-mode')] };
      return { state: { ...state, mouseMode: mode }, effects: [send('mouseMode', { supportedModes, currentMode: mode })] };
    }
    case 'agentStart':
      return toAgent(state, { kind: 'start', tokens: message.value.numTokens });
    case 'agentData':
      return toAgent(state, { kind: 'data', bytes: message.value.data });
    case 'agentToken':
      return toAgent(state, { kind: 'tokens', count: message.value.numTokens });
    case 'clientInfo':
    case 'qualityIndicator':
      return { state, effects: nothing };
    case 'migrateConnected':
    case 'migrateConnectError':
    case 'migrateEnd':
    case 'migrateDstDoSeamless':
    case 'migrateConnectedSeamless':
      return { state, effects: [violation(`unasked-${message.kind}`)] };
  }
}

/** The server half of one session's main channel. */
export function mainServer(options: MainServerOptions): ServerChannel<1, MainServerState> {
  return {
    type: ChannelType.main,
    capabilities: capabilityWords([MainCapability.nameAndUuid, MainCapability.agentConnectedTokens]),
    initial: () => ({ mouseMode: MouseMode.server, attached: false, agent: options.agent ? createFakeAgent() : null }),
    step(state, input) {
      switch (input.kind) {
        case 'linked':
          return { state, effects: opening(options, input.nowMs, input.channelCaps, input.local) };
        case 'message':
          return onMessage(state, options, input.message);
        case 'timer':
          return { state, effects: [send('multiMediaTime', { time: multiMediaTime(input.nowMs) }), timer('clock', clockEveryMs)] };
        case 'told':
          return { state, effects: input.note.kind === 'inputsInsecure' ? [insecureNotice(input.nowMs)] : nothing };
        case 'room':
          return { state, effects: nothing };
      }
    },
    observe: ({ mouseMode, attached, agent }) => ({
      mouseMode,
      attached,
      agentStarted: agent?.started ?? false,
      agentMessages: agent?.messages ?? 0,
      agentScreens: agent?.screens ?? [],
    }),
  };
}

function insecureNotice(nowMs: number): ServerEffect {
  return send('notify', {
    timeStamp: BigInt(Math.round(nowMs * 1e6)), severity: NotifySeverity.warn, visibility: NotifyVisibility.high, what: 0,
    message: text.encode('keyboard channel is insecure'),
  });
}
