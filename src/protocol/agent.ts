// Agent messages: their numbers, and bytes to values and back. Cutting them out of AGENT_DATA bodies is
// agent-reassembly.ts, cutting them into chunks under tokens is agent-outbox.ts.

import { makeParser } from './wire/parse.ts';
import type { Parsed } from './wire/parse.ts';
import { makeSerializer } from './wire/serialize.ts';
import { WireError } from './wire/wire-error.ts';
import { Writer } from './wire/writer.ts';
import type { Layout, Of } from './wire/layout.ts';
import type { KnownMessage, MalformedMessage } from './message.ts';
import * as agent from './messages/agent.ts';
import type { AgentDialect } from './messages/agent.ts';
import { empty } from './messages/base.ts';

export type { AgentDialect } from './messages/agent.ts';

const AGENT_PROTOCOL = 1;
export const agentHeaderBytes = 20;

function entry<T>(type: number, layout: Layout<T>): { readonly type: number; readonly layout: Layout<T> } {
  return { type, layout };
}

/** The agent's message set in one dialect. */
export function agentTable(dialect: AgentDialect) {
  const { clipboard, clipboardGrab, clipboardRequest, clipboardRelease } = agent.clipboardLayouts(dialect);
  return {
    mouseState: entry(1, agent.mouseState),
    monitorsConfig: entry(2, agent.monitorsConfig),
    reply: entry(3, agent.reply),
    clipboard: entry(4, clipboard),
    displayConfig: entry(5, agent.displayConfig),
    announceCapabilities: entry(6, agent.announceCapabilities),
    clipboardGrab: entry(7, clipboardGrab),
    clipboardRequest: entry(8, clipboardRequest),
    clipboardRelease: entry(9, clipboardRelease),
    fileXferStart: entry(10, agent.fileXferStart),
    fileXferStatus: entry(11, agent.fileXferStatus),
    fileXferData: entry(12, agent.fileXferData),
    clientDisconnected: entry(13, empty),
    maxClipboard: entry(14, agent.maxClipboard),
    audioVolumeSync: entry(15, agent.audioVolumeSync),
    graphicsDeviceInfo: entry(16, agent.graphicsDeviceInfo),
  } as const;
}
type AgentTable = ReturnType<typeof agentTable>;
export type AgentKind = keyof AgentTable;
export type AgentValue<K extends AgentKind> = Of<AgentTable[K]['layout']>;

/** A number that nobody defines. */
export interface UnknownAgentMessage {
  readonly kind: 'unknown';
  readonly type: number;
  readonly payload: Uint8Array;
}

export type AgentMessage =
  | { [K in AgentKind]: KnownMessage<K, AgentValue<K>> }[AgentKind]
  | UnknownAgentMessage
  | MalformedMessage;

interface Codec {
  readonly parsers: ReadonlyMap<number, { readonly kind: AgentKind; readonly parse: (body: Uint8Array) => Parsed<unknown> }>;
  readonly serializers: ReadonlyMap<AgentKind, { readonly type: number; readonly write: (writer: Writer, value: unknown) => void }>;
}

const codecs = new Map<string, Codec>();
const writeHeader = makeSerializer(agent.agentHeader);

function codecOf(dialect: AgentDialect): Codec {
  const key = `${dialect.clipboardSelection}/${dialect.clipboardGrabSerial}`;
  const known = codecs.get(key);
  if (known !== undefined) return known;
  // Object.entries widens the keys to string; they are the table's.
  const entries = Object.entries(agentTable(dialect)) as [AgentKind, { type: number; layout: Layout<unknown> }][];
  const codec: Codec = {
    parsers: new Map(entries.map(([kind, { type, layout }]) => [type, { kind, parse: makeParser(layout, `agent.${kind}`) }])),
    serializers: new Map(entries.map(([kind, { type, layout }]) => [kind, { type, write: makeSerializer(layout) }])),
  };
  codecs.set(key, codec);
  return codec;
}

/** Reads one reassembled agent message. Never throws for what the peer sent. */
export function parseAgentMessage(dialect: AgentDialect, type: number, payload: Uint8Array): AgentMessage {
  const parser = codecOf(dialect).parsers.get(type);
  if (parser === undefined) return { kind: 'unknown', type, payload };
  try {
    const { value, trailingBytes } = parser.parse(payload);
    // The parser was made from the table entry that the type is made from.
    return { kind: parser.kind, type, value, trailingBytes } as AgentMessage;
  } catch (error) {
    if (error instanceof WireError) return { kind: 'malformed', type, error };
    throw error;
  }
}

/** The bytes of one agent message, its 20-byte header included. */
export function serializeAgentMessage<K extends AgentKind>(dialect: AgentDialect, kind: K, value: AgentValue<K>): Uint8Array<ArrayBuffer> {
  const serializer = codecOf(dialect).serializers.get(kind);
  if (serializer === undefined) throw new TypeError(`no agent message ${kind}`);
  const writer = new Writer();
  writeHeader(writer, { protocol: AGENT_PROTOCOL, type: serializer.type, opaque: 0n, size: 0 });
  writer.beginBody();
  serializer.write(writer, value);
  writer.finishBody();
  writer.patchU32(agentHeaderBytes - 4, writer.bodyBytes);
  return writer.take();
}
