/**
 * The palettes that the server asked one display channel to keep, by their `unique` number, as tables ready for use.
 * The server decides what is in it (PAL_CACHE_ME, INVAL_PALETTE, INVAL_ALL_PALETTES); the maximum here only bounds what
 * a hostile server can make us hold.
 */
import type { ByteBudget } from './byte-budget.ts';
import { charge, credit, roomIn } from './byte-budget.ts';
import { DecodeError } from './decode-error.ts';

/** Palettes kept at once; each takes `paletteTableBytes`. The reference server keeps 128 per client. */
export const cachedPalettesMax = 1024;

export const paletteTableBytes = 1024;

/** Owned by one display channel. */
export interface PaletteCache {
  /** Tables of 256 pixels, oldest first. */
  readonly tables: Map<bigint, Uint32Array>;
  /** The channel's. */
  readonly budget: ByteBudget;
}

export function createPaletteCache(budget: ByteBudget): PaletteCache {
  return { tables: new Map(), budget };
}

/**
 * Keeps a table under its number, over an older one with the same. The oldest goes when there are too many.
 * @throws DecodeError `overBudget` when the channel has no room for it; then nothing is kept under this number
 */
export function keepPalette(cache: PaletteCache, unique: bigint, table: Uint32Array): void {
  forgetPalette(cache, unique);
  for (const oldest of cache.tables.keys()) {
    if (cache.tables.size < cachedPalettesMax) break;
    forgetPalette(cache, oldest);
  }
  if (!charge(cache.budget, paletteTableBytes)) throw new DecodeError('overBudget', 'palette.unique', paletteTableBytes, roomIn(cache.budget));
  cache.tables.set(unique, table);
}

/** Forgets one palette (INVAL_PALETTE), if it is there. */
export function forgetPalette(cache: PaletteCache, unique: bigint): void {
  if (cache.tables.delete(unique)) credit(cache.budget, paletteTableBytes);
}

/** Forgets all (INVAL_ALL_PALETTES, RESET). */
export function clearPalettes(cache: PaletteCache): void {
  credit(cache.budget, cache.tables.size * paletteTableBytes);
  cache.tables.clear();
}
