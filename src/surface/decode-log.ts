/**
 * What became of the pictures of one display channel: how many were had, from where, and how long decoding the last ones took. It is written for each
 * picture and allocates nothing then; who wants to see it asks for a description.
 */
import type { Image, ImageBody } from '../protocol/messages/image.ts';

/** The last pictures that are remembered one by one. */
const recentMax = 20;

/** Mutable, owned by one canvas. */
export interface DecodeLog {
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  /** Told how long each picture took that was decoded, in milliseconds. */
  readonly decoded: (ms: number) => void;
  /** A ring: the next one goes to `total % recentMax`. */
  readonly recent: LoggedDecode[];
  total: number;
  failed: number;
  fromCache: number;
}

interface LoggedDecode {
  body: ImageBody['kind'];
  id: bigint;
  width: number;
  height: number;
  success: boolean;
  atMs: number;
  durationUs: number;
}

/** As JSON: ids are digits. Durations of those that were decoded; 0 when there are none. */
export interface DecodeDescription {
  readonly total: number;
  readonly failed: number;
  readonly fromCache: number;
  readonly minUs: number;
  readonly maxUs: number;
  readonly meanUs: number;
  /** Oldest first. */
  readonly recent: readonly {
    readonly type: string; readonly id: string; readonly width: number; readonly height: number; readonly fromCache: boolean; readonly success: boolean; readonly atMs: number; readonly durationUs: number;
  }[];
}

/** Named as the ancestor's reports name them. */
const typeNames: Readonly<Record<ImageBody['kind'], string>> = {
  bitmap: 'Pixmap', quic: 'QUIC', lzPlt: 'LZ_PLT', lzRgb: 'LZ_RGB', glzRgb: 'GLZ_RGB', fromCache: 'FromCache', surface: 'Surface', jpeg: 'JPEG',
  fromCacheLossless: 'FromCacheLossless', zlibGlzRgb: 'ZLIB_GLZ_RGB', jpegAlpha: 'JPEG_ALPHA', lz4: 'LZ4', unknown: 'Unknown',
};

const isFromCache = (body: ImageBody['kind']): boolean => body === 'fromCache' || body === 'fromCacheLossless';

export function createDecodeLog(nowMs: () => number, decoded: (ms: number) => void = () => undefined): DecodeLog {
  const recent = Array.from({ length: recentMax }, (): LoggedDecode => ({ body: 'unknown', id: 0n, width: 0, height: 0, success: false, atMs: 0, durationUs: 0 }));
  return { nowMs, decoded, recent, total: 0, failed: 0, fromCache: 0 };
}

/** @param startedMs when decoding began; null for a picture that needed none */
export function logDecode(log: DecodeLog, { id, width, height, body }: Image, success: boolean, startedMs: number | null): void {
  const entry = log.recent[log.total % recentMax]!;
  entry.body = body.kind;
  entry.id = id;
  entry.width = width;
  entry.height = height;
  entry.success = success;
  entry.atMs = log.nowMs();
  entry.durationUs = success && startedMs !== null ? Math.round((entry.atMs - startedMs) * 1000) : 0;
  if (success && startedMs !== null) log.decoded(entry.atMs - startedMs);
  log.total++;
  if (!success) log.failed++;
  else if (isFromCache(body.kind)) log.fromCache++;
}

export function describeDecodes({ recent, total, failed, fromCache }: DecodeLog): DecodeDescription {
  const first = Math.max(0, total - recentMax);
  const newest = Array.from({ length: total - first }, (_, index) => recent[(first + index) % recentMax]!);
  const durations = newest.filter(({ success, body }) => success && !isFromCache(body)).map(({ durationUs }) => durationUs);
  const has = durations.length > 0;
  return {
    total, failed, fromCache,
    minUs: has ? Math.min(...durations) : 0,
    maxUs: has ? Math.max(...durations) : 0,
    meanUs: has ? Math.round(durations.reduce((sum, each) => sum + each, 0) / durations.length) : 0,
    recent: newest.map(({ body, id, ...rest }) => ({ type: typeNames[body], id: id.toString(), fromCache: isFromCache(body), ...rest })),
  };
}
