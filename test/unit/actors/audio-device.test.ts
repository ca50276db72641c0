// The audio actor's device with player programs that the test writes: what they are given, and what happens when they end, hang, or are
// not there.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { audioCounterNames, openAudioCounters, type AudioEvent } from '#app/actors/audio-mail.js';
import { AudioDevice } from '#app/actors/audio-device.js';
import { findPlayer, players, type PlayerName } from '#app/actors/audio-players.js';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { createCounters, readCounters } from '#app/mailbox/counters.js';
import { until } from '../../support/until.ts';

const stereo = { channels: 2, frequencyHz: 48_000 };
const path = process.env['PATH'] ?? '';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ryll-player-'));
  process.env['PATH'] = `${folder}:${path}`;
});
afterEach(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);

/** A program of this name in the folder; `$out` is the folder. */
function fake(name: PlayerName, script: string): void {
  writeFileSync(at(name), `#!/bin/sh\nout=${folder}\n${script}\n`);
  chmodSync(at(name), 0o755);
}

function device(player: PlayerName, skipMs = () => 0) {
  const host = createNodeHost();
  const counters = createCounters(audioCounterNames);
  const told: AudioEvent[] = [];
  const clock = { ...host.clock, monotonicMs: () => host.clock.monotonicMs() + skipMs() };
  const made = new AudioDevice({ player, host: { clock, timers: host.timers }, counters: openAudioCounters(counters), tell: (event) => told.push(event) });
  return { made, told, counts: () => readCounters(counters) };
}

/** Ten milliseconds of stereo, every byte this one. */
const packet = (byte: number): Uint8Array => new Uint8Array(1_920).fill(byte);

describe('a player', () => {
  test.each(['pacat', 'pw-cat', 'aplay'] as const)('%s is told the format and given every sample in order', async (name) => {
    fake(name, 'echo "$@" > $out/args; cat > $out/sound');
    const { made, told, counts } = device(name);
    for (let byte = 1; byte <= 5; byte++) made.play(stereo, packet(byte));
    await made.stop();
    expect(readFileSync(at('args'), 'utf8').trim()).toBe(players[name].args(stereo).join(' '));
    expect(readFileSync(at('args'), 'utf8')).toContain('48000');
    expect(Buffer.concat([1, 2, 3, 4, 5].map(packet)).equals(readFileSync(at('sound')))).toBe(true);
    expect(counts()).toMatchObject({ device_samples: 2_400, device_samples_dropped: 0 });
    expect(told).toEqual([]);
  });

  test('is another process for another format', async () => {
    fake('pacat', 'cat > $out/sound-$5');
    const { made } = device('pacat');
    made.play(stereo, packet(1));
    await until('the first plays', () => existsSync(at('sound---channels=2')));
    made.play({ channels: 1, frequencyHz: 8_000 }, packet(2));
    await made.stop();
    await until('both are written', () => readFileSync(at('sound---channels=2')).length === 1_920);
    expect(readFileSync(at('sound---channels=1')).length).toBe(1_920);
  });

  test('that takes nothing holds nobody: a fifth of a second waits, the rest is dropped and counted, and it is ended', async () => {
    fake('pacat', 'exec sleep 600');
    const { made, counts } = device('pacat');
    // Two minutes of sound.
    for (let i = 0; i < 12_000; i++) made.play(stereo, packet(1));
    expect(counts()['device_samples_dropped']).toBeGreaterThan(5_000_000);
    await made.stop();
  });

  test('that ends is told once with its last words, and is started again with the sound after 5 s', async () => {
    fake('pacat', 'echo started >> $out/starts; echo "no device here" >&2; exit 3');
    let skipped = 0;
    const { made, told } = device('pacat', () => skipped);
    const starts = (): number => (existsSync(at('starts')) ? readFileSync(at('starts'), 'utf8').split('\n').length - 1 : 0);
    made.play(stereo, packet(1));
    await until('its end is told', () => told.length === 1);
    expect(told).toEqual([{ kind: 'playerEnded', program: 'pacat', detail: 'exit code 3: no device here' }]);
    made.play(stereo, packet(1));
    skipped = 6_000;
    made.play(stereo, packet(1));
    await until('it was started again', () => starts() === 2);
    await made.stop();
    expect(told).toHaveLength(1);
  });

  test('that cannot be started is told, too', async () => {
    writeFileSync(at('pacat'), 'no program\n');
    const { made, told } = device('pacat');
    made.play(stereo, packet(1));
    await until('it is told', () => told.length === 1);
    expect(told[0]).toMatchObject({ kind: 'playerEnded', program: 'pacat' });
    await made.stop();
  });
});

describe('which player', () => {
  test('auto takes the best that is here; a name takes that one or none', () => {
    fake('aplay', 'cat');
    expect(findPlayer('auto', folder)).toBe('aplay');
    fake('pacat', 'cat');
    expect(findPlayer('auto', `/nowhere:${folder}`)).toBe('pacat');
    expect(findPlayer('aplay', folder)).toBe('aplay');
    expect(findPlayer('pw-cat', folder)).toBeNull();
  });

  test('a file that may not be run is none, nor is a folder of that name, nor anything without a PATH', () => {
    writeFileSync(at('pacat'), '');
    expect(findPlayer('auto', folder)).toBeNull();
    expect(findPlayer('auto', '')).toBeNull();
  });
});
