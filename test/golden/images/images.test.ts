import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createDecoderState, decodeImage } from '#app/decode/image-decoder.js';
import { createPixelBuffer } from '#app/decode/pixel-buffer.js';
import { decodeQuic } from '#app/decode/quic.js';
import { encodeQuic } from '#app/loopback/encode/quic-encoder.js';
import { createGuardedTarget } from '../../support/guarded-target.js';
import { loadImageFixtures } from './fixtures.js';
import { roomyBudget } from '../../support/roomy-budget.js';

const fixtures = loadImageFixtures();
const recordings = [...new Set(fixtures.map(({ recording }) => recording))];
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const inflate = (input: Uint8Array, outputBytes: number) => inflateSync(input, { maxOutputLength: outputBytes });

describe('images of real servers', () => {
  it.each(recordings)('%s: each image becomes the pixels that the server meant', (recording) => {
    const state = createDecoderState({ inflate, glzWindowBytesMax: 16 << 20, firstGlzImageId: 0, decodeJpeg: null, budget: roomyBudget() });
    const wrong: string[] = [];
    for (const [index, fixture] of fixtures.filter((one) => one.recording === recording).entries()) {
      const { image } = fixture;
      // Packed targets and rows apart by turns: codecs take different ways then.
      const guarded = createGuardedTarget(image.width, image.height, index % 2 === 0 ? 0 : 20);
      const outcome = decodeImage(state, image, guarded.target);
      const right = outcome.kind === 'decoded' && sha256(guarded.packed()) === fixture.pixels && guarded.damage() === 0;
      if (!right) wrong.push(fixture.name);
    }
    expect(wrong).toEqual([]);
  });

  it('there are fixtures of all bitmap formats and of every codec, each with a truth that no decoder of ours made', () => {
    const formats = new Set(fixtures.flatMap(({ image: { body } }) => (body.kind === 'bitmap' ? [body.format] : [])));
    expect([...formats].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(new Set(fixtures.map(({ image }) => image.body.kind))).toEqual(
      new Set(['bitmap', 'quic', 'lzRgb', 'lzPlt', 'glzRgb', 'zlibGlzRgb', 'lz4']),
    );
    expect(new Set(fixtures.map(({ truth }) => truth))).toEqual(new Set(['formula', 'uncompressed', 'screendump']));
  });

  it('the QUIC encoder makes the very bytes that spice-server made of the same picture', () => {
    const typeNames = ['gray', 'gray', 'rgb16', 'rgb24', 'rgb32', 'rgba'] as const;
    const streams = fixtures.filter(({ image }) => image.body.kind === 'quic');
    const different = streams.filter(({ image: { width, height }, data }) => {
      const pixels = createPixelBuffer(width, height);
      decodeQuic(data, pixels, roomyBudget());
      const encoded = encodeQuic({ width, height, words: pixels.words }, typeNames[data[8] ?? 0] ?? 'gray');
      return Buffer.compare(encoded, data) !== 0;
    });
    expect(streams.length).toBeGreaterThan(10);
    expect(different.map(({ name }) => name)).toEqual([]);
  });
});
