// Audio players: the programs of the system that can play samples from their standard input, with what each is given, and which of
// them are here. Only a table and a look at PATH; who starts one is audio-device.ts.

import type { SoundFormat } from '../audio/sound-format.ts';
import { isOnPath } from './program-path.ts';

interface Player {
  /** The Debian package that it comes in. */
  readonly from: string;
  readonly args: (format: SoundFormat) => readonly string[];
}

/** Best first. Each reads S16 little-endian samples and plays them on the default device, some 200 ms late at most where it can be asked to. */
export const players = {
  pacat: {
    from: 'pulseaudio-utils',
    args: ({ channels, frequencyHz }) => ['--playback', '--raw', '--format=s16le', `--rate=${frequencyHz}`, `--channels=${channels}`, '--latency-msec=200'],
  },
  aplay: {
    from: 'alsa-utils',
    args: ({ channels, frequencyHz }) => ['--quiet', '--file-type=raw', '--format=S16_LE', `--rate=${frequencyHz}`, `--channels=${channels}`, '--buffer-time=200000', '-'],
  },
  'pw-cat': {
    from: 'pipewire-bin',
    args: ({ channels, frequencyHz }) => ['--playback', '--format=s16', `--rate=${frequencyHz}`, `--channels=${channels}`, '--latency=200ms', '-'],
  },
} as const satisfies Record<string, Player>;

export type PlayerName = keyof typeof players;
export const playerNames = Object.keys(players) as readonly PlayerName[];

/** One of them by name, or the best that is here. */
export const playerChoices = ['auto', ...playerNames] as const;
export type PlayerChoice = (typeof playerChoices)[number];

/** @param path folders as in PATH; an empty one means none */
export function findPlayer(choice: PlayerChoice, path: string): PlayerName | null {
  const wanted = choice === 'auto' ? playerNames : [choice];
  return wanted.find((name) => isOnPath(name, path)) ?? null;
}
