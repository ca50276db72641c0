// Sound format: what a stream of samples is made of, and which streams are played at all. Samples are S16 little-endian everywhere,
// those of all channels of one moment side by side; numbers from a server are checked here before anything is sized by them.

import { AudioFormat } from '../protocol/constants.ts';

export interface SoundFormat {
  readonly channels: number;
  readonly frequencyHz: number;
}

export const sampleBytes = 2;
const channelsMax = 8;
const frequencyHzMin = 1_000;
const frequencyHzMax = 192_000;

/** Bytes of the samples of all channels at one moment. */
export const blockBytes = ({ channels }: SoundFormat): number => channels * sampleBytes;

export const isSameFormat = (a: SoundFormat, b: SoundFormat): boolean => a.channels === b.channels && a.frequencyHz === b.frequencyHz;

/** What is wrong with the format that a START names; null = it can be played. */
export function soundFormatFault(start: { readonly channels: number; readonly format: number; readonly frequency: number }): string | null {
  if (start.format !== AudioFormat.s16) return `sample format ${start.format} is not S16`;
  if (start.channels < 1 || start.channels > channelsMax) return `${start.channels} channels, where 1 to ${channelsMax} can be played`;
  if (start.frequency < frequencyHzMin || start.frequency > frequencyHzMax) return `${start.frequency} Hz, where ${frequencyHzMin} to ${frequencyHzMax} can be played`;
  return null;
}
