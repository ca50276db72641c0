// Session liveness: looks every few seconds at what channels count in shared memory and acts on what supervisor/silence.ts, blank-screen.ts and event-drops.ts
// make of it: channels that their server has forgotten are named, probed and given up; input that nothing is drawn after, news that were dropped, and
// mailboxes that are full and not read (stuck-mailboxes.ts) are told. It asks no actor.

import type { ChannelMail } from '../actors/channel-args.ts';
import type { Cancel, HostBase } from '../actors/kernel/host.ts';
import { counterReader } from '../mailbox/counters.ts';
import type { ChannelCommand } from '../protocol/commands.ts';
import type { ChannelEvent } from '../protocol/events.ts';
import { initialBlankScreen, lookForBlankScreen, type BlankScreenState } from '../supervisor/blank-screen.ts';
import { initialEventDrops, lookForEventDrops, type EventDropsState } from '../supervisor/event-drops.ts';
import { initialSilence, lookForSilence, silenceLookMs, type SilenceEffect, type SilenceReading, type SilenceState } from '../supervisor/silence.ts';
import { lookForStuckMailboxes, noneStuck, type MailboxReading, type StuckState } from '../supervisor/stuck-mailboxes.ts';
import type { Happening } from './happening.ts';
import type { ChannelMemory, SessionMemory } from './session-memory.ts';
import { mainId } from './session-tree.ts';

export interface SessionLivenessParts {
  readonly host: Pick<HostBase, 'clock' | 'timers'>;
  readonly memory: SessionMemory;
  /** Of the actor that runs; null = none does. */
  generationOf(channel: string): number | null;
  /** What waits in the mailboxes of all actors. */
  backlogs(): readonly MailboxReading[];
  tell(channel: string, mail: ChannelMail): void;
  happened(happening: Happening): void;
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

export class SessionLiveness {
  readonly #parts: SessionLivenessParts;
  #silence: SilenceState = initialSilence;
  #screen: BlankScreenState = initialBlankScreen;
  #drops: EventDropsState = initialEventDrops;
  #stuck: StuckState = noneStuck;
  #inputMs: number | null = null;
  #cancel: Cancel | null = null;
  /** Told by events: reading it out of every state cell every few seconds would cost more than the rest of a look. */
  readonly #linked = new Set<string>();
  readonly #counted = new Map<string, () => number[]>();

  constructor(parts: SessionLivenessParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#cancel ??= this.#parts.host.timers.after(silenceLookMs, () => this.#look());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** The session was lost: what is known of its channels says nothing about those of the next. */
  forget(): void {
    this.#linked.clear();
    this.#silence = initialSilence;
    this.#inputMs = null;
  }

  /** News of a channel. */
  hear(channel: string, event: ChannelEvent): void {
    if (event.kind === 'linkPhaseChanged' && event.phase === 'linked') this.#linked.add(channel);
    if (event.kind === 'connectionLost') this.#linked.delete(channel);
  }

  /** A command went to the guest. */
  noteInput({ kind }: ChannelCommand): void {
    if (kind === 'pressKey' || kind === 'pressButton') this.#inputMs = this.#parts.host.clock.monotonicMs();
  }

  #look(): void {
    const { host, memory } = this.#parts;
    const nowMs = host.clock.monotonicMs();
    this.#cancel = host.timers.after(silenceLookMs, () => this.#look());
    const channels = memory.channels.map((channel) => this.#read(channel));
    const main = channels.find(({ id }) => id === mainId);
    const silence = lookForSilence(this.#silence, channels.filter(({ id }) => id !== mainId), main?.linked === true ? main.receivedMs : null, nowMs);
    this.#silence = silence.state;
    for (const effect of silence.effects) this.#act(effect);
    const draws = channels.reduce((sum, channel) => sum + channel.draws, 0);
    const screen = lookForBlankScreen(this.#screen, { nowMs, draws, inputMs: this.#inputMs });
    this.#screen = screen.state;
    if (screen.blankMs !== null) this.#parts.happened({ kind: 'screenBlank', blankMs: screen.blankMs });
    const drops = lookForEventDrops(this.#drops, channels.reduce((sum, channel) => sum + channel.eventsDropped, 0));
    this.#drops = drops.state;
    if (drops.hasBegun) this.#parts.happened({ kind: 'eventsDropped' });
    const stuck = lookForStuckMailboxes(this.#stuck, this.#parts.backlogs());
    this.#stuck = stuck.state;
    for (const mailbox of stuck.found) this.#parts.happened({ kind: 'mailboxStuck', mailbox });
  }

  #read(channel: ChannelMemory): SilenceReading & { readonly draws: number; readonly eventsDropped: number } {
    const { memory } = this.#parts;
    const counted = this.#counted.get(channel.id) ?? counterReader(channel.counters, ['last_recv_ms', 'ping_recv_count', 'draws', 'events_dropped']);
    this.#counted.set(channel.id, counted);
    const [receivedMs = 0, pings = 0, draws = 0, eventsDropped = 0] = counted();
    const generation = this.#parts.generationOf(channel.id);
    return {
      id: channel.id,
      generation: generation ?? 0,
      linked: generation !== null && this.#linked.has(channel.id),
      receivedMs: receivedMs === 0 ? null : memory.startedAtMs + receivedMs - 1,
      pings,
      draws,
      eventsDropped,
    };
  }

  #act(effect: SilenceEffect): void {
    const parts = this.#parts;
    switch (effect.kind) {
      case 'probe':
        parts.happened({ kind: 'channelSilent', channel: effect.id, silentMs: effect.silentMs, usualMs: effect.usualMs });
        return parts.tell(effect.id, { kind: 'probeConnection' });
      case 'giveUp':
        return parts.tell(effect.id, { kind: 'giveUpConnection', why: `nothing was received for ${seconds(effect.silentMs)}, where a PING came every ${seconds(effect.usualMs)} before` });
      case 'heard':
        return parts.happened({ kind: 'channelHeardAgain', channel: effect.id });
    }
  }
}
