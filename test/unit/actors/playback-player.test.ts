// The player of a playback channel: packets of servers, good and bad, to what it tells the audio actor.
import { expect, test } from 'vitest';
import { soundCounterNames, type AudioMail } from '#app/actors/audio-mail.js';
import { PlaybackPlayer } from '#app/actors/playback-player.js';
import { createVolumeControl, setMuted, setVolume } from '#app/audio/volume-control.js';
import type { TellResult } from '#app/mailbox/address.js';
import { createCounters, readCounters } from '#app/mailbox/counters.js';
import { AudioMode, ChannelType } from '#app/protocol/constants.js';
import { parseServerMessage, type PlaybackServerMessage } from '#app/protocol/message.js';
import { hex } from '../../golden/hand-laid.mjs';
import { channelOfWav, goldenOpusPackets, goldenTone, peak } from '../../support/sound.ts';

const start = '02000000 0100 80bb0000 00000000'.replaceAll(' ', '');
const mode = (number: number): string => `00000000${number.toString(16).padStart(2, '0')}00`;

function player(result: TellResult = 'accepted') {
  const volume = createVolumeControl();
  const counters = createCounters(soundCounterNames);
  const told: AudioMail[] = [];
  let nowMs = 0;
  const made = new PlaybackPlayer({ volume, counters }, {
    from: 'playback/0', to: 'audio', send: () => Promise.reject(new Error('it must not wait')),
    tell: (mail, options) => {
      expect(options?.transfer).toEqual([mail.pcm]);
      if (result === 'accepted') told.push(mail);
      return result;
    },
  }, () => (nowMs += 3));
  // A number and a body in hexadecimal: parsed as the channel does.
  const message = (type: number, body: string | Uint8Array): readonly string[] => {
    const bytes = typeof body === 'string' ? hex(body) : Buffer.concat([Buffer.alloc(4), body]);
    return made.play(parseServerMessage(ChannelType.playback, { type, body: bytes }) as PlaybackServerMessage).map(({ key }) => key);
  };
  return { volume, told, described: () => made.describe(), message, counts: () => readCounters(counters), data: (packet: Uint8Array) => message(101, packet), samples: () => told.flatMap(({ pcm }) => [...new Int16Array(pcm)]) };
}

const pcm = (...samples: number[]): Uint8Array => new Uint8Array(Int16Array.from(samples).buffer);

test('PCM is told as it came, in memory of its own, with the format of START', () => {
  const { message, data, told, samples, counts } = player();
  message(103, start);
  const packet = pcm(1_000, -1_000, 32_767, -32_768);
  expect(data(packet)).toEqual([]);
  packet.fill(0);
  expect(samples()).toEqual([1_000, -1_000, 32_767, -32_768]);
  expect(told[0]?.format).toEqual({ channels: 2, frequencyHz: 48_000 });
  expect(counts()).toEqual({ packets_decoded: 1, packets_failed: 0, samples_delivered: 2, samples_dropped: 0, packets_dropped: 0, pcm_bytes: 8 });
});

test('volume and mute apply from the next packet on, whoever set them', () => {
  const { message, data, volume, samples } = player();
  message(103, start);
  data(pcm(1_000, -1_000));
  setVolume(volume, 37);
  data(pcm(1_000, -1_000));
  setMuted(volume, true);
  data(pcm(1_000, -1_000));
  setMuted(volume, false);
  data(pcm(1_000, -1_000));
  expect(samples()).toEqual([1_000, -1_000, 370, -370, 0, 0, 370, -370]);
});

test('what the guest wishes (VOLUME, MUTE) changes no sample', () => {
  const { message, data, samples } = player();
  message(103, start);
  message(105, '0200000000');
  message(106, '01');
  data(pcm(1_000, -1_000));
  expect(samples()).toEqual([1_000, -1_000]);
});

test('Opus of a real server is 480 samples a packet, at the same volume', () => {
  const { message, volume, data, told } = player();
  message(102, mode(AudioMode.opus));
  message(103, start);
  setVolume(volume, 37);
  for (const packet of goldenOpusPackets().slice(0, 40)) expect(data(packet)).toEqual([]);
  expect(new Set(told.map((mail) => mail.pcm.byteLength))).toEqual(new Set([goldenTone.packetSamples * 4]));
  const samples = Int16Array.from(told.slice(20).flatMap((mail) => [...new Int16Array(mail.pcm)]));
  const left = channelOfWav({ channels: 2, frequencyHz: 48_000, dataBytes: 0, samples }, 0);
  expect(Math.abs(peak(left) / (goldenTone.amplitude * 0.37) - 1)).toBeLessThan(0.03);
});

test.each([
  ['sound before a START', [], pcm(1, 2), 'playback:packet:noFormat'],
  ['a START of 9 channels', [[103, `09000000${start.slice(8)}`]], pcm(1, 2), 'playback:packet:noFormat'],
  ['half a sample', [[103, start]], pcm(1, 2).subarray(0, 3), 'playback:packet:uneven'],
  ['nothing', [[103, start]], new Uint8Array(0), 'playback:packet:uneven'],
  ['more than 64 KiB', [[103, start]], new Uint8Array(65_540), 'playback:packet:oversize'],
  ['CELT 0.5.1', [[103, start], [102, mode(AudioMode.celt051)]], pcm(1, 2), 'playback:mode:2'],
  ['Opus that is none', [[103, start], [102, mode(AudioMode.opus)]], Uint8Array.of(0xff), 'playback:packet:truncated'],
  ['Opus of nothing', [[103, start], [102, mode(AudioMode.opus)]], new Uint8Array(0), 'playback:packet:empty'],
  ['Opus for one channel', [[103, `01000000${start.slice(8)}`], [102, mode(AudioMode.opus)]], Uint8Array.of(0xf0), 'playback:packet:opusFormat'],
] as const)('%s is a counted failure, and the next good packet is played', (_name, before, packet, key) => {
  const { message, data, samples, counts } = player();
  for (const [type, body] of before) message(type, body);
  expect(data(packet)).toEqual([key]);
  expect(counts()).toMatchObject({ packets_failed: 1, packets_decoded: 0 });
  message(102, mode(AudioMode.raw));
  message(103, start);
  data(pcm(5, 6));
  expect(samples()).toEqual([5, 6]);
});

test('a START that cannot be played says why', () => {
  expect(player().message(103, `09000000${start.slice(8)}`)).toEqual(['playback:format:unsupported']);
});

test.each(['full', 'closed'] as const)('samples that the audio actor does not take (%s) are counted, and nothing waits', (result) => {
  const { message, data, counts } = player(result);
  message(103, start);
  data(pcm(1, 2, 3, 4));
  expect(counts()).toEqual({ packets_decoded: 1, packets_failed: 0, samples_delivered: 0, samples_dropped: 2, packets_dropped: 1, pcm_bytes: 8 });
});

test('how long decoding takes is remembered of the last 64 packets', () => {
  const { message, data, described } = player();
  message(103, start);
  for (let packet = 0; packet < 70; packet++) data(pcm(1, 2));
  expect(described()).toEqual({ decodesUs: Array.from({ length: 64 }, () => 3_000) });
});
