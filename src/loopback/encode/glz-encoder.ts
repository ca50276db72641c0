/**
 * A GLZ encoder for the test server, with a dictionary of the last few images: RGB16, RGB24, RGB32 and RGBA. Written
 * from the description of the format; it shares nothing with the decoder.
 */
import { ByteSink } from './byte-sink.ts';
import { to555 } from './lz-encoder.ts';
import { MatchFinder } from './match-finder.ts';
import type { Picture } from './picture.ts';
import { visitingOrder } from './picture.ts';

export type GlzPixelType = 'rgb16' | 'rgb24' | 'rgb32' | 'rgba';
const typeNumbers = { rgb16: 6, rgb24: 7, rgb32: 8, rgba: 9 } as const;

interface DictionaryImage {
  readonly id: number;
  readonly type: GlzPixelType;
  readonly colours: MatchFinder;
  readonly alphas: MatchFinder | null;
}

/** One client's dictionary. Images count from 0 and each may refer to the ones before it that are still kept. */
export class GlzEncoder {
  readonly #imagesMax: number;
  #nextId = 0;
  #images: DictionaryImage[] = [];

  /** @param imagesMax images that stay referable; the window that the client must hold */
  constructor(imagesMax: number) {
    this.#imagesMax = imagesMax;
  }

  /** The picture as one GLZ stream, which every client of this dictionary must be sent. */
  encode(picture: Picture, type: GlzPixelType, topDown = true): Uint8Array {
    const id = this.#nextId++;
    const words = visitingOrder(picture, topDown);
    const bytesPerPixel = type === 'rgb16' ? 2 : type === 'rgb24' ? 3 : 4;
    const sink = new ByteSink();
    sink.u32BigEndian(0x20205a4c);
    sink.u32BigEndian(0x00010001);
    sink.u8(typeNumbers[type] | (topDown ? 16 : 0));
    sink.u32BigEndian(picture.width);
    sink.u32BigEndian(picture.height);
    sink.u32BigEndian(picture.width * bytesPerPixel);
    sink.u32BigEndian(Math.floor(id / 2 ** 32));
    sink.u32BigEndian(id >>> 0);
    sink.u32BigEndian(id - (this.#images[0]?.id ?? id));

    // Pixels of 5-bit channels and of 8-bit ones are different things to refer to.
    const referable = this.#images.filter((image) => (image.type === 'rgb16') === (type === 'rgb16'));
    const colours = new MatchFinder(words.map((word) => (type === 'rgb16' ? to555(word) : word & 0xffffff)));
    const alphas = type === 'rgba' ? new MatchFinder(words.map((word) => word >>> 24)) : null;
    writeUnits(sink, colours, id, referable.map((image) => [image.id, image.colours]), type === 'rgb16' ? 1 : 0, type === 'rgb16' ? [8, 0] : [0, 8, 16]);
    if (alphas !== null) {
      const others = referable.flatMap(({ id: otherId, alphas: finder }): [number, MatchFinder][] => (finder === null ? [] : [[otherId, finder]]));
      writeUnits(sink, alphas, id, others, 2, [0]);
    }
    this.#images.push({ id, type, colours, alphas });
    if (this.#images.length > this.#imagesMax) this.#images.shift();
    return sink.toBytes();
  }
}

function writeUnits(
  sink: ByteSink,
  own: MatchFinder,
  id: number,
  others: readonly (readonly [number, MatchFinder])[],
  bias: number,
  literalShifts: readonly number[],
): void {
  const { units } = own;
  let literals: number[] = [];
  const flush = () => {
    for (let from = 0; from < literals.length; from += 32) {
      const run = literals.slice(from, from + 32);
      sink.u8(run.length - 1);
      for (const unit of run) for (const shift of literalShifts) sink.u8((unit >>> shift) & 255);
    }
    literals = [];
  };
  let at = 0;
  while (at < units.length) {
    let best = { ...own.find(units, at), imageDistance: 0 };
    for (const [otherId, finder] of others) {
      const found = finder.find(units, at);
      if (found.length > best.length) best = { ...found, imageDistance: id - otherId };
    }
    if (best.length < bias + 3 || best.length * literalShifts.length < 8) {
      literals.push(units[at]!);
      own.remember(at++);
      continue;
    }
    flush();
    writeMatch(sink, best.length - bias, best.imageDistance === 0 ? at - best.place - 1 : best.place, best.imageDistance);
    for (const end = at + best.length; at < end; at++) own.remember(at);
  }
  flush();
}

/** @param offset how far back minus 1 in the image itself, or the place in another one */
function writeMatch(sink: ByteSink, length: number, offset: number, imageDistance: number): void {
  const far = offset >= 1 << 12;
  sink.u8((Math.min(length, 7) << 5) | (far ? 16 : 0) | (offset & 15));
  if (length >= 7) {
    let rest = length - 7;
    for (; rest >= 255; rest -= 255) sink.u8(255);
    sink.u8(rest);
  }
  sink.u8((offset >>> 4) & 255);
  const distanceBytes: number[] = [];
  for (let rest = far ? imageDistance : imageDistance >>> 6; rest > 0; rest >>>= 8) distanceBytes.push(rest & 255);
  if (far) {
    const veryFar = offset >= 1 << 17;
    sink.u8((distanceBytes.length << 6) | (veryFar ? 32 : 0) | ((offset >>> 12) & 31));
    for (const byte of distanceBytes) sink.u8(byte);
    if (veryFar) sink.u8(offset >>> 17);
  } else {
    sink.u8((distanceBytes.length << 6) | (imageDistance & 63));
    for (const byte of distanceBytes) sink.u8(byte);
  }
}
