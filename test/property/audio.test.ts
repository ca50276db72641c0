// What is always true of sound: gain never makes anything louder, mute is silence, and no bytes are more to the Opus decoder than a
// packet or a refusal: what we call well framed it takes, what we refuse it would have refused.
import fc from 'fast-check';
import { Decoder } from '@evan/opus/wasm/index.mjs';
import { expect, test } from 'vitest';
import { OpusDecoder, type OpusResult } from '#app/actors/opus-decoder.js';
import { applyGain, scaleSample } from '#app/audio/gain.js';
import { opusPacketSamples } from '#app/audio/opus-packet.js';
import { goldenOpusPackets, peak } from '../support/sound.ts';

const sample = fc.integer({ min: -32_768, max: 32_767 });
const percent = fc.integer({ min: 0, max: 100 });

test('a scaled sample is never louder, never of another sign, within half a step of the exact value, and its negative is its mirror', () => {
  fc.assert(fc.property(sample, percent, (value, gain) => {
    const scaled = scaleSample(value, gain);
    expect(Math.abs(scaled)).toBeLessThanOrEqual(Math.abs(value));
    expect(Math.abs(scaled - (value * gain) / 100)).toBeLessThanOrEqual(0.5);
    expect(scaled * value).toBeGreaterThanOrEqual(0);
    expect(scaleSample(-value, gain) + scaled).toBe(0);
  }), { numRuns: 2_000 });
});

test('more volume is never less sound', () => {
  fc.assert(fc.property(sample, percent, percent, (value, a, b) => {
    expect(Math.abs(scaleSample(value, Math.min(a, b)))).toBeLessThanOrEqual(Math.abs(scaleSample(value, Math.max(a, b))));
  }));
});

test('any bytes at volume 0 are zeros, and at 100 themselves', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }).filter(({ length }) => length % 2 === 0), (bytes) => {
    const [silent, same] = [bytes.slice(), bytes.slice()];
    applyGain(new DataView(silent.buffer), 0);
    applyGain(new DataView(same.buffer), 100);
    expect(silent.every((byte) => byte === 0)).toBe(true);
    expect(same).toEqual(bytes);
  }));
});

const golden = goldenOpusPackets();

/** Any bytes, packets with any head, and real packets with something changed. */
const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.tuple(fc.nat(255), fc.nat(255), fc.uint8Array({ maxLength: 120 })).map(([toc, counts, rest]) => Uint8Array.of(toc, counts, ...rest)),
  fc.tuple(fc.nat(golden.length - 1), fc.nat(), fc.nat(255), fc.nat()).map(([which, at, byte, length]) => {
    const packet = golden[which]!.slice();
    packet[at % packet.length] = byte;
    return packet.subarray(0, 1 + (length % packet.length));
  }),
);

function decodedBytes(library: Decoder, packet: Uint8Array): number | string {
  try {
    return library.decode(packet).length;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test('bytes are well framed to us exactly when they are to the decoder, and give as many samples as we said', () => {
  const library = new Decoder({ channels: 2, sample_rate: 48_000 });
  fc.assert(fc.property(hostile.filter(({ length }) => length > 0), (packet) => {
    const expected = opusPacketSamples(packet);
    expect(decodedBytes(library, packet)).toBe(typeof expected === 'string' ? 'opus: corrupted stream' : expected * 4);
  }), { numRuns: 2_000 });
});

test('hostile packets are samples or a refusal, and a real packet after them is sound again', () => {
  const decoder = new OpusDecoder();
  fc.assert(fc.property(hostile, (packet) => {
    const decoded = decoder.decode(packet);
    expect(typeof decoded === 'string' ? decoded : decoded.byteLength / 4).toBe(opusPacketSamples(packet));
  }), { numRuns: 2_000 });
  const after = golden.slice(0, 40).map((packet) => decoder.decode(packet));
  const fresh = new OpusDecoder();
  const undisturbed = golden.slice(0, 40).map((packet) => fresh.decode(packet));
  const loudness = (pcm: OpusResult): number => (typeof pcm === 'string' ? 0 : peak(new Int16Array(pcm)));
  expect(Math.abs(loudness(after.at(-1)!) / loudness(undisturbed.at(-1)!) - 1)).toBeLessThan(0.05);
});
