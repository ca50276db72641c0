// Packets of one capture file, and of the files that go on where it ended, to the messages in them. What the file is and where its
// bytes come from is its caller's; here only packets come in.

import { channelName } from '../../protocol/constants.ts';
import { clientPortOf } from '../pcap.ts';
import { isChannelName } from '../message-name.ts';
import { Conversation } from './conversation.ts';
import type { Packet } from './packet.ts';
import type { RecordedMessage } from './recorded-message.ts';
import { parseTcpSegment } from './tcp-segment.ts';
import { TcpStreams, type TcpStream } from './tcp-streams.ts';

/** How many connections are kept apart; the oldest are forgotten first. */
const CONVERSATIONS_MAX = 4_096;
/** Comments that wait for a message, and of each so much. */
const COMMENTS_MAX = 16;
const COMMENT_CHARACTERS_MAX = 500;
/** The ancestor's port of every channel that has none of its own; of those it records only playback. */
const ANCESTORS_OTHERS = 10_099;

export interface TrafficReaderOptions {
  /** The channel that the file's name says (`display/0`), or null. */
  readonly channel: string | null;
}

export class TrafficReader {
  /** Packets read, and those of them that are no TCP. */
  packets = 0;
  otherPackets = 0;
  readonly #channel: string | null;
  readonly #streams = new TcpStreams();
  readonly #conversations = new Map<number, Conversation>();
  readonly #numbers = new Map<string, number>();
  readonly #comments: string[] = [];
  #continues = false;

  constructor(options: TrafficReaderOptions) {
    this.#channel = options.channel;
  }

  /** The next packets are of a file that goes on where the last one ended: a writer was started again. */
  continueWithNextFile(): void {
    this.#continues = true;
  }

  take(packet: Packet): readonly RecordedMessage[] {
    this.packets += 1;
    const segment = parseTcpSegment(packet.linkType, packet.bytes);
    if (segment === null) {
      this.otherPackets += 1;
      return [];
    }
    const piece = this.#streams.take(segment, packet.interfaceName, this.#continues);
    const messages = piece === null ? [] : this.#conversation(piece.stream).take(piece, packet.atMs);
    return this.#commented(packet.comments, messages);
  }

  /** A packet without a message (a SYN) may have a comment all the same: the next message carries it. */
  #commented(comments: readonly string[], messages: readonly RecordedMessage[]): readonly RecordedMessage[] {
    for (const comment of comments) if (this.#comments.length < COMMENTS_MAX) this.#comments.push(comment.slice(0, COMMENT_CHARACTERS_MAX));
    const [first, ...others] = messages;
    if (this.#comments.length === 0 || first === undefined) return messages;
    return [{ ...first, comments: this.#comments.splice(0) }, ...others];
  }

  /** Bytes of messages that begin in the file and do not end in it. */
  get unfinishedBytes(): number {
    let sum = 0;
    for (const conversation of this.#conversations.values()) sum += conversation.unfinishedBytes;
    return sum;
  }

  #conversation(stream: TcpStream): Conversation {
    const known = this.#conversations.get(stream.number);
    if (known !== undefined) return known;
    const made = new Conversation(stream, {
      hint: hintOf(stream, this.#channel),
      numberOf: (channel) => {
        const number = this.#numbers.get(channel) ?? 0;
        this.#numbers.set(channel, number + 1);
        return number;
      },
    });
    const [oldest] = this.#conversations.keys();
    if (this.#conversations.size >= CONVERSATIONS_MAX && oldest !== undefined) this.#conversations.delete(oldest);
    this.#conversations.set(stream.number, made);
    return made;
  }
}

/** The interface's name, the port, or the file's name say whose connection it is; the link exchange, where there is one, knows better. */
function hintOf(stream: TcpStream, fileChannel: string | null): string | null {
  const { interfaceName } = stream;
  if (interfaceName !== null && /^[a-z]+\/\d{1,3}$/.test(interfaceName) && isChannelName(interfaceName.split('/', 1)[0]!)) return interfaceName;
  return (stream.isInvented ? channelOfPort(stream.clientPort) : null) ?? fileChannel;
}

/** The other way round of `clientPortOf`. */
const CHANNELS_BY_PORT: ReadonlyMap<number, string> = new Map(
  [1, 2, 3, 4, 5, 6, 8, 9, 10, 11].flatMap((type) =>
    Array.from({ length: 25 }, (_, id): [number, string] => [clientPortOf(`${channelName(type)}/${id}`, 0), `${channelName(type)}/${id}`]),
  ),
);
const PORTS_PER_STREAM = clientPortOf('main/0', 1) - clientPortOf('main/0', 0);
const FIRST_PORT = clientPortOf('main/0', 0) - 1;

function channelOfPort(port: number): string | null {
  if (port === ANCESTORS_OTHERS) return 'playback/0';
  return port < FIRST_PORT ? null : (CHANNELS_BY_PORT.get(FIRST_PORT + ((port - FIRST_PORT) % PORTS_PER_STREAM)) ?? null);
}
