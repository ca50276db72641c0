/**
 * The pictures that the server asked the client to keep (image flag CACHE_ME), by their 64-bit id. The server decides what
 * is in it and counts its pixels; the client must not evict on its own, or it is asked for pictures that it no longer has.
 * So the bound is what DISPLAY_INIT offered, and a picture over it is refused, which only a misbehaving server meets.
 */
import type { PixelBuffer } from '../decode/pixel-buffer.ts';
import type { Mask } from './mask.ts';

/** A kept picture: pixels, or one-bit masks, which are images of their own kind on the wire too. */
export type CachedImage =
  | { readonly kind: 'pixels'; readonly pixels: PixelBuffer; readonly hasAlpha: boolean; readonly lossless: boolean }
  | { readonly kind: 'mask'; readonly mask: Mask };

/** Owned by one display channel. */
export interface ImageCache {
  readonly entries: Map<bigint, CachedImage>;
  /** What DISPLAY_INIT offered, in bytes (4 a pixel). */
  readonly bytesMax: number;
  bytes: number;
  hits: number;
  misses: number;
  /** Pictures that did not fit into `bytesMax`. */
  refused: number;
}

export function createImageCache(bytesMax: number): ImageCache {
  return { entries: new Map(), bytesMax, bytes: 0, hits: 0, misses: 0, refused: 0 };
}

/** Whether a picture of so many bytes could be kept under this id; the entry that it replaces makes room. */
export function hasRoom(cache: ImageCache, id: bigint, bytes: number): boolean {
  return cache.bytes - bytesOf(cache.entries.get(id)) + bytes <= cache.bytesMax;
}

/** Keeps a picture, over an older one with the same id. False when it does not fit; then the cache is unchanged. */
export function keepImage(cache: ImageCache, id: bigint, image: CachedImage): boolean {
  if (!hasRoom(cache, id, bytesOf(image))) {
    cache.refused++;
    return false;
  }
  cache.bytes += bytesOf(image) - bytesOf(cache.entries.get(id));
  cache.entries.set(id, image);
  return true;
}

/** The picture, or undefined; counted either way. */
export function findImage(cache: ImageCache, id: bigint): CachedImage | undefined {
  const found = cache.entries.get(id);
  if (found === undefined) cache.misses++;
  else cache.hits++;
  return found;
}

/** Forgets one picture (INVAL_LIST). False when it was not there. */
export function forgetImage(cache: ImageCache, id: bigint): boolean {
  cache.bytes -= bytesOf(cache.entries.get(id));
  return cache.entries.delete(id);
}

/** Forgets all (INVAL_ALL_PIXMAPS). */
export function clearImages(cache: ImageCache): void {
  cache.entries.clear();
  cache.bytes = 0;
}

function bytesOf(image: CachedImage | undefined): number {
  if (image === undefined) return 0;
  return image.kind === 'mask' ? image.mask.data.length : image.pixels.bytes.length;
}
