import { expect, test } from 'vitest';
import { describeCanvas } from '#app/surface/canvas.js';
import type { Image } from '#app/protocol/messages/image.js';
import { apply, baseOf, bitmapOf, createSurfaceOf, gapKeys, maskOf, newCanvas, noMask, pixelsOf, rectOf } from '../../support/display-messages.ts';

const cacheMe = 1;
const cacheReplaceMe = 4;
const ref = (kind: 'fromCache' | 'fromCacheLossless', id: bigint): Image => ({ id, type: kind === 'fromCache' ? 103 : 106, flags: 0, width: 2, height: 1, body: { kind } });
const surfaceRef = (surfaceId: number): Image => ({ id: 0n, type: 104, flags: 0, width: 1, height: 1, body: { kind: 'surface', surfaceId } });
const copyOf = (srcImage: Image | null, box = rectOf(0, 0, 2, 1)) => ({ base: baseOf(0, box), srcImage, srcArea: rectOf(0, 0, 2, 1), rop: 0x08, scaleMode: 0, mask: noMask });

function canvasWithPrimary(imageCacheBytesMax = 1_000_000) {
  const canvas = newCanvas({ imageCacheBytesMax });
  createSurfaceOf(canvas, 0, 2, 1);
  return canvas;
}

test('an image to keep is painted and kept, and comes from the cache by all 64 bits of its id', () => {
  const canvas = canvasWithPrimary();
  const id = 0xffff_ffff_0000_0001n;
  apply(canvas, 'drawCopy', copyOf(bitmapOf(2, 1, [1, 2], { id, flags: cacheMe })));
  apply(canvas, 'drawCopy', copyOf(bitmapOf(2, 1, [8, 9], { id: 1n, flags: cacheMe })));
  expect(pixelsOf(canvas)).toEqual([8, 9]);
  expect(gapKeys(apply(canvas, 'drawCopy', copyOf(ref('fromCache', id))))).toEqual([]);
  expect(pixelsOf(canvas)).toEqual([1, 2]);
  expect(describeCanvas(canvas)).toMatchObject({ cachedImages: 2, cachedImageBytes: 16, cacheHits: 1, cacheMisses: 0 });
});

test('an image that nobody has is a gap and paints nothing', () => {
  const canvas = canvasWithPrimary();
  const outcome = apply(canvas, 'drawCopy', copyOf(ref('fromCache', 77n)));
  expect([gapKeys(outcome), outcome.damage, describeCanvas(canvas).cacheMisses]).toEqual([['display:cache:missing'], null, 1]);
});

test('a draw that is clipped away still keeps its image and its brush', () => {
  const canvas = canvasWithPrimary();
  const kept = bitmapOf(2, 1, [5, 6], { id: 3n, flags: cacheMe });
  expect(apply(canvas, 'drawCopy', copyOf(kept, rectOf(50, 50, 2, 1))).damage).toBeNull();
  apply(canvas, 'drawCopy', copyOf(ref('fromCache', 3n)));
  expect(pixelsOf(canvas)).toEqual([5, 6]);
  const tile = bitmapOf(2, 1, [7, 7], { id: 4n, flags: cacheMe });
  apply(canvas, 'drawFill', { base: baseOf(0, rectOf(0, 0, 2, 1), { kind: 'rects', rects: [] }), brush: { kind: 'pattern', image: tile, pos: { x: 0, y: 0 } }, rop: 8, mask: noMask });
  apply(canvas, 'drawCopy', copyOf(ref('fromCache', 4n)));
  expect(pixelsOf(canvas)).toEqual([7, 7]);
});

