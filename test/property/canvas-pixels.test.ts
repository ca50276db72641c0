import fc from 'fast-check';
import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { applyMessage, createCanvas } from '#app/surface/canvas.js';
import type { Canvas } from '#app/surface/canvas.js';
import { defaultSurfaceLimits } from '#app/surface/surface-table.js';
import { parseMessage, serializeMessage } from '#app/protocol/message.js';
import type { DisplayServerMessage } from '#app/protocol/message.js';
import type { Brush, Clip, Mask, Rect } from '#app/protocol/messages/draw.js';
import type { Image } from '#app/protocol/messages/image.js';
import { addReferenceSurface, createReferenceWorld, renderReference } from '../support/reference-renderer.ts';

type DrawKind = 'drawFill' | 'drawCopy' | 'drawBlend' | 'drawOpaque' | 'drawBlackness' | 'drawWhiteness' | 'drawInvers' | 'drawTransparent' | 'drawAlphaBlend' | 'copyBits' | 'drawRop3' | 'drawText' | 'drawComposite';
type Drawing = Extract<DisplayServerMessage, { kind: DrawKind }>;

const side = fc.oneof({ weight: 3, arbitrary: fc.noBias(fc.integer({ min: 1, max: 12 })) }, { weight: 1, arbitrary: fc.noBias(fc.integer({ min: 1, max: 40 })) });
/** Without fast-check's bias to small numbers, which would leave most boxes outside of a tiny surface. */
const surfaceSide = fc.noBias(fc.integer({ min: 1, max: 40 }));
const place = fc.oneof({ weight: 12, arbitrary: fc.integer({ min: -6, max: 26 }) }, { weight: 1, arbitrary: fc.constantFrom(-2147483648, 2147483647) });
const rect: fc.Arbitrary<Rect> = fc.record({ top: place, left: place, bottom: place, right: place });
const box: fc.Arbitrary<Rect> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.noBias(fc.integer({ min: -2, max: 14 })), fc.noBias(fc.integer({ min: -2, max: 14 })), side, side).map(([left, top, w, h]) => ({ top, left, bottom: top + h, right: left + w })) },
  { weight: 1, arbitrary: rect },
);
const clip: fc.Arbitrary<Clip> = fc.oneof(
  fc.constant<Clip>({ kind: 'none' }),
  fc.array(box, { maxLength: 6 }).map((rects): Clip => ({ kind: 'rects', rects })),
);
const base = fc.record({ surfaceId: fc.constantFrom(0, 0, 0, 0, 1, 1, 1, 7), box, clip });
const color = fc.oneof(fc.constantFrom(0, 0xff_ffff, 0x30_60c0), fc.integer({ min: 0, max: 0xffff_ffff }));
/** Noise of a generator of its own (small examples), of few values, so that colour keys and saturation are met. */
function noise(bytes: Uint8Array, seed: number): void {
  for (let i = 0, s = seed; i < bytes.length; i++) {
    s = (s * 1103515245 + 12345) % 2147483648;
    bytes[i] = [0, 255, 128, s >> 16][(s >> 8) & 3]!;
  }
}

const bitmapOf = (width: fc.Arbitrary<number>, height: fc.Arbitrary<number>): fc.Arbitrary<Image> =>
  fc
    .record({ width, height, padding: fc.constantFrom(0, 4), seed: fc.integer({ min: 1, max: 0xffff }), topDown: fc.boolean(), alpha: fc.boolean(), keep: fc.constantFrom(false, false, true), id: fc.bigInt(1n, 3n) })
    .map(({ width: w, height: h, padding, seed, topDown, alpha, keep, id }) => {
      const stride = w * 4 + padding;
      const data = new Uint8Array(stride * h);
      noise(data, seed);
      return {
        id, type: 0, flags: keep ? 1 : 0, width: w, height: h,
        body: { kind: 'bitmap', format: alpha ? 9 : 8, flags: topDown ? 4 : 0, width: w, height: h, stride, palette: { kind: 'none' }, data },
      };
    });
