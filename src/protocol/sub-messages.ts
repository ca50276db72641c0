// Frames in frames: takes a frame's sub-message list apart, with strict bounds and one level deep. Modern servers rarely
// or never send these lists, so nothing on the ordinary path comes here but a test of two numbers.

import { WireError } from './wire/wire-error.ts';
import { Reader } from './wire/reader.ts';
import { catalog } from './catalog.ts';
import { ChannelType } from './constants.ts';
import type { Frame } from './frame-splitter.ts';

/** The message whose body is nothing but a list. */
const LIST_TYPE = catalog[ChannelType.main].server.list.type;
const SUB_HEADER_BYTES = 6;

export interface Expanded {
  /** In the order in which they are to be handled: sub-messages first, then their carrier, unless that is a LIST. */
  readonly frames: readonly Frame[];
  /** What was wrong with the list; the sub-messages before the fault are in `frames`. */
  readonly error: WireError | null;
}

/**
 * `frame` and the messages inside it. A sub-message that is itself a LIST is handed on as it is: the protocol nests one
 * level, and a deeper one would let a few bytes ask for unbounded work.
 */
export function expandFrame(frame: Frame): Expanded {
  const isList = frame.type === LIST_TYPE;
  if (!isList && frame.subList === 0) return { frames: [frame], error: null };
  const frames: Frame[] = [];
  let error: WireError | null = null;
  try {
    readList(frame, frames);
  } catch (thrown) {
    if (!(thrown instanceof WireError)) throw thrown;
    error = thrown;
  }
  if (!isList) frames.push(frame);
  return { frames, error };
}

function readList(frame: Frame, into: Frame[]): void {
  const reader = new Reader(frame.body);
  reader.enter(frame.subList, 'subList');
  const count = reader.u16('subList.count');
  const offsets = Array.from({ length: Math.min(count, Math.floor(reader.remaining / 4)) }, () => reader.u32('subList.offset'));
  if (offsets.length < count) throw new WireError('truncated', 'subList.offset', count * 4, offsets.length * 4);
  let total = 0;
  for (const offset of offsets) {
    reader.enter(offset, 'subList.offset');
    const type = reader.u16('subMessage.type');
    const size = reader.u32('subMessage.size');
    // Sub-messages that overlap would multiply the work that a body asks for.
    total += SUB_HEADER_BYTES + size;
    if (total > frame.body.byteLength) throw new WireError('invalid', 'subMessage.size', total, frame.body.byteLength);
    const body = reader.view8(size, 'subMessage.body');
    const bytes = frame.body.subarray(offset, offset + SUB_HEADER_BYTES + size);
    into.push({ type, serial: frame.serial, subList: 0, bytes, body });
  }
}
