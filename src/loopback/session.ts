// One client's session on the server: its id, its channels, what they have agreed on, and what a channel that is linked again must know.
// Mutable; the server owns it. It links nothing and refuses nothing.

import { channelName, ChannelType } from '../protocol/constants.ts';
import type { ChannelRun } from './channel-run.ts';
import type { ScreenSize, SessionNote } from './channels/server-channel.ts';
import { GlzEncoder } from './encode/glz-encoder.ts';
import { dictionaryImages } from './image-sender.ts';

/** Of these the real server lets a session have two at once; of the others it closes the newcomer. */
const sharedTypes: readonly number[] = [ChannelType.playback, ChannelType.record];

type Observed = Readonly<Record<string, unknown>>;

export class Session {
  readonly id: number;
  readonly #runs = new Set<ChannelRun>();
  readonly #dictionaries = new Map<number, GlzEncoder>();
  /** Channels that ended, by name, as they last were. */
  readonly #ended = new Map<string, Observed>();
  screens: readonly ScreenSize[] = [];

  constructor(id: number) {
    this.id = id;
  }

  get runs(): ReadonlySet<ChannelRun> {
    return this.#runs;
  }

  /** Whether a second link for this channel is turned away. */
  isTaken(type: number, id: number): boolean {
    return !sharedTypes.includes(type) && [...this.#runs].some((run) => run.type === type && run.id === id);
  }

  add(run: ChannelRun): void {
    this.#runs.add(run);
  }

  remove(run: ChannelRun): void {
    if (!this.#runs.delete(run)) return;
    this.#ended.set(nameOf(run), run.observe());
    // Client and server forget a dictionary together, when the last channel that used it goes.
    if (![...this.#runs].some(({ type }) => type === ChannelType.display)) this.#dictionaries.clear();
  }

  tell(note: SessionNote, from: ChannelRun): void {
    if (note.kind === 'screens') this.screens = note.screens;
    for (const run of this.#runs) if (run !== from) run.told(note);
  }

  dictionary(id: number): GlzEncoder {
    const known = this.#dictionaries.get(id) ?? new GlzEncoder(dictionaryImages);
    this.#dictionaries.set(id, known);
    return known;
  }

  /** The picture at which a display that was linked before had come; null for a new one. */
  pictureOf(displayId: number): number | null {
    const picture = this.#ended.get(`${channelName(ChannelType.display)}/${displayId}`)?.['picture'];
    return typeof picture === 'number' ? picture : null;
  }

  /** By `display/0` and the like; channels that ended as they last were, unless they are back. */
  observe(): Readonly<Record<string, Observed>> {
    const of = (runs: readonly (readonly [string, Observed, boolean])[]): Record<string, Observed> =>
      Object.fromEntries(runs.map(([name, observed, linked]) => [name, { linked, ...observed }]));
    return {
      ...of([...this.#ended].map(([name, observed]) => [name, observed, false])),
      ...of([...this.#runs].map((run) => [nameOf(run), run.observe(), true])),
    };
  }
}

function nameOf({ type, id }: ChannelRun): string {
  return `${channelName(type)}/${id}`;
}
