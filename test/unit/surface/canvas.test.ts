import { expect, test } from 'vitest';
import { applyMessage, describeCanvas } from '#app/surface/canvas.js';
import type { DisplayServerMessage } from '#app/protocol/message.js';
import { copyPixels, isMarked, openSurface } from '#app/surface/shared-surface.js';
import { apply, baseOf, bitmapOf, createSurfaceOf, gapKeys, maskOf, newCanvas, noMask, pixelsOf, rectOf } from '../../support/display-messages.ts';

const red = { kind: 'solid', color: 0xff_0000 } as const;
const fillOf = (surfaceId: number, box = rectOf(0, 0, 2, 2)) => ({ base: baseOf(surfaceId, box), brush: red, rop: 0x08, mask: noMask });

test('a primary surface is announced with memory that another thread can read', () => {
  const canvas = newCanvas();
  const [created] = createSurfaceOf(canvas, 0, 4, 3).events;
  if (created?.kind !== 'primarySurfaceCreated') throw new Error('no surface');
  expect([created.surfaceId, created.width, created.height, created.format]).toEqual([0, 4, 3, 32]);
  apply(canvas, 'drawFill', fillOf(0, rectOf(3, 2, 9, 9)));
  const { pixels, torn } = copyPixels(openSurface(created.buffer));
  expect([...pixels.subarray(44), torn]).toEqual([0, 0, 0xff, 0, false]);
});

test('an off-screen surface is announced to nobody, and drawing on it damages nothing', () => {
  const canvas = newCanvas();
  expect(createSurfaceOf(canvas, 5, 4, 3).events).toEqual([]);
  expect(apply(canvas, 'drawFill', fillOf(5)).damage).toBeNull();
  expect(pixelsOf(canvas, 5)[0]).toBe(0xff_0000);
});

test('the primary flag decides which surface is the screen, not the number 0', () => {
  const canvas = newCanvas();
  createSurfaceOf(canvas, 0, 4, 4, 32, false);
  createSurfaceOf(canvas, 3, 4, 4, 32, true);
  expect(apply(canvas, 'drawFill', fillOf(0)).damage).toBeNull();
  expect(apply(canvas, 'drawFill', fillOf(3)).damage).toEqual(rectOf(0, 0, 2, 2));
});

test('a new primary replaces the old one and says so', () => {
  const canvas = newCanvas();
  createSurfaceOf(canvas, 0, 4, 4);
  const outcome = createSurfaceOf(canvas, 1, 8, 8, 32, true);
  expect(outcome.events.map((event) => event.kind)).toEqual(['primarySurfaceDestroyed', 'primarySurfaceCreated']);
  expect(gapKeys(apply(canvas, 'drawFill', fillOf(0)))).toEqual(['display:surface:unknown-id']);
});

test('SURFACE_DESTROY forgets the surface, and an unknown one is a gap', () => {
  const canvas = newCanvas();
  createSurfaceOf(canvas, 0, 4, 4);
  expect(apply(canvas, 'surfaceDestroy', { surfaceId: 0 }).events).toEqual([{ kind: 'primarySurfaceDestroyed', surfaceId: 0 }]);
  expect(describeCanvas(canvas)).toMatchObject({ surfaces: 0, surfaceBytes: 0 });
  expect(gapKeys(apply(canvas, 'surfaceDestroy', { surfaceId: 0 }))).toEqual(['display:surface:unknown-id']);
});

test('a surface created twice is the second one, empty, with a gap', () => {
  const canvas = newCanvas();
  createSurfaceOf(canvas, 2, 2, 2);
  apply(canvas, 'drawFill', fillOf(2));
  expect(gapKeys(createSurfaceOf(canvas, 2, 2, 2))).toEqual(['display:surface:duplicate-id']);
  expect(pixelsOf(canvas, 2)).toEqual([0, 0, 0, 0]);
});

