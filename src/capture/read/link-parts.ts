// The link exchange of a recorded connection, in its parts, as far as it is there: message and ticket of the client, reply and
// result of the server. It learns from them which channel this is and which headers follow. Judges nothing: a link that was
// refused is an exchange like any other.

import { ticketBytes, linkHeaderBytes, readLinkHeader, readLinkMessage, readLinkReply, startsWithMagic, type Capabilities } from '../../protocol/link-codec.ts';
import { CommonCapability } from '../../protocol/constants.ts';
import { linkBytesMax } from '../../protocol/limits.ts';
import { WireError } from '../../protocol/wire/wire-error.ts';
import type { HeaderKind, TapDirection } from '../tap.ts';
import { behind } from './packet.ts';

export interface LinkPart {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** `rest` are the bytes behind the exchange, once it is over; null while more of it is to come. */
export interface LinkProgress {
  readonly parts: readonly LinkPart[];
  readonly rest: Uint8Array | null;
}

const MECHANISM_BYTES = 4;
const RESULT_BYTES = 4;

export class LinkParts {
  /** Who links, as the client says. */
  channel: { readonly type: number; readonly id: number } | null = null;
  #client: Capabilities | null = null;
  #server: Capabilities | null = null;
  readonly #pending: Record<TapDirection, Uint8Array> = { sent: new Uint8Array(0), received: new Uint8Array(0) };
  readonly #done: Record<TapDirection, string[]> = { sent: [], received: [] };

  /** True while the first bytes of a direction can be those of an exchange. */
  static begins(bytes: Uint8Array): boolean {
    return bytes.byteLength > 0 && startsWithMagic(bytes);
  }

  /** Which headers were agreed on; null when a half of the exchange is missing. */
  get header(): HeaderKind | null {
    if (this.#client === null || this.#server === null) return null;
    return has(this.#client, CommonCapability.miniHeader) && has(this.#server, CommonCapability.miniHeader) ? 'mini' : 'full';
  }

  push(direction: TapDirection, bytes: Uint8Array): LinkProgress {
    const parts: LinkPart[] = [];
    const done = this.#done[direction];
    let pending = behind(this.#pending[direction], bytes);
    for (;;) {
      const next = this.#next(direction, pending);
      if (next === null) return { parts, rest: pending };
      if (pending.byteLength < next.bytes) {
        this.#pending[direction] = pending;
        return { parts, rest: null };
      }
      const part = { name: next.name, bytes: pending.subarray(0, next.bytes) };
      this.#learn(part);
      parts.push(part);
      done.push(part.name);
      pending = pending.subarray(next.bytes);
    }
  }

  /** The part that comes next and its length; null when the exchange is over, or is none. */
  #next(direction: TapDirection, pending: Uint8Array): { readonly name: string; readonly bytes: number } | null {
    const done = this.#done[direction];
    // A server that wants TLS says so in its reply, and the exchange begins anew on another connection: the tap has both in one stream.
    const isAnew = done.length > 0 && pending.byteLength >= MECHANISM_BYTES && startsWithMagic(pending) && !done.includes('linkResult') && !done.includes('linkTicket');
    if (isAnew) done.length = 0;
    if (done.length === 0) {
      const name = direction === 'sent' ? 'linkMessage' : 'linkReply';
      if (pending.byteLength < linkHeaderBytes) return { name, bytes: linkHeaderBytes };
      const { size } = readLinkHeader(pending);
      return size > linkBytesMax || !startsWithMagic(pending) ? null : { name, bytes: linkHeaderBytes + size };
    }
    if (direction === 'received') return done.includes('linkResult') ? null : { name: 'linkResult', bytes: RESULT_BYTES };
    if (done.includes('linkTicket')) return null;
    const selects = (this.#client === null || has(this.#client, CommonCapability.protocolAuthSelection)) && (this.#server === null || has(this.#server, CommonCapability.protocolAuthSelection));
    return selects && !done.includes('linkMechanism') ? { name: 'linkMechanism', bytes: MECHANISM_BYTES } : { name: 'linkTicket', bytes: ticketBytes };
  }

  #learn({ name, bytes }: LinkPart): void {
    const body = bytes.subarray(linkHeaderBytes);
    try {
      if (name === 'linkMessage') {
        const { channelType: type, channelId: id, ...capabilities } = readLinkMessage(body);
        this.channel = { type, id };
        this.#client = capabilities;
      } else if (name === 'linkReply') {
        this.#server = readLinkReply(body);
      }
    } catch (error) {
      // A part that makes no sense is listed all the same, and says nothing about what follows.
      if (!(error instanceof WireError)) throw error;
    }
  }
}

function has({ commonCaps }: Capabilities, bit: number): boolean {
  return ((commonCaps[0] ?? 0) & (1 << bit)) !== 0;
}
