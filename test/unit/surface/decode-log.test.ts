import { describe, expect, it } from 'vitest';
import { describeCanvas } from '#app/surface/canvas.js';
import { apply, baseOf, bitmapOf, createSurfaceOf, newCanvas, noMask, rectOf } from '../../support/display-messages.ts';

const cacheMe = 1;
const draw = (canvas: ReturnType<typeof newCanvas>, srcImage: ReturnType<typeof bitmapOf>) => (
  apply(canvas, 'drawCopy', { base: baseOf(0, rectOf(0, 0, 2, 1)), srcImage, srcArea: rectOf(0, 0, 2, 1), rop: 8, scaleMode: 0, mask: noMask })
);
/** A canvas whose decoder takes `stepMs` for each picture: the clock moves whenever it is looked at. */
function slowCanvas(stepMs: number) {
  let ms = 100;
  const canvas = newCanvas({}, () => (ms += stepMs));
  createSurfaceOf(canvas, 0, 4, 4);
  return { canvas, decodes: () => describeCanvas(canvas).decodes };
}

describe('what became of pictures', () => {
  it('a slow decoder shows in the durations, and pictures from the cache do not', () => {
    const { canvas, decodes } = slowCanvas(7);
    draw(canvas, bitmapOf(2, 1, [1, 2], { id: 5n, flags: cacheMe }));
    draw(canvas, bitmapOf(2, 1, [], { id: 5n, body: { kind: 'fromCache' } }));
    draw(canvas, bitmapOf(2, 1, [3, 4], { id: 2n ** 64n - 1n }));
    expect(decodes()).toMatchObject({ total: 3, failed: 0, fromCache: 1, minUs: 7_000, maxUs: 7_000, meanUs: 7_000 });
    expect(decodes().recent.map(({ type, id, fromCache, durationUs }) => ({ type, id, fromCache, durationUs }))).toEqual([
      { type: 'Pixmap', id: '5', fromCache: false, durationUs: 7_000 },
      { type: 'FromCache', id: '5', fromCache: true, durationUs: 0 },
      { type: 'Pixmap', id: '18446744073709551615', fromCache: false, durationUs: 7_000 },
    ]);
    expect(describeCanvas(canvas)).toMatchObject({ cachedImages: 1, cachedImageIds: ['5'], cachedImageBytes: 8 });
  });

  it('one that cannot be had has failed, wherever it should have come from', () => {
    const { canvas, decodes } = slowCanvas(1);
    draw(canvas, bitmapOf(2, 1, [], { id: 77n, body: { kind: 'fromCache' } }));
    draw(canvas, bitmapOf(2, 1, [], { body: { kind: 'lzRgb', data: new Uint8Array(3) } }));
    expect(decodes()).toMatchObject({ total: 2, failed: 2, fromCache: 0, maxUs: 0, recent: [{ success: false, durationUs: 0 }, { type: 'LZ_RGB', success: false, durationUs: 0 }] });
  });

  it('the last 20 are remembered one by one, oldest first', () => {
    const { canvas, decodes } = slowCanvas(0);
    for (let id = 0; id < 47; id++) draw(canvas, bitmapOf(2, 1, [id, id], { id: BigInt(id) }));
    expect(decodes().total).toBe(47);
    expect(decodes().recent.map(({ id }) => Number(id))).toEqual(Array.from({ length: 20 }, (_, index) => 27 + index));
  });
});
