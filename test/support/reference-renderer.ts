/**
 * The drawing rules of the protocol document as plainly as they can be said: for each pixel of the surface, is it painted,
 * and with what. No rectangle is cut, no row is copied, no case is special; it is slow, and the canvas is compared with it.
 * It shares the message types with the canvas and nothing else.
 */
import type { DisplayServerMessage } from '#app/protocol/message.js';
import type { Brush, DrawBase, Mask, Rect } from '#app/protocol/messages/draw.js';
import type { Image } from '#app/protocol/messages/image.js';

export interface ReferenceSurface {
  readonly width: number;
  readonly height: number;
  readonly argb: boolean;
  pixels: number[];
}

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
  readonly isSurface: boolean;
  readonly pixels: readonly number[];
}

/** Surfaces by id and kept images by id. */
export interface ReferenceWorld {
  readonly surfaces: Map<number, ReferenceSurface>;
  readonly kept: Map<bigint, Picture>;
}

type PixelRule = (x: number, y: number, below: number) => number;

export function createReferenceWorld(): ReferenceWorld {
  return { surfaces: new Map(), kept: new Map() };
}

export function addReferenceSurface(world: ReferenceWorld, id: number, width: number, height: number, argb: boolean, pixels: number[]): void {
  world.surfaces.set(id, { width, height, argb, pixels });
}

