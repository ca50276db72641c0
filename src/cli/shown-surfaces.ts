// Shown surfaces: the picture of each display channel, as it is to be shown. A picture outlives the channel that drew it: it stays,
// marked stale, until the channel's next link has a complete one to show in its place.

import { channelName } from '../protocol/constants.ts';
import type { ChannelEvent } from '../protocol/events.ts';
import { openSurface, setStale } from '../surface/shared-surface.ts';

/** A primary surface of the session: the picture of one display channel, readable on any thread. */
export interface ShownSurface {
  readonly channel: string;
  readonly surfaceId: number;
  readonly width: number;
  readonly height: number;
  readonly buffer: SharedArrayBuffer;
  readonly coverage: SharedArrayBuffer | null;
}

/** Every change says whether what is shown is another surface now. */
export class ShownSurfaces {
  readonly #shown = new Map<string, ShownSurface>();
  /** Channels whose picture is the last of a link that has ended. */
  readonly #stale = new Set<string>();
  /** New surfaces that are not complete yet, while an older picture is shown. */
  readonly #arriving = new Map<string, ShownSurface>();
  /** The next channel list is a new session's first; later ones of it are additions. */
  #listAwaited = false;

  /** By channel. */
  get list(): readonly ShownSurface[] {
    return [...this.#shown.values()].toSorted((a, b) => (a.channel < b.channel ? -1 : 1));
  }

  /** News of a channel. */
  hear(channel: string, event: ChannelEvent): boolean {
    switch (event.kind) {
      case 'surfaceCreated':
        return this.#created({ ...event, channel });
      case 'surfaceMarked':
        return this.#marked(channel);
      case 'surfaceDestroyed':
        return this.#destroyed(channel, event.surfaceId);
      case 'channelsListed':
        if (!this.#listAwaited) return false;
        this.#listAwaited = false;
        return this.#offered(new Set(event.channels.map(({ type, id }) => `${channelName(type)}/${id}`)));
      default:
        return false;
    }
  }

  #created(surface: ShownSurface): boolean {
    if (this.#stale.has(surface.channel)) {
      this.#arriving.set(surface.channel, surface);
      return false;
    }
    this.#shown.set(surface.channel, surface);
    return true;
  }

  /** The server has drawn the whole of the channel's newest surface. */
  #marked(channel: string): boolean {
    const arrived = this.#arriving.get(channel);
    if (arrived === undefined) return false;
    this.#arriving.delete(channel);
    this.#stale.delete(channel);
    this.#shown.set(channel, arrived);
    return true;
  }

  #destroyed(channel: string, surfaceId: number): boolean {
    if (this.#arriving.get(channel)?.surfaceId === surfaceId) {
      this.#arriving.delete(channel);
      return false;
    }
    if (this.#stale.has(channel) || this.#shown.get(channel)?.surfaceId !== surfaceId) return false;
    this.#shown.delete(channel);
    return true;
  }

  /** The new session offers these channels: the last picture of any other will not be followed by a new one. */
  #offered(channels: ReadonlySet<string>): boolean {
    const gone = [...this.#stale].filter((channel) => !channels.has(channel));
    for (const channel of gone) {
      this.#shown.delete(channel);
      this.#stale.delete(channel);
      this.#arriving.delete(channel);
    }
    return gone.length > 0;
  }

  /** Another session is to come. */
  sessionLost(): void {
    this.#listAwaited = true;
  }

  /** The channel has ended. Its memory belongs to the session, so the picture can be shown on. */
  ended(channel: string): void {
    this.#arriving.delete(channel);
    const shown = this.#shown.get(channel);
    if (shown === undefined) return;
    this.#stale.add(channel);
    setStale(openSurface(shown.buffer), true);
  }
}
