// A recorded message as people and programs see it: a line of the listing, its fields with their bytes, a JSON object. Values to
// text; which messages, and where the text goes, is the caller's.

import { annotateBody, renderValue } from '../../protocol/wire/describe.ts';
import { makeParser } from '../../protocol/wire/parse.ts';
import { WireError } from '../../protocol/wire/wire-error.ts';
import { catalogEntryOf } from '../message-name.ts';
import type { RecordedMessage } from './recorded-message.ts';

export const LISTING_HEAD = '     seconds  channel       way  message                  bytes';

/** @param seconds of the message since the recording's first */
export function messageLine(message: RecordedMessage, seconds: number): string {
  const way = message.direction === 'sent' ? '->' : '<-';
  const columns = [seconds.toFixed(6).padStart(12), placeOf(message).padEnd(12), way.padEnd(3), message.name.padEnd(20), String(message.bytes.byteLength).padStart(9)];
  return columns.join('  ');
}

/** What is missing before a message, or null. */
export function gapLine(message: RecordedMessage, seconds: number): string | null {
  const { missingBefore, skippedBefore } = message;
  if (missingBefore === 0 && skippedBefore === 0) return null;
  const missing = missingBefore === null ? ['the beginning is missing'] : missingBefore > 0 ? [`${missingBefore} bytes are missing`] : [];
  const skipped = skippedBefore > 0 ? [`${skippedBefore} bytes are no whole message`] : [];
  return `${seconds.toFixed(6).padStart(12)}  ${placeOf(message).padEnd(12)}  ${message.direction === 'sent' ? '->' : '<-'}   -- ${[...missing, ...skipped].join(', ')}`;
}

/** What the file says of the packets, a line each: somebody else's words, of which nothing may act on a terminal. */
export function commentLines(message: RecordedMessage, seconds: number): readonly string[] {
  return message.comments.map((comment) => `${seconds.toFixed(6).padStart(12)}  ${placeOf(message).padEnd(12)}        # ${comment.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' ')}`);
}

/** One line a field: offset, bytes, path, value. Of the body; a link exchange's parts and unknown messages have no fields. */
export function fieldLines(message: RecordedMessage): readonly string[] {
  const entry = message.type === null ? null : catalogEntryOf(message.channel, message.direction, message.type);
  if (entry !== null) return annotateBody(entry.layout, entry.name, message.body);
  return message.body.byteLength === 0 ? [] : [`000000  ${renderValue(message.body)}`];
}

/** A line of the NDJSON listing. Times: `seconds` since the recording's first message, `wall_ms` as recorded. */
export interface MessageDocument {
  readonly seconds: number;
  readonly wall_ms: number;
  readonly channel: string;
  /** The connection's number on this channel. */
  readonly stream: number;
  readonly direction: 'sent' | 'received';
  readonly type: number | null;
  readonly name: string;
  readonly wire_bytes: number;
  readonly payload_bytes: number;
  /** Null = the connection's beginning is missing. */
  readonly missing_before: number | null;
  readonly skipped_before: number;
  /** Absent when there are none. */
  readonly comments?: readonly string[];
  /** Of known messages, when asked for. 64-bit numbers are strings, bytes are `{ bytes, hex }` with the first 32 of them. */
  readonly fields?: unknown;
  /** Why the body does not fit its layout. */
  readonly malformed?: string;
}

export function messageDocument(message: RecordedMessage, seconds: number, withFields: boolean): MessageDocument {
  const { atMs, channel, stream, direction, type, name, bytes, body, missingBefore, skippedBefore, comments } = message;
  return {
    seconds: Math.round(seconds * 1e6) / 1e6, wall_ms: atMs, channel, stream, direction, type, name, wire_bytes: bytes.byteLength, payload_bytes: body.byteLength,
    missing_before: missingBefore, skipped_before: skippedBefore,
    ...(comments.length === 0 ? {} : { comments }),
    ...(withFields ? fieldsOf(message) : {}),
  };
}

function fieldsOf(message: RecordedMessage): Pick<MessageDocument, 'fields' | 'malformed'> {
  const entry = message.type === null ? null : catalogEntryOf(message.channel, message.direction, message.type);
  if (entry === null) return { fields: jsonOf(message.body) };
  try {
    return { fields: jsonOf(makeParser(entry.layout, entry.name)(message.body).value) };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { malformed: error.message };
  }
}

const HEX_BYTES_MAX = 32;

function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) {
    return { bytes: value.byteLength, hex: Array.from(value.subarray(0, HEX_BYTES_MAX), (byte) => byte.toString(16).padStart(2, '0')).join('') };
  }
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, jsonOf(part)]));
  return value;
}

/** `display/0`, and from the second connection on `display/0#2`. */
function placeOf({ channel, stream }: RecordedMessage): string {
  return stream === 0 ? channel : `${channel}#${stream + 1}`;
}
