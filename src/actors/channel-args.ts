// What a channel actor is started with and what it exchanges with the others: plain data and shared memory, so that it crosses
// threads. Both ends of every conversation see these types here; no actor imports another.

import type { CellMemory } from '../mailbox/cell.ts';
import type { CounterMemory } from '../mailbox/counters.ts';
import type { TapRingHandle } from '../mailbox/tap-ring.ts';
import type { ChannelCommand } from '../protocol/commands.ts';
import type { ChannelEvent } from '../protocol/events.ts';
import type { DisplayOffer } from '../protocol/channels/display.ts';
import type { MultiMediaClock } from '../protocol/multi-media-clock.ts';
import type { SerialBoard } from '../protocol/serial-board.ts';
import type { LinkDeadlines } from '../protocol/channel-link.ts';
import type { ChannelTypeNumber } from '../protocol/constants.ts';
import type { SoundArgs } from './audio-mail.ts';
import type { InputProbeMemory } from './input-probe.ts';
import type { Endpoint } from './kernel/host.ts';

/** Where one channel dials: the plain endpoint, the one with TLS, or both. */
export interface ChannelEndpoints {
  readonly plain: Endpoint | null;
  readonly secure: Endpoint | null;
  /** Start with TLS even where a plain endpoint exists (`secure-channels`). */
  readonly preferSecure: boolean;
}

export interface ChannelArgs {
  readonly channelType: ChannelTypeNumber;
  readonly channelId: number;
  /** 0 for a new session's main channel, the session id for every other. */
  readonly connectionId: number;
  readonly endpoints: ChannelEndpoints;
  /** The ticket, at most 60 bytes in UTF-8; empty = none. */
  readonly password: string;
  readonly deadlines: LinkDeadlines;
  /** Monotonic milliseconds at which the session began: counters of moments count from here. */
  readonly sessionStartMs: number;
  readonly counters: CounterMemory;
  /** `timingNames` of channel-timings.ts. */
  readonly timings: CounterMemory;
  readonly inputProbe: InputProbeMemory;
  /** Observable state as JSON in UTF-8. */
  readonly state: CellMemory;
  /** The pointer's shape and position; of cursor channels only. */
  readonly pointer: CellMemory | null;
  readonly tap: TapRingHandle;
  readonly serials: SerialBoard;
  readonly multiMediaClock: MultiMediaClock;
  readonly displayOffer: DisplayOffer;
  /** Idle time after which a sign of life is sent, in milliseconds; null = none is. */
  readonly keepaliveIdleMs: number | null;
  /** Without one byte received for so long, in milliseconds, the connection is given up; null = it never is. */
  readonly silenceMsMax: number | null;
  /** Tell the writer the keys of TLS connections (`--tls-keylog`); absent = no. */
  readonly logsTlsKeys?: boolean;
  /** Keep a map of what was drawn only by operations that are honoured in full (`--coverage-mask`). */
  readonly trackCoverage: boolean;
  /** Of the playback channel whose sound goes somewhere; null for every other. */
  readonly sound: SoundArgs | null;
}

/** Bytes of a state cell and of a pointer cell. A pointer is at most 256 x 256 pixels here; larger ones are a gap. */
export const stateCellBytes = 64 * 1024;
const pointerSideMax = 256;
export const pointerCellBytes = 64 + pointerSideMax * pointerSideMax * 4;

export type ChannelMail =
  | { readonly kind: 'command'; readonly command: ChannelCommand }
  /** Send a sign of life now. */
  | { readonly kind: 'probeConnection' }
  /** Whatever the system says of it, this connection is dead; `why` is said to people. */
  | { readonly kind: 'giveUpConnection'; readonly why: string };

/** What a channel actor tells the hub, and when by the monotonic clock. `cellChanged` carries no state: the cell does, and at most one is outstanding. */
export type ChannelReport =
  | { readonly kind: 'channelEvent'; readonly channel: string; readonly atMs: number; readonly event: ChannelEvent }
  | { readonly kind: 'cellChanged'; readonly channel: string; readonly atMs: number };
