import { describe, expect, test } from 'vitest';
import { displayOptions, displayWishes } from '#app/cli/display-options.js';

const mib = 1024 * 1024;

describe('options about pictures', () => {
  test('without any, 256 MiB of each memory and no wishes', () => {
    expect(displayWishes({})).toEqual({ imageCacheBytesMax: 256 * mib, glzWindowBytesMax: 256 * mib, compression: null, videoCodecs: [] });
  });

  test('caps are MiB, wishes are the numbers of the protocol', () => {
    expect(displayWishes({ imageCacheCapMib: 3, glzDictionaryCapMib: 1, preferredCompression: 'lz4', preferredVideoCodec: 'mjpeg' })).toEqual({
      imageCacheBytesMax: 3 * mib, glzWindowBytesMax: mib, compression: 7, videoCodecs: [1],
    });
  });

  test.each(['0', '257', 'many', '-1', '1.5', ''])('a cap of %j is refused', (text) => {
    expect(() => displayOptions.imageCacheCap().parseArg?.(text, undefined)).toThrow('from 1 to 256');
  });
});
