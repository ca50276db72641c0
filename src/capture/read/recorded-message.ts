// One message as a capture or a report holds it: what the tap once copied, read back. A value; the bytes are views of what was
// read from the file.

import type { HeaderKind, TapDirection } from '../tap.ts';

export interface RecordedMessage {
  /** When it came or went, in milliseconds since 1970 (the ancestor: since the session began). */
  readonly atMs: number;
  /** `display/0`; `unknown/0` when nothing in the file says whose it is. */
  readonly channel: string;
  /** Which connection of the channel, from 0: each link of it is one. */
  readonly stream: number;
  readonly direction: TapDirection;
  /** `link` = a part of the link exchange, which has no message header. */
  readonly kind: 'link' | 'message';
  /** Null for a part of the link exchange. */
  readonly type: number | null;
  /** The catalogue's name, `type123`, or `linkMessage`, `linkReply`, `linkMechanism`, `linkTicket`, `linkResult`. */
  readonly name: string;
  readonly header: HeaderKind;
  /** Header and body. */
  readonly bytes: Uint8Array;
  readonly body: Uint8Array;
  /** Bytes of this direction that are missing from the recording before this message; null = from the connection's start on, nobody knows how many. */
  readonly missingBefore: number | null;
  /** Bytes before this message that are there and cannot be understood: the rest of a message whose beginning is missing, and the like. */
  readonly skippedBefore: number;
  /** What the file says of its packets (pcapng only), here or since the message before. */
  readonly comments: readonly string[];
}
