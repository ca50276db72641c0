// The state of a cursor channel.

import { fieldsOf, type Fields } from '../field.ts';
import { id64Of, objectIn } from '../observed.ts';
import { id64, list, record, u16, u64 } from '../shape.ts';
import type { ChannelSource } from '../state-sample.ts';
import { flowFields } from './flow.ts';
import { transportFields } from './transport.ts';

const field = fieldsOf<ChannelSource>();

/** Shapes that a channel keeps at most (`surface/cursor-cache.ts`). */
const shapesMax = 256;
const shape = record('Shape', { cursor_id: id64, width: u16, height: u16, hot_spot_x: u16, hot_spot_y: u16 });

/** Published as `[id, width, height, hotSpotX, hotSpotY]`, because there may be many. */
function shapesOf({ channel }: ChannelSource) {
  const published = objectIn(channel.state, 'pictures')['shapes'];
  if (!Array.isArray(published)) return [];
  const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
  return published.filter((each): each is unknown[] => Array.isArray(each)).map(([id, width, height, hotSpotX, hotSpotY]) => (
    { cursor_id: id64Of(id), width: number(width), height: number(height), hot_spot_x: number(hotSpotX), hot_spot_y: number(hotSpotY) }
  ));
}

export const cursorFields: Fields<ChannelSource> = {
  ...transportFields,
  cache_entries: field(u64, 'pointer shapes that the server asked to keep', (source) => shapesOf(source).length),
  cache_contents: field(list(shape, shapesMax), 'those shapes, oldest first', shapesOf),
  ...flowFields,
};
