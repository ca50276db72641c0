// Session sound: the session's side of its sound: the user's volume, which is made above it and only used here, what the audio actor is
// started with, and what became of the file, in words and in numbers. It touches no sample.

import { audioCounterNames, type AudioArgs, type AudioEvent } from '../actors/audio-mail.ts';
import type { PlayerChoice } from '../actors/audio-players.ts';
import { readVolume, setMuted, setVolume, type Volume, type VolumeControl } from '../audio/volume-control.ts';
import { createCounters, readCounters } from '../mailbox/counters.ts';
import type { Severity } from '../ui-terminal/session-event.ts';
import type { CliProblem } from './cli-problem.ts';

export interface SoundOptions {
  /** Made once for the whole run of the program: no session, link or crash changes it. */
  readonly volume: VolumeControl;
  /** A WAV file; null = none. */
  readonly file: string | null;
  /** The program that plays on a device; null = none. */
  readonly player: PlayerChoice | null;
}

/** Sound in the statistics document. Samples are those of one channel. */
export interface SoundSample {
  readonly volume_percent: number;
  readonly muted: boolean;
  readonly files: number;
  readonly file_samples: number;
  readonly file_samples_lost: number;
  readonly device_samples: number;
  readonly device_samples_dropped: number;
}

/** What the playback channels' own counters say in sum. */
export interface PlayedPackets {
  readonly samplesDropped: number;
}

export class SessionSound {
  readonly #options: SoundOptions;
  readonly #counters = createCounters(audioCounterNames);

  constructor(options: SoundOptions) {
    this.#options = options;
  }

  /** Whether sound goes anywhere: otherwise nothing is decoded, and there is no audio actor. */
  get isWanted(): boolean {
    return this.#options.file !== null || this.#options.player !== null;
  }

  /** What a playback channel reads its gain from; null where nothing is played. */
  get playedVolume(): VolumeControl | null {
    return this.isWanted ? this.#options.volume : null;
  }

  get volume(): Volume {
    return readVolume(this.#options.volume);
  }

  /** From the next packet on. Throws `RangeError` for anything but a whole number from 0 to 100. */
  setVolume(percent: number): void {
    setVolume(this.#options.volume, percent);
  }

  setMuted(muted: boolean): void {
    setMuted(this.#options.volume, muted);
  }

  audioArgs(): AudioArgs {
    const { file, player } = this.#options;
    return { file, player, counters: this.#counters };
  }

  sample(): SoundSample {
    const { percent, muted } = this.volume;
    const counts = readCounters(this.#counters);
    const count = (name: (typeof audioCounterNames)[number]): number => counts[name] ?? 0;
    return {
      volume_percent: percent,
      muted,
      files: count('files'),
      file_samples: count('file_samples'),
      file_samples_lost: count('file_samples_lost'),
      device_samples: count('device_samples'),
      device_samples_dropped: count('device_samples_dropped'),
    };
  }

  /** What is wrong with the file, once the session has stopped; null when none was asked for or it holds everything. */
  problem({ samplesDropped }: PlayedPackets): CliProblem | null {
    const { file } = this.#options;
    if (file === null) return null;
    const incomplete = (detail: string): CliProblem => ({ code: 'sound.incomplete', exit: 'outputFailed', message: `The sound in ${file} is incomplete: ${detail}.` });
    const { file_samples_lost: lost = 0, file_failures: failures = 0 } = readCounters(this.#counters);
    if (failures > 0) return incomplete(`the disk refused ${lost} samples of each channel; check the folder and its free space`);
    return samplesDropped > 0 ? incomplete(`${samplesDropped} samples of each channel found no room, because the disk was too slow or the audio actor was being started again`) : null;
  }
}

/** A line for what the audio actor reports. */
export function wordAudioEvent(event: AudioEvent): { readonly severity: Severity; readonly text: string } {
  switch (event.kind) {
    case 'audioFileFailed':
      return { severity: 'error', text: `${event.path} cannot be written: ${event.message}; it is tried again with the next sound` };
    case 'audioFileRecovered':
      return { severity: 'info', text: `${event.path} can be written again; ${event.lostSamples} samples of each channel are missing` };
    case 'audioFileChanged':
      return { severity: 'info', text: `sound goes on in ${event.path}, ${event.format.channels} channels at ${event.format.frequencyHz} Hz` };
    case 'playerEnded':
      return { severity: 'error', text: `${event.program} ended (${event.detail}); it is started again with the next sound, at most every 5 s` };
  }
}
