// The sound of a whole session in virtual time, measured on the samples of its file: volume and mute are what the user has set, whatever
// happens to the channel that plays, for PCM and for Opus of a real server alike.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AudioFormat, AudioMode, ChannelType } from '#app/protocol/constants.js';
import { createVolumeControl } from '#app/audio/volume-control.js';
import { testSession, type TestSession } from '../../support/session-fixture.ts';
import { channelOfWav, goldenOpusPackets, goldenTone, peak, readWav, toneAmplitude } from '../../support/sound.ts';
import { createVirtualWorld, type VirtualWorld } from '../../support/virtual-network.ts';
import type { RawPeer } from '../../support/raw-server.ts';

const { main, playback } = ChannelType;
const { leftHz, rightHz, amplitude, packetSamples } = goldenTone;
const packetMs = 10;
const stereo = { channels: 2, format: AudioFormat.s16, frequency: 48_000, time: 0 } as const;

/** The tone of the golden recording, uncompressed. */
function pcmPacket(number: number): Uint8Array {
  const samples = new Int16Array(packetSamples * 2);
  for (let i = 0; i < packetSamples; i++) {
    const angle = (2 * Math.PI * (number * packetSamples + i)) / 48_000;
    samples[i * 2] = Math.round(amplitude * Math.sin(angle * leftHz));
    samples[i * 2 + 1] = Math.round(amplitude * Math.sin(angle * rightHz));
  }
  return new Uint8Array(samples.buffer);
}

const opusPackets = goldenOpusPackets();
const modes = {
  PCM: { mode: AudioMode.raw, packet: pcmPacket },
  Opus: { mode: AudioMode.opus, packet: (number: number) => opusPackets[number % opusPackets.length]! },
} as const;

interface World extends TestSession {
  readonly net: VirtualWorld;
  readonly folder: string;
  /** Playback channels that were linked, oldest first. */
  readonly players: RawPeer[];
  /** Samples of each channel in the file. */
  written(): number;
  /** Lets the channel play for half a second, of which `from` samples are written, and measures it. */
  hear(from: number): Promise<Heard>;
}

interface Heard {
  readonly left: number;
  readonly right: number;
  /** The loudest sample of both channels. */
  readonly peak: number;
}

const worlds: World[] = [];

/** @param packetsMax how many packets each link plays: enough to be measured, where no more is asked */
async function world(name: keyof typeof modes, packetsMax = Infinity): Promise<World> {
  const { mode, packet } = modes[name];
  const folder = mkdtempSync(join(tmpdir(), 'ryll-sound-'));
  const players: RawPeer[] = [];
  const net = createVirtualWorld(1, {
    linked: (peer) => {
      if (peer.request?.channelType === main) {
        peer.send(main, 'init', { sessionId: 7, displayChannelsHint: 0, supportedMouseModes: 1, currentMouseMode: 1, agentConnected: 0, agentTokens: 10, multiMediaTime: 0, ramHint: 0 });
        return;
      }
      players.push(peer);
      peer.send(playback, 'mode', { time: 0, mode, data: new Uint8Array(0) });
      peer.send(playback, 'start', stereo);
      const tick = (number: number): void => {
        if (peer.closedAfter !== null || players.at(-1) !== peer || number >= packetsMax) return;
        peer.send(playback, 'data', { time: number * packetMs, data: packet(number) });
        net.host.timers.after(packetMs, () => tick(number + 1));
      };
      tick(0);
    },
    message: (peer, message) => {
      if (message.kind === 'attachChannels') peer.send(main, 'channelsList', { channels: [{ type: playback, id: 0 }] });
    },
  });
  const file = join(folder, 'x.wav');
  const made = testSession(net.host, 5900, { singleThread: true, frozenMs: null, reconnect: { holds: false, retryInitial: false, jitter: 0, renew: null, freshTickets: false }, sound: { volume: createVolumeControl(), file, player: null } });
  const written = (): number => made.run.sound.sample().file_samples;
  const hear = async (from: number): Promise<Heard> => {
    await net.host.advance(800);
    // Opus begins with silence: a fifth of a second is left out, then whole waves of both tones.
    const [begin, end] = [from + 9_600, from + 9_600 + 24_000];
    expect(written()).toBeGreaterThanOrEqual(end);
    const wav = readWav(readFileSync(file));
    const [left, right] = [channelOfWav(wav, 0, begin, end), channelOfWav(wav, 1, begin, end)];
    return { left: toneAmplitude(left, leftHz), right: toneAmplitude(right, rightHz), peak: Math.max(peak(left), peak(right)) };
  };
  const whole: World = { ...made, net, folder, players, written, hear };
  worlds.push(whole);
  const started = made.run.start();
  await net.host.advance(500);
  await started;
  return whole;
}

// Loading takes real time, of which the virtual clock knows nothing.
beforeAll(async () => {
  for (const name of ['channel-actor', 'playback-player', 'audio-actor', 'writer-actor', 'hub-actor']) await import(new URL(`../../../dist/actors/${name}.js`, import.meta.url).href);
});

