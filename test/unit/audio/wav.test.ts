import { expect, test } from 'vitest';
import { soundFormatFault } from '#app/audio/sound-format.js';
import { wavDataBytesMax, wavHeader, wavPartPath } from '#app/audio/wav.js';

test('the header, byte for byte: a second of stereo at 48 kHz', () => {
  expect(Buffer.from(wavHeader({ channels: 2, frequencyHz: 48_000 }, 192_000)).toString('hex')).toBe(
    // RIFF, 192036, WAVEfmt_, 16, PCM, 2 channels, 48000 Hz, 192000 bytes/s, 4 bytes a block, 16 bits, data, 192000
    ['52494646', '24ee0200', '57415645666d7420', '10000000', '0100', '0200', '80bb0000', '00ee0200', '0400', '1000', '64617461', '00ee0200'].join(''),
  );
});

test('the largest file still has sizes of 32 bits', () => {
  const view = new DataView(wavHeader({ channels: 1, frequencyHz: 8_000 }, wavDataBytesMax).buffer);
  expect(view.getUint32(4, true)).toBe(0xffff_ffff - 8);
  expect(view.getUint32(40, true)).toBe(wavDataBytesMax);
});

test('parts are named after the file', () => {
  expect([1, 2, 10].map((part) => wavPartPath('/tmp/a.wav/x.WAV', part))).toEqual(['/tmp/a.wav/x.WAV', '/tmp/a.wav/x.part-2.WAV', '/tmp/a.wav/x.part-10.WAV']);
  expect(wavPartPath('x', 2)).toBe('x.part-2');
});

test.each([{ channels: 1, format: 1, frequency: 1_000 }, { channels: 2, format: 1, frequency: 48_000 }, { channels: 8, format: 1, frequency: 192_000 }])('%o can be played', (start) => {
  expect(soundFormatFault(start)).toBeNull();
});

test.each([
  [{ channels: 0, format: 1, frequency: 48_000 }, '0 channels'],
  [{ channels: 9, format: 1, frequency: 48_000 }, '9 channels'],
  [{ channels: 2, format: 2, frequency: 48_000 }, 'sample format 2'],
  [{ channels: 2, format: 1, frequency: 0 }, '0 Hz'],
  [{ channels: 2, format: 1, frequency: 0xffff_ffff }, '4294967295 Hz'],
])('%o cannot, because of %s', (start, fault) => {
  expect(soundFormatFault(start)).toContain(fault);
});
