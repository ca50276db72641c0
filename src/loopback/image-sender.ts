// Images as one client is sent them: compressed with what was asked for, under ids of their own, some kept in the client's image
// cache and referred to afterwards. One per linked display channel; the cache and the GLZ dictionary are that client's.

import { ImageFlag, ImageType } from '../protocol/constants.ts';
import type { Image } from '../protocol/messages/image.ts';
import { encodeBitmap } from './encode/bitmap-encoder.ts';
import { GlzEncoder } from './encode/glz-encoder.ts';
import { encodeLz } from './encode/lz-encoder.ts';
import { encodeQuic } from './encode/quic-encoder.ts';
import type { Picture } from './encode/picture.ts';

/** `auto` takes for each picture what suits it; a codec takes it for all. */
export const compressions = ['auto', 'off', 'lz', 'glz', 'quic'] as const;
export type Compression = (typeof compressions)[number];
export type Codec = Exclude<Compression, 'auto'>;

const dictionaryImages = 8;

export interface ImageSender {
  nextId(): bigint;
  /** `suited` is what `auto` takes. */
  image(picture: Picture, suited: Codec): Image;
  /** Sent once under this key with CACHE_ME, and as FROM_CACHE from then on. */
  cached(key: string, picture: Picture): Image;
}

export function createImageSender(compression: Compression): ImageSender & { readonly glz: GlzEncoder } {
  let id = 0n;
  const glz = new GlzEncoder(dictionaryImages);
  const kept = new Map<string, Image>();
  const sender = {
    glz,
    nextId: () => ++id,
    image: (picture: Picture, suited: Codec) => compress(sender, compression === 'auto' ? suited : compression, picture),
    cached: (key: string, picture: Picture): Image => {
      const known = kept.get(key);
      if (known !== undefined) return { ...known, type: ImageType.fromCache, flags: 0, body: { kind: 'fromCache' } };
      const image = { ...compress(sender, compression === 'auto' ? 'lz' : compression, picture), flags: ImageFlag.cacheMe };
      kept.set(key, image);
      return image;
    },
  };
  return sender;
}

/** A picture in one codec, whatever the sender's compression is. */
export function pictureImage(sender: ImageSender, codec: Exclude<Codec, 'glz'>, picture: Picture): Image {
  const { width, height } = picture;
  const head = { id: sender.nextId(), flags: 0, width, height };
  switch (codec) {
    case 'off': {
      const { format, flags, stride, data } = encodeBitmap(picture, 'bit32', { topDown: true });
      return { ...head, type: ImageType.bitmap, body: { kind: 'bitmap', format, flags, width, height, stride, palette: { kind: 'none' }, data } };
    }
    case 'lz':
      return { ...head, type: ImageType.lzRgb, body: { kind: 'lzRgb', data: encodeLz(picture, 'rgb32') } };
    case 'quic':
      return { ...head, type: ImageType.quic, body: { kind: 'quic', data: encodeQuic(picture, 'rgb32') } };
  }
}

function compress(sender: ImageSender & { readonly glz: GlzEncoder }, codec: Codec, picture: Picture): Image {
  if (codec !== 'glz') return pictureImage(sender, codec, picture);
  const { width, height } = picture;
  return { id: sender.nextId(), type: ImageType.glzRgb, flags: 0, width, height, body: { kind: 'glzRgb', data: sender.glz.encode(picture, 'rgb32') } };
}