test.each([
  ['a side of 0', 0, 5, 'display:surface:size'],
  ['a side over the maximum', 16_385, 1, 'display:surface:size'],
  ['the largest number', 0xffff_ffff, 0xffff_ffff, 'display:surface:size'],
  ['more than all surfaces together may have', 16_384, 16_384, 'display:surface:memory'],
])('a surface with %s is refused before anything is allocated', (_name, width, height, key) => {
  const canvas = newCanvas();
  const outcome = createSurfaceOf(canvas, 0, width, height);
  expect([gapKeys(outcome), outcome.events, describeCanvas(canvas).surfaceBytes]).toEqual([[key], [], 0]);
});

test('surfaces are counted: one more than the maximum is refused', () => {
  const canvas = newCanvas({ surfaces: { surfacesMax: 2, sideMax: 10, bytesMax: 10_000 } });
  expect([1, 2, 3].map((id) => gapKeys(createSurfaceOf(canvas, id, 1, 1)))).toEqual([[], [], ['display:surface:count']]);
});

test.each([
  { format: 1, colour: 3, word: 0xff00_0000 },
  { format: 8, colour: 0x1180, word: 0x8000_0000 },
  { format: 16, colour: 0x7c1f, word: 0xff_00ff },
  { format: 80, colour: 0x07e0, word: 0x00_ff00 },
  { format: 32, colour: 0x12_3456, word: 0x12_3456 },
])('a brush paints its colour in the depth of a surface of format $format, and rops and mixtures stay within it', ({ format, colour, word }) => {
  const canvas = newCanvas();
  createSurfaceOf(canvas, 1, 4, 4, format);
  apply(canvas, 'drawFill', { ...fillOf(1), brush: { kind: 'solid', color: colour } });
  expect(pixelsOf(canvas, 1)[0]).toBe(word);
  apply(canvas, 'drawFill', { ...fillOf(1), brush: { kind: 'solid', color: colour }, rop: 0x40 });
  expect(pixelsOf(canvas, 1)[0]).toBe(0);
  const mixed = { base: baseOf(1, rectOf(0, 0, 4, 4)), alphaFlags: 0, alpha: 77, srcImage: bitmapOf(4, 4, Array(16).fill(0xfe_fcfb)), srcArea: rectOf(0, 0, 4, 4) };
  apply(canvas, 'drawAlphaBlend', mixed);
  const before = pixelsOf(canvas, 1);
  apply(canvas, 'copyBits', { base: baseOf(1, rectOf(0, 0, 4, 4)), srcPos: { x: 0, y: 0 } });
  apply(canvas, 'drawFill', { ...fillOf(1), brush: { kind: 'solid', color: 0 }, rop: 0x40 });
  expect(pixelsOf(canvas, 1)).toEqual(before);
});

test.each([77])('a surface of format %i, which nobody knows, exists, and drawing on it is a gap', (format) => {
  const canvas = newCanvas();
  expect(gapKeys(createSurfaceOf(canvas, 1, 4, 4, format))).toEqual([`display:surface:format-${format}`]);
  expect(gapKeys(apply(canvas, 'drawFill', fillOf(1)))).toEqual([`display:surface:format-${format}`]);
  expect(gapKeys(apply(canvas, 'surfaceDestroy', { surfaceId: 1 }))).toEqual([]);
});

test('MODE makes surface 0 the primary, of the size and depth that it says', () => {
  const canvas = newCanvas();
  expect(apply(canvas, 'mode', { xRes: 6, yRes: 4, bits: 32 }).events).toMatchObject([{ kind: 'primarySurfaceCreated', surfaceId: 0, width: 6, height: 4, format: 32 }]);
  expect(apply(canvas, 'mode', { xRes: 3, yRes: 2, bits: 32 }).events.map((event) => event.kind)).toEqual(['primarySurfaceDestroyed', 'primarySurfaceCreated']);
  expect(apply(canvas, 'mode', { xRes: 3, yRes: 2, bits: 16 }).events.at(-1)).toMatchObject({ kind: 'primarySurfaceCreated', format: 16 });
});

