/**
 * The pictures that the server asked the client to keep (image flag CACHE_ME), by their 64-bit id. The server decides what
 * is in it and counts its pixels; the client must not evict on its own, or it is asked for pictures that it no longer has.
 * So the bound is what DISPLAY_INIT offered, and a picture over it is refused, which only a misbehaving server meets.
 */
import type { ByteBudget } from '../decode/byte-budget.ts';
import { charge, credit, roomIn } from '../decode/byte-budget.ts';
import type { PixelBuffer } from '../decode/pixel-buffer.ts';
import type { Mask } from './mask.ts';

/** A kept picture: pixels, or one-bit masks, which are images of their own kind on the wire too. */
export type CachedImage =
  | { readonly kind: 'pixels'; readonly pixels: PixelBuffer; readonly hasAlpha: boolean; readonly alphaOnly: boolean; readonly lossless: boolean }
  | { readonly kind: 'mask'; readonly mask: Mask };

/** Owned by one display channel. */
export interface ImageCache {
  readonly entries: Map<bigint, CachedImage>;
  /** What DISPLAY_INIT offered, in bytes (4 a pixel). */
  readonly bytesMax: number;
  /** The channel's, to which kept pictures are charged as well. */
  readonly budget: ByteBudget;
  bytes: number;
  hits: number;
  misses: number;
  /** Pictures that did not fit into `bytesMax` or into the budget. */
  refused: number;
}

export function createImageCache(bytesMax: number, budget: ByteBudget): ImageCache {
  return { entries: new Map(), bytesMax, budget, bytes: 0, hits: 0, misses: 0, refused: 0 };
}

/**
 * Whether a picture of so many bytes could be made and kept under this id. In the cache the entry that it replaces makes room; in
 * the budget there must be room for both, because it is made before the other goes.
 */
export function hasRoom(cache: ImageCache, id: bigint, bytes: number): boolean {
  return cache.bytes - bytesOf(cache.entries.get(id)) + bytes <= cache.bytesMax && bytes <= roomIn(cache.budget);
}

/** Keeps a picture that has memory of its own, over an older one with the same id. It must fit: ask `hasRoom` before it is made. */
export function keepImage(cache: ImageCache, id: bigint, image: CachedImage): void {
  forgetImage(cache, id);
  const bytes = bytesOf(image);
  if (!charge(cache.budget, bytes)) throw new RangeError(`a picture of ${bytes} bytes was made without asking whether it can be kept`);
  cache.bytes += bytes;
  cache.entries.set(id, image);
}

/** Counts a picture that is not kept. */
export function refuseImage(cache: ImageCache): void {
  cache.refused++;
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
  const bytes = bytesOf(cache.entries.get(id));
  cache.bytes -= bytes;
  credit(cache.budget, bytes);
  return cache.entries.delete(id);
}

/** Forgets all (INVAL_ALL_PIXMAPS). */
export function clearImages(cache: ImageCache): void {
  credit(cache.budget, cache.bytes);
  cache.entries.clear();
  cache.bytes = 0;
}

function bytesOf(image: CachedImage | undefined): number {
  if (image === undefined) return 0;
  return image.kind === 'mask' ? image.mask.data.length : image.pixels.bytes.length;
}