test('images of draws that have no renderer are kept too', () => {
  const canvas = canvasWithPrimary();
  const srcImage = bitmapOf(2, 1, [3, 4], { id: 3n, flags: cacheMe });
  const base = baseOf(0, rectOf(0, 0, 2, 1));
  apply(canvas, 'drawComposite', { base, flags: 0, srcImage, maskImage: null, srcTransform: null, maskTransform: null, srcOrigin: { x: 0, y: 0 }, maskOrigin: { x: 0, y: 0 } });
  expect(gapKeys(apply(canvas, 'drawCopy', copyOf(ref('fromCache', 3n))))).toEqual([]);
  expect(pixelsOf(canvas)).toEqual([3, 4]);
});

test('INVAL_LIST forgets what it names, INVAL_ALL_PIXMAPS all; another type of resource is a gap', () => {
  const canvas = canvasWithPrimary();
  for (const id of [1n, 2n, 3n]) apply(canvas, 'drawCopy', copyOf(bitmapOf(2, 1, [1, 2], { id, flags: cacheMe })));
  expect(gapKeys(apply(canvas, 'invalList', { resources: [{ type: 1, id: 2n }, { type: 1, id: 99n }, { type: 9, id: 1n }] }))).toEqual(['display:inval:type-9']);
  expect(describeCanvas(canvas)).toMatchObject({ cachedImages: 2, cachedImageBytes: 16 });
  apply(canvas, 'invalAllPixmaps', { waits: [] });
  expect(describeCanvas(canvas)).toMatchObject({ cachedImages: 0, cachedImageBytes: 0 });
});

test('the cache holds what INIT offered and refuses more, evicting nothing; the picture is painted all the same', () => {
  const canvas = canvasWithPrimary(16);
  apply(canvas, 'drawCopy', copyOf(bitmapOf(2, 1, [1, 1], { id: 1n, flags: cacheMe })));
  apply(canvas, 'drawCopy', copyOf(bitmapOf(2, 1, [2, 2], { id: 2n, flags: cacheMe })));
  expect(gapKeys(apply(canvas, 'drawCopy', copyOf(bitmapOf(2, 1, [3, 3], { id: 3n, flags: cacheMe }))))).toEqual(['display:cache:over-budget']);
  expect(pixelsOf(canvas)).toEqual([3, 3]);
  expect(describeCanvas(canvas)).toMatchObject({ cachedImages: 2, cachedImageBytes: 16, cacheRefused: 1 });
  expect(gapKeys(apply(canvas, 'drawCopy', copyOf(bitmapOf(2, 1, [4, 4], { id: 2n, flags: cacheReplaceMe }))))).toEqual([]);
  apply(canvas, 'drawCopy', copyOf(ref('fromCacheLossless', 2n)));
  expect(pixelsOf(canvas)).toEqual([4, 4]);
});

test('a lossy entry that is wanted lossless is painted, and is a gap', () => {
  const canvas = canvasWithPrimary();
  const pixels = { width: 2, height: 1, strideBytes: 8, bytes: new Uint8Array(8), words: new Uint32Array([6, 6]) };
  canvas.context.images.cache.entries.set(5n, { kind: 'pixels', pixels, hasAlpha: false, alphaOnly: false, lossless: false });
  expect(gapKeys(apply(canvas, 'drawCopy', copyOf(ref('fromCache', 5n))))).toEqual([]);
  expect(gapKeys(apply(canvas, 'drawCopy', copyOf(ref('fromCacheLossless', 5n))))).toEqual(['display:cache:lossy']);
  expect(pixelsOf(canvas)).toEqual([6, 6]);
});

test('a surface is a source, itself included, as it was before the draw', () => {
  const canvas = newCanvas();
  createSurfaceOf(canvas, 0, 4, 1);
  createSurfaceOf(canvas, 1, 2, 1);
  apply(canvas, 'drawCopy', { ...copyOf(bitmapOf(2, 1, [1, 2])), base: baseOf(1, rectOf(0, 0, 2, 1)) });
  apply(canvas, 'drawCopy', copyOf(surfaceRef(1)));
  apply(canvas, 'drawCopy', { ...copyOf(surfaceRef(0), rectOf(1, 0, 3, 1)), srcArea: rectOf(0, 0, 3, 1) });
  expect(pixelsOf(canvas)).toEqual([1, 1, 2, 0]);
  expect(gapKeys(apply(canvas, 'drawCopy', copyOf(surfaceRef(9))))).toEqual(['display:surface:unknown-id']);
  createSurfaceOf(canvas, 2, 2, 2, 77);
  expect(gapKeys(apply(canvas, 'drawCopy', copyOf(surfaceRef(2))))).toEqual(['display:surface:format-77']);
});

