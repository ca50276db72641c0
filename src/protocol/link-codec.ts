// Bytes of the link handshake to values and back: header, link message, link reply, capability words. No order of
// events; that is link-handshake.ts and link-acceptance.ts.

import { makeParser } from './wire/parse.ts';
import { makeSerializer } from './wire/serialize.ts';
import { Reader } from './wire/reader.ts';
import { WireError } from './wire/wire-error.ts';
import { Writer } from './wire/writer.ts';
import { capabilityWordsMax } from './limits.ts';
import { linkHeader, linkMessage, linkReply } from './messages/link.ts';
import type { LinkHeader } from './messages/link.ts';

export const linkHeaderBytes = 16;
export const linkMessageBytes = 18;
export const linkReplyBytes = 178;
/** RSA-OAEP with a 1024-bit key gives exactly this. */
export const ticketBytes = 128;
export const publicKeyDerBytes = 162;
/** ASCII `REDQ` as a little-endian number. */
const MAGIC = 0x51444552;
export const linkMajor = 2;
const LINK_MINOR = 2;

/** Words of capability bits: bit n of a set lies in word n / 32. */
export interface Capabilities {
  readonly commonCaps: readonly number[];
  readonly channelCaps: readonly number[];
}

/** What a client asks for when it links one channel. */
export interface LinkRequest extends Capabilities {
  /** 0 opens a session by its main channel; otherwise the session id of INIT. */
  readonly connectionId: number;
  readonly channelType: number;
  readonly channelId: number;
}

/** What a server answers. The key belongs to this one connection. */
export interface LinkAnswer extends Capabilities {
  readonly error: number;
  readonly publicKeyDer: Uint8Array;
}

const parseHeader = makeParser(linkHeader, 'linkHeader');
const parseMessage = makeParser(linkMessage, 'linkMessage');
const parseReply = makeParser(linkReply, 'linkReply');
const writeHeader = makeSerializer(linkHeader);
const writeMessage = makeSerializer(linkMessage);
const writeReply = makeSerializer(linkReply);

/** True while `bytes` (any number of them) can still be the start of a link header. */
export function startsWithMagic(bytes: Uint8Array): boolean {
  return [0x52, 0x45, 0x44, 0x51].every((byte, index) => index >= bytes.byteLength || bytes[index] === byte);
}

/** @throws WireError `truncated` when there are fewer than 16 bytes. */
export function readLinkHeader(bytes: Uint8Array): LinkHeader {
  return parseHeader(bytes).value;
}

/** @throws WireError when the words do not lie inside `body`. */
export function readLinkMessage(body: Uint8Array): LinkRequest {
  const { value } = parseMessage(body);
  return {
    connectionId: value.connectionId,
    channelType: value.channelType,
    channelId: value.channelId,
    ...readWords(body, value.capsOffset, value.commonWords, value.channelWords),
  };
}

/** @throws WireError when the words do not lie inside `body`. */
export function readLinkReply(body: Uint8Array): LinkAnswer {
  const { value } = parseReply(body);
  return {
    error: value.error,
    // A copy: the key outlives the chunk that it came in.
    publicKeyDer: value.publicKeyDer.slice(),
    ...readWords(body, value.capsOffset, value.commonWords, value.channelWords),
  };
}

export function writeLinkMessage(request: LinkRequest): Uint8Array<ArrayBuffer> {
  return withHeader((writer) => {
    writeMessage(writer, {
      ...request,
      commonWords: request.commonCaps.length,
      channelWords: request.channelCaps.length,
      capsOffset: linkMessageBytes,
    });
    for (const word of [...request.commonCaps, ...request.channelCaps]) writer.u32(word);
  });
}

export function writeLinkReply(answer: LinkAnswer): Uint8Array<ArrayBuffer> {
  return withHeader((writer) => {
    writeReply(writer, {
      ...answer,
      commonWords: answer.commonCaps.length,
      channelWords: answer.channelCaps.length,
      capsOffset: linkReplyBytes,
    });
    for (const word of [...answer.commonCaps, ...answer.channelCaps]) writer.u32(word);
  });
}

/** A number of the handshake that stands alone: mechanism selector, link result. */
export function writeU32(value: number): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writer.u32(value);
  return writer.take();
}

export function readU32(bytes: Uint8Array): number {
  return new Reader(bytes).u32('link');
}

export function concatBytes(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(first.byteLength + second.byteLength);
  joined.set(first);
  joined.set(second, first.byteLength);
  return joined;
}

function withHeader(body: (writer: Writer) => void): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writeHeader(writer, { magic: MAGIC, major: linkMajor, minor: LINK_MINOR, size: 0 });
  writer.beginBody();
  body(writer);
  writer.patchU32(linkHeaderBytes - 4, writer.bodyBytes);
  return writer.take();
}

function readWords(body: Uint8Array, offset: number, common: number, channel: number): Capabilities {
  for (const count of [common, channel]) {
    if (count > capabilityWordsMax) throw new WireError('countLimit', 'link.capabilities', count, capabilityWordsMax);
  }
  const reader = new Reader(body);
  reader.enter(offset, 'link.capsOffset');
  const read = (count: number): number[] => Array.from({ length: count }, () => reader.u32('link.capabilities'));
  return { commonCaps: read(common), channelCaps: read(channel) };
}
