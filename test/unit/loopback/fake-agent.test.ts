// The fake agent: tokens, chunk rules and the three messages that it understands.
import { describe, expect, test } from 'vitest';
import { createFakeAgent, stepFakeAgent, type FakeAgentState } from '#app/loopback/channels/fake-agent.js';
import type { ServerEffect } from '#app/loopback/channels/server-channel.js';
import { serializeAgentMessage } from '#app/protocol/agent.js';

const dialect = { clipboardSelection: false, clipboardGrabSerial: false };
const announce = serializeAgentMessage(dialect, 'announceCapabilities', { request: 1, capabilities: [] });
const started = (tokens = 0xffff_ffff): FakeAgentState => stepFakeAgent(createFakeAgent(), { kind: 'start', tokens }).state;

/** Feeds bodies one after the other and collects all effects. */
function feed(agent: FakeAgentState, ...bodies: readonly Uint8Array[]): { agent: FakeAgentState; effects: ServerEffect[] } {
  const effects: ServerEffect[] = [];
  for (const bytes of bodies) {
    const step = stepFakeAgent(agent, { kind: 'data', bytes });
    agent = step.state;
    effects.push(...step.effects);
  }
  return { agent, effects };
}

const sends = (effects: readonly ServerEffect[], name: string) => effects.filter((effect) => effect.kind === 'send' && effect.name === name);
const rules = (effects: readonly ServerEffect[]) => effects.flatMap((effect) => (effect.kind === 'violation' ? [effect.rule] : []));

/** A message of unknown type with a payload of this many bytes. */
function message(payloadBytes: number): Uint8Array {
  const bytes = new Uint8Array(20 + payloadBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 1, true);
  view.setUint32(4, 4_711, true);
  view.setUint32(16, payloadBytes, true);
  return bytes;
}

test('an announcement that asks is answered with one that does not', () => {
  const { effects } = feed(started(), announce);
  expect(sends(effects, 'agentData')).toEqual([{ kind: 'send', name: 'agentData', value: { data: serializeAgentMessage(dialect, 'announceCapabilities', { request: 0, capabilities: [0b110] }) } }]);
});

test('every fifth chunk gives five tokens back', () => {
  const { effects, agent } = feed(started(), ...Array.from({ length: 23 }, () => message(0)));
  expect(sends(effects, 'agentToken')).toEqual(Array.from({ length: 4 }, () => ({ kind: 'send', name: 'agentToken', value: { numTokens: 5 } })));
  expect(agent.clientTokens).toBe(10 - 23 + 20);
  expect(rules(effects)).toEqual([]);
});

test('what the server has no token for waits until it is given one', () => {
  const silent = feed(started(0), announce);
  expect(sends(silent.effects, 'agentData')).toEqual([]);
  expect(sends(stepFakeAgent(silent.agent, { kind: 'tokens', count: 1 }).effects, 'agentData')).toHaveLength(1);
});

test('a message of many chunks is one message', () => {
  const long = message(5_000);
  const { agent, effects } = feed(started(), long.subarray(0, 2_048), long.subarray(2_048, 4_096), long.subarray(4_096));
  expect([agent.messages, agent.missingBytes, rules(effects)]).toEqual([1, 0, []]);
});

test('MONITORS_CONFIG tells the screens, without those that are disabled, and is answered', () => {
  const one = { depth: 32, x: 0, y: 0 };
  const monitors = [{ ...one, width: 800, height: 600 }, { ...one, width: 0, height: 0 }];
  const { effects } = feed(started(), serializeAgentMessage(dialect, 'monitorsConfig', { flags: 0, monitors, physicalSizes: null }));
  expect(effects[0]).toEqual({ kind: 'tell', note: { kind: 'screens', screens: [{ width: 800, height: 600 }] } });
  expect(sends(effects, 'agentData')).toHaveLength(1);
});

describe('the connection is closed for', () => {
  const tooMany = Array.from({ length: 11 }, () => message(0));
  test.each<[string, FakeAgentState, readonly Uint8Array[]]>([
    ['agent-data-before-start', createFakeAgent(), [announce]],
    ['agent-chunk-size', started(), [message(5_000)]],
    ['agent-chunk-header', started(), [announce.subarray(0, 19)]],
    ['agent-two-messages', started(), [Uint8Array.from([...announce, ...announce])]],
    ['agent-two-messages', started(), [message(3_000).subarray(0, 2_048), new Uint8Array(973)]],
    ['agent-protocol', started(), [new Uint8Array(20)]],
  ])('%s', (rule, agent, bodies) => {
    const { effects } = feed(agent, ...bodies);
    expect(effects.at(-1)).toEqual({ kind: 'violation', rule, close: true });
  });

  test('a chunk without a token', () => {
    const { effects } = feed({ ...started(), consumed: -100 }, ...tooMany);
    expect(rules(effects)).toEqual(['agent-data-without-token']);
  });
});
