// The audio actor's file on a disk in memory: headers, parts, a disk that refuses and takes again, and what a killed program leaves.
import { describe, expect, test } from 'vitest';
import { audioCounterNames, openAudioCounters, type AudioEvent } from '#app/actors/audio-mail.js';
import { AudioFile, AudioFileRefused } from '#app/actors/audio-file.js';
import { createCounters, readCounters } from '#app/mailbox/counters.js';
import { ManualHost } from '../../support/manual-host.ts';
import { memoryDisk } from '../../support/memory-files.ts';
import { readWav } from '../../support/sound.ts';

const stereo = { channels: 2, frequencyHz: 48_000 };
const mono = { channels: 1, frequencyHz: 44_100 };
const pcm = (...samples: number[]): Uint8Array => new Uint8Array(Int16Array.from(samples).buffer);

function world() {
  const disk = memoryDisk();
  disk.calls.makeDirectory('/a');
  const host = new ManualHost();
  const counters = createCounters(audioCounterNames);
  const told: AudioEvent[] = [];
  const open = (generation = 1): AudioFile => new AudioFile({ path: '/a/x.wav', files: disk.calls, timers: host.timers, counters: openAudioCounters(counters), generation, tell: (event) => told.push(event) });
  const wav = (name = 'x.wav') => readWav(disk.files.get(`/a/${name}`)!);
  return { disk, host, told, open, wav, names: () => [...disk.files.keys()], counts: () => readCounters(counters) };
}

describe('a file', () => {
  test('that was given no sound is a WAV of no samples', () => {
    const { open, wav, disk } = world();
    open().close();
    expect(wav()).toMatchObject({ channels: 2, frequencyHz: 48_000, dataBytes: 0 });
    expect(disk.openFiles).toBe(0);
  });

  test('has the format of the first sound, and every sample', () => {
    const { open, wav, counts, told } = world();
    const file = open();
    file.append(mono, pcm(1, -2));
    file.append(mono, pcm(3));
    file.close();
    expect(wav()).toEqual({ ...mono, dataBytes: 6, samples: Int16Array.of(1, -2, 3) });
    expect(counts()).toMatchObject({ files: 1, file_samples: 3, file_samples_lost: 0 });
    expect(told).toEqual([]);
  });

  test('is whole up to a second before, whatever ends the program', () => {
    const { open, wav, host } = world();
    const file = open();
    file.append(stereo, pcm(1, 2, 3, 4));
    expect(wav().dataBytes).toBe(0);
    host.advance(1_000);
    expect(wav().dataBytes).toBe(8);
    file.append(stereo, pcm(5, 6));
    host.advance(999);
    expect(wav()).toMatchObject({ dataBytes: 8, samples: Int16Array.of(1, 2, 3, 4, 5, 6) });
    host.advance(1);
    expect(wav().dataBytes).toBe(12);
    expect(host.timersWaiting).toBe(0);
    file.close();
  });

  test('that exists already is not touched', () => {
    const { open, disk } = world();
    open().close();
    const before = disk.files.get('/a/x.wav');
    expect(() => open()).toThrow(new AudioFileRefused('/a/x.wav exists already; name another file or remove it'));
    expect(disk.files.get('/a/x.wav')).toBe(before);
  });

  test('that cannot be made says why', () => {
    const { open, disk } = world();
    disk.failing.create = 'EACCES';
    expect(() => open()).toThrow('/a/x.wav cannot be written: EACCES');
  });
});

describe('another part is begun', () => {
  test('for another format, and is told', () => {
    const { open, wav, told, names } = world();
    const file = open();
    file.append(stereo, pcm(1, 2));
    file.append(mono, pcm(3));
    file.append(mono, pcm(4));
    file.append(stereo, pcm(5, 6));
    file.close();
    expect(names()).toEqual(['/a/x.wav', '/a/x.part-2.wav', '/a/x.part-3.wav']);
    expect([wav(), wav('x.part-2.wav'), wav('x.part-3.wav')].map(({ samples }) => [...samples])).toEqual([[1, 2], [3, 4], [5, 6]]);
    expect(told).toEqual([{ kind: 'audioFileChanged', path: '/a/x.part-2.wav', format: mono }, { kind: 'audioFileChanged', path: '/a/x.part-3.wav', format: stereo }]);
  });

  test('by an audio actor that was started again: the file of the first stays as it was', () => {
    const { open, wav, host } = world();
    const first = open();
    first.append(stereo, pcm(1, 2));
    host.advance(1_000);
    const second = open(2);
    second.append(stereo, pcm(3, 4));
    second.close();
    expect([...wav().samples]).toEqual([1, 2]);
    expect([...wav('x.part-2.wav').samples]).toEqual([3, 4]);
  });
});

describe('a disk that refuses', () => {
  test('loses the samples of that time, which are counted; it is told once, and once more when it takes them again', () => {
    const { open, wav, disk, told, counts, host } = world();
    const file = open();
    file.append(stereo, pcm(1, 2));
    disk.free = 2;
    file.append(stereo, pcm(3, 4));
    file.append(stereo, pcm(5, 6));
    host.advance(5_000);
    expect(told).toEqual([{ kind: 'audioFileFailed', path: '/a/x.wav', message: 'ENOSPC: write refused' }]);
    disk.free = 1_000;
    file.append(stereo, pcm(7, 8));
    file.close();
    expect(told.slice(1)).toEqual([{ kind: 'audioFileRecovered', path: '/a/x.wav', lostSamples: 2 }]);
    expect(counts()).toMatchObject({ file_samples: 2, file_samples_lost: 2, file_failures: 2 });
    expect(wav()).toMatchObject({ dataBytes: 8, samples: Int16Array.of(1, 2, 7, 8) });
  });

  test('takes a few bytes at a time: nothing is missing', () => {
    const { open, wav, disk } = world();
    disk.writeMax = 3;
    const file = open();
    file.append(stereo, pcm(1, 2, 3, 4));
    file.close();
    expect([...wav().samples]).toEqual([1, 2, 3, 4]);
  });

  test('when another part is to be made: the same, and the part is tried again with the next sound', () => {
    const { open, wav, disk, counts } = world();
    const file = open();
    file.append(stereo, pcm(1, 2));
    disk.failing.create = 'EIO';
    file.append(mono, pcm(3));
    file.append(mono, pcm(4));
    disk.failing = {};
    file.append(mono, pcm(5));
    file.close();
    expect([...wav('x.part-2.wav').samples]).toEqual([5]);
    expect(counts()).toMatchObject({ files: 2, file_samples: 2, file_samples_lost: 2 });
    expect(disk.openFiles).toBe(0);
  });

  test('when the file is closed: that is a failure too', () => {
    const { open, disk, counts, told } = world();
    const file = open();
    disk.failing.close = 'EIO';
    file.close();
    expect(counts()['file_failures']).toBe(1);
    expect(told).toHaveLength(1);
  });
});
