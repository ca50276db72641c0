// Session news: tells what happens to a session, as a line to those who watch, as a notification kept for those who look later, and as data for reports. It
// holds back what people know already or what may change again in a moment; how things are worded is happening.ts's.

import type { Cancel, HostBase } from '../actors/kernel/host.ts';
import { addEvent, emptyEventRecord, type EventRecord } from '../capture/report/events-document.ts';
import { addNotification, markAllRead, newestNotification, noNotifications, type Notice, type Notification, type NotificationStore } from '../supervisor/notifications.ts';
import type { SessionEvent } from '../ui-terminal/session-event.ts';
import { tellHappening, type Happening } from './happening.ts';
import { reportEventOf, type EventSurroundings } from './report-event.ts';

/** A screen that is made anew within this time was on its way to its size. */
const resolutionSettleMs = 500;
/** Gap keys that are remembered as told. Servers can make more up; the channels' counters have all of them. */
const gapsToldMax = 2_048;

export interface SessionNewsParts {
  readonly host: Pick<HostBase, 'clock' | 'timers'>;
  /** The session began at this monotonic moment. */
  readonly startedAtMs: number;
  /** More lines. */
  readonly verbose: boolean;
  readonly surroundings: EventSurroundings;
  /** Whoever makes reports hears everything, and each notification as it is kept. */
  readonly reports: { hear(happening: Happening): void; remembered(notification: Notification): void };
  say(event: SessionEvent): void;
  /** It was said, or said again. */
  noted?(notification: Notification): void;
}

export class SessionNews {
  readonly #parts: SessionNewsParts;
  #notifications: NotificationStore = noNotifications;
  #record: EventRecord = emptyEventRecord;
  /** By key: each is told once, however often a channel is linked again. */
  readonly #gapsTold = new Set<string>();
  /** Channels that are to be linked again, and why. */
  readonly #troubles = new Map<string, string>();
  /** The screens' sizes as people know them, `800x600`. */
  readonly #sizes = new Map<string, string>();
  readonly #settling = new Map<string, Cancel>();

  constructor(parts: SessionNewsParts) {
    this.#parts = parts;
  }

  get notifications(): NotificationStore {
    return this.#notifications;
  }

  /** What happened, as data. */
  get record(): EventRecord {
    return this.#record;
  }

  tell(happening: Happening): void {
    this.note(happening);
    const { line, notice } = tellHappening(happening, this.#parts.host.clock.wallMs(), this.#parts.verbose);
    if (line !== null) this.#parts.say(line);
    if (notice !== null && !this.#isKnown(happening)) this.remember(notice);
    this.#follow(happening);
  }

  /** For the record alone: it is told by others, or not at all. */
  note(happening: Happening): void {
    const { host, startedAtMs, surroundings } = this.#parts;
    const event = reportEventOf(happening, surroundings);
    if (event !== null) this.#record = addEvent(this.#record, event, (host.clock.monotonicMs() - startedAtMs) / 1000);
    this.#parts.reports.hear(happening);
  }

  /** A notification without a line. */
  remember(notice: Notice): void {
    const { clock } = this.#parts.host;
    this.#notifications = addNotification(this.#notifications, notice, { nowMs: clock.monotonicMs(), wallMs: clock.wallMs() });
    const said = newestNotification(this.#notifications);
    if (said === undefined) return;
    this.#parts.noted?.(said);
    this.#parts.reports.remembered(said);
  }

  /** People have looked at what there is. */
  markRead(): void {
    this.#notifications = markAllRead(this.#notifications);
  }

  /** Its channels are gone with it: those of the next are linked for the first time. */
  sessionLost(): void {
    this.#troubles.clear();
  }

  /** Tells nothing more that waits. */
  stop(): void {
    for (const cancel of this.#settling.values()) cancel();
    this.#settling.clear();
  }

  #isKnown(happening: Happening): boolean {
    if (happening.kind !== 'channelEvent' || happening.event.kind !== 'gapSeen') return false;
    const { key } = happening.event.gap;
    if (this.#gapsTold.has(key) || this.#gapsTold.size >= gapsToldMax) return true;
    this.#gapsTold.add(key);
    return false;
  }

  #follow(happening: Happening): void {
    switch (happening.kind) {
      case 'channelLinksAgain':
        this.#troubles.set(happening.channel, happening.trouble);
        return;
      case 'actorStartsAgain': {
        const { id, reason } = happening.restart;
        this.#troubles.set(id, reason.kind === 'failed' ? `failed: ${reason.error.message}` : reason.kind);
        return;
      }
      case 'channelEvent': {
        const { channel, event } = happening;
        if (event.kind === 'linkPhaseChanged' && event.phase === 'linked') this.#linked(channel);
        if (event.kind === 'surfaceCreated') this.#screenMade(channel, event.width, event.height);
        return;
      }
      default:
        return;
    }
  }

  #linked(channel: string): void {
    const trouble = this.#troubles.get(channel);
    if (trouble === undefined) return;
    this.#troubles.delete(channel);
    this.tell({ kind: 'channelLinkedAgain', channel, trouble });
  }

  /** The first size is no change, and a reconnect that brings the same one none either. */
  #screenMade(channel: string, width: number, height: number): void {
    const size = `${width}x${height}`;
    this.#settling.get(channel)?.();
    this.#settling.delete(channel);
    if (!this.#sizes.has(channel)) this.#sizes.set(channel, size);
    if (this.#sizes.get(channel) === size) return;
    this.#settling.set(channel, this.#parts.host.timers.after(resolutionSettleMs, () => {
      this.#settling.delete(channel);
      this.#sizes.set(channel, size);
      this.tell({ kind: 'resolutionChanged', channel, width, height });
    }));
  }
}
