// Images as one display channel sends them: compressed with what was asked for, under ids of its own, some kept in the client's image
// cache and referred to afterwards. Mutable data plane: it remembers what the client keeps.

import { ImageFlag, ImageType } from '../protocol/constants.ts';
import type { Image } from '../protocol/messages/image.ts';
import { encodeBitmap } from './encode/bitmap-encoder.ts';
import type { GlzEncoder } from './encode/glz-encoder.ts';
import { encodeLz } from './encode/lz-encoder.ts';
import { encodeQuic } from './encode/quic-encoder.ts';
import type { Painting } from './encode/picture.ts';
import type { Remember } from './remember.ts';

/** `auto` takes for each picture what suits it; a codec takes it for all. */
export const compressions = ['auto', 'off', 'lz', 'glz', 'quic'] as const;
export type Compression = (typeof compressions)[number];
export type Codec = Exclude<Compression, 'auto'>;

/** Images that a GLZ image may refer back to. */
export const dictionaryImages = 8;

export interface ImageSenderOptions {
  readonly compression: Compression;
  /** Shared by all display channels of a client that named the same dictionary. */
  readonly glz: GlzEncoder;
  /** Ids count up from here: the image cache is shared by a client's display channels, the ids must not be. */
  readonly firstId: bigint;
  /** What the client keeps for the dictionary, in pixels. */
  readonly glzWindowPixels: number;
  /** What the client's image cache holds, in pixels. */
  readonly cachePixels: number;
  /** Compressed bytes that depend on nothing but their picture. */
  readonly remember: Remember<Uint8Array>;
}

export class ImageSender {
  readonly #options: ImageSenderOptions;
  #compression: Compression;
  #lastId: bigint;
  readonly #kept = new Map<string, Image>();
  #keptPixels = 0;

  constructor(options: ImageSenderOptions) {
    this.#options = options;
    this.#compression = options.compression;
    this.#lastId = options.firstId;
  }

  /** The client would rather have it this way from now on. */
  prefer(compression: Compression): void {
    this.#compression = compression;
  }

  nextId(): bigint {
    return ++this.#lastId;
  }

  /** `suited` is what `auto` takes. */
  image(picture: Painting, suited: Codec): Image {
    const codec = this.#compression === 'auto' ? suited : this.#compression;
    return this.#encode(picture, codec === 'glz' && !this.#fitsDictionary(picture) ? 'lz' : codec);
  }

  /** Sent once under this key with CACHE_ME, and as FROM_CACHE from then on; whole each time when the client's cache is too small. */
  cached(key: string, picture: Painting): Image {
    const known = this.#kept.get(key);
    if (known !== undefined) return { ...known, type: ImageType.fromCache, flags: 0, body: { kind: 'fromCache' } };
    const image = this.image(picture, 'lz');
    const pixels = picture.width * picture.height;
    if (this.#keptPixels + pixels > this.#options.cachePixels) return image;
    this.#keptPixels += pixels;
    const kept = { ...image, flags: ImageFlag.cacheMe };
    this.#kept.set(key, kept);
    return kept;
  }

  /** The id under which the client may now forget this picture; null when it does not have it. */
  forget(key: string): bigint | null {
    const known = this.#kept.get(key);
    if (known === undefined) return null;
    this.#kept.delete(key);
    this.#keptPixels -= known.width * known.height;
    return known.id;
  }

  // All the dictionary's images must fit the client's window, whichever they are.
  #fitsDictionary({ width, height }: Painting): boolean {
    return width * height * (dictionaryImages + 1) <= this.#options.glzWindowPixels;
  }

  #encode(painting: Painting, codec: Codec): Image {
    const { width, height, name } = painting;
    const head = { id: this.nextId(), flags: 0, width, height };
    switch (codec) {
      case 'off': {
        const { format, flags, stride, data } = encodeBitmap(painting.paint(), 'bit32', { topDown: true });
        return { ...head, type: ImageType.bitmap, body: { kind: 'bitmap', format, flags, width, height, stride, palette: { kind: 'none' }, data } };
      }
      case 'lz':
        return { ...head, type: ImageType.lzRgb, body: { kind: 'lzRgb', data: this.#options.remember(`lz ${name}`, () => encodeLz(painting.paint(), 'rgb32')) } };
      case 'glz':
        return { ...head, type: ImageType.glzRgb, body: { kind: 'glzRgb', data: this.#options.glz.encode(painting.paint(), 'rgb32') } };
      case 'quic':
        return { ...head, type: ImageType.quic, body: { kind: 'quic', data: this.#options.remember(`quic ${name}`, () => encodeQuic(painting.paint(), 'rgb32')) } };
    }
  }
}