afterEach(async () => {
  for (const { run, net, folder, players } of worlds.splice(0)) {
    const stopped = run.stop();
    await net.host.advance(20_000);
    await stopped;
    players.length = 0;
    await net.host.advance(packetMs);
    rmSync(folder, { recursive: true });
    if (net.host.pending > 0) throw new Error(`left behind: ${net.host.pending} timers`);
  }
});

/** What may happen to the playback channel; each ends its link and brings a new one about, within so many milliseconds. */
const interruptions: readonly (readonly [name: string, times: number, withinMs: number, happen: (world: World) => void])[] = [
  ['ten cut connections', 10, 20, ({ players }) => players.at(-1)?.end()],
  ['ten lost sessions', 10, 1_200, ({ net }) => net.peers.findLast(({ request }) => request?.channelType === main)?.end()],
  ['a crash of the playback actor', 1, 20, ({ poison }) => poison('playback/0')],
];

/** A link that lived for so long was healthy: the next loss is the first again. */
const healthyMs = 5_000;

describe.each(Object.keys(modes) as (keyof typeof modes)[])('%s', (mode) => {
  test.each(interruptions)('%s: at volume 37 it is 37 % as loud after each, muted it is silence, unmuted 37 % again', async (_name, times, withinMs, happen) => {
    const sound = await world(mode, 80);
    const { run, net, players } = sound;
    const before = await sound.hear(0);
    expect(Math.abs(before.left / amplitude - 1)).toBeLessThan(0.02);
    /** It happens, and what the next link plays is heard. What the one before had to play it has played. */
    const hearAfterwards = async (): Promise<Heard> => {
      await net.host.advance(healthyMs);
      const from = sound.written();
      happen(sound);
      await net.host.advance(withinMs);
      return sound.hear(from);
    };
    run.sound.setVolume(37);
    for (let time = 1; time <= times; time++) {
      const heard = await hearAfterwards();
      expect(players).toHaveLength(1 + time);
      for (const side of ['left', 'right'] as const) expect(Math.abs(heard[side] / before[side] - 0.37)).toBeLessThan(0.002);
      expect(Math.abs(heard.peak / before.peak - 0.37)).toBeLessThan(0.01);
    }
    run.sound.setMuted(true);
    expect(await hearAfterwards()).toEqual({ left: 0, right: 0, peak: 0 });
    run.sound.setMuted(false);
    const after = await hearAfterwards();
    expect(Math.abs(after.left / before.left - 0.37)).toBeLessThan(0.002);
    expect(run.soundProblem()).toBeNull();
    const { packets_decoded: decoded = 0, packets_failed: failed, samples_dropped: dropped } = sound.channel('playback/0').sound ?? {};
    expect({ failed, dropped }).toEqual({ failed: 0, dropped: 0 });
    expect(decoded * packetSamples).toBe(sound.written());
  });
});

test('a crash of the audio actor costs what was on its way: the sound goes on in another part, at the same volume, and that it is incomplete is said', async () => {
  const sound = await world('PCM');
  const { run, net, lines, folder } = sound;
  run.sound.setVolume(37);
  await net.host.advance(1_000);
  run.actors.find(({ id }) => id === 'audio')?.handle.address.tell(null);
  await net.host.advance(1_000);
  const first = readWav(readFileSync(join(folder, 'x.wav')));
  const second = readWav(readFileSync(join(folder, 'x.part-2.wav')));
  expect(readdirSync(folder)).toHaveLength(2);
  expect((first.samples.length + second.samples.length) / 2).toBe(sound.written());
  expect(peak(second.samples)).toBe(Math.round(amplitude * 0.37));
  expect(lines.some((line) => line.startsWith('audio#1 failed: '))).toBe(true);
  expect(lines).toContain(`audio sound goes on in ${join(folder, 'x.part-2.wav')}, 2 channels at 48000 Hz`);
  expect(run.actors.filter(({ handle }) => handle.generation > 1).map(({ id }) => id)).toEqual(['audio']);
});

test('an audio actor that fails again and again is given up, and the session goes on without sound', async () => {
  const { run, net, channel } = await world('PCM');
  for (let time = 1; time <= 6; time++) {
    run.actors.find(({ id }) => id === 'audio')?.handle.address.tell(null);
    await net.host.advance(500);
  }
  const pongs = channel('playback/0').messages_in;
  await net.host.advance(1_000);
  expect(channel('playback/0')).toMatchObject({ state: 'linked', generation: 1 });
  expect(channel('playback/0').messages_in).toBeGreaterThan(pongs);
  expect(run.actors.find(({ id }) => id === 'audio')).toMatchObject({ comesBack: false });
  expect(run.connected).toBe(true);
  expect(run.soundProblem()).toMatchObject({ code: 'sound.incomplete', exit: 'outputFailed' });
});
