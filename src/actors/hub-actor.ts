// The hub's shell: every channel reports to it, and it passes news on to consumers, each behind its own bounded mailbox. It
// samples shared counters four times a second and never asks a channel for anything. A consumer that has no room loses that
// piece of news, counted against it alone; one that subscribes is given the present state first.

import { Observable, share, type Subscription as RxSubscription } from 'rxjs';
import { emptyFanOut, noteDelivery, route, subscribe, unsubscribe, type FanOutTable } from '../supervisor/fan-out.ts';
import type { SessionEvent } from '../ui-terminal/session-event.ts';
import type { StatsSnapshot } from '../ui-terminal/view-model.ts';
import type { HubArgs, HubMail, HubNews, NewsKind, SubscriptionCount } from './hub-mail.ts';
import type { Actor, ActorContext, ActorModule, JsonValue } from './kernel/actor.ts';

/** Four samples a second: fast enough to see, slow enough to cost nothing. */
const sampleEveryMs = 250;
/** Events that a consumer is given when it subscribes. */
const rememberedEventsMax = 50;

class Hub implements Actor<HubMail> {
  readonly #context: ActorContext;
  readonly #args: HubArgs;
  readonly #samples: Observable<StatsSnapshot>;
  readonly #sampling: RxSubscription;
  #table: FanOutTable = emptyFanOut;
  #sequences = new Map<string, number>();
  #events: SessionEvent[] = [];
  #latest: StatsSnapshot | null = null;
  #surface: SharedArrayBuffer | null = null;

  constructor(context: ActorContext, args: HubArgs) {
    this.#context = context;
    this.#args = args;
    this.#samples = new Observable<StatsSnapshot>((subscriber) => {
      let cancel = (): void => undefined;
      let dueMs: number | null = null;
      const tick = (): void => {
        const nowMs = this.#context.host.clock.monotonicMs();
        if (dueMs !== null) this.#args.metrics?.late(nowMs - dueMs);
        subscriber.next(this.#args.sample(this.#counts()));
        const everyMs = this.#args.sampleEveryMs ?? sampleEveryMs;
        dueMs = this.#context.host.clock.monotonicMs() + everyMs;
        cancel = this.#context.host.timers.after(everyMs, tick);
      };
      tick();
      return () => cancel();
    }).pipe(share());
    this.#sampling = this.#samples.subscribe((snapshot) => {
      this.#latest = snapshot;
      this.#fanOut({ kind: 'stats', snapshot });
      this.#tellFacts();
      this.#tellMetrics();
    });
  }

  receive(mail: HubMail): void {
    switch (mail.kind) {
      case 'channelEvent':
        this.#args.reports.next(mail);
        // The session has just taken it in: what it changed is known at once, and twice in a row is twice.
        this.#tellFacts();
        return;
      case 'cellChanged':
      case 'sessionRequest':
      case 'captureWriteFailed':
      case 'captureWriteRecovered':
      case 'captureFellBehind':
      case 'captureClosed':
      case 'audioNews':
      case 'videoNews':
        this.#args.reports.next(mail);
        return;
      case 'tell':
        this.#events = [...this.#events.slice(-(rememberedEventsMax - 1)), mail.event];
        this.#fanOut({ kind: 'event', sequence: 0, event: mail.event });
        return;
      case 'notify':
        this.#fanOut({ kind: 'notification', notification: mail.notification });
        return;
      case 'show':
        this.#surface = mail.buffer;
        this.#fanOut({ kind: 'surface', buffer: mail.buffer });
        return;
      case 'subscribe':
        this.#subscribe(mail.consumer, mail.news);
        return;
      case 'unsubscribe':
        this.#table = unsubscribe(this.#table, mail.consumer);
        return;
    }
  }

  observe(): JsonValue {
    return { subscriptions: this.#counts().map((count) => ({ ...count })), remembered: this.#events.length };
  }

  stop(): void {
    this.#sampling.unsubscribe();
    this.#args.reports.complete();
  }

  #subscribe(consumer: string, news: readonly NewsKind[]): void {
    const outcome = subscribe(this.#table, consumer, new Set(news));
    if (outcome.kind === 'refused') return;
    this.#table = outcome.table;
    // The present state before the first news: what it missed, what it sees, how things stand.
    if (news.includes('event')) for (const event of this.#events) this.#deliver(consumer, { kind: 'event', sequence: 0, event });
    if (news.includes('surface')) this.#deliver(consumer, { kind: 'surface', buffer: this.#surface });
    if (news.includes('facts')) this.#deliver(consumer, { kind: 'facts', facts: this.#args.facts() });
    if (news.includes('stats') && this.#latest !== null) this.#deliver(consumer, { kind: 'stats', snapshot: this.#latest });
  }

  #tellFacts(): void {
    const consumers = route(this.#table, 'facts');
    if (consumers.length === 0) return;
    const facts = this.#args.facts();
    for (const consumer of consumers) this.#deliver(consumer, { kind: 'facts', facts });
  }

  #tellMetrics(): void {
    if (this.#args.metrics === undefined || route(this.#table, 'metrics').length === 0) return;
    this.#fanOut({ kind: 'metrics', sources: this.#args.metrics.sources(this.#counts()) });
  }

  #fanOut(news: HubNews): void {
    for (const consumer of route(this.#table, news.kind)) this.#deliver(consumer, news);
  }

  #deliver(consumer: string, news: HubNews): void {
    let numbered = news;
    if (news.kind === 'event') {
      const sequence = (this.#sequences.get(consumer) ?? 0) + 1;
      this.#sequences.set(consumer, sequence);
      numbered = { ...news, sequence };
    }
    // A new picture replaces what the consumer shows: it must not wait behind samples.
    const lane = news.kind === 'surface' ? 'control' : 'data';
    const accepted = this.#context.address<HubNews>(consumer).tell(numbered, { lane }) === 'accepted';
    this.#table = noteDelivery(this.#table, consumer, accepted);
  }

  #counts(): readonly SubscriptionCount[] {
    return [...this.#table.subscriptions.values()].map(({ id, delivered, dropped }) => ({ consumer: id, delivered, dropped }));
  }
}

export const actor: ActorModule<HubArgs, HubMail> = {
  start: (context, args) => new Hub(context, args),
};
