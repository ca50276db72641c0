// The audio actor in one thread, on a disk in memory: whom it listens to, and what it does when it cannot start.
import { describe, expect, test } from 'vitest';
import { createAudio } from '#app/actors/audio-actor.js';
import { audioCounterNames, type AudioArgs, type AudioMail } from '#app/actors/audio-mail.js';
import type { Actor, ActorContext } from '#app/actors/kernel/actor.js';
import { createVirtualHost } from '#app/actors/kernel/virtual-host.js';
import { createCounters, readCounters } from '#app/mailbox/counters.js';
import { memoryDisk } from '../../support/memory-files.ts';
import { readWav } from '../../support/sound.ts';

function world() {
  const disk = memoryDisk();
  disk.calls.makeDirectory('/a');
  const host = createVirtualHost({ seed: 1 });
  const counters = createCounters(audioCounterNames);
  const blocked: (string | null)[] = [];
  const context: ActorContext = {
    id: 'audio', generation: 1, host, exit: () => undefined,
    address: () => ({ from: 'audio', to: 'hub', tell: () => 'accepted', send: () => Promise.resolve() }),
    progress: { enter: () => undefined, leave: () => undefined, beat: () => undefined, blockedOn: (call: string | null) => blocked.push(call) } as unknown as ActorContext['progress'],
  };
  const start = async (args: Partial<AudioArgs> = {}): Promise<Actor<AudioMail>> => createAudio(disk.calls).start(context, { file: '/a/x.wav', player: null, counters, ...args });
  return { disk, host, blocked, start, counts: () => readCounters(counters), samples: () => [...readWav(disk.files.get('/a/x.wav')!).samples] };
}

const mail = (...samples: number[]): AudioMail => ({ kind: 'samples', format: { channels: 1, frequencyHz: 48_000 }, pcm: Int16Array.from(samples).buffer });
const from = (sender: string, generation: number) => ({ sender, generation, lane: 'data' }) as const;

test('what an old generation of a sender says after a newer one has spoken is refused and counted', async () => {
  const { start, samples, counts, host } = world();
  const audio = await start();
  audio.receive(mail(1), from('playback/0', 1));
  audio.receive(mail(2), from('playback/0', 3));
  audio.receive(mail(-1), from('playback/0', 1));
  audio.receive(mail(-1), from('playback/0', 2));
  audio.receive(mail(3), from('playback/0', 3));
  await audio.stop({ kind: 'shutdown' });
  expect(samples()).toEqual([1, 2, 3]);
  expect(counts()).toMatchObject({ outdated: 2, file_samples: 3 });
  expect(host.pending).toBe(0);
});

test('every call to the disk is marked, so that a disk that hangs is not called a freeze', async () => {
  const { start, blocked } = world();
  const audio = await start();
  const before = blocked.length;
  audio.receive(mail(1), from('playback/0', 1));
  await audio.stop({ kind: 'shutdown' });
  expect(before).toBeGreaterThan(0);
  expect(blocked.length).toBeGreaterThan(before);
  expect(blocked.at(-1)).toBeNull();
});

describe('it does not start', () => {
  test('with a file that exists', async () => {
    const { start, disk } = world();
    disk.calls.close(disk.calls.create('/a/x.wav'));
    await expect(start()).rejects.toThrow('/a/x.wav exists already');
  });

  test('without the player that was asked for, and makes no file then', async () => {
    const { start, disk } = world();
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      await expect(start({ player: 'aplay' })).rejects.toThrow('aplay is not on this machine; install alsa-utils');
      await expect(start({ player: 'auto' })).rejects.toThrow('no player is on this machine; install one of pacat (pulseaudio-utils)');
    } finally {
      process.env['PATH'] = path;
    }
    expect(disk.files.size).toBe(0);
  });
});