const bitmap = bitmapOf(side, side);
const image: fc.Arbitrary<Image> = fc.oneof(
  { weight: 5, arbitrary: bitmap },
  { weight: 1, arbitrary: fc.bigInt(1n, 3n).map((id): Image => ({ id, type: 103, flags: 0, width: 1, height: 1, body: { kind: 'fromCache' } })) },
  { weight: 2, arbitrary: fc.constantFrom(0, 1, 9).map((surfaceId): Image => ({ id: 0n, type: 104, flags: 0, width: 1, height: 1, body: { kind: 'surface', surfaceId } })) },
);
const point = fc.record({ x: fc.integer({ min: -9, max: 9 }), y: fc.integer({ min: -9, max: 9 }) });
const brush: fc.Arbitrary<Brush> = fc.oneof(
  fc.constant<Brush>({ kind: 'none' }),
  color.map((value): Brush => ({ kind: 'solid', color: value })),
  fc.tuple(image, point).map(([tile, pos]): Brush => ({ kind: 'pattern', image: tile, pos })),
);
const maskImage: fc.Arbitrary<Image> = fc
  .record({ width: side, height: side, topDown: fc.boolean(), leastFirst: fc.boolean(), bits: fc.uint8Array({ minLength: 200, maxLength: 200 }) })
  .map(({ width, height, topDown, leastFirst, bits }) => ({
    id: 5n, type: 0, flags: 0, width, height,
    body: { kind: 'bitmap', format: leastFirst ? 1 : 2, flags: topDown ? 4 : 0, width, height, stride: 5, palette: { kind: 'none' }, data: bits.subarray(0, height * 5) },
  }));
const mask: fc.Arbitrary<Mask> = fc.record({ flags: fc.constantFrom(0, 1), pos: point, image: fc.option(maskImage, { freq: 2 }) });
const rop = fc.oneof(fc.constantFrom(0x08, 0x08, 0x08, 0x08, 0x10, 0x20, 0x40, 0x80, 0x100, 0x200), fc.integer({ min: 0, max: 0x7ff }));

/** A source area for a box: mostly of the same size, sometimes any small one. */
const areaFor = (target: Rect): fc.Arbitrary<Rect> => {
  const same = point.map(({ x, y }) => ({ top: y, left: x, bottom: y + target.bottom - target.top, right: x + target.right - target.left }));
  const corner = fc.constant({ top: 0, left: 0, bottom: target.bottom - target.top, right: target.right - target.left });
  const small = fc.integer({ min: -4, max: 20 });
  const scaled = fc.record({ top: small, left: small, bottom: small, right: small });
  const fitsI32 = (area: Rect) => area.right <= 2147483647 && area.bottom <= 2147483647 && area.right >= -2147483648 && area.bottom >= -2147483648;
  const fallback = { top: 0, left: 0, bottom: 8, right: 8 };
  return fc.oneof(same, corner, scaled).map((area) => (fitsI32(area) ? area : fallback));
};
const known = <K extends DrawKind>(kind: K, type: number) => (value: Extract<Drawing, { kind: K }>['value']) =>
  ({ kind, type, value, trailingBytes: 0 }) as unknown as Drawing;
/** A picture that just fits its box: the case that is decoded in place when nothing is in the way. */
const fittingSource = (target: Rect) => {
  const width = target.right - target.left;
  const height = target.bottom - target.top;
  const fits = width >= 1 && height >= 1 && width <= 40 && height <= 40;
  return fc.record({
    srcImage: fc.option(fits ? bitmapOf(fc.constant(width), fc.constant(height)) : image, { freq: 50 }),
    srcArea: fc.constant(fits ? { top: 0, left: 0, bottom: height, right: width } : { top: 0, left: 0, bottom: 8, right: 8 }),
  });
};
const withSource = base.chain((b) =>
  fc
    .record({ scaleMode: fc.constantFrom(0, 1), source: fc.oneof(fittingSource(b.box), fc.record({ srcImage: fc.option(image, { freq: 20 }), srcArea: areaFor(b.box) })) })
    .map(({ scaleMode, source }) => ({ base: b, scaleMode, ...source })),
);
const moved = base.chain((b) => point.map(({ x, y }) => ({ base: b, srcPos: clampPoint(b.box.left + x, b.box.top + y) })));
const clampPoint = (x: number, y: number) => ({ x: Math.max(-2147483648, Math.min(2147483647, x)), y: Math.max(-2147483648, Math.min(2147483647, y)) });