/** Applies one message to the world. Messages that it has no rule for change nothing. */
export function renderReference(world: ReferenceWorld, message: DisplayServerMessage): void {
  switch (message.kind) {
    case 'drawFill': {
      const { base, brush, rop, mask } = message.value;
      const brushAt = brushRule(world, brush);
      if (brushAt === null) return;
      return paint(world, base, mask, (x, y, below) => combine(rop, 0x002, 0x004, brushAt(x, y), below));
    }
    case 'drawCopy':
    case 'drawBlend': {
      const { base, srcImage, srcArea, scaleMode, rop, mask } = message.value;
      const source = pictureOf(world, srcImage);
      if (source === null) return;
      return paint(world, base, mask, (x, y, below) => {
        const pixel = sourceAt(source, base.box, srcArea, x, y, scaleMode);
        return pixel === null ? below : combine(rop, 0x001, 0x004, pixel, below);
      });
    }
    case 'drawOpaque': {
      const { base, srcImage, srcArea, scaleMode, brush, rop, mask } = message.value;
      const source = pictureOf(world, srcImage);
      if (source === null) {
        brushRule(world, brush);
        return;
      }
      paint(world, base, mask, (x, y, below) => sourceAt(source, base.box, srcArea, x, y, scaleMode) ?? below);
      const brushAt = brushRule(world, brush);
      if (brushAt === null) return;
      return paint(world, base, mask, (x, y, below) => combine(rop, 0x002, 0x001, brushAt(x, y), below));
    }
    case 'drawBlackness':
      return paint(world, message.value.base, message.value.mask, () => 0);
    case 'drawWhiteness':
      return paint(world, message.value.base, message.value.mask, () => 0xffff_ffff);
    case 'drawInvers':
      return paint(world, message.value.base, message.value.mask, (_x, _y, below) => ~below);
    case 'copyBits': {
      const { base, srcPos } = message.value;
      const surface = world.surfaces.get(base.surfaceId);
      if (surface === undefined) return;
      const before = [...surface.pixels];
      return paint(world, base, null, (x, y, below) => {
        const fromX = x - base.box.left + srcPos.x;
        const fromY = y - base.box.top + srcPos.y;
        const inside = fromX >= 0 && fromY >= 0 && fromX < surface.width && fromY < surface.height;
        return inside ? before[fromY * surface.width + fromX]! : below;
      });
    }
    case 'drawTransparent': {
      const { base, srcImage, srcArea, trueColor } = message.value;
      const source = pictureOf(world, srcImage);
      if (source === null) return;
      return paint(world, base, null, (x, y, below) => {
        const pixel = sourceAt(source, base.box, srcArea, x, y, 1);
        return pixel === null || (pixel & 0xff_ffff) === (trueColor & 0xff_ffff) ? below : pixel;
      });
    }
    case 'drawAlphaBlend': {
      const { base, srcImage, srcArea, alpha, alphaFlags } = message.value;
      const source = pictureOf(world, srcImage);
      const surface = world.surfaces.get(base.surfaceId);
      if (source === null || surface === undefined || alpha === 0) return;
      const sourceHasAlpha = source.hasAlpha || (source.isSurface && (alphaFlags & 2) !== 0);
      const targetHasAlpha = surface.argb || (alphaFlags & 1) !== 0;
      return paint(world, base, null, (x, y, below) => {
        const pixel = sourceAt(source, base.box, srcArea, x, y, 1);
        return pixel === null ? below : over(pixel, below, alpha, sourceHasAlpha, targetHasAlpha);
      });
    }
    case 'drawRop3': {
      const { base, srcImage, srcArea, scaleMode, brush, rop3, mask } = message.value;
      const source = pictureOf(world, srcImage);
      const needless = [0, 1, 4, 5].every((index) => ((rop3 >> index) & 1) === ((rop3 >> (index + 2)) & 1));
      const brushAt = brushRule(world, brush);
      if (brushAt === null || (source === null && (srcImage !== null || !needless))) return;
      return paint(world, base, mask, (x, y, below) => {
        const pixel = source === null ? 0 : sourceAt(source, base.box, srcArea, x, y, scaleMode);
        if (pixel === null) return below;
        let result = 0;
        for (let bit = 0; bit < 32; bit++) {
          const index = ((brushAt(x, y) >>> bit) & 1) * 4 + ((pixel >>> bit) & 1) * 2 + ((below >>> bit) & 1);
          result += ((rop3 >> index) & 1) * 2 ** bit;
        }
        return result;
      });
    }
    case 'drawText': {
      const { base, string, backArea, foreBrush, backBrush, backMode } = message.value;
      const surface = world.surfaces.get(base.surfaceId);
      if (surface === undefined) return;
      const [backAt, foreAt] = [brushRule(world, backBrush), brushRule(world, foreBrush)];
      if (backAt !== null) paint(world, base, null, (x, y, below) => (contains(backArea, x, y) ? combine(backMode, 0x002, 0x004, backAt(x, y), below) : below));
      if (foreAt === null) return;
      const boxes = string.glyphs.map((glyph) => ({ glyph, left: glyph.renderPos.x + glyph.glyphOrigin.x, top: glyph.renderPos.y + glyph.glyphOrigin.y })).filter(({ glyph }) => glyph.width > 0 && glyph.height > 0);
      const [startX, startY] = [Math.min(...boxes.map(({ left }) => left)), Math.min(...boxes.map(({ top }) => top))];
      const bits = string.flags & 7 & -(string.flags & 7);
      const depth = bits === 1 ? 1 : bits === 2 ? 4 : 8;
      const covered = (x: number, y: number): number => Math.max(0, ...boxes.map(({ glyph, left, top }) => {
        if (x < left || y < top || x >= left + glyph.width || y >= top + glyph.height) return 0;
        const row = (glyph.height - 1 - (y - top)) * Math.ceil((glyph.width * depth) / 8);
        const byte = glyph.rows[row + Math.floor(((x - left) * depth) / 8)]!;
        if (depth === 8) return byte;
        return depth === 4 ? ((byte >> ((x - left) % 2 === 0 ? 4 : 0)) & 15) * 16 : ((byte >> (7 - ((x - left) % 8))) & 1) * 255;
      }));
      return paint(world, base, null, (x, y, below) => {
        const value = covered(x, y);
        return value === 0 ? below : over(foreBrush.kind === 'pattern' ? foreAt(x - startX, y - startY) : foreAt(x, y), below, value, false, surface.argb);
      });
    }
    case 'drawComposite': {
      const { base, flags, srcImage, maskImage, srcOrigin, maskOrigin } = message.value;
      const surface = world.surfaces.get(base.surfaceId);
      const [source, mask] = [pictureOf(world, srcImage), pictureOf(world, maskImage)];
      if (surface === undefined || source === null || (maskImage !== null && mask === null)) return;
      const byteOf = (value: number, at: number) => (value >>> (at * 8)) & 255;
      const times = (a: number, b: number) => Math.round((a * b) / 255);
      const readAt = (picture: Picture, opaque: boolean, repeat: number, x: number, y: number): number => {
        const place = (at: number, size: number): number => {
          if (repeat === 0) return at >= 0 && at < size ? at : -1;
          if (repeat === 2) return Math.max(0, Math.min(size - 1, at));
          const period = repeat === 1 ? size : 2 * size;
          const within = ((at % period) + period) % period;
          return within < size ? within : period - 1 - within;
        };
        const [column, row] = [place(x, picture.width), place(y, picture.height)];
        if (column < 0 || row < 0) return 0;
        const pixel = picture.pixels[row * picture.width + column]!;
        return picture.hasAlpha && !opaque ? pixel : (pixel % 2 ** 24) + 255 * 2 ** 24;
      };
      const keepsAlpha = !surface.argb || (flags & (1 << 24)) !== 0;
      return paint(world, base, null, (x, y, below) => {
        const s = readAt(source, (flags & (1 << 22)) !== 0, (flags >> 14) & 3, x - base.box.left + srcOrigin.x, y - base.box.top + srcOrigin.y);
        const m = mask === null ? 0xffff_ffff : readAt(mask, (flags & (1 << 23)) !== 0, (flags >> 16) & 3, x - base.box.left + maskOrigin.x, y - base.box.top + maskOrigin.y);
        const belowAlpha = keepsAlpha ? 255 : byteOf(below, 3);
        let result = 0;
        for (let at = 0; at < 4; at++) {
          const weight = byteOf(m, (flags & (1 << 18)) !== 0 ? at : 3);
          const [a, alpha, d] = [times(byteOf(s, at), weight), times(byteOf(s, 3), weight), at === 3 && keepsAlpha ? 255 : byteOf(below, at)];
          const operators: Readonly<Record<number, number>> = {
            0: 0, 1: a, 2: d, 3: a + times(d, 255 - alpha), 4: d + times(a, 255 - belowAlpha), 5: times(a, belowAlpha), 6: times(d, alpha), 7: times(a, 255 - belowAlpha),
            8: times(d, 255 - alpha), 9: times(a, belowAlpha) + times(d, 255 - alpha), 10: times(d, alpha) + times(a, 255 - belowAlpha), 11: times(a, 255 - belowAlpha) + times(d, 255 - alpha), 12: a + d,
          };
          result += (at === 3 && keepsAlpha ? byteOf(below, 3) : Math.min(255, operators[flags & 255]!)) * 256 ** at;
        }
        return result;
      });
    }
    default:
      return;
  }
}

