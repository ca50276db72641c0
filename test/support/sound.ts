// Sound in tests: a session that does nothing with it, the golden Opus packets of a real server, and what samples in a WAV file say:
// how loud which tone is.
import { readFileSync } from 'node:fs';
import type { SoundOptions } from '#app/cli/session-sound.js';
import { createVolumeControl } from '#app/audio/volume-control.js';
import { createFrameSplitter, push } from '#app/protocol/frame-splitter.js';
import { parseMessage } from '#app/protocol/message.js';
import { ChannelType } from '#app/protocol/constants.js';

/** For tests that are not about sound. */
export const noSound = (): SoundOptions => ({ volume: createVolumeControl(), file: null, player: null });

export interface Wav {
  readonly channels: number;
  readonly frequencyHz: number;
  /** What the header says that there is. */
  readonly dataBytes: number;
  /** All channels side by side, as many as are there. */
  readonly samples: Int16Array;
}

/** Reads a WAV file with code of its own. Throws for anything that is not S16 PCM with the header of 44 bytes. */
export function readWav(bytes: Uint8Array): Wav {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const names = [file.toString('latin1', 0, 4), file.toString('latin1', 8, 16), file.toString('latin1', 36, 40)].join(' ');
  const [form, bits, riffBytes, dataBytes] = [file.readUInt16LE(20), file.readUInt16LE(34), file.readUInt32LE(4), file.readUInt32LE(40)];
  const channels = file.readUInt16LE(22);
  if (names !== 'RIFF WAVEfmt  data' || form !== 1 || bits !== 16 || riffBytes !== dataBytes + 36) throw new Error(`no WAV of S16: ${names} ${form} ${bits} ${riffBytes} ${dataBytes}`);
  if (file.readUInt16LE(32) !== channels * 2 || file.readUInt32LE(28) !== channels * 2 * file.readUInt32LE(24)) throw new Error('the WAV header contradicts itself');
  const body = new Uint8Array(file.subarray(44));
  return { channels, frequencyHz: file.readUInt32LE(24), dataBytes, samples: new Int16Array(body.buffer, 0, body.length >> 1) };
}

/** The samples of one channel, `from` to `to`. */
export function channelOfWav({ samples, channels }: Wav, channel: number, from = 0, to = samples.length / channels): Int16Array {
  return Int16Array.from({ length: to - from }, (_, i) => samples[(from + i) * channels + channel] ?? 0);
}

export const peak = (samples: Int16Array): number => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

/** The amplitude of the tone of this frequency; exact for a whole number of its waves. */
export function toneAmplitude(samples: Int16Array, hertz: number, rateHz = 48_000): number {
  let [cosine, sine] = [0, 0];
  for (const [i, sample] of samples.entries()) {
    const angle = (2 * Math.PI * hertz * i) / rateHz;
    cosine += sample * Math.cos(angle);
    sine += sample * Math.sin(angle);
  }
  return (2 * Math.hypot(cosine, sine)) / samples.length;
}

/** What `opus-tone.bin` holds (test/golden/sound): left 440 Hz, right 660 Hz. */
export const goldenTone = { leftHz: 440, rightHz: 660, amplitude: 8_000, packetSamples: 480 } as const;

/** The Opus packets of the golden recording, in order. */
export function goldenOpusPackets(): readonly Uint8Array[] {
  const bytes = new Uint8Array(readFileSync(new URL('../golden/sound/opus-tone.bin', import.meta.url)));
  return push(createFrameSplitter({ header: 'mini', bodyBytesMax: 1 << 20 }), bytes).flatMap((frame) => {
    const message = parseMessage(ChannelType.playback, 'server', frame);
    return message.kind === 'data' ? [message.value.data.slice()] : [];
  });
}