const text = fc.constantFrom(1, 2, 4, 9).chain((flags) =>
  fc.array(fc.record({ renderPos: point, glyphOrigin: point, width: fc.nat(9), height: fc.nat(9), seed: fc.integer({ min: 1, max: 0xffff }) }), { maxLength: 4 }).map((glyphs) => ({
    length: glyphs.length,
    flags,
    glyphs: glyphs.map(({ seed, ...glyph }) => {
      const rows = new Uint8Array(Math.ceil((glyph.width * ((flags & 7) === 1 ? 1 : (flags & 7) === 2 ? 4 : 8)) / 8) * glyph.height);
      noise(rows, seed);
      return { ...glyph, rows };
    }),
  })),
);
const composition = fc
  .record({ base, operator: fc.nat(12), repeats: fc.nat(15), component: fc.boolean(), opaque: fc.nat(7), srcImage: image, maskImage: fc.option(image), srcOrigin: point, maskOrigin: point })
  .map(({ operator, repeats, component, opaque, ...value }) => ({
    ...value,
    flags: operator | (repeats << 14) | (component ? 1 << 18 : 0) | (value.maskImage === null ? 0 : 1 << 19) | (opaque << 22),
    srcTransform: null,
    maskTransform: null,
  }));

const drawing: fc.Arbitrary<Drawing> = fc.oneof(
  fc.record({ base, brush, rop, mask }).map(known('drawFill', 302)),
  fc.record({ w: withSource, rop, mask }).map(({ w, rop: r, mask: m }) => ({ ...w, rop: r, mask: m })).map(known('drawCopy', 304)),
  fc.record({ w: withSource, rop, mask }).map(({ w, rop: r, mask: m }) => ({ ...w, rop: r, mask: m })).map(known('drawBlend', 305)),
  fc.record({ w: withSource, brush, rop, mask }).map(({ w, ...rest }) => ({ ...w, ...rest })).map(known('drawOpaque', 303)),
  fc.record({ base, mask }).map(known('drawBlackness', 306)),
  fc.record({ base, mask }).map(known('drawWhiteness', 307)),
  fc.record({ base, mask }).map(known('drawInvers', 308)),
  fc.record({ w: withSource, trueColor: color }).map(({ w, trueColor }) => ({ base: w.base, srcImage: w.srcImage, srcArea: w.srcArea, srcColor: trueColor, trueColor })).map(known('drawTransparent', 312)),
  fc.record({ w: withSource, alphaFlags: fc.integer({ min: 0, max: 3 }), alpha: fc.constantFrom(0, 1, 100, 128, 255) })
    .map(({ w, alphaFlags, alpha }) => ({ base: w.base, alphaFlags, alpha, srcImage: w.srcImage, srcArea: w.srcArea }))
    .map(known('drawAlphaBlend', 313)),
  moved.map(known('copyBits', 104)),
  fc.record({ w: withSource, brush, rop3: fc.integer({ min: 0, max: 255 }), mask }).map(({ w, ...rest }) => ({ ...w, ...rest })).map(known('drawRop3', 309)),
  fc.record({ base, string: text, backArea: fc.oneof(box, fc.constant({ top: 0, left: 0, bottom: 0, right: 0 })), foreBrush: brush, backBrush: brush, backMode: rop }).map((value) => ({ ...value, foreMode: 8 })).map(known('drawText', 311)),
  composition.map(known('drawComposite', 318)),
);

