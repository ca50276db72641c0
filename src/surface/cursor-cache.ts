/**
 * The shapes that the server asked one cursor channel to keep, by their unique number, and the way from a message's cursor to
 * a shape. The server decides what is in it: INIT, RESET and INVAL_ALL clear it, INVAL_ONE forgets one.
 */
import { CursorFlag } from '../protocol/constants.ts';
import type { Gap } from '../protocol/gaps.ts';
import type { Cursor } from '../protocol/messages/cursor.ts';
import { decodeCursor } from './cursor-shape.ts';
import type { CursorShape } from './cursor-shape.ts';

/** The reference server assumes room for 256 shapes; a shape over that is shown but not kept. */
export const cachedCursorsMax = 256;

/** Owned by one cursor channel. */
export type CursorCache = Map<bigint, CursorShape>;

/** What a cursor turned out to be: a shape (null: no pointer is to be shown), with what was not honoured on the way. */
export interface ResolvedCursor {
  readonly shape: CursorShape | null;
  readonly gap: Gap | null;
}

/** Finds or decodes the shape, and keeps it when the server says so. */
export function resolveCursor(cache: CursorCache, cursor: Cursor): ResolvedCursor {
  const { flags, shape: wire } = cursor;
  if (wire === null) return { shape: null, gap: null };
  if ((flags & CursorFlag.fromCache) !== 0) {
    const kept = cache.get(wire.unique);
    if (kept !== undefined) return { shape: kept, gap: null };
    return { shape: null, gap: { key: 'cursor:cache:missing', detail: `cursor ${wire.unique} is not in the cache` } };
  }
  const shape = decodeCursor(wire);
  if (typeof shape === 'string') {
    const detail = `type ${wire.type}, ${wire.width} x ${wire.height}, ${wire.data.length} bytes`;
    return { shape: null, gap: { key: `cursor:shape:${shape}`, detail } };
  }
  if ((flags & CursorFlag.cacheMe) === 0) return { shape, gap: null };
  if (cache.size >= cachedCursorsMax && !cache.has(wire.unique)) {
    return { shape, gap: { key: 'cursor:cache:full', detail: `cursor ${wire.unique} is the ${cachedCursorsMax + 1}th to keep` } };
  }
  cache.set(wire.unique, shape);
  return { shape, gap: null };
}
