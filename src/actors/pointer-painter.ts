// Pointer painter: the guest's pointer shape of one cursor channel, published with its position in a latest-value cell. Readers
// on other threads draw it; a shape that changes faster than they look is simply the newest one.

import type { CellMemory } from '../mailbox/cell.ts';
import { CellWriter } from '../mailbox/cell.ts';
import type { Gap } from '../protocol/gaps.ts';
import type { CursorServerMessage } from '../protocol/message.ts';
import type { Cursor } from '../protocol/messages/cursor.ts';
import { encodePointer, type Pointer } from '../surface/pointer-cell.ts';
import { resolveCursor, type CursorCache } from '../surface/cursor-cache.ts';
import type { ChannelPainter, PaintOutcome } from './channel-painter.ts';

const hidden: Pointer = { x: 0, y: 0, visible: false, shape: null };

export class PointerPainter implements ChannelPainter<CursorServerMessage> {
  readonly #cell: CellWriter;
  readonly #cellBytesMax: number;
  readonly #cache: CursorCache = new Map();
  #pointer = hidden;

  constructor(memory: CellMemory) {
    this.#cell = new CellWriter(memory);
    this.#cellBytesMax = memory.bytesMax;
    this.#publish();
  }

  paint(message: CursorServerMessage): PaintOutcome | null {
    switch (message.kind) {
      case 'init':
        this.#cache.clear();
        return this.#show(message.value.position, message.value.visible, message.value.cursor);
      case 'set':
        return this.#show(message.value.position, message.value.visible, message.value.cursor);
      case 'move':
        this.#pointer = { ...this.#pointer, x: message.value.position.x, y: message.value.position.y, visible: this.#pointer.shape !== null };
        return this.#publish();
      case 'hide':
        this.#pointer = { ...this.#pointer, visible: false };
        return this.#publish();
      case 'reset':
        this.#cache.clear();
        this.#pointer = hidden;
        return this.#publish();
      case 'invalOne':
        this.#cache.delete(message.value.id);
        return null;
      case 'invalAll':
        this.#cache.clear();
        return null;
      default:
        return null;
    }
  }

  describe(): Readonly<Record<string, unknown>> {
    const { shape } = this.#pointer;
    const shapes = [...this.#cache].map(([id, { width, height, hotSpotX, hotSpotY }]) => [id.toString(), width, height, hotSpotX, hotSpotY]);
    return { pictures: { cachedShapes: this.#cache.size, shapes, shapeWidth: shape?.width ?? 0, shapeHeight: shape?.height ?? 0 } };
  }

  #show(position: { readonly x: number; readonly y: number }, visible: number, cursor: Cursor): PaintOutcome | null {
    const { shape, gap } = resolveCursor(this.#cache, cursor);
    this.#pointer = { x: position.x, y: position.y, visible: visible !== 0 && shape !== null, shape };
    return this.#publish(gap === null ? [] : [gap]);
  }

  #publish(gaps: readonly Gap[] = []): PaintOutcome | null {
    const bytes = encodePointer(this.#pointer);
    if (bytes.length <= this.#cellBytesMax) {
      this.#cell.write(bytes);
      return gaps.length === 0 ? null : { gaps, events: [], sends: [] };
    }
    this.#cell.write(encodePointer({ ...this.#pointer, shape: null }));
    const { shape } = this.#pointer;
    return { gaps: [...gaps, { key: 'cursor:shape:large', detail: `a pointer of ${shape?.width} x ${shape?.height} is not shown` }], events: [], sends: [] };
  }
}
