import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addGlzImage, createGlzWindow, findGlzImage } from '#app/decode/glz-window.js';
import type { GlzWindow } from '#app/decode/glz-window.js';
import { roomyBudget } from '../../support/roomy-budget.js';

const image = (id: number, windowHeadDistance: number, pixels = 1) => ({ id, windowHeadDistance, pixels: new Uint32Array(pixels) });
const ids = (window: GlzWindow) => [...window.images.keys()].toSorted((a, b) => a - b);

describe('the GLZ window', () => {
  it('drops what the newest image no longer reaches', () => {
    const window = createGlzWindow(1024, 0, roomyBudget());
    for (let id = 0; id < 5; id++) addGlzImage(window, image(id, Math.min(id, 2)));
    expect(ids(window)).toEqual([2, 3, 4]);
  });

  it('a gap in the ids keeps everything that an image in the gap might reach', () => {
    const window = createGlzWindow(1024, 0, roomyBudget());
    for (const id of [0, 1, 2]) addGlzImage(window, image(id, id));
    addGlzImage(window, image(5, 1));
    expect(ids(window)).toEqual([0, 1, 2, 5]);
    addGlzImage(window, image(4, 3));
    addGlzImage(window, image(3, 3));
    // Now 5 is the newest without a gap, and reaches back to 4.
    expect(ids(window)).toEqual([4, 5]);
  });

  it('after a new link the first id that comes is taken for the first', () => {
    const window = createGlzWindow(1024, 'unknown', roomyBudget());
    addGlzImage(window, image(100, 40));
    addGlzImage(window, image(101, 0));
    expect(ids(window)).toEqual([101]);
  });

  it('in a new session nothing is dropped until image 0 has come', () => {
    const window = createGlzWindow(1024, 0, roomyBudget());
    addGlzImage(window, image(2, 0));
    addGlzImage(window, image(1, 0));
    expect(ids(window)).toEqual([1, 2]);
    addGlzImage(window, image(0, 0));
    expect(ids(window)).toEqual([2]);
  });

  it('above the budget the oldest go, are counted, and are then missing', () => {
    const window = createGlzWindow(8, 0, roomyBudget());
    for (let id = 0; id < 4; id++) addGlzImage(window, image(id, id));
    expect(ids(window)).toEqual([2, 3]);
    expect(window.evicted).toBe(2);
    expect(() => findGlzImage(window, 0)).toThrow(expect.objectContaining({ code: 'glzImageMissing', value: 0 }));
  });

  it('whatever ids and distances come, the bytes are counted right and never above the budget', () => {
    const arrivals = fc.array(
      fc.record({
        id: fc.oneof(fc.nat(20), fc.integer({ min: 0, max: 2 ** 53 - 1 })),
        distance: fc.oneof(fc.nat(20), fc.nat(0xffffffff)),
        pixels: fc.integer({ min: 1, max: 8 }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(arrivals, fc.constantFrom<0 | 'unknown'>(0, 'unknown'), (images, firstId) => {
        const window = createGlzWindow(128, firstId, roomyBudget());
        for (const { id, distance, pixels } of images) {
          if (!window.images.has(id)) addGlzImage(window, image(id, distance, pixels));
        }
        const held = [...window.images.values()].reduce((sum, one) => sum + one.pixels.byteLength, 0);
        expect(window.bytes).toBe(held);
        expect(held).toBeLessThanOrEqual(128);
      }),
    );
  });

  it('as long as the server keeps its word, in whatever order channels deliver, no image is dropped that may be referred to', () => {
    const order = fc.integer({ min: 1, max: 30 }).chain((count) => {
      const all = Array.from({ length: count }, (_image, id) => id);
      return fc.record({ order: fc.shuffledSubarray(all, { minLength: count }), reach: fc.array(fc.nat(6), { minLength: count, maxLength: count }) });
    });
    fc.assert(
      fc.property(order, ({ order: arrivals, reach }) => {
        const window = createGlzWindow(1 << 20, 0, roomyBudget());
        // The oldest referable image never goes back.
        const tails = reach.map((distance, id) => Math.max(0, id - distance));
        for (let id = 1; id < tails.length; id++) tails[id] = Math.max(tails[id]!, tails[id - 1]!);
        const received = new Set<number>();
        for (const id of arrivals) {
          addGlzImage(window, image(id, id - tails[id]!));
          received.add(id);
          const missing = tails.findIndex((_tail, other) => !received.has(other));
          // Images yet to come reach back as far as the first missing one does.
          const reachable = missing < 0 ? [] : [...received].filter((other) => other >= tails[missing]!);
          expect(reachable.filter((other) => !window.images.has(other))).toEqual([]);
        }
      }),
    );
  });
});
