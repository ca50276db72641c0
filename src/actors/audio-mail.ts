// The audio actor's conversations: what a playback channel tells it, what it tells the session, what both are started with. Plain data
// and shared memory. No actor imports another: both ends see these types here.

import type { SoundFormat } from '../audio/sound-format.ts';
import type { VolumeControl } from '../audio/volume-control.ts';
import { counterOf, type Counter, type CounterMemory } from '../mailbox/counters.ts';
import type { PlayerChoice } from './audio-players.ts';

/** The samples of one packet, S16 little-endian with the volume applied; `pcm` is moved, and holds nothing else. */
export interface AudioMail {
  readonly kind: 'samples';
  readonly format: SoundFormat;
  readonly pcm: ArrayBuffer;
}

/** What a playback channel needs to play: only where its sound goes somewhere. */
export interface SoundArgs {
  readonly volume: VolumeControl;
  readonly counters: CounterMemory;
}

export interface AudioArgs {
  /** The WAV file; it must not exist. Null = no file. */
  readonly file: string | null;
  /** The program that plays on a device. Null = none. */
  readonly player: PlayerChoice | null;
  readonly counters: CounterMemory;
}

/** Said once for each trouble, not for each sample. */
export type AudioEvent =
  | { readonly kind: 'audioFileFailed'; readonly path: string; readonly message: string }
  | { readonly kind: 'audioFileRecovered'; readonly path: string; readonly lostSamples: number }
  | { readonly kind: 'audioFileChanged'; readonly path: string; readonly format: SoundFormat }
  | { readonly kind: 'playerEnded'; readonly program: string; readonly detail: string };

/** The same as it reaches the session, through the hub. */
export interface AudioReport {
  readonly kind: 'audioNews';
  readonly news: AudioEvent;
}

/**
 * Of one playback channel; a channel that is linked again counts on. Samples are those of one channel. A packet that could be decoded was
 * delivered or dropped, and dropped means that the audio actor had no room or was not there.
 */
export const soundCounterNames = ['packets_decoded', 'packets_failed', 'samples_delivered', 'samples_dropped', 'packets_dropped', 'pcm_bytes'] as const;

/** Of the audio actor, which is not restarted with the channel. */
export const audioCounterNames = [
  'files', 'file_samples', 'file_samples_lost', 'file_failures', 'device_samples', 'device_samples_dropped', 'outdated',
] as const;

export type SoundCounters = Readonly<Record<(typeof soundCounterNames)[number], Counter>>;
export type AudioCounters = Readonly<Record<(typeof audioCounterNames)[number], Counter>>;

const open = <N extends string>(names: readonly N[], memory: CounterMemory): Readonly<Record<N, Counter>> =>
  // Every name of the list is given its counter.
  Object.fromEntries(names.map((name) => [name, counterOf(memory, name)])) as Record<N, Counter>;

export const openSoundCounters = (memory: CounterMemory): SoundCounters => open(soundCounterNames, memory);
export const openAudioCounters = (memory: CounterMemory): AudioCounters => open(audioCounterNames, memory);
