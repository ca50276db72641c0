import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAgentMessage, serializeAgentMessage } from '#app/protocol/agent.js';
import type { AgentDialect, AgentKind, AgentMessage, AgentValue } from '#app/protocol/agent.js';
import type { Direction } from '#app/protocol/catalog.js';
import type { ChannelTypeNumber } from '#app/protocol/constants.js';
import { parseMessage, serializeMessage } from '#app/protocol/message.js';
import type { Message, MessageKind, MessageValue } from '#app/protocol/message.js';
import { handLaidAgentMessages, handLaidMessages, hex } from './hand-laid.mjs';
import { snapshotValue } from '../support/golden-snapshot.mjs';

interface Golden {
  readonly channel: string;
  readonly channelType: ChannelTypeNumber;
  readonly dialect: AgentDialect;
  readonly direction: Direction;
  readonly type: number;
  readonly kind: string;
  readonly cases: string;
  readonly hex: string;
  readonly trailingBytes: number;
  readonly expected: unknown;
}

const SERVERS = ['qemu', 'xspice', 'draw-server'] as const;
const AGENT_HEADER_BYTES = 20;
const MINI_HEADER_BYTES = 6;

function goldensOf(server: string): readonly Golden[] {
  // The files are made by capture-goldens.mjs, in this shape.
  const { messages } = JSON.parse(readFileSync(new URL(`messages/${server}.json`, import.meta.url), 'utf8')) as { messages: Golden[] };
  return messages;
}

/** The value of a message that is neither unknown nor malformed. */
function valueOf(message: Message | AgentMessage): unknown {
  if (!('value' in message)) throw new Error(`${message.kind}: ${'error' in message ? message.error.message : message.type}`);
  return message.value;
}

function serializeBody(channelType: ChannelTypeNumber, direction: Direction, kind: string, value: unknown): Uint8Array {
  // The casts: `kind` and `value` came out of parseMessage for the same channel and direction.
  const known = kind as MessageKind<ChannelTypeNumber, Direction>;
  return serializeMessage(channelType, direction, known, value as MessageValue<ChannelTypeNumber, Direction, typeof known>).subarray(MINI_HEADER_BYTES);
}

function serializePayload(dialect: AgentDialect, kind: string, value: unknown): Uint8Array {
  // The casts: `kind` and `value` came out of parseAgentMessage for the same dialect.
  return serializeAgentMessage(dialect, kind as AgentKind, value as AgentValue<AgentKind>).subarray(AGENT_HEADER_BYTES);
}

describe.each(SERVERS)('what %s and its client sent', (server) => {
  it.each(goldensOf(server))('$channel $direction $kind $cases: is read as recorded, and written back byte for byte', (golden) => {
    const body = hex(golden.hex);
    const message: Message | AgentMessage =
      golden.channel === 'agent'
        ? parseAgentMessage(golden.dialect, golden.type, body)
        : parseMessage(golden.channelType, golden.direction, { type: golden.type, body });
    const value = valueOf(message);
    expect(message.kind).toBe(golden.kind);
    expect('trailingBytes' in message ? message.trailingBytes : null).toBe(golden.trailingBytes);
    expect(snapshotValue(value, body)).toEqual(golden.expected);
    const written =
      golden.channel === 'agent'
        ? serializePayload(golden.dialect, golden.kind, value)
        : serializeBody(golden.channelType, golden.direction, golden.kind, value);
    expect(Buffer.from(written).toString('hex')).toBe(golden.hex.slice(0, golden.hex.length - 2 * golden.trailingBytes));
  });
});

it('the only trailing byte that a real server sends is the NUL after a NOTIFY', () => {
  const trailing = SERVERS.flatMap(goldensOf).filter((golden) => golden.trailingBytes > 0);
  expect(new Set(trailing.map((golden) => `${golden.kind} ${golden.trailingBytes}`))).toEqual(new Set(['notify 1']));
});

describe('bodies laid by hand', () => {
  it.each(handLaidMessages)('$kind of channel type $channelType from the $direction', ({ channelType, direction, type, kind, body, value }) => {
    const message = parseMessage(channelType, direction, { type, body });
    expect(valueOf(message)).toEqual(value);
    expect(message.kind).toBe(kind);
    expect(serializeBody(channelType, direction, kind, value)).toEqual(body);
  });

  it.each(handLaidAgentMessages)('agent $kind with selections $dialect.clipboardSelection, serials $dialect.clipboardGrabSerial', (laid) => {
    const message = parseAgentMessage(laid.dialect, laid.type, laid.body);
    expect(valueOf(message)).toEqual(laid.value);
    expect(message.kind).toBe(laid.kind);
    expect(serializePayload(laid.dialect, laid.kind, laid.value)).toEqual(laid.body);
  });
});