/** Calls the rule for each pixel of box, surface, clip and mask. */
function paint(world: ReferenceWorld, base: DrawBase, mask: Mask | null, rule: PixelRule): void {
  const lets = maskRule(world, mask, base.box);
  const surface = world.surfaces.get(base.surfaceId);
  if (surface === undefined || lets === null) return;
  for (let y = 0; y < surface.height; y++) {
    for (let x = 0; x < surface.width; x++) {
      const clipped = base.clip.kind === 'rects' && !base.clip.rects.some((rect) => contains(rect, x, y));
      if (!contains(base.box, x, y) || clipped || !lets(x, y)) continue;
      const at = y * surface.width + x;
      surface.pixels[at] = rule(x, y, surface.pixels[at]!) >>> 0;
    }
  }
}

function contains(rect: Rect, x: number, y: number): boolean {
  return x >= rect.left && x < rect.right && y >= rect.top && y < rect.bottom;
}

/** Steps 1 to 4 of the rop descriptor's evaluation. */
function combine(descriptor: number, invertInput: number, invertBelow: number, input: number, below: number): number {
  const a = (descriptor & invertInput) !== 0 ? ~input : input;
  const d = (descriptor & invertBelow) !== 0 ? ~below : below;
  const finish = (result: number) => ((descriptor & 0x400) !== 0 ? ~result : result);
  if ((descriptor & 0x008) !== 0) return finish(a);
  if ((descriptor & 0x010) !== 0) return finish(a | d);
  if ((descriptor & 0x020) !== 0) return finish(a & d);
  if ((descriptor & 0x040) !== 0) return finish(a ^ d);
  if ((descriptor & 0x080) !== 0) return 0;
  if ((descriptor & 0x100) !== 0) return -1;
  if ((descriptor & 0x200) !== 0) return ~below;
  return input;
}

function brushRule(world: ReferenceWorld, brush: Brush): ((x: number, y: number) => number) | null {
  if (brush.kind === 'none') return () => 0;
  if (brush.kind === 'solid') return () => brush.color;
  const tile = pictureOf(world, brush.image);
  if (tile === null) return null;
  const wrap = (value: number, size: number) => ((value % size) + size) % size;
  return (x, y) => tile.pixels[wrap(y - brush.pos.y, tile.height) * tile.width + wrap(x - brush.pos.x, tile.width)]!;
}