test('MARK is told once the picture may be shown; RESET empties the picture and takes the mark back', () => {
  const canvas = newCanvas();
  createSurfaceOf(canvas, 0, 2, 2);
  apply(canvas, 'drawFill', fillOf(0));
  const { surface } = canvas.context.surfaces.primary!;
  expect(apply(canvas, 'mark', {}).events).toEqual([{ kind: 'marked' }]);
  expect(isMarked(surface!)).toBe(true);
  const reset = apply(canvas, 'reset', {});
  expect([reset.events, reset.damage]).toEqual([[{ kind: 'unmarked' }], rectOf(0, 0, 2, 2)]);
  expect([pixelsOf(canvas), isMarked(surface!)]).toEqual([[0, 0, 0, 0], false]);
});

test('MARK and RESET without a primary do nothing', () => {
  const canvas = newCanvas();
  expect([apply(canvas, 'mark', {}).events, apply(canvas, 'reset', {}).events]).toEqual([[], []]);
});

test('heads are told; an empty list of them is ignored', () => {
  const canvas = newCanvas();
  const head = { monitorId: 0, surfaceId: 0, width: 8, height: 6, x: 0, y: 0, flags: 0 };
  expect(apply(canvas, 'monitorsConfig', { maxAllowed: 4, heads: [head] }).events).toEqual([{ kind: 'monitorsConfigured', heads: [head], maxAllowed: 4 }]);
  expect(apply(canvas, 'monitorsConfig', { maxAllowed: 4, heads: [] }).events).toEqual([]);
});

test('palettes are forgotten one by one, all together, and by RESET', () => {
  const canvas = newCanvas();
  createSurfaceOf(canvas, 0, 4, 1);
  const withPalette = (palette: { kind: 'inline'; palette: { unique: bigint; entries: number[] } } | { kind: 'cached'; id: bigint }, flags: number) =>
    apply(canvas, 'drawCopy', {
      base: baseOf(0, rectOf(0, 0, 1, 1)),
      srcImage: { id: 1n, type: 0, flags: 0, width: 1, height: 1, body: { kind: 'bitmap', format: 5, flags, width: 1, height: 1, stride: 1, palette, data: Uint8Array.of(1) } },
      srcArea: rectOf(0, 0, 1, 1), rop: 0x08, scaleMode: 0, mask: noMask,
    });
  const keep = () => withPalette({ kind: 'inline', palette: { unique: 7n, entries: [0x111111, 0x222222] } }, 4 | 1);
  const use = () => gapKeys(withPalette({ kind: 'cached', id: 7n }, 4 | 2));
  for (const forget of [() => apply(canvas, 'invalPalette', { id: 7n }), () => apply(canvas, 'invalAllPalettes', {}), () => apply(canvas, 'reset', {})]) {
    keep();
    expect(use()).toEqual([]);
    expect(pixelsOf(canvas)[0]).toBe(0x222222);
    forget();
    expect(use()).toEqual(['display:decode:paletteMissing']);
  }
});

test('a message that changes nothing for anybody gives null', () => {
  const canvas = newCanvas();
  const ping: DisplayServerMessage = { kind: 'ping', type: 4, value: { id: 1, timestamp: 0n, padding: new Uint8Array(0) }, trailingBytes: 0 };
  expect(applyMessage(canvas, ping)).toBeNull();
  expect(applyMessage(canvas, { kind: 'unknown', type: 999, body: new Uint8Array(3) })).toBeNull();
});

test('what has no renderer is a gap under a key of its own', () => {
  const canvas = newCanvas();
  createSurfaceOf(canvas, 0, 4, 4);
  const base = baseOf(0, rectOf(0, 0, 4, 4));
  const none = { kind: 'none' } as const;
  const ternary = (rop3: number) => gapKeys(apply(canvas, 'drawRop3', { base, srcImage: null, srcArea: rectOf(0, 0, 4, 4), brush: none, rop3, scaleMode: 0, mask: noMask }));
  expect([ternary(0xca), ternary(0x5a)]).toEqual([['display:draw:no-image'], []]);
  expect(gapKeys(apply(canvas, 'glDraw', { x: 0, y: 0, width: 1, height: 1 }))).toEqual(['display:gl:glDraw']);
});

