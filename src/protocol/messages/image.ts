// The image descriptor and its data as they stand in a display message: compressed bytes, never pixels. Decoding is
// decode/'s business. The data fields are views of the message body.

import {
  array, at, bitChoice, bytes, custom, mapped, nullablePointer, openChoice, pointer, shown, struct, u16, u32, u64, u8,
} from '../wire/layout.ts';
import type { Of } from '../wire/layout.ts';
import { WireError } from '../wire/wire-error.ts';
import { BitmapFlag, ImageType } from '../constants.ts';
import { messageBodyBytesMax, paletteEntriesMax } from '../limits.ts';

export const palette = struct({ unique: u64, count: u16, entries: array('count', u32, paletteEntriesMax) });
export type Palette = Of<typeof palette>;

/** Where a palette comes from: nowhere, this message, or the channel's palette cache by its `unique`. */
export type PaletteRef =
  | { readonly kind: 'none' }
  | { readonly kind: 'inline'; readonly palette: Palette }
  | { readonly kind: 'cached'; readonly id: bigint };

// A pointer of 4 bytes or an id of 8: the size of the reference depends on a flag.
const paletteRef = mapped(
  bitChoice('flags', BitmapFlag.paletteFromCache, ['inline', { palette: nullablePointer(palette) }], ['cached', { id: u64 }]),
  (value): PaletteRef => {
    if (value.kind === 'cached') return value;
    return value.palette === null ? { kind: 'none' } : { kind: 'inline', palette: value.palette };
  },
  (ref) => (ref.kind === 'none' ? { kind: 'inline' as const, palette: null } : ref),
);

// In LZ_PLT the pointer must not be null.
const requiredPaletteRef = bitChoice(
  'flags',
  BitmapFlag.paletteFromCache,
  ['inline', { palette: pointer(palette) }],
  ['cached', { id: u64 }],
);

/** `stride` times `height` bytes: the one size that is a product of two fields. */
const bitmapData = custom<Uint8Array>({
  name: 'bitmapData',
  reads: ['stride', 'height'],
  counter: null,
  parse: (reader, [stride = 0, height = 0], field) => {
    const size = stride * height; // exact: below 2^64, and beyond 2^53 it is refused in the next line anyway
    if (size > messageBodyBytesMax) throw new WireError('countLimit', field, size, messageBodyBytesMax);
    return reader.view8(size, field);
  },
  serialize: (writer, value) => writer.bytes(value),
  count: () => 0,
});

const data = { dataSize: u32, data: bytes('dataSize', messageBodyBytesMax) } as const;

const imageBody = openChoice('type', {
  bitmap: at(ImageType.bitmap, { format: u8, flags: u8, width: u32, height: u32, stride: u32, palette: paletteRef, data: bitmapData }),
  quic: at(ImageType.quic, data),
  lzPlt: at(ImageType.lzPlt, { flags: u8, dataSize: u32, palette: requiredPaletteRef, data: bytes('dataSize', messageBodyBytesMax) }),
  lzRgb: at(ImageType.lzRgb, data),
  glzRgb: at(ImageType.glzRgb, data),
  fromCache: at(ImageType.fromCache),
  surface: at(ImageType.surface, { surfaceId: u32 }),
  jpeg: at(ImageType.jpeg, data),
  fromCacheLossless: at(ImageType.fromCacheLossless),
  /** `glzDataSize` is the size after inflating: a claim, to be checked before allocating. */
  zlibGlzRgb: at(ImageType.zlibGlzRgb, { glzDataSize: u32, ...data }),
  /** The first `jpegSize` bytes of `data` are the JPEG, the rest is the alpha plane's LZ stream. */
  jpegAlpha: at(ImageType.jpegAlpha, { flags: u8, jpegSize: u32, ...data }),
  lz4: at(ImageType.lz4, data),
});

export const image = struct({ id: u64, type: shown(u8), flags: u8, width: u32, height: u32, body: imageBody });

export type Image = Of<typeof image>;
export type ImageBody = Of<typeof imageBody>;
