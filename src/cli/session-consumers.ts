// Session consumers: how a session reaches those who watch it, through the hub: who hears what, what is shown, what was said while the hub
// was away for a moment. It waits for nobody and knows nothing of what it passes on.

import type { HubMail, NewsKind, RequestAnswered, SessionRequest } from '../actors/hub-mail.ts';
import { newsKinds } from '../actors/hub-mail.ts';
import type { ActorSystem } from '../actors/kernel/actor-system.ts';
import type { ChildHandle } from '../actors/kernel/child-handle.ts';
import type { Answer } from '../control/request.ts';
import { serializeNotification, type Notification } from '../supervisor/notifications.ts';
import type { Pane } from '../ui-terminal/pane.ts';
import type { SessionEvent } from '../ui-terminal/session-event.ts';
import { consumerIds, type ConsumerId } from './session-tree.ts';

/** What each consumer wants to hear. */
const newsOf: Readonly<Record<ConsumerId, readonly NewsKind[]>> = { dashboard: newsKinds, log: ['event', 'stats'], control: ['facts', 'notification'], metrics: ['metrics'], latency: [] };

/** Events kept while the hub is away, which is a moment; those after them are lost with the other news of that moment. */
const unsaidMax = 64;

export type DashboardOrder = { readonly kind: 'resize'; readonly columns: number; readonly rows: number } | { readonly kind: 'passthrough'; readonly on: boolean } | { readonly kind: 'pane'; readonly pane: Pane | null } | { readonly kind: 'redraw' };

export class SessionConsumers {
  readonly #system: Pick<ActorSystem, 'child'>;
  readonly #unsaid: SessionEvent[] = [];
  /** The surface that consumers show. */
  #shown: SharedArrayBuffer | null = null;

  constructor(system: Pick<ActorSystem, 'child'>) {
    this.#system = system;
  }

  /** Tells every consumer of events, of the hub's own failure as soon as it is back. */
  say(event: SessionEvent): void {
    if (this.#system.child('hub') !== null) this.#tellHub({ kind: 'tell', event });
    else if (this.#unsaid.length < unsaidMax) this.#unsaid.push(event);
  }

  /** A consumer that has gone meanwhile needs no answer, and one that has no room counts it as dropped. */
  answer({ from, token }: SessionRequest, answer: Answer): void {
    this.#system.child(from)?.address.tell({ kind: 'requestAnswered', token, answer } satisfies RequestAnswered, { lane: 'control' });
  }

  notify(notification: Notification): void {
    this.#tellHub({ kind: 'notify', notification: { ...serializeNotification(notification) } });
  }

  show(buffer: SharedArrayBuffer | null): void {
    this.#shown = buffer;
    this.#tellHub({ kind: 'show', buffer });
  }

  /** The size of the dashboard's terminal changed, or it needs to be drawn anew. */
  tellDashboard(order: DashboardOrder): void {
    this.#system.child('dashboard')?.address.tell(order, { lane: 'control' });
  }

  started({ id, generation }: Pick<ChildHandle, 'id' | 'generation'>): void {
    for (const consumer of consumerIds) if (id === consumer) this.#subscribe(consumer);
    if (id !== 'hub' || generation === 1) return;
    // It begins with nothing: who listens and what is shown.
    for (const consumer of consumerIds) if (this.#system.child(consumer) !== null) this.#subscribe(consumer);
    this.show(this.#shown);
    for (const event of this.#unsaid.splice(0)) this.#tellHub({ kind: 'tell', event });
  }

  exited(id: string): void {
    for (const consumer of consumerIds) if (id === consumer) this.#tellHub({ kind: 'unsubscribe', consumer });
  }

  #subscribe(consumer: ConsumerId): void {
    this.#tellHub({ kind: 'subscribe', consumer, news: newsOf[consumer] });
  }

  #tellHub(mail: HubMail): void {
    this.#system.child('hub')?.address.tell(mail);
  }
}
