// Messages of the cursor channel. Shapes stay as their raw bytes; surface/ turns them into pixels.

import { restBytes, struct, u16, u64, u8, unlessBit } from '../wire/layout.ts';
import type { Of } from '../wire/layout.ts';
import { CursorFlag } from '../constants.ts';
import { messageBodyBytesMax } from '../limits.ts';
import { point16 } from './draw.ts';

/** Type: `CursorType`. `data` is empty when the shape is in the cache. */
const shape = struct({
  unique: u64,
  type: u8,
  width: u16,
  height: u16,
  hotSpotX: u16,
  hotSpotY: u16,
  data: restBytes(messageBodyBytesMax),
});

/** Flags: `CursorFlag`. With NONE nothing follows and `shape` is null. */
const cursor = struct({ flags: u16, shape: unlessBit('flags', CursorFlag.none, shape) });

export const cursorInit = struct({ position: point16, trailLength: u16, trailFrequency: u16, visible: u8, cursor });
export const cursorSet = struct({ position: point16, visible: u8, cursor });
export const cursorMove = struct({ position: point16 });
export const cursorTrail = struct({ length: u16, frequency: u16 });
export const cursorInvalOne = struct({ id: u64 });

export type Cursor = Of<typeof cursor>;
export type CursorShape = Of<typeof shape>;
