import { expect, test } from 'vitest';
import { playbackBehavior } from '#app/protocol/channels/playback.js';
import { driveChannel } from '../../../support/driven-channel.ts';

test('without a MODE it is RAW, without a LATENCY it is 200 ms', () => {
  expect(driveChannel(playbackBehavior).describe()).toMatchObject({ mode: 1, latencyMs: 200, playing: false });
});

test('MODE, START, VOLUME, MUTE and LATENCY are kept; START and STOP are told', () => {
  const playback = driveChannel(playbackBehavior);
  playback.message(102, '01000000', '0300');
  expect(playback.message(103, '02000000', '0100', '80bb0000', '00000000').events).toEqual([{ kind: 'playbackChanged', playing: true, channels: 2, frequencyHz: 48_000 }]);
  playback.message(105, '02', '0080', 'ffff');
  playback.message(106, '01');
  playback.message(107, '64000000');
  expect(playback.describe()).toMatchObject({ mode: 3, playing: true, audioChannels: 2, volumes: [0x8000, 0xffff], muted: true, latencyMs: 100 });
  expect(playback.message(104).events).toEqual([{ kind: 'playbackChanged', playing: false, channels: 2, frequencyHz: 48_000 }]);
});

test('samples are counted and handed on; nothing is sent back', () => {
  const playback = driveChannel(playbackBehavior);
  const { effects, sent } = playback.message(101, '01000000', 'aabbcc');
  expect(effects).toMatchObject([{ kind: 'play', message: { kind: 'data', value: { time: 1, data: Uint8Array.of(0xaa, 0xbb, 0xcc) } } }]);
  expect(sent).toEqual([]);
  expect(playback.describe()).toMatchObject({ packetsReceived: 1, bytesReceived: 3 });
});
