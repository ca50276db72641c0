// The drawing commands from one picture of the scene to the next, as values of the catalogue: fills, copies through every codec,
// a scrolled band, clips, inversion, combinations. They know the scene's colours, not its pixels as a whole: whether they lead
// to `sceneFrame(n)` is for a test to say.

import { BitmapFlag, ImageType, ResourceType, RopFlag, ScaleMode, SurfaceFormat } from '../protocol/constants.ts';
import type { MessageKind, MessageValue } from '../protocol/message.ts';
import type { Brush, Clip, Rect } from '../protocol/messages/draw.ts';
import type { Image } from '../protocol/messages/image.ts';
import { encodeBitmap, encodeIndexedBitmap } from './encode/bitmap-encoder.ts';
import type { Painting, Picture } from './encode/picture.ts';
import type { ImageSender } from './image-sender.ts';
import {
  ballPosition, ballSide, bandArea, bandColor, checkerColor, codeArea, counterArea, counterPalette, fieldPixel, isCounterLit, isLampWhite, lampAreas,
  lampColor, lampSide, plasmaArea, plasmaColor, tickerArea, tickerColor, tickerStep, tileColor, type Area,
} from './scene.ts';

/** One display message: its name and fields. */
export type DisplayCommand = { [K in MessageKind<2, 'server'>]: { readonly name: K; readonly value: MessageValue<2, 'server', K> } }[MessageKind<2, 'server'>];

const noClip: Clip = { kind: 'none' };
const noMask = { flags: 0, pos: { x: 0, y: 0 }, image: null };
const solid = (color: number): Brush => ({ kind: 'solid', color });
const rectOf = ({ left, top, right, bottom }: Area): Rect => ({ top, left, bottom, right });
const baseOf = (box: Area, clip: Clip = noClip, surfaceId = 0) => ({ surfaceId, box: rectOf(box), clip });

/** An off-screen surface with the checkerboard that the third lamp is made from. */
const checkerSurface = 1;
const checkerKey = 'checker';
/** Pictures after which the client is told to forget its kept checkerboard, and is sent it again. */
const forgetEvery = 64;
const whole = (image: { readonly width: number; readonly height: number }): Rect => ({ top: 0, left: 0, bottom: image.height, right: image.width });

/** A picture of an area's size, from a formula over its own coordinates. */
function paintPicture(width: number, height: number, color: (x: number, y: number) => number): Picture {
  const words = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) words[y * width + x] = color(x, y);
  return { width, height, words };
}

/** The same, painted when it is needed. The name says all that the formula depends on but the size. */
function painting(name: string, width: number, height: number, color: (x: number, y: number) => number): Painting {
  return { name: `${name} ${width}x${height}`, width, height, paint: () => paintPicture(width, height, color) };
}

export function copyImage(box: Area, image: Image, name: 'drawCopy' | 'drawBlend' = 'drawCopy'): DisplayCommand {
  return { name, value: { base: baseOf(box), srcImage: image, srcArea: whole(image), rop: RopFlag.opPut, scaleMode: ScaleMode.nearest, mask: noMask } };
}

/** What a new screen is given besides its primary surface, before the first update. */
export function sceneSurfaces(sender: ImageSender): readonly DisplayCommand[] {
  const box: Area = { left: 0, top: 0, right: lampSide, bottom: lampSide };
  const image = sender.image(painting(checkerKey, lampSide, lampSide, checkerColor), 'lz');
  return [
    { name: 'surfaceCreate', value: { surfaceId: checkerSurface, width: lampSide, height: lampSide, format: SurfaceFormat.xrgb, flags: 0 } },
    { name: 'drawCopy', value: { base: baseOf(box, noClip, checkerSurface), srcImage: image, srcArea: whole(image), rop: RopFlag.opPut, scaleMode: ScaleMode.nearest, mask: noMask } },
  ];
}

/** What takes the screen away again, its primary surface last. */
export function destroySurfaces(): readonly DisplayCommand[] {
  return [checkerSurface, 0].map((surfaceId) => ({ name: 'surfaceDestroy', value: { surfaceId } }));
}

const sizeOf = ({ left, top, right, bottom }: Area): [number, number] => [right - left, bottom - top];

/** What leads from picture n - 1 to picture n. */
export function sceneUpdate(n: number, sender: ImageSender): readonly DisplayCommand[] {
  // The number comes last: a screen that shows it has all that belongs to it.
  return [...bandUpdate(n), ...lampUpdates(n, sender), ...plasmaUpdate(n, sender), ...counterUpdate(n, sender), ...ballUpdate(n, sender), ...tickerUpdate(n, sender), ...codeUpdate(n, sender)];
}

function codeUpdate(n: number, sender: ImageSender): readonly DisplayCommand[] {
  const [width, height] = sizeOf(codeArea);
  const picture = paintPicture(width, height, (x) => (((n >>> (x >> 2)) & 1) === 1 ? 0xffffff : 0));
  return [copyImage(codeArea, bitmapImage(sender, picture))];
}

function bandUpdate(n: number): readonly DisplayCommand[] {
  return [{ name: 'drawFill', value: { base: baseOf(bandArea), brush: solid(bandColor(n)), rop: RopFlag.opPut, mask: noMask } }];
}

