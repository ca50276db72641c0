// Server identity: what the first session knew the server by (its certificate, the guest's uuid and name), and what is another at a
// later one. A reconnect that reaches another machine is worth a word; whether it is trusted at all is decided by TLS and the ticket.

import type { ChannelEvent } from '../protocol/events.ts';

export class ServerIdentity {
  readonly #known = new Map<string, string>();

  /**
   * Remembers what main's event says of the server.
   * @returns a sentence when it was known by something else; null when it says nothing new
   */
  learn(event: ChannelEvent): string | null {
    switch (event.kind) {
      case 'peerCertified':
        return this.#compare('certificate', event.certificate);
      case 'serverIdentified':
        return this.#compare('guest uuid', event.uuid);
      case 'serverNamed':
        return this.#compare('guest name', event.name);
      default:
        return null;
    }
  }

  #compare(fact: string, value: string): string | null {
    const before = this.#known.get(fact);
    this.#known.set(fact, value);
    return before === undefined || before === value ? null : `The server is not the one before: its ${fact} was ${shown(before)} and is ${shown(value)}`;
  }
}

/** A peer's text: as much of it as tells it apart. */
const shown = (value: string): string => (value.length > 100 ? `${value.slice(0, 100)}…` : value);
