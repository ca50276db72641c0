// One display channel's bytes, whatever its server asks for: never above the maximum, never more or fewer than what is there, nothing
// lost when all is given back. Real streams of every codec, some of them cut short, on a canvas with little room.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { paletteTableBytes } from '#app/decode/palette-cache.js';
import { encodeBitmap, encodeIndexedBitmap } from '#app/loopback/encode/bitmap-encoder.js';
import { GlzEncoder } from '#app/loopback/encode/glz-encoder.js';
import { encodeLz, encodeLzPlt } from '#app/loopback/encode/lz-encoder.js';
import { encodeQuic } from '#app/loopback/encode/quic-encoder.js';
import type { Image } from '#app/protocol/messages/image.js';
import type { Canvas } from '#app/surface/canvas.js';
import { AllocationMeter } from '../fuzz/allocation-meter.ts';
import { apply, baseOf, createSurfaceOf, gapKeys, maskOf, newCanvas, noMask, rectOf } from '../support/display-messages.ts';
import { drawPicture } from '../support/pictures.ts';

/** Tables of fixed size that a decoder makes for each image (a palette, QUIC's models), and views. */
const tablesBytes = 8 * 1024;

/** Without fast-check's bias to small numbers: what is not charged should stand out from the tables. */
const side = fc.noBias(fc.integer({ min: 1, max: 96 }));
const id = fc.bigInt(1n, 4n);
const surfaceId = fc.integer({ min: 0, max: 3 });
const codecs = ['bitmap', 'indexed', 'lz', 'lzPlt', 'glz', 'quic'] as const;

const picture = fc.record({
  codec: fc.constantFrom(...codecs, 'glz' as const, 'glz' as const), look: fc.constantFrom('runs' as const, 'noise' as const), width: side, height: side, seed: fc.integer({ min: 1, max: 99 }),
  id, keep: fc.boolean(), keepPalette: fc.boolean(), cut: fc.option(fc.nat(60), { freq: 4 }),
});
type PictureSpec = typeof picture extends fc.Arbitrary<infer T> ? T : never;

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('create' as const), surfaceId, width: side, height: side }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('destroy' as const), surfaceId }) },
  // Of another size than its box it is scaled; where it fits it is decoded in place, but not behind a mask.
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('draw' as const), surfaceId, picture, box: fc.option(fc.record({ width: side, height: side })), masked: fc.boolean(), keepMask: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('tile' as const), surfaceId, picture }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('self' as const), surfaceId, clipped: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), id }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forgetAll' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reset' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function imageOf(spec: PictureSpec, glz: GlzEncoder): Image {
  const { width, height } = spec;
  const drawn = drawPicture(spec.look, width, height, spec.seed);
  const indexes = Uint8Array.from(drawn.words, (word) => word & 255);
  const palette = { kind: 'inline', palette: { unique: spec.id, entries: [1, 2, 3] } } as const;
  const flags = spec.keepPalette ? 1 : 0;
  const cut = (bytes: Uint8Array): Uint8Array => (spec.cut === null ? bytes : bytes.subarray(0, Math.max(0, bytes.length - spec.cut)));
  const bodies: Readonly<Record<(typeof codecs)[number], () => Image['body']>> = {
    bitmap: () => ({ kind: 'bitmap', palette: { kind: 'none' }, ...encodeBitmap(drawn, 'bit32') }),
    indexed: () => {
      const bitmap = encodeIndexedBitmap(indexes, width, height, 'bit8');
      return { kind: 'bitmap', ...bitmap, flags: bitmap.flags | flags, palette };
    },
    lz: () => ({ kind: 'lzRgb', data: cut(encodeLz(drawn, 'rgba')) }),
    lzPlt: () => ({ kind: 'lzPlt', flags, palette, data: cut(encodeLzPlt(indexes, 'plt8', width, height, width)) }),
    glz: () => ({ kind: 'glzRgb', data: cut(glz.encode(drawn, 'rgb32')) }),
    quic: () => ({ kind: 'quic', data: cut(encodeQuic(drawn, 'rgb32')) }),
  };
  return { id: spec.id, type: 0, flags: spec.keep ? 1 : 0, width, height, body: bodies[spec.codec]() };
}