function lampUpdates(n: number, sender: ImageSender): readonly DisplayCommand[] {
  const [first, second, third, fourth, fifth] = lampAreas;
  if (first === undefined || second === undefined || third === undefined || fourth === undefined || fifth === undefined) return [];
  const [width, height] = sizeOf(third);
  const isForgetting = n % forgetEvery === 0;
  const forgotten = isForgetting ? sender.forget(checkerKey) : null;
  const tile = painting(`tile ${n}`, width, height, (x, y) => tileColor(x, y, n));
  const thirds: Clip = {
    kind: 'rects',
    rects: [rectOf({ ...fifth, right: fifth.left + 7 }), rectOf({ ...fifth, left: fifth.left + 13 })],
  };
  return [
    ...(forgotten === null ? [] : [{ name: 'invalList', value: { resources: [{ type: ResourceType.pixmap, id: forgotten }] } } as const]),
    { name: isLampWhite(n) ? 'drawWhiteness' : 'drawBlackness', value: { base: baseOf(first), mask: noMask } },
    { name: 'drawInvers', value: { base: baseOf(second), mask: noMask } },
    {
      name: 'drawOpaque',
      value: {
        base: baseOf(third), srcImage: checkerImage(n, sender), srcArea: { top: 0, left: 0, bottom: height, right: width },
        brush: solid(lampColor(n)), rop: RopFlag.opXor, scaleMode: ScaleMode.nearest, mask: noMask,
      },
    },
    copyImage(fourth, sender.image(tile, 'lz'), 'drawBlend'),
    { name: 'drawFill', value: { base: baseOf(fifth, thirds), brush: solid(lampColor(n)), rop: RopFlag.opPut, mask: noMask } },
  ];
}

/** From the client's image cache and from the off-screen surface in turn. */
function checkerImage(n: number, sender: ImageSender): Image {
  if (n % 2 === 0) return sender.cached(checkerKey, painting(checkerKey, lampSide, lampSide, checkerColor));
  return { id: sender.nextId(), type: ImageType.surface, flags: 0, width: lampSide, height: lampSide, body: { kind: 'surface', surfaceId: checkerSurface } };
}

function plasmaUpdate(n: number, sender: ImageSender): readonly DisplayCommand[] {
  const [width, height] = sizeOf(plasmaArea);
  return [copyImage(plasmaArea, sender.image(painting(`plasma ${n}`, width, height, (x, y) => plasmaColor(x, y, n)), 'quic'))];
}

function counterUpdate(n: number, sender: ImageSender): readonly DisplayCommand[] {
  const [width, height] = sizeOf(counterArea);
  const lit = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) lit[y * width + x] = isCounterLit(x, y, n) ? 1 : 0;
  const { format, flags, stride, data } = encodeIndexedBitmap(lit, width, height, 'bit1Be', { topDown: true });
  const palette = { kind: 'inline' as const, palette: { unique: 1n, entries: counterPalette } };
  const image: Image = {
    id: sender.nextId(), type: ImageType.bitmap, flags: 0, width, height,
    body: { kind: 'bitmap', format, flags: flags | BitmapFlag.paletteCacheMe, width, height, stride, palette, data },
  };
  return [copyImage(counterArea, image)];
}

/** The rectangle that holds the ball before and after, drawn anew as one picture. */
function ballUpdate(n: number, sender: ImageSender): readonly DisplayCommand[] {
  const before = ballPosition(n - 1);
  const after = ballPosition(n);
  const box: Area = {
    left: Math.min(before.x, after.x), top: Math.min(before.y, after.y),
    right: Math.max(before.x, after.x) + ballSide, bottom: Math.max(before.y, after.y) + ballSide,
  };
  const [width, height] = sizeOf(box);
  return [copyImage(box, sender.image(painting(`ball ${n}`, width, height, (x, y) => fieldPixel(box.left + x, box.top + y, n)), 'glz'))];
}

/** The band moves left by itself; only what comes in on the right is sent. */
function tickerUpdate(n: number, sender: ImageSender): readonly DisplayCommand[] {
  const { left, top, right, bottom } = tickerArea;
  const kept: Area = { left, top, right: right - tickerStep, bottom };
  const fresh: Area = { left: right - tickerStep, top, right, bottom };
  const column = paintPicture(tickerStep, bottom - top, (x, y) => tickerColor(fresh.left + x + n * tickerStep, y));
  return [
    { name: 'copyBits', value: { base: baseOf(kept), srcPos: { x: left + tickerStep, y: top } } },
    copyImage(fresh, bitmapImage(sender, column)),
  ];
}

/** 24 bits a pixel, bottom row first: the form that no compressed image has. */
function bitmapImage(sender: ImageSender, picture: Picture): Image {
  const { width, height } = picture;
  const { format, flags, stride, data } = encodeBitmap(picture, 'bit24');
  return { id: sender.nextId(), type: ImageType.bitmap, flags: 0, width, height, body: { kind: 'bitmap', format, flags, width, height, stride, palette: { kind: 'none' }, data } };
}