function canvasOf(): Canvas {
  return createCanvas({
    limits: { surfaces: defaultSurfaceLimits, imageCacheBytesMax: 1_000_000, glzWindowBytesMax: 1_000_000, bytesMax: 100_000_000 },
    firstGlzImageId: 0,
    decodeJpeg: null,
    inflate: (input, outputBytes) => inflateSync(input, { maxOutputLength: outputBytes }),
    allocateShared: (bytes) => new SharedArrayBuffer(bytes),
    nowMs: () => 0,
  });
}

function addSurface(canvas: Canvas, surfaceId: number, width: number, height: number, argb: boolean): void {
  applyMessage(canvas, { kind: 'surfaceCreate', type: 314, trailingBytes: 0, value: { surfaceId, width, height, format: argb ? 96 : 32, flags: surfaceId === 0 ? 1 : 0 } });
  // Noise below, so that each pixel that is moved, kept or inverted shows.
  const surface = canvas.context.surfaces.entries.get(surfaceId)?.surface;
  if (surface) noise(surface.bytes, 7 + surfaceId);
}

const pixelsOf = (canvas: Canvas, id: number): number[] => [...(canvas.context.surfaces.entries.get(id)?.surface?.words ?? [])];
const sizes = fc.record({ width: surfaceSide, height: surfaceSide, argb: fc.boolean() });

test('any drawings on any surfaces give the pixels of the plain per-pixel renderer', () => {
  fc.assert(
    fc.property(sizes, sizes, fc.array(drawing, { minLength: 1, maxLength: 12, size: 'max' }), (primary, other, drawings) => {
      const canvas = canvasOf();
      const world = createReferenceWorld();
      [primary, other].forEach(({ width, height, argb }, id) => {
        addSurface(canvas, id, width, height, argb);
        addReferenceSurface(world, id, width, height, argb, pixelsOf(canvas, id));
      });
      for (const message of drawings) {
        applyMessage(canvas, message);
        renderReference(world, message);
        for (const id of [0, 1]) expect(pixelsOf(canvas, id)).toEqual(world.surfaces.get(id)?.pixels);
      }
    }),
    { numRuns: 500 },
  );
});

test('what changed on the primary lies inside the damage, and without damage nothing changed', () => {
  fc.assert(
    fc.property(sizes, sizes, fc.array(drawing, { minLength: 1, maxLength: 6, size: 'max' }), (primary, other, drawings) => {
      const canvas = canvasOf();
      [primary, other].forEach(({ width, height, argb }, id) => addSurface(canvas, id, width, height, argb));
      for (const message of drawings) {
        const before = pixelsOf(canvas, 0);
        const damage = applyMessage(canvas, message)?.damage ?? { top: 0, left: 0, bottom: 0, right: 0 };
        expect(damage.left >= 0 && damage.top >= 0 && damage.right <= primary.width && damage.bottom <= primary.height).toBe(true);
        const strays = pixelsOf(canvas, 0).filter((pixel, at) => {
          const x = at % primary.width;
          const y = Math.floor(at / primary.width);
          return pixel !== before[at] && !(x >= damage.left && x < damage.right && y >= damage.top && y < damage.bottom);
        });
        expect(strays).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
});

test('whatever bytes arrive, nothing is thrown and readers are never left with a drawing under way', () => {
  const damagedBytes = fc.record({ drawing, edits: fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 12 }), cut: fc.option(fc.nat(400)) });
  fc.assert(
    fc.property(fc.array(damagedBytes, { minLength: 1, maxLength: 6 }), (inputs) => {
      const canvas = canvasOf();
      addSurface(canvas, 0, 16, 12, false);
      addSurface(canvas, 1, 9, 9, true);
      for (const { drawing: message, edits, cut } of inputs) {
        const bytes = serializeMessage(2, 'server', message.kind, message.value as never);
        const body = cut === null ? bytes.subarray(6) : bytes.subarray(6, 6 + cut);
        for (const [at, value] of edits) if (body.length > 0) body[at % body.length] = value;
        applyMessage(canvas, parseMessage(2, 'server', { type: message.type, body }));
        expect(canvas.context.drawing).toBeNull();
      }
    }),
    { numRuns: 600 },
  );
});
