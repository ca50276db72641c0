// Spoiled bytes: what a server writes that breaks the protocol on purpose, for each place of a connection where it can stand. Pure;
// whether and when it is written is faulty-connection.ts's.

import { concatBytes } from '../protocol/link-codec.ts';

/** Where the stream of a connection is; with mini or with full headers once it is linked. */
export type WirePlace = 'link' | 'ticket' | 'mini' | 'full';

const pingType = 4;
const notifyType = 7;
/** What a header says that lies about its length; nobody takes so much. */
const liedBytes = 0xffff_ffff;
const promisedBytes = 1_000;
const givenBytes = 10;

/** What a proxy says that has lost its server. It reads as a header of more than 800 million bytes, and never as a link reply. */
const garbageBytes = new TextEncoder().encode('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n');

/** What is no SPICE. In place of the link result any four bytes are one: these are a result without a name. */
export function garbage(place: WirePlace): Uint8Array {
  return place === 'ticket' ? garbageBytes.slice(0, 4) : garbageBytes;
}

/** The beginning of something of which the rest never comes. */
export function truncated(place: WirePlace): Uint8Array {
  switch (place) {
    case 'link':
      return concatBytes(linkHeader(promisedBytes), new Uint8Array(givenBytes));
    case 'ticket':
      return new Uint8Array(2);
    case 'mini':
    case 'full':
      return concatBytes(messageHeader(notifyType, promisedBytes, place === 'mini' ? null : 0), new Uint8Array(givenBytes));
  }
}

/** A header alone; the link result has none. */
export function oversized(place: Exclude<WirePlace, 'ticket'>): Uint8Array {
  return place === 'link' ? linkHeader(liedBytes) : messageHeader(pingType, liedBytes, place === 'mini' ? null : 0);
}

/** A message that need not be in any catalogue. `serial` null = a mini header. */
export function rawMessage(type: number, body: Uint8Array, serial: number | null): Uint8Array {
  return concatBytes(messageHeader(type, body.byteLength, serial), body);
}

function linkHeader(size: number): Uint8Array {
  return Uint8Array.of(0x52, 0x45, 0x44, 0x51, ...u32(2), ...u32(2), ...u32(size));
}

function messageHeader(type: number, size: number, serial: number | null): Uint8Array {
  const numbers = [type & 0xff, type >> 8, ...u32(size)];
  return Uint8Array.from(serial === null ? numbers : [...u32(serial), ...u32(0), ...numbers, ...u32(0)]);
}

function u32(value: number): readonly number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
}
