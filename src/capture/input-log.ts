// Input log: what the user did, a line for each key and pointer message that was sent, made of the recorded traffic of an inputs channel. Unless it was
// asked for, a line says only when what kind of input there was: not which key, and not where. Pure; input-log-file.ts writes it.

import type { TapEntry } from '../mailbox/tap-entry.ts';
import { ChannelType } from '../protocol/constants.ts';
import { parseMessage, type Message } from '../protocol/message.ts';
import { headerOfNote, type HeaderKind } from './tap.ts';

/** `intimate`: with key codes, buttons and positions. */
export type InputLogDetail = 'redacted' | 'intimate';

export interface InputLogOptions {
  readonly detail: InputLogDetail;
  /** What the entries' monotonic times are added to; milliseconds since 1970, as `sessionStartedWallMs`. */
  readonly wallBaseMs: number;
  readonly sessionStartedWallMs: number;
}

type InputMessage = Message<typeof ChannelType.inputs, 'client'>;
type LineFields = Readonly<Record<string, number | readonly number[]>>;

const microsecondsPerMs = 1_000;
const headers: Readonly<Record<HeaderKind, { readonly headerBytes: number; readonly typeAt: number }>> = { mini: { headerBytes: 6, typeAt: 0 }, full: { headerBytes: 18, typeAt: 8 } };

/**
 * The line for one entry of an inputs channel's ring, with its end; null when it is no input: what was received, the link exchange, PONG.
 * `time_secs` is session time in seconds.
 */
export function inputLine(entry: TapEntry, options: InputLogOptions): string | null {
  if (entry.received || entry.head) return null;
  const message = messageOf(entry);
  const fields = message === null ? null : fieldsOf(message);
  if (message === null || fields === null) return null;
  return line(entry, options, message.kind, options.detail === 'intimate' ? fields : {});
}

/** The line for messages, sent and received, that the ring gave up before this entry. */
export function missingLine(entry: TapEntry, options: InputLogOptions, messages: number): string {
  return line(entry, options, 'missing', { messages });
}

function line({ monotonicMs }: TapEntry, { wallBaseMs, sessionStartedWallMs }: InputLogOptions, kind: string, fields: LineFields): string {
  const microseconds = Math.round((wallBaseMs + monotonicMs - sessionStartedWallMs) * microsecondsPerMs);
  return `${JSON.stringify({ time_secs: microseconds / 1_000_000, kind, ...fields })}\n`;
}

/** Null when there is no whole header. */
function messageOf({ note, bytes }: TapEntry): InputMessage | null {
  const { headerBytes, typeAt } = headers[headerOfNote(note)];
  if (bytes.byteLength < headerBytes) return null;
  const type = bytes[typeAt]! | (bytes[typeAt + 1]! << 8);
  return parseMessage(ChannelType.inputs, 'client', { type, body: bytes.subarray(headerBytes) });
}

/** What an intimate line has more; null = not the user's doing. */
function fieldsOf(message: InputMessage): LineFields | null {
  switch (message.kind) {
    case 'keyDown':
    case 'keyUp':
      return { code: message.value.code };
    case 'keyScancode':
      return { scancodes: [...message.value.scancodes] };
    case 'keyModifiers':
      return { modifiers: message.value.modifiers };
    case 'mouseMotion':
      return { dx: message.value.dx, dy: message.value.dy, buttons: message.value.buttons };
    case 'mousePosition':
      return { x: message.value.x, y: message.value.y, buttons: message.value.buttons, display: message.value.displayId };
    case 'mousePress':
    case 'mouseRelease':
      return { button: message.value.button, buttons: message.value.buttons };
    default:
      return null;
  }
}