test('a kept mask outlives its message and is found again', () => {
  const canvas = canvasWithPrimary();
  const base = baseOf(0, rectOf(0, 0, 2, 1));
  const mask = maskOf(2, [0b0100_0000]);
  const image = { ...mask.image!, flags: cacheMe };
  apply(canvas, 'drawWhiteness', { base: baseOf(0, rectOf(9, 9, 1, 1)), mask: { ...mask, image } });
  if (image.body.kind === 'bitmap') image.body.data.fill(0);
  apply(canvas, 'drawWhiteness', { base, mask: { ...mask, image: ref('fromCache', image.id) } });
  expect(pixelsOf(canvas)).toEqual([0, 0xffff_ffff]);
  expect(gapKeys(apply(canvas, 'drawWhiteness', { base, mask: { ...mask, image: ref('fromCache', 1n) } }))).toEqual(['display:cache:missing']);
});

test('what cannot be a mask is a gap, and nothing is painted for want of it', () => {
  const canvas = canvasWithPrimary();
  const base = baseOf(0, rectOf(0, 0, 2, 1));
  const whiteThrough = (image: Image) => gapKeys(apply(canvas, 'drawWhiteness', { base, mask: { flags: 0, pos: { x: 0, y: 0 }, image } }));
  expect(whiteThrough(bitmapOf(2, 1, [1, 2]))).toEqual(['display:mask:bitmap']);
  expect(whiteThrough(surfaceRef(0))).toEqual(['display:mask:surface']);
  const short = maskOf(2, [0xff]).image!;
  expect(whiteThrough({ ...short, body: { ...short.body, kind: 'bitmap', format: 2, flags: 4, width: 9, height: 1, stride: 1, palette: { kind: 'none' }, data: new Uint8Array(1) } })).toEqual(['display:mask:bitmap']);
  expect(pixelsOf(canvas)).toEqual([0, 0]);
});

test.each<[name: string, image: Image | null, key: string]>([
  ['no image at all', null, 'display:draw:no-image'],
  ['a type from the future', { id: 1n, type: 200, flags: 0, width: 2, height: 1, body: { kind: 'unknown', tag: 200, bytes: new Uint8Array(4) } }, 'display:image:type-200'],
  ['a JPEG that is none', { id: 1n, type: 105, flags: 0, width: 2, height: 1, body: { kind: 'jpeg', data: new Uint8Array(4) } }, 'display:decode:badHeader'],
  ['a stream that ends too early', { id: 1n, type: 101, flags: 0, width: 2, height: 1, body: { kind: 'lzRgb', data: new Uint8Array(4) } }, 'display:decode:truncated'],
  ['a size that no picture has', { id: 1n, type: 101, flags: cacheMe, width: 0xffff_ffff, height: 0xffff_ffff, body: { kind: 'lzRgb', data: new Uint8Array(4) } }, 'display:decode:oversize'],
])('%s is a gap, and nothing is thrown', (_name, image, key) => {
  const canvas = canvasWithPrimary();
  expect(gapKeys(apply(canvas, 'drawCopy', copyOf(image)))).toEqual([key]);
  expect(pixelsOf(canvas)).toEqual([0, 0]);
});

