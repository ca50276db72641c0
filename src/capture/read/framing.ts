// Where messages begin, when the beginning of a stream is missing: a run of bytes is taken for messages if header follows header
// to its end, each of a number that the channel has. A guess, made only behind a gap in a file that does not say it itself.

import { catalog, type MessageTable } from '../../protocol/catalog.ts';
import { ChannelType, type ChannelName } from '../../protocol/constants.ts';
import { messageBodyBytesMax } from '../../protocol/limits.ts';
import type { HeaderKind, TapDirection } from '../tap.ts';
import { isChannelName } from '../message-name.ts';

const headerBytesOf: Readonly<Record<HeaderKind, number>> = { mini: 6, full: 18 };

const typesOf = new Map<string, ReadonlySet<number>>();

/** Numbers that `direction` may use on this channel; of an unknown channel, those of all of them. */
function knownTypes(channel: string, direction: TapDirection): ReadonlySet<number> {
  const key = `${channel} ${direction}`;
  const known = typesOf.get(key);
  if (known !== undefined) return known;
  const tables = (name: ChannelName): MessageTable => catalog[ChannelType[name]][direction === 'received' ? 'server' : 'client'];
  const names = isChannelName(channel) ? [channel] : (Object.keys(ChannelType) as ChannelName[]);
  const types = new Set(names.flatMap((name) => Object.values(tables(name)).map(({ type }) => type)));
  typesOf.set(key, types);
  return types;
}

/** Which header the messages in `bytes` have, if messages begin there; null when they do not. `channel` is a name without id. */
export function headerKindOf(channel: string, direction: TapDirection, bytes: Uint8Array): HeaderKind | null {
  const types = knownTypes(channel, direction);
  if (isRunOfMessages(types, 'mini', bytes)) return 'mini';
  return isRunOfMessages(types, 'full', bytes) ? 'full' : null;
}

export function beginsMessage(channel: string, direction: TapDirection, header: HeaderKind, bytes: Uint8Array): boolean {
  return isRunOfMessages(knownTypes(channel, direction), header, bytes);
}

/** The last message may go on behind the end, and its header too unless it is the first. */
function isRunOfMessages(types: ReadonlySet<number>, header: HeaderKind, bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = headerBytesOf[header];
  let at = 0;
  while (bytes.byteLength - at >= headerBytes) {
    const [typeAt, sizeAt] = header === 'mini' ? [at, at + 2] : [at + 8, at + 10];
    const size = view.getUint32(sizeAt, true);
    if (!types.has(view.getUint16(typeAt, true)) || size > messageBodyBytesMax) return false;
    // The upper half of a serial, and a list of sub-messages that would lie outside.
    if (header === 'full' && (view.getUint32(at + 4, true) !== 0 || view.getUint32(at + 14, true) > size)) return false;
    at += headerBytes + size;
  }
  return at > 0;
}