test('a mask lets through its set bits, only the others when inverted, and nothing outside of it', () => {
  for (const [flags, expected] of [[0, [1, 0, 1, 0]], [1, [0, 1, 0, 0]]] as const) {
    const canvas = newCanvas();
    createSurfaceOf(canvas, 0, 4, 1);
    apply(canvas, 'drawWhiteness', { base: baseOf(0, rectOf(0, 0, 4, 1)), mask: maskOf(3, [0b1010_0000], flags) });
    expect(pixelsOf(canvas)).toEqual(expected.map((bit) => bit * 0xffff_ffff));
  }
});

test('a picture scaled up by the nearest pixel repeats it; interpolated it runs from pixel to pixel, and dims at its ends', () => {
  const scaled = (scaleMode: number) => {
    const canvas = newCanvas();
    createSurfaceOf(canvas, 0, 6, 1);
    apply(canvas, 'drawCopy', {
      base: baseOf(0, rectOf(0, 0, 6, 1)), srcImage: bitmapOf(3, 1, [16, 32, 64]), srcArea: rectOf(0, 0, 3, 1), rop: 0x08, scaleMode, mask: noMask,
    });
    return pixelsOf(canvas).map((pixel) => pixel & 0xff_ffff);
  };
  expect(scaled(1)).toEqual([16, 16, 32, 32, 64, 64]);
  expect(scaled(0)).toEqual([12, 20, 28, 40, 56, 48]);
});

test('half a red over white on an xRGB surface rounds as the reference does and leaves the fourth byte alone', () => {
  const canvas = newCanvas();
  createSurfaceOf(canvas, 0, 1, 1);
  apply(canvas, 'drawFill', { ...fillOf(0), brush: { kind: 'solid', color: 0x00ff_ffff } });
  apply(canvas, 'drawAlphaBlend', { base: baseOf(0, rectOf(0, 0, 1, 1)), alphaFlags: 0, alpha: 128, srcImage: bitmapOf(1, 1, [0xff_0000]), srcArea: rectOf(0, 0, 1, 1) });
  expect(pixelsOf(canvas)[0]?.toString(16)).toBe('ff7f7f');
});

test('numbers at the ends of i32 paint what they cover and nothing else, whatever the message', () => {
  const low = -2147483648;
  const high = 2147483647;
  const boxes = [
    { top: low, left: low, bottom: high, right: high },
    { top: high, left: high, bottom: low, right: low },
    { top: 1, left: 1, bottom: high, right: 2 },
    { top: low, left: low, bottom: low, right: low },
  ];
  const points = [{ x: low, y: low }, { x: high, y: high }, { x: high, y: low }];
  for (const box of boxes) {
    for (const area of boxes) {
      for (const point of points) {
        const canvas = newCanvas();
        createSurfaceOf(canvas, 0, 4, 4);
        const base = baseOf(0, box, { kind: 'rects', rects: [box, area] });
        const mask = { ...maskOf(3, [0xff, 0xff]), pos: point };
        const srcImage = bitmapOf(2, 2, [1, 2, 3, 4]);
        const tile = { kind: 'pattern', image: srcImage, pos: point } as const;
        apply(canvas, 'drawFill', { base, brush: tile, rop: 0x40, mask: noMask });
        apply(canvas, 'drawFill', { base, brush: red, rop: 0x08, mask });
        apply(canvas, 'drawCopy', { base, srcImage, srcArea: area, rop: 0x08, scaleMode: 1, mask });
        apply(canvas, 'drawOpaque', { base, srcImage, srcArea: area, brush: tile, rop: 0x10, scaleMode: 1, mask: noMask });
        apply(canvas, 'drawTransparent', { base, srcImage, srcArea: area, srcColor: 0, trueColor: 0 });
        apply(canvas, 'drawAlphaBlend', { base, srcImage, srcArea: area, alphaFlags: 3, alpha: 99 });
        apply(canvas, 'copyBits', { base, srcPos: point });
        expect(pixelsOf(canvas)).toHaveLength(16);
      }
    }
  }
});
