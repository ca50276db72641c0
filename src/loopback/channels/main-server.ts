// Main, the server's half: INIT, the opening PINGs with their 250 KiB of padding, the list of channels on request, mouse mode, the
// multimedia clock, a small agent with tokens, and the check that ends a session whose client answers nothing.

import { capabilityWords, ChannelType, MainCapability, MouseMode } from '../../protocol/constants.ts';
import type { OfferedChannel } from '../../protocol/events.ts';
import { agentStep, initialAgent, type FakeAgentState } from './fake-agent.ts';
import { initialPings, nextPing, takePong, type PingState } from './server-pings.ts';
import { nothing, serverMessages, timer, violation, type ServerChannel, type ServerEffect, type ServerStep } from './server-channel.ts';

const send = serverMessages(ChannelType.main);

/** As spice-server: two warm-ups, then the PING that it measures bandwidth with. */
const openingPaddings = [0, 0, 256_000];
/** What a client may send to the agent before it is given more. */
const agentTokens = 10;
/** The real server reports its clock minus this latency, so that pictures come early. */
const multiMediaLatencyMs = 400;

export interface MainServerOptions {
  readonly sessionId: number;
  readonly name: string;
  readonly channels: readonly OfferedChannel[];
  readonly pingEveryMs: number;
  /** How often the connectivity check looks; 0 = never. */
  readonly checkEveryMs: number;
  readonly agent: boolean;
  readonly width: number;
  readonly height: number;
}

export interface MainServerState {
  readonly options: MainServerOptions;
  readonly pings: PingState;
  readonly mouseMode: number;
  readonly attached: boolean;
  readonly agent: FakeAgentState | null;
  /** Messages from the client since the last connectivity check. */
  readonly heardSinceCheck: number;
}

const uuid = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
const multiMediaTime = (nowMs: number): number => (Math.round(nowMs) - multiMediaLatencyMs) >>> 0;

function linked(state: MainServerState, nowMs: number): ServerStep<MainServerState> {
  const { sessionId, name, agent, pingEveryMs, checkEveryMs } = state.options;
  const timestamp = BigInt(Math.round(nowMs * 1e3));
  const nameBytes = new TextEncoder().encode(`${name}\0`);
  return {
    state,
    effects: [
      ...openingPaddings.map((bytes) => send('ping', { id: 0, timestamp, padding: new Uint8Array(bytes) })),
      send('init', {
        sessionId,
        displayChannelsHint: 1,
        supportedMouseModes: MouseMode.server | MouseMode.client,
        currentMouseMode: state.mouseMode,
        agentConnected: agent ? 1 : 0,
        agentTokens: agent ? agentTokens : 0,
        multiMediaTime: multiMediaTime(nowMs),
        ramHint: 64 * 1024 * 1024,
      }),
      send('name', { name: nameBytes }),
      send('uuid', { uuid }),
      timer('ping', pingEveryMs),
      ...(checkEveryMs > 0 ? [timer('check', checkEveryMs)] : []),
    ],
  };
}

function onTimer(state: MainServerState, name: string, nowMs: number): ServerStep<MainServerState> {
  switch (name) {
    case 'ping': {
      const next = nextPing(state.pings, nowMs);
      return { state: { ...state, pings: next.state }, effects: [send('ping', next.ping), timer('ping', state.options.pingEveryMs)] };
    }
    case 'check': {
      // A PING outstanding and not one message since the last look: the client is gone (measured on spice-server 0.15.1).
      if (state.pings.outstanding !== null && state.heardSinceCheck === 0) {
        return { state, effects: [{ kind: 'endSession', why: `unresponsive for more than ${state.options.checkEveryMs} ms` }] };
      }
      return { state: { ...state, heardSinceCheck: 0 }, effects: [timer('check', state.options.checkEveryMs)] };
    }
    default:
      return { state, effects: nothing };
  }
}

function withAgent(state: MainServerState, step: (agent: FakeAgentState) => ServerStep<FakeAgentState>): ServerStep<MainServerState> {
  if (state.agent === null) return { state, effects: [violation('agent-not-there')] };
  const next = step(state.agent);
  return { state: { ...state, agent: next.state }, effects: next.effects };
}

/** The server half of one session's main channel. */
export function mainServer(options: MainServerOptions): ServerChannel<1, MainServerState> {
  return {
    type: ChannelType.main,
    capabilities: capabilityWords([MainCapability.semiSeamlessMigrate, MainCapability.nameAndUuid, MainCapability.agentConnectedTokens]),
    initial: () => ({ options, pings: initialPings, mouseMode: MouseMode.server, attached: false, agent: options.agent ? initialAgent : null, heardSinceCheck: 0 }),
    step(state, input) {
      switch (input.kind) {
        case 'linked':
          return linked(state, input.nowMs);
        case 'timer':
          return onTimer(state, input.name, input.nowMs);
        case 'message': {
          const heard: MainServerState = { ...state, heardSinceCheck: state.heardSinceCheck + 1 };
          const { message } = input;
          switch (message.kind) {
            case 'pong': {
              const taken = takePong(heard.pings, message.value);
              return { state: { ...heard, pings: taken.state }, effects: taken.effects };
            }
            case 'attachChannels': {
              const again: readonly ServerEffect[] = heard.attached ? [violation('attach-twice')] : nothing;
              return { state: { ...heard, attached: true }, effects: [...again, send('channelsList', { channels: options.channels })] };
            }
            case 'mouseModeRequest': {
              const { mode } = message.value;
              return { state: { ...heard, mouseMode: mode }, effects: [send('mouseMode', { supportedModes: MouseMode.server | MouseMode.client, currentMode: mode })] };
            }
            case 'agentStart':
              return withAgent(heard, (agent) => agentStep(agent, { kind: 'start', tokens: message.value.numTokens }));
            case 'agentData':
              return withAgent(heard, (agent) => agentStep(agent, { kind: 'data', bytes: message.value.data }));
            case 'agentToken':
              return withAgent(heard, (agent) => agentStep(agent, { kind: 'tokens', count: message.value.numTokens }));
            case 'unknown':
            case 'malformed':
              return { state: heard, effects: [violation(`main:${message.kind}-${message.type}`)] };
            default:
              return { state: heard, effects: nothing };
          }
        }
      }
    },
    observe: ({ pings, mouseMode, attached, agent }) => ({
      pingsSent: pings.sent,
      pongsReceived: pings.pongs,
      mouseMode,
      attached,
      agentMessages: agent?.messages ?? 0,
      agentMonitors: agent?.monitors ?? [],
    }),
  };
}