/** The pixel of the picture that lands on (x, y), scaled when box and area differ in size; null where there is none. */
function sourceAt(source: Picture, box: Rect, area: Rect, x: number, y: number, scaleMode: number): number | null {
  const pixelAt = (fromX: number, fromY: number): number | null => {
    const inside = fromX >= 0 && fromY >= 0 && fromX < source.width && fromY < source.height;
    return inside ? source.pixels[fromY * source.width + fromX]! : null;
  };
  const boxSize = { x: box.right - box.left, y: box.bottom - box.top };
  const areaSize = { x: area.right - area.left, y: area.bottom - area.top };
  if (boxSize.x === areaSize.x && boxSize.y === areaSize.y) return pixelAt(x - box.left + area.left, y - box.top + area.top);
  if (areaSize.x <= 0 || areaSize.y <= 0) return null;
  // The centre of the destination pixel in the source, as a whole number of 1/65536.
  const step = { x: Math.floor((areaSize.x * 65_536) / boxSize.x), y: Math.floor((areaSize.y * 65_536) / boxSize.y) };
  const centreX = area.left * 65_536 + (x - box.left) * step.x + Math.round(step.x / 2);
  const centreY = area.top * 65_536 + (y - box.top) * step.y + Math.round(step.y / 2);
  if (scaleMode === 1) return pixelAt(Math.ceil(centreX / 65_536) - 1, Math.ceil(centreY / 65_536) - 1);
  const left = Math.floor(centreX / 65_536 - 0.5);
  const top = Math.floor(centreY / 65_536 - 0.5);
  const across = Math.floor((centreX / 65_536 - 0.5 - left) * 128);
  const down = Math.floor((centreY / 65_536 - 0.5 - top) * 128);
  const corners: [number | null, number][] = [
    [pixelAt(left, top), (128 - across) * (128 - down)],
    [pixelAt(left + 1, top), across * (128 - down)],
    [pixelAt(left, top + 1), (128 - across) * down],
    [pixelAt(left + 1, top + 1), across * down],
  ];
  let result = 0;
  for (let at = 0; at < 4; at++) {
    const byteOf = (pixel: number) => (at === 3 && !source.hasAlpha ? 255 : (pixel >>> (at * 8)) & 255);
    const sum = corners.reduce((total, [pixel, weight]) => total + (pixel === null ? 0 : byteOf(pixel) * weight), 0);
    result += Math.floor(sum / 16_384) * 256 ** at;
  }
  return result;
}

function over(pixel: number, below: number, opacity: number, sourceHasAlpha: boolean, targetHasAlpha: boolean): number {
  const byteOf = (value: number, at: number) => (value >>> (at * 8)) & 255;
  const times = (a: number, b: number) => Math.round((a * b) / 255);
  const alpha = times(sourceHasAlpha ? byteOf(pixel, 3) : 255, opacity);
  let result = 0;
  for (let at = 0; at < 4; at++) {
    const above = at === 3 ? alpha : times(byteOf(pixel, at), opacity);
    const mixed = Math.min(255, above + times(byteOf(below, at), 255 - alpha));
    const kept = at === 3 && !targetHasAlpha;
    result += (kept ? byteOf(below, at) : mixed) * 256 ** at;
  }
  return result;
}

/** A copy of the picture as it is now: what a draw reads is what was there before it. */
function pictureOf(world: ReferenceWorld, image: Image | null): Picture | null {
  if (image === null) return null;
  const { body } = image;
  switch (body.kind) {
    case 'fromCache':
      return world.kept.get(image.id) ?? null;
    case 'surface': {
      const surface = world.surfaces.get(body.surfaceId);
      if (surface === undefined) return null;
      return { width: surface.width, height: surface.height, hasAlpha: surface.argb, isSurface: true, pixels: [...surface.pixels] };
    }
    case 'bitmap': {
      const picture = bitmapPixels(image.width, image.height, body);
      if ((image.flags & 1) !== 0) world.kept.set(image.id, picture);
      return picture;
    }
    default:
      return null;
  }
}

/** 32-bit bitmaps only: the codecs are tested elsewhere. */
function bitmapPixels(width: number, height: number, body: Extract<Image['body'], { kind: 'bitmap' }>): Picture {
  const hasAlpha = body.format === 9;
  const pixels: number[] = [];
  for (let y = 0; y < height; y++) {
    const row = ((body.flags & 4) !== 0 ? y : height - 1 - y) * body.stride;
    for (let x = 0; x < width; x++) {
      const [b = 0, g = 0, r = 0, a = 0] = body.data.subarray(row + x * 4, row + x * 4 + 4);
      pixels.push(b + g * 256 + r * 65_536 + (hasAlpha ? a * 16_777_216 : 0));
    }
  }
  return { width, height, hasAlpha, isSurface: false, pixels };
}

function maskRule(world: ReferenceWorld, mask: Mask | null, box: Rect): ((x: number, y: number) => boolean) | null {
  if (mask === null || mask.image === null) return () => true;
  const { body } = mask.image;
  if (body.kind !== 'bitmap') return null;
  const wanted = (mask.flags & 1) !== 0 ? 0 : 1;
  return (x, y) => {
    const column = x - box.left + mask.pos.x;
    const row = y - box.top + mask.pos.y;
    if (column < 0 || row < 0 || column >= body.width || row >= body.height) return false;
    const stored = (body.flags & 4) !== 0 ? row : body.height - 1 - row;
    const byte = body.data[stored * body.stride + Math.floor(column / 8)]!;
    const bit = body.format === 1 ? (byte >> (column % 8)) & 1 : (byte >> (7 - (column % 8))) & 1;
    return bit === wanted;
  };
}