test('over the channel\'s bytes an image, a surface and a scaled picture are gaps, counted, and what fits goes on as before', () => {
  // The primary, a picture of 2 x 1 to keep, and 60 bytes.
  const canvas = newCanvas({ bytesMax: 64 + 8 + 8 + 60 });
  createSurfaceOf(canvas, 0, 2, 1);
  apply(canvas, 'drawCopy', copyOf(bitmapOf(2, 1, [1, 2], { id: 3n, flags: cacheMe })));
  const large = bitmapOf(4, 4, Array.from({ length: 16 }, () => 7));
  const scaled = { ...copyOf(large), srcArea: rectOf(0, 0, 4, 4) };
  expect(gapKeys(apply(canvas, 'drawCopy', scaled))).toEqual(['display:decode:overBudget']);
  expect(gapKeys(apply(canvas, 'drawCopy', { ...scaled, srcImage: { ...large, flags: cacheMe } }))).toEqual(['display:decode:overBudget']);
  expect(gapKeys(createSurfaceOf(canvas, 1, 1, 1))).toEqual(['display:surface:memory']);
  expect(describeCanvas(canvas)).toMatchObject({ pixelBytes: 80, pixelBytesMax: 140, pixelBytesHighWater: 80, pixelBytesRefused: 3, surfaces: 1, cachedImages: 1 });
  expect(pixelsOf(canvas)).toEqual([1, 2]);
  expect(gapKeys(apply(canvas, 'drawCopy', copyOf(ref('fromCache', 3n))))).toEqual([]);
  apply(canvas, 'invalAllPixmaps', { waits: [] });
  apply(canvas, 'surfaceDestroy', { surfaceId: 0 });
  expect(describeCanvas(canvas)).toMatchObject({ pixelBytes: 0 });
});

test('a drawing onto itself without room for the copy that it needs is a gap, and the picture stays', () => {
  const canvas = newCanvas({ bytesMax: 64 + 12 + 7 });
  createSurfaceOf(canvas, 0, 3, 1);
  apply(canvas, 'drawCopy', { ...copyOf(bitmapOf(3, 1, [1, 2, 3]), rectOf(0, 0, 3, 1)), srcArea: rectOf(0, 0, 3, 1) });
  const onItself = { ...copyOf(surfaceRef(0), rectOf(1, 0, 2, 1)), srcArea: rectOf(0, 0, 2, 1) };
  expect(gapKeys(apply(canvas, 'drawCopy', onItself))).toEqual(['display:memory:drawing']);
  const clip = { kind: 'rects', rects: [rectOf(1, 0, 1, 1), rectOf(2, 0, 1, 1)] } as const;
  expect(gapKeys(apply(canvas, 'copyBits', { base: baseOf(0, rectOf(1, 0, 2, 1), clip), srcPos: { x: 0, y: 0 } }))).toEqual(['display:memory:drawing']);
  const tile = { kind: 'pattern', image: surfaceRef(0), pos: { x: 0, y: 0 } } as const;
  expect(gapKeys(apply(canvas, 'drawFill', { base: baseOf(0, rectOf(0, 0, 3, 1)), brush: tile, rop: 8, mask: noMask }))).toEqual(['display:memory:drawing']);
  expect(pixelsOf(canvas)).toEqual([1, 2, 3]);
});

test('a surface of one bit a pixel is a mask: its set bits let through', () => {
  const canvas = canvasWithPrimary();
  createSurfaceOf(canvas, 3, 2, 1, 1);
  apply(canvas, 'drawFill', { base: baseOf(3, rectOf(1, 0, 1, 1)), brush: { kind: 'solid', color: 1 }, rop: 8, mask: noMask });
  const mask = { flags: 0, pos: { x: 0, y: 0 }, image: surfaceRef(3) };
  expect(gapKeys(apply(canvas, 'drawWhiteness', { base: baseOf(0, rectOf(0, 0, 2, 1)), mask }))).toEqual([]);
  expect(pixelsOf(canvas)).toEqual([0, 0xffff_ffff]);
});
