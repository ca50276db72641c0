// The Opus packets that a real server sent, decoded: the tone that went in comes out, on the right channels, as loud as it was.
import { describe, expect, test } from 'vitest';
import { OpusDecoder } from '#app/actors/opus-decoder.js';
import { opusPacketSamples } from '#app/audio/opus-packet.js';
import { goldenOpusPackets, goldenTone, toneAmplitude } from '../../support/sound.ts';

const packets = goldenOpusPackets();
const { leftHz, rightHz, amplitude, packetSamples } = goldenTone;

function decodeAll(): { readonly left: Int16Array; readonly right: Int16Array } {
  const decoder = new OpusDecoder();
  const decoded = packets.flatMap((packet) => {
    const pcm = decoder.decode(packet);
    return typeof pcm === 'string' ? [] : [...new Int16Array(pcm)];
  });
  return { left: Int16Array.from(decoded.filter((_, i) => i % 2 === 0)), right: Int16Array.from(decoded.filter((_, i) => i % 2 === 1)) };
}

describe('a second of an Xspice', () => {
  test('is packets of 10 ms, each well framed', () => {
    expect(packets.length).toBeGreaterThan(80);
    expect(new Set(packets.map(opusPacketSamples))).toEqual(new Set([packetSamples]));
  });

  test('decodes to its two tones, within 2 % of their amplitude, each on its own channel alone', () => {
    const { left, right } = decodeAll();
    expect(left.length).toBe(packets.length * packetSamples);
    // The encoder begins with silence: a window of 24000 samples from the middle, whole waves of both.
    const middle = (samples: Int16Array): Int16Array => samples.subarray(9_600, 9_600 + 24_000);
    const heard = [toneAmplitude(middle(left), leftHz), toneAmplitude(middle(right), rightHz)];
    for (const level of heard) expect(Math.abs(level - amplitude)).toBeLessThan(amplitude * 0.02);
    expect(toneAmplitude(middle(left), rightHz)).toBeLessThan(amplitude * 0.02);
    expect(toneAmplitude(middle(right), leftHz)).toBeLessThan(amplitude * 0.02);
  });
});
