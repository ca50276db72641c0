// Messages of the display channel about surfaces, heads, caches and GL scanout: what is drawn on, not what is drawn.

import { array, bytes, i32, i64, restBytes, struct, u16, u32, u64, u8 } from '../wire/layout.ts';
import type { Of } from '../wire/layout.ts';
import { messageBodyBytesMax, displayHeadsMax, invalidationsMax } from '../limits.ts';

/** Legacy: implies a primary surface, xRGB when `bits` is 32, else 555. */
export const mode = struct({ xRes: u32, yRes: u32, bits: u32 });

/** Type: `ResourceType`. */
export const invalList = struct({ count: u16, resources: array('count', struct({ type: u8, id: u64 }), invalidationsMax) });

export const invalPalette = struct({ id: u64 });

/** Format: `SurfaceFormat`; flags: `SurfaceFlag`. */
export const surfaceCreate = struct({ surfaceId: u32, width: u32, height: u32, format: u32, flags: u32 });
export const surfaceDestroy = struct({ surfaceId: u32 });

const head = struct({ monitorId: u32, surfaceId: u32, width: u32, height: u32, x: u32, y: u32, flags: u32 });
export const monitorsConfig = struct({ count: u16, maxAllowed: u16, heads: array('count', head, displayHeadsMax) });

/** Flags: `GlScanoutFlag`. The descriptor comes out of band and takes no body bytes. */
export const glScanoutUnix = struct({ width: u32, height: u32, stride: u32, drmFourcc: u32, flags: u32 });
export const glDraw = struct({ x: u32, y: u32, width: u32, height: u32 });

/** Free-form bytes. */
export const qualityIndicator = struct({ text: restBytes(messageBodyBytesMax) });

/** Cache and window sizes are in pixels. Must be the first client message, sent once. */
export const displayInit = struct({ pixmapCacheId: u8, pixmapCacheSize: i64, glzDictionaryId: u8, glzWindowSize: i32 });

/** `ImageCompression`. */
export const preferredCompression = struct({ imageCompression: u8 });

/** `VideoCodec` numbers, best first. */
export const preferredVideoCodecType = struct({ count: u8, codecs: bytes('count', 255) });

export type Head = Of<typeof head>;
