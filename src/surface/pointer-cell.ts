// The guest's pointer as bytes of a latest-value cell: position, visibility, and the shape's premultiplied BGRA pixels. Both
// directions stand here; nobody else knows the layout.

import type { CursorShape } from './cursor-shape.ts';

/** Position in pixels of the screen. `shape` null = there is none to draw. */
export interface Pointer {
  readonly x: number;
  readonly y: number;
  readonly visible: boolean;
  readonly shape: CursorShape | null;
}

const headerWords = 7;

export function encodePointer(pointer: Pointer): Uint8Array {
  const { shape } = pointer;
  const pixels = shape?.pixels ?? new Uint8Array(0);
  const bytes = new Uint8Array(headerWords * 4 + pixels.length);
  const words = new Int32Array(bytes.buffer, 0, headerWords);
  words.set([pointer.x, pointer.y, pointer.visible ? 1 : 0, shape?.width ?? 0, shape?.height ?? 0, shape?.hotSpotX ?? 0, shape?.hotSpotY ?? 0]);
  bytes.set(pixels, headerWords * 4);
  return bytes;
}

/** Null for bytes that are no pointer. The pixels are a view of `bytes`. */
export function decodePointer(bytes: Uint8Array): Pointer | null {
  if (bytes.length < headerWords * 4) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerWords * 4);
  const word = (index: number): number => view.getInt32(index * 4, true);
  const width = word(3);
  const height = word(4);
  const pixels = bytes.subarray(headerWords * 4);
  if (width < 0 || height < 0 || pixels.length !== width * height * 4) return null;
  const shape = width === 0 ? null : { width, height, hotSpotX: word(5), hotSpotY: word(6), pixels };
  return { x: word(0), y: word(1), visible: word(2) !== 0, shape };
}
