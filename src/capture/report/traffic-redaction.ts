// Traffic redaction: what is not for a report's readers is taken out of the recorded messages: key codes, the encrypted ticket, clipboards and files that
// the agent carries. Bytes become zeros and lengths stay, so that the streams can still be followed. Where it cannot tell, it takes out. Pure; it changes copies only.

import type { TapEntry } from '../../mailbox/tap-entry.ts';
import { agentHeaderBytes } from '../../protocol/agent.ts';
import { catalog } from '../../protocol/catalog.ts';
import { ChannelType } from '../../protocol/constants.ts';
import { headerOfNote } from '../tap.ts';

const miniHeaderBytes = 6;
const fullHeaderBytes = 18;
/** A piece of a link exchange that is this short holds no ticket: the mechanism's number. */
const mechanismBytes = 4;
const linkMagic = [0x52, 0x45, 0x44, 0x51] as const; // REDQ

const inputsClient = catalog[ChannelType.inputs].client;
const mainTables = catalog[ChannelType.main];
const keyTypes: ReadonlySet<number> = new Set([inputsClient.keyDown.type, inputsClient.keyUp.type, inputsClient.keyScancode.type]);

/** Messages of the agent that carry nothing of the user's: screens, capabilities, volumes, which clipboard formats there are. */
const openAgentTypes: ReadonlySet<number> = new Set([2, 3, 5, 6, 7, 8, 9, 13, 14, 15, 16]);

/** One channel's redaction. Both give the bytes to be shown: the given ones where nothing is taken out, otherwise a copy. */
export interface TrafficRedaction {
  /** A piece of a link exchange, wherever it is kept. */
  link(received: boolean, bytes: Uint8Array): Uint8Array;
  /** Every entry of the ring in its order, also those of link exchanges. */
  entry(entry: TapEntry): Uint8Array;
}

export function redactTraffic(channel: string): TrafficRedaction {
  const kind = channel.split('/', 1)[0];
  if (kind === 'main') return new MainRedaction();
  const message = kind === 'inputs' ? redactInputs : shown;
  return { link: redactLink, entry: (entry) => (entry.head ? redactLink(entry.received, entry.bytes) : message(entry)) };
}

const shown = ({ bytes }: TapEntry): Uint8Array => bytes;

/** The client's side of the link exchange: only the link message and the mechanism are shown. */
function redactLink(received: boolean, bytes: Uint8Array): Uint8Array {
  const isOpen = received || bytes.byteLength <= mechanismBytes || linkMagic.every((byte, at) => bytes[at] === byte);
  return isOpen ? bytes : new Uint8Array(bytes.byteLength);
}

function redactInputs({ received, note, bytes }: TapEntry): Uint8Array {
  const { type, headerBytes, hasParts } = headerOf(note, bytes);
  return !received && (hasParts || type === null || keyTypes.has(type)) ? blanked(bytes, headerBytes, bytes.byteLength) : bytes;
}

/** What is known of one direction's agent messages, which are cut into AGENT_DATA without regard to where they start. */
interface AgentPlace {
  /** Bytes of the header that have come; -1 = it is not known where the next message starts. */
  readonly header: number;
  readonly type: number;
  /** Bytes of the payload's size that have come, as a number in the making. */
  readonly size: number;
  readonly payloadLeft: number;
}

const atStart: AgentPlace = { header: 0, type: 0, size: 0, payloadLeft: 0 };
const lost: AgentPlace = { ...atStart, header: -1 };

class MainRedaction implements TrafficRedaction {
  readonly link = redactLink;
  readonly #places = { sent: lost, received: lost };
  #stream = -1;
  #sequence = -1;

  entry(entry: TapEntry): Uint8Array {
    this.#follow(entry);
    const { received, note, bytes } = entry;
    if (entry.head) return redactLink(received, bytes);
    const { type, headerBytes, hasParts } = headerOf(note, bytes);
    if (type === null || hasParts) {
      this.#lose();
      return blanked(bytes, headerBytes, bytes.byteLength);
    }
    // The agent begins anew: so does what it is told.
    if (received && (type === mainTables.server.agentConnected.type || type === mainTables.server.agentConnectedTokens.type)) this.#begin();
    const isData = type === (received ? mainTables.server.agentData.type : mainTables.client.agentData.type);
    return isData ? this.#agentData(received ? 'received' : 'sent', bytes, headerBytes) : bytes;
  }

  /** A stream that is seen from its first byte on is known; after a gap it is not. */
  #follow({ stream, sequence, sentBefore, receivedBefore }: TapEntry): void {
    if (stream !== this.#stream) {
      if (sentBefore === 0 && receivedBefore === 0) this.#begin();
      else this.#lose();
    } else if (sequence !== this.#sequence + 1) this.#lose();
    this.#stream = stream;
    this.#sequence = sequence;
  }

  #begin(): void {
    this.#places.sent = atStart;
    this.#places.received = atStart;
  }

  #lose(): void {
    this.#places.sent = lost;
    this.#places.received = lost;
  }

  #agentData(side: 'sent' | 'received', bytes: Uint8Array, from: number): Uint8Array {
    let place = this.#places[side];
    if (place.header < 0) return blanked(bytes, from, bytes.byteLength);
    let shown = bytes;
    for (let at = from; at < bytes.byteLength; ) {
      if (place.header < agentHeaderBytes) {
        place = withHeaderByte(place, bytes[at]!);
        at += 1;
        continue;
      }
      const end = Math.min(bytes.byteLength, at + place.payloadLeft);
      if (!openAgentTypes.has(place.type)) shown = blanked(shown, at, end);
      place = { ...place, payloadLeft: place.payloadLeft - (end - at) };
      at = end;
      if (place.payloadLeft === 0) place = atStart;
    }
    // A message without a payload ends with its header.
    this.#places[side] = place.header === agentHeaderBytes && place.payloadLeft === 0 ? atStart : place;
    return shown;
  }
}

/** Protocol, type, opaque (8 bytes) and size, little-endian. */
function withHeaderByte(place: AgentPlace, byte: number): AgentPlace {
  const at = place.header;
  const type = at >= 4 && at < 8 ? place.type + byte * 2 ** (8 * (at - 4)) : place.type;
  const size = at >= 16 ? place.size + byte * 2 ** (8 * (at - 16)) : place.size;
  const isLast = at + 1 === agentHeaderBytes;
  return isLast && size === 0 ? atStart : { header: at + 1, type, size, payloadLeft: isLast ? size : 0 };
}

/** `type` null: there is no whole header. `hasParts`: other messages are packed into this one (`sub_list`). */
function headerOf(note: number, bytes: Uint8Array): { readonly type: number | null; readonly headerBytes: number; readonly hasParts: boolean } {
  const isFull = headerOfNote(note) === 'full';
  const headerBytes = Math.min(bytes.byteLength, isFull ? fullHeaderBytes : miniHeaderBytes);
  if (bytes.byteLength < (isFull ? fullHeaderBytes : miniHeaderBytes)) return { type: null, headerBytes, hasParts: false };
  const typeAt = isFull ? 8 : 0;
  const hasParts = isFull && (bytes[14]! | bytes[15]! | bytes[16]! | bytes[17]!) !== 0;
  return { type: bytes[typeAt]! | (bytes[typeAt + 1]! << 8), headerBytes, hasParts };
}

function blanked(bytes: Uint8Array, from: number, to: number): Uint8Array {
  // Shared memory cannot be sliced into the target type, and must never be written to: a copy of our own.
  const copy = new Uint8Array(bytes);
  copy.fill(0, from, to);
  return copy;
}
