// WAV: the 44 bytes in front of S16 samples that make a file of them, and the names of its parts. The sizes are of what the file holds so
// far; who writes the file puts them right as it grows.

import { blockBytes, sampleBytes, type SoundFormat } from './sound-format.ts';

export const wavHeaderBytes = 44;
/** The sizes have 32 bits. A sound that is longer goes on in another file. */
export const wavDataBytesMax = 0xffff_ffff - wavHeaderBytes;

const formatChunkBytes = 16;
const integerPcm = 1;

/** RIFF header, `fmt ` chunk and the head of the `data` chunk. `dataBytes` is at most `wavDataBytesMax`. */
export function wavHeader(format: SoundFormat, dataBytes: number): Uint8Array {
  const header = new Uint8Array(wavHeaderBytes);
  const view = new DataView(header.buffer);
  const name = (at: number, text: string): void => {
    for (let i = 0; i < text.length; i++) header[at + i] = text.charCodeAt(i);
  };
  name(0, 'RIFF');
  view.setUint32(4, wavHeaderBytes - 8 + dataBytes, true);
  name(8, 'WAVE');
  name(12, 'fmt ');
  view.setUint32(16, formatChunkBytes, true);
  view.setUint16(20, integerPcm, true);
  view.setUint16(22, format.channels, true);
  view.setUint32(24, format.frequencyHz, true);
  view.setUint32(28, format.frequencyHz * blockBytes(format), true);
  view.setUint16(32, blockBytes(format), true);
  view.setUint16(34, sampleBytes * 8, true);
  name(36, 'data');
  view.setUint32(40, dataBytes, true);
  return header;
}

/** `x.wav`, `x.part-2.wav`, `x.part-3.wav`, … `part` counts from 1. */
export function wavPartPath(path: string, part: number): string {
  return part === 1 ? path : path.replace(/(\.wav)?$/i, (end) => `.part-${part}${end}`);
}
