/**
 * The palettes that the server asked one display channel to keep, by their `unique` number, as tables ready for use.
 * The server decides what is in it (PAL_CACHE_ME, INVAL_PALETTE, INVAL_ALL_PALETTES); the maximum here only bounds what
 * a hostile server can make us hold.
 */

/** Palettes kept at once; each takes `paletteTableBytes`. The reference server keeps 128 per client. */
export const cachedPalettesMax = 1024;

export const paletteTableBytes = 1024;

/** Tables of 256 pixels, oldest first. Owned by one display channel. */
export type PaletteCache = Map<bigint, Uint32Array>;

/** Keeps a table under its number, over an older one with the same. The oldest goes when there are too many. */
export function keepPalette(cache: PaletteCache, unique: bigint, table: Uint32Array): void {
  cache.delete(unique);
  cache.set(unique, table);
  if (cache.size <= cachedPalettesMax) return;
  for (const oldest of cache.keys()) {
    cache.delete(oldest);
    return;
  }
}
