// Fan-out: which subscriber gets which event, and what is lost when a subscriber has no room. Pure: the hub actor performs the
// deliveries. A subscriber is never waited for; a delivery that its mailbox refuses is counted against that subscriber alone.

/** What a subscriber wants: every event, or only some kinds. */
export interface Subscription {
  readonly id: string;
  readonly kinds: ReadonlySet<string> | 'all';
  readonly delivered: number;
  readonly dropped: number;
}

export interface FanOutTable {
  readonly subscriptions: ReadonlyMap<string, Subscription>;
}

export const emptyFanOut: FanOutTable = { subscriptions: new Map() };

/** Subscribers of one hub; more are refused rather than slowing everybody down. */
export const subscriptionsMax = 64;

export type SubscribeOutcome =
  | { readonly kind: 'subscribed'; readonly table: FanOutTable }
  | { readonly kind: 'refused'; readonly reason: 'tooMany' | 'duplicate' };

/** Adds a subscriber. It must be given a snapshot of all cells before its first event. */
export function subscribe(table: FanOutTable, id: string, kinds: Subscription['kinds']): SubscribeOutcome {
  if (table.subscriptions.has(id)) return { kind: 'refused', reason: 'duplicate' };
  if (table.subscriptions.size >= subscriptionsMax) return { kind: 'refused', reason: 'tooMany' };
  const subscriptions = new Map(table.subscriptions);
  subscriptions.set(id, { id, kinds, delivered: 0, dropped: 0 });
  return { kind: 'subscribed', table: { subscriptions } };
}

export function unsubscribe(table: FanOutTable, id: string): FanOutTable {
  if (!table.subscriptions.has(id)) return table;
  const subscriptions = new Map(table.subscriptions);
  subscriptions.delete(id);
  return { subscriptions };
}

/** The subscribers that get an event of this kind, in the order in which they subscribed. */
export function route(table: FanOutTable, kind: string): readonly string[] {
  const targets: string[] = [];
  for (const subscription of table.subscriptions.values()) {
    if (subscription.kinds === 'all' || subscription.kinds.has(kind)) targets.push(subscription.id);
  }
  return targets;
}

/** Notes the outcome of one delivery: produced = delivered + dropped, per subscriber, always. */
export function noteDelivery(table: FanOutTable, id: string, accepted: boolean): FanOutTable {
  const subscription = table.subscriptions.get(id);
  if (subscription === undefined) return table;
  const subscriptions = new Map(table.subscriptions);
  subscriptions.set(id, accepted ? { ...subscription, delivered: subscription.delivered + 1 } : { ...subscription, dropped: subscription.dropped + 1 });
  return { subscriptions };
}
