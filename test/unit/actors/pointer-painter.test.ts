import { expect, test } from 'vitest';
import { pointerCellBytes } from '#app/actors/channel-args.js';
import { PointerPainter } from '#app/actors/pointer-painter.js';
import { CellReader, createCell } from '#app/mailbox/cell.js';
import { parseMessage } from '#app/protocol/message.js';
import { decodePointer, type Pointer } from '#app/surface/pointer-cell.js';
import { hex } from '../../golden/hand-laid.mjs';

const SHAPE = (unique: string, pixel: string, flags = '0200'): string => `${flags}${unique}00000000000000000100010000000000${pixel}`;
const RED = '0000ffff';
const FROM_CACHE = '0400070000000000000000010001000000' + '0000';

function painter() {
  const cell = createCell(pointerCellBytes);
  const made = new PointerPainter(cell);
  const reader = new CellReader(cell);
  return {
    paint: (type: number, body: string) => made.paint(parseMessage(4, 'server', { type, body: hex(body) })),
    seen: (): Pointer | null => {
      const newest = reader.read();
      return newest === null ? null : decodePointer(newest.bytes);
    },
    describe: () => made.describe(),
  };
}

test('there is a pointer from the start, hidden', () => {
  expect(painter().seen()).toEqual({ x: 0, y: 0, visible: false, shape: null });
});

test('SET with CACHE_ME shows the shape and keeps it; FROM_CACHE shows it again', () => {
  const { paint, seen, describe } = painter();
  paint(103, `0300040001${SHAPE('07', RED)}`);
  const shape = { width: 1, height: 1, hotSpotX: 0, hotSpotY: 0, pixels: hex(RED) };
  expect(seen()).toEqual({ x: 3, y: 4, visible: true, shape });
  paint(105, '');
  expect(seen()).toMatchObject({ visible: false });
  paint(103, `0500060001${FROM_CACHE}`);
  expect(seen()).toEqual({ x: 5, y: 6, visible: true, shape });
  expect(describe()).toMatchObject({ pictures: { cachedShapes: 1 } });
});

test('a shape that is not in the cache is a gap and no pointer; RESET, INIT and INVAL_ALL empty it, INVAL_ONE forgets one', () => {
  for (const [type, body] of [[102, ''], [108, ''], [107, '0700000000000000']] as const) {
    const { paint, seen } = painter();
    paint(103, `0300040001${SHAPE('07', RED)}`);
    paint(type, body);
    expect(paint(103, `0300040001${FROM_CACHE}`)?.gaps.map(({ key }) => key)).toEqual(['cursor:cache:missing']);
    expect(seen()).toMatchObject({ visible: false, shape: null });
  }
});

test('MOVE where there is no shape shows nothing', () => {
  const { paint, seen } = painter();
  paint(104, '09000800');
  expect(seen()).toEqual({ x: 9, y: 8, visible: false, shape: null });
});

test('a shape larger than the cell is a gap, and the pointer is where it is all the same', () => {
  const { paint, seen } = painter();
  const large = `0000${'0700000000000000'}00${'0002'}${'0002'}00000000${'00'.repeat(512 * 512 * 4)}`;
  expect(paint(103, `0300040001${large}`)?.gaps.map(({ key }) => key)).toEqual(['cursor:shape:large']);
  expect(seen()).toMatchObject({ x: 3, y: 4, shape: null });
});