/** The message with its pictures encoded, to be applied later: encoders allocate too, and are not under test. */
function messageOf(canvas: Canvas, given: Step, glz: GlzEncoder): () => readonly string[] {
  switch (given.kind) {
    case 'create':
      return () => gapKeys(createSurfaceOf(canvas, given.surfaceId, given.width, given.height));
    case 'destroy':
      return () => gapKeys(apply(canvas, 'surfaceDestroy', { surfaceId: given.surfaceId }));
    case 'draw': {
      const srcImage = imageOf(given.picture, glz);
      const { width, height } = given.box ?? srcImage;
      const box = rectOf(0, 0, width, height);
      const mask = given.masked ? maskOf(8, Array.from({ length: height }, () => 0xf0)) : noMask;
      const image = mask.image === null || !given.keepMask ? mask.image : { ...mask.image, flags: 1 };
      return () => gapKeys(apply(canvas, 'drawCopy', { base: baseOf(given.surfaceId, box), srcImage, srcArea: rectOf(0, 0, srcImage.width, srcImage.height), rop: 0x08, scaleMode: 1, mask: { ...mask, image } }));
    }
    case 'tile': {
      const brush = { kind: 'pattern', image: imageOf(given.picture, glz), pos: { x: 0, y: 0 } } as const;
      return () => gapKeys(apply(canvas, 'drawFill', { base: baseOf(given.surfaceId, rectOf(0, 0, 9, 9)), brush, rop: 0x08, mask: noMask }));
    }
    case 'self': {
      const clip = given.clipped ? ({ kind: 'rects', rects: [rectOf(0, 0, 100, 3), rectOf(0, 70, 100, 9)] } as const) : undefined;
      return () => gapKeys(apply(canvas, 'copyBits', { base: baseOf(given.surfaceId, rectOf(0, 0, 100, 100), clip), srcPos: { x: 1, y: 1 } }));
    }
    case 'forget':
      return () => {
        apply(canvas, 'invalPalette', { id: given.id });
        return gapKeys(apply(canvas, 'invalList', { resources: [{ type: 1, id: given.id }] }));
      };
    case 'forgetAll':
      return () => {
        apply(canvas, 'invalAllPalettes', {});
        return gapKeys(apply(canvas, 'invalAllPixmaps', { waits: [] }));
      };
    case 'reset':
      return () => gapKeys(apply(canvas, 'reset', {}));
  }
}

/** What is really there, counted from the things themselves. */
function heldBy(canvas: Canvas): number {
  const { surfaces, images } = canvas.context;
  const { decoder } = canvas;
  const surfaceBytes = [...surfaces.entries.values()].reduce((sum, { surface }) => sum + (surface?.buffer.byteLength ?? 0), 0);
  const cached = [...images.cache.entries.values()].reduce((sum, one) => sum + (one.kind === 'mask' ? one.mask.data.length : one.pixels.bytes.length), 0);
  const windowed = [...decoder.glzWindow.images.values()].reduce((sum, { pixels }) => sum + pixels.byteLength, 0);
  const palettes = decoder.palettes.tables.size * paletteTableBytes;
  return surfaceBytes + cached + windowed + palettes + images.scratch.source.byteLength + images.scratch.brush.byteLength;
}

/** What a message may give back before it allocates more: too small scratch memory, a surface, image or window that it replaces. */
function replaceableBy(canvas: Canvas, given: Step): number {
  const { images, surfaces } = canvas.context;
  if (given.kind === 'create') return surfaces.bytes;
  if (given.kind !== 'draw' && given.kind !== 'tile') return 0;
  const { source, brush } = images.scratch;
  const kept = images.cache.entries.get(given.picture.id);
  const window = given.picture.codec === 'glz' ? canvas.decoder.glzWindow.bytes : 0;
  return source.byteLength + brush.byteLength + (kept?.kind === 'pixels' ? kept.pixels.bytes.length : 0) + window;
}

const steps = fc.array(step, { minLength: 1, maxLength: 30, size: 'max' });

test('what is charged is what is there, never above the maximum, and no message allocates what it was not charged for', () => {
  const meter = new AllocationMeter();
  let refusals = 0;
  let admitted = 0;
  fc.assert(
    fc.property(fc.integer({ min: 20_000, max: 200_000 }), steps, (bytesMax, all) => {
      const canvas = newCanvas({ bytesMax, glzWindowBytesMax: 40_000 });
      const glz = new GlzEncoder(4);
      const { budget } = canvas;
      let most = 0;
      for (const one of all) {
        const message = messageOf(canvas, one, glz);
        const { held } = budget;
        const replaceable = replaceableBy(canvas, one);
        budget.highWater = held;
        meter.run(bytesMax + tablesBytes, message);
        expect(meter.bytes).toBeLessThanOrEqual(budget.highWater - held + replaceable + tablesBytes);
        most = Math.max(most, budget.highWater);
        expect(budget.held).toBe(heldBy(canvas));
        expect(budget.working).toBe(0);
        expect(budget.highWater).toBeLessThanOrEqual(bytesMax);
        expect(budget.held).toBeLessThanOrEqual(budget.highWater);
        expect(canvas.context.drawing).toBeNull();
      }
      refusals += budget.refused;
      admitted += most;
    }),
    { numRuns: 150 },
  );
  expect(refusals).toBeGreaterThan(100);
  expect(admitted).toBeGreaterThan(1_000_000);
});

test('when all surfaces, images and palettes are given back, the window and the scratch memory are what is left', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const canvas = newCanvas({ bytesMax: 400_000 });
      const glz = new GlzEncoder(4);
      for (const one of all) messageOf(canvas, one, glz)();
      for (let surface = 0; surface <= 3; surface++) messageOf(canvas, { kind: 'destroy', surfaceId: surface }, glz)();
      messageOf(canvas, { kind: 'forgetAll' }, glz)();
      const { scratch } = canvas.context.images;
      expect(canvas.budget.held).toBe(canvas.decoder.glzWindow.bytes + scratch.source.byteLength + scratch.brush.byteLength);
    }),
    { numRuns: 150 },
  );
});
