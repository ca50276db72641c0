// Frame to message: looks the number up, runs the parser that was derived from the catalogue, and never throws for what
// a peer sent. An unknown number is a message that keeps its bytes; bad bytes are a message that keeps its error.

import { makeParser } from './wire/parse.ts';
import type { Parsed } from './wire/parse.ts';
import { makeSerializer } from './wire/serialize.ts';
import { WireError } from './wire/wire-error.ts';
import { Writer } from './wire/writer.ts';
import type { Of } from './wire/layout.ts';
import { catalog } from './catalog.ts';
import type { Catalog, Direction, MessageTable } from './catalog.ts';
import { channelName } from './constants.ts';
import type { ChannelTypeNumber } from './constants.ts';
import type { Frame } from './frame-splitter.ts';

/** A number that the catalogue does not have. */
export interface UnknownMessage {
  readonly kind: 'unknown';
  readonly type: number;
  readonly body: Uint8Array;
}

/** A known number whose body does not fit its layout. */
export interface MalformedMessage {
  readonly kind: 'malformed';
  readonly type: number;
  readonly error: WireError;
}

/** A message that its layout could read; bytes after what the layout knows are counted in `trailingBytes`. */
export interface KnownMessage<K extends string, T> {
  readonly kind: K;
  readonly type: number;
  readonly value: T;
  readonly trailingBytes: number;
}

type Known<C> = {
  [K in keyof C & string]: C[K] extends { readonly layout: infer L } ? KnownMessage<K, Of<L>> : never;
}[keyof C & string];

/** Everything that can come from `D` on a channel of type `C`. */
export type Message<C extends ChannelTypeNumber = ChannelTypeNumber, D extends Direction = Direction> =
  | Known<Catalog[C][D]>
  | UnknownMessage
  | MalformedMessage;

export type MainServerMessage = Message<1, 'server'>;
export type DisplayServerMessage = Message<2, 'server'>;
export type InputsServerMessage = Message<3, 'server'>;
export type CursorServerMessage = Message<4, 'server'>;
export type PlaybackServerMessage = Message<5, 'server'>;
export type RecordServerMessage = Message<6, 'server'>;
export type UsbredirServerMessage = Message<9, 'server'>;
export type PortServerMessage = Message<10, 'server'>;

/** Whatever a server may send, on whichever channel: what code that serves every channel type holds. */
export type AnyServerMessage = { [C in ChannelTypeNumber]: Message<C, 'server'> }[ChannelTypeNumber];

/** Names of the messages that `D` may send on a channel of type `C`. */
export type MessageKind<C extends ChannelTypeNumber, D extends Direction> = keyof Catalog[C][D] & string;

/** The value of one message. */
export type MessageValue<C extends ChannelTypeNumber, D extends Direction, K extends MessageKind<C, D>> =
  Extract<Known<Catalog[C][D]>, { readonly kind: K }>['value'];

/** Which header a serialized message gets. With mini headers both sides count serials instead of sending them. */
export type Header = { readonly header: 'mini' } | { readonly header: 'full'; readonly serial: number };

const MINI: Header = { header: 'mini' };

interface Parser {
  readonly kind: string;
  readonly parse: (body: Uint8Array) => Parsed<unknown>;
}

interface Serializer {
  readonly type: number;
  readonly write: (writer: Writer, value: unknown) => void;
}

interface Codec {
  readonly parsers: ReadonlyMap<number, Parser>;
  readonly serializers: ReadonlyMap<string, Serializer>;
}

// Closures are made for a channel when it is first used: a worker that serves one channel pays for one.
const codecs = new Map<MessageTable, Codec>();

function codecOf(channelType: ChannelTypeNumber, direction: Direction): Codec {
  const table: MessageTable = catalog[channelType][direction];
  const known = codecs.get(table);
  if (known !== undefined) return known;
  const prefix = `${channelName(channelType)}.${direction}`;
  const codec: Codec = {
    parsers: new Map(
      Object.entries(table).map(([kind, entry]) => [entry.type, { kind, parse: makeParser(entry.layout, `${prefix}.${kind}`) }]),
    ),
    serializers: new Map(Object.entries(table).map(([kind, entry]) => [kind, { type: entry.type, write: makeSerializer(entry.layout) }])),
  };
  codecs.set(table, codec);
  return codec;
}

/** Reads `frame` as what `direction` sends on a channel of `channelType`. Never throws for what the peer sent. */
export function parseMessage<C extends ChannelTypeNumber, D extends Direction>(
  channelType: C,
  direction: D,
  frame: Pick<Frame, 'type' | 'body'>,
): Message<C, D> {
  const { type, body } = frame;
  const parser = codecOf(channelType, direction).parsers.get(type);
  if (parser === undefined) return { kind: 'unknown', type, body };
  try {
    const { value, trailingBytes } = parser.parse(body);
    // The parser was made from the catalogue entry that the type is made from.
    return { kind: parser.kind, type, value, trailingBytes } as Message<C, D>;
  } catch (error) {
    if (error instanceof WireError) return { kind: 'malformed', type, error };
    throw error;
  }
}

/** The bytes of one message, header included, in a buffer of their own. */
export function serializeMessage<C extends ChannelTypeNumber, D extends Direction, K extends MessageKind<C, D>>(
  channelType: C,
  direction: D,
  kind: K,
  value: MessageValue<C, D, K>,
  header: Header = MINI,
): Uint8Array<ArrayBuffer> {
  const serializer = codecOf(channelType, direction).serializers.get(kind);
  if (serializer === undefined) throw new TypeError(`${channelName(channelType)} has no ${direction} message ${kind}`);
  const writer = new Writer();
  const sizeAt = writeHeader(writer, serializer.type, header);
  writer.beginBody();
  serializer.write(writer, value);
  writer.finishBody();
  writer.patchU32(sizeAt, writer.bodyBytes);
  return writer.take();
}

/** `parseMessage` for a server message where the channel type is only known at run time. */
export function parseServerMessage(channelType: ChannelTypeNumber, frame: Pick<Frame, 'type' | 'body'>): AnyServerMessage {
  // A type parameter that is a union keeps only what all its members share; the message is one of that channel's all the same.
  return parseMessage(channelType, 'server', frame) as AnyServerMessage;
}

/** `serializeMessage` for a client message whose name and value were checked against each other where it was made. */
export function serializeOutgoing(channelType: ChannelTypeNumber, outgoing: { readonly name: string; readonly value: unknown }, header: Header): Uint8Array<ArrayBuffer> {
  return serializeMessage(channelType, 'client', outgoing.name as MessageKind<ChannelTypeNumber, 'client'>, outgoing.value as never, header);
}

/** Writes the header with size 0 and returns where the size goes. */
function writeHeader(writer: Writer, type: number, header: Header): number {
  if (header.header === 'mini') {
    writer.u16(type);
    writer.u32(0);
    return 2;
  }
  writer.u64(BigInt(header.serial));
  writer.u16(type);
  writer.u32(0);
  writer.u32(0); // no sub-message list
  return 10;
}
