// One recorded connection: the bytes of both directions to the parts of the link exchange and to messages. Behind a gap it takes
// up again where a message begins, and says what is missing. Nothing in a file makes it throw or keep more than one message.

import { channelName } from '../../protocol/constants.ts';
import { createFrameSplitter, push, unfinishedBytes, type Frame, type FrameSplitter } from '../../protocol/frame-splitter.ts';
import { messageBodyBytesMax } from '../../protocol/limits.ts';
import { WireError } from '../../protocol/wire/wire-error.ts';
import { messageName } from '../message-name.ts';
import type { HeaderKind, TapDirection } from '../tap.ts';
import { beginsMessage, headerKindOf } from './framing.ts';
import { LinkParts } from './link-parts.ts';
import type { RecordedMessage } from './recorded-message.ts';
import type { TcpPiece, TcpStream } from './tcp-streams.ts';

/** Where one direction stands. */
interface Side {
  phase: 'start' | 'link' | 'messages' | 'seeking';
  splitter: FrameSplitter | null;
  header: HeaderKind;
  /** What the next message has to say. */
  missing: number | null;
  skipped: number;
}

const NO_COMMENTS: readonly string[] = [];

const newSide = (): Side => ({ phase: 'start', splitter: null, header: 'mini', missing: 0, skipped: 0 });

export interface ConversationNames {
  /** What the file says of the connection before its link exchange is read: a channel id, or null. */
  readonly hint: string | null;
  /** The connection's number among those of its channel; asked once, when the channel is known. */
  numberOf(channel: string): number;
}

export class Conversation {
  readonly #stream: TcpStream;
  readonly #names: ConversationNames;
  readonly #sides: Record<TapDirection, Side> = { sent: newSide(), received: newSide() };
  readonly #link = new LinkParts();
  #place: { readonly channel: string; readonly stream: number } | null = null;

  constructor(stream: TcpStream, names: ConversationNames) {
    this.#stream = stream;
    this.#names = names;
  }

  take(piece: TcpPiece, atMs: number): readonly RecordedMessage[] {
    const { direction, bytes } = piece;
    const side = this.#sides[direction];
    if (piece.missingBefore !== 0) lose(side, piece.missingBefore);
    const messages: RecordedMessage[] = [];
    this.#read(side, direction, bytes, atMs, messages);
    return messages;
  }

  /** Bytes of messages that have begun and are not whole: more than 0 at the end of a file that was cut off. */
  get unfinishedBytes(): number {
    return Object.values(this.#sides).reduce((sum, { splitter }) => sum + (splitter === null ? 0 : unfinishedBytes(splitter)), 0);
  }

  #read(side: Side, direction: TapDirection, bytes: Uint8Array, atMs: number, into: RecordedMessage[]): void {
    if (side.phase === 'start') this.#start(side, direction, bytes);
    if (side.phase === 'link') {
      const { parts, rest } = this.#link.push(direction, bytes);
      for (const part of parts) into.push(this.#message(side, direction, { atMs, kind: 'link', type: null, name: part.name, bytes: part.bytes, body: part.bytes }));
      if (rest === null) return;
      // Without an agreement (a half is missing) the bytes themselves must say which headers they have.
      if (this.#link.header === null) side.phase = 'seeking';
      else this.#beginMessages(side, this.#link.header);
      if (rest.byteLength > 0) this.#read(side, direction, rest, atMs, into);
      return;
    }
    if (side.phase === 'seeking' && !this.#found(side, direction, bytes)) {
      side.skipped += bytes.byteLength;
      return;
    }
    this.#frames(side, bytes, (frame) => {
      const { channel } = this.#known();
      const name = messageName(channel, direction, frame.type);
      into.push(this.#message(side, direction, { atMs, kind: 'message', type: frame.type, name, bytes: frame.bytes, body: frame.body }));
    });
  }

  #start(side: Side, direction: TapDirection, bytes: Uint8Array): void {
    if (LinkParts.begins(bytes)) {
      side.phase = 'link';
    } else if (this.#stream.isInvented && !this.#stream.hasSyn) {
      // The ancestor's files begin behind the link exchange, and it always asks for mini headers.
      this.#beginMessages(side, headerKindOf(this.#name(), direction, bytes) ?? 'mini');
    } else {
      side.phase = 'seeking';
    }
  }

  #frames(side: Side, bytes: Uint8Array, each: (frame: Frame) => void): void {
    const { splitter } = side;
    if (splitter === null) return;
    try {
      for (const frame of push(splitter, bytes)) each(frame);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      for (const frame of splitter.completed) each(frame);
      side.phase = 'seeking';
      side.splitter = null;
      side.skipped += bytes.byteLength - splitter.completed.reduce((sum, frame) => sum + frame.bytes.byteLength, 0);
    }
  }

  /** Whether a message begins here, with which header. Then the side reads messages. */
  #found(side: Side, direction: TapDirection, bytes: Uint8Array): boolean {
    const channel = this.#name();
    const agreed = this.#link.header;
    // In a capture of ours what follows a gap is a message: that is a promise of its format, also for numbers that nobody knows.
    const isPromised = agreed !== null && this.#stream.isInvented && this.#stream.hasSyn;
    const header = isPromised || (agreed !== null && beginsMessage(channel, direction, agreed, bytes)) ? agreed : agreed === null ? headerKindOf(channel, direction, bytes) : null;
    if (header === null) return false;
    this.#beginMessages(side, header);
    return true;
  }

  #beginMessages(side: Side, header: HeaderKind): void {
    side.phase = 'messages';
    side.header = header;
    side.splitter = createFrameSplitter({ header, bodyBytesMax: messageBodyBytesMax });
  }

  #message(side: Side, direction: TapDirection, part: Pick<RecordedMessage, 'atMs' | 'kind' | 'type' | 'name' | 'bytes' | 'body'>): RecordedMessage {
    const message: RecordedMessage = { ...part, ...this.#known(), direction, header: side.header, missingBefore: side.missing, skippedBefore: side.skipped, comments: NO_COMMENTS };
    side.missing = 0;
    side.skipped = 0;
    return message;
  }

  /** The channel's name, without its id. */
  #name(): string {
    return this.#known().channel.split('/', 1)[0]!;
  }

  #known(): { readonly channel: string; readonly stream: number } {
    if (this.#place !== null) return this.#place;
    const linked = this.#link.channel;
    const channel = linked === null ? (this.#names.hint ?? 'unknown/0') : `${channelName(linked.type)}/${linked.id}`;
    this.#place = { channel, stream: this.#names.numberOf(channel) };
    return this.#place;
  }
}

function lose(side: Side, bytes: number | null): void {
  side.missing = bytes === null || side.missing === null ? null : side.missing + bytes;
  if (side.splitter !== null) side.skipped += unfinishedBytes(side.splitter);
  side.splitter = null;
  side.phase = 'seeking';
}
