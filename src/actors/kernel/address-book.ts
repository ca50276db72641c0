// An actor's addresses: one route for each name in its child spec's links. A route lasts for the actor's whole life, while
// the link behind it is replaced whenever the other end restarts; with no link it says `closed`. It never looks for
// actors, the system hands it the ends.

import type { Address, SendOptions, TellOptions, TellResult } from '../../mailbox/address.ts';
import { LinkSender } from '../../mailbox/link-sender.ts';
import { openSendEnd } from '../../mailbox/link.ts';
import type { SendEnd } from '../../mailbox/link.ts';
import { MailboxClosed } from '../../mailbox/send-timeout.ts';
import type { HostBase } from './host.ts';

/** What a route tells the progress marks. */
export interface RouteMarks {
  sent(): void;
  unlinkedDrop(): void;
}

export class Route implements Address {
  readonly from: string;
  readonly to: string;
  readonly #fromName: string;
  readonly #host: HostBase;
  readonly #marks: RouteMarks;
  #sender: LinkSender | null = null;

  constructor(from: { readonly id: string; readonly generation: number }, to: string, host: HostBase, marks: RouteMarks) {
    this.from = from.id;
    this.to = to;
    this.#fromName = `${from.id}#${from.generation}`;
    this.#host = host;
    this.#marks = marks;
  }

  /** Replaces the link. Sends that wait in the old one fail: they were for the generation that is gone. */
  connect(generation: number, end: SendEnd): LinkSender {
    this.#sender?.close();
    const { clock, timers } = this.#host;
    this.#sender = new LinkSender({
      from: this.#fromName,
      to: `${this.to}#${generation}`,
      memory: end.memory,
      transport: openSendEnd(end),
      clock,
      timers,
    });
    return this.#sender;
  }

  tell(message: unknown, options?: TellOptions): TellResult {
    this.#marks.sent();
    if (this.#sender !== null) return this.#sender.tell(message, options);
    this.#marks.unlinkedDrop();
    return 'closed';
  }

  send(message: unknown, options?: SendOptions): Promise<void> {
    this.#marks.sent();
    if (this.#sender !== null) return this.#sender.send(message, options);
    this.#marks.unlinkedDrop();
    return Promise.reject(new MailboxClosed(this.#fromName, this.to));
  }

  close(): void {
    this.#sender?.close();
  }
}

export class AddressBook {
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #owner: string;

  constructor(owner: { readonly id: string; readonly generation: number }, links: readonly string[], host: HostBase, marks: RouteMarks) {
    this.#owner = owner.id;
    this.#routes = new Map(links.map((to) => [to, new Route(owner, to, host, marks)]));
  }

  /** Throws for a name that is not in the child spec's links: our own mistake. */
  address(name: string): Address {
    return this.#route(name);
  }

  connect(name: string, generation: number, end: SendEnd): void {
    this.#route(name).connect(generation, end);
  }

  close(): void {
    for (const route of this.#routes.values()) route.close();
  }

  #route(name: string): Route {
    const route = this.#routes.get(name);
    if (route === undefined) throw new Error(`'${name}' is not among the links of '${this.#owner}'`);
    return route;
  }
}
