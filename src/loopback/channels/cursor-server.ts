// Cursor, the server's half: a shape that follows the scene's ball, hides for a moment now and then, and comes back as another one. The
// real server moves it in server mouse mode only; this one always does, because its messages are what tests and the demo want to see.

import { ChannelType, CursorFlag, CursorType } from '../../protocol/constants.ts';
import { ballPosition } from '../scene.ts';
import { nothing, serverMessages, timer, type ServerChannel, type ServerEffect } from './server-channel.ts';

const send = serverMessages(ChannelType.cursor);
const setAck = { generation: 1, window: 20 };
const side = 16;

/** A white arrow with a dark edge, or the same in amber, premultiplied B, G, R, A. */
function arrowPixels(fill: readonly number[]): Uint8Array {
  const pixels = new Uint8Array(side * side * 4);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x <= y; x++) {
      const edge = x === 0 || x === y || y === side - 1;
      pixels.set(edge ? [0, 0, 0, 255] : fill, (y * side + x) * 4);
    }
  }
  return pixels;
}

const fills = [[255, 255, 255, 255], [64, 200, 255, 255]] as const;
const emptyData = new Uint8Array(0);
/** The shape of this number: whole the first time, and from the client's cache from then on. */
function shapeOf(index: number, kept: boolean) {
  const data = kept ? emptyData : arrowPixels(fills[index] ?? fills[0]);
  const shape = { unique: BigInt(index + 1), type: CursorType.alpha, width: side, height: side, hotSpotX: 0, hotSpotY: 0, data };
  return { flags: kept ? CursorFlag.fromCache : CursorFlag.cacheMe, shape };
}

interface CursorState {
  readonly ticks: number;
  readonly moves: number;
  /** How many of the shapes the client has kept. */
  readonly keptShapes: number;
}

/** One round of what happens to the shape, in ticks. */
const round = 40;
const hideAt = 30;
const showAt = 34;

function onTick(state: CursorState): { readonly state: CursorState; readonly effects: readonly ServerEffect[] } {
  const ticks = state.ticks + 1;
  const position = ballPosition(ticks);
  const place = ticks % round;
  if (place === hideAt) return { state: { ...state, ticks }, effects: [send('hide', {})] };
  if (place === showAt) {
    const index = Math.floor(ticks / round) % 2 === 0 ? 1 : 0;
    const kept = index < state.keptShapes;
    return { state: { ...state, ticks, keptShapes: Math.max(state.keptShapes, index + 1) }, effects: [send('set', { position, visible: 1, cursor: shapeOf(index, kept) })] };
  }
  const hidden = place > hideAt && place < showAt;
  return hidden ? { state: { ...state, ticks }, effects: nothing } : { state: { ...state, ticks, moves: state.moves + 1 }, effects: [send('move', { position })] };
}

/** `tickMs` null = it never moves. */
export function cursorServer(tickMs: number | null): ServerChannel<4, CursorState> {
  const again: readonly ServerEffect[] = tickMs === null ? [] : [timer('tick', tickMs)];
  return {
    type: ChannelType.cursor,
    capabilities: [],
    initial: () => ({ ticks: 0, moves: 0, keptShapes: 1 }),
    step(state, input) {
      switch (input.kind) {
        case 'linked': {
          const init = send('init', { position: ballPosition(0), trailLength: 0, trailFrequency: 0, visible: 1, cursor: shapeOf(0, false) });
          return { state, effects: [send('setAck', setAck), init, ...again] };
        }
        case 'timer': {
          // A client that does not read gets no more until it does.
          const step = input.room ? onTick(state) : { state, effects: nothing };
          return { state: step.state, effects: [...step.effects, ...again] };
        }
        case 'message':
        case 'room':
        case 'told':
          return { state, effects: nothing };
      }
    },
    observe: ({ moves }) => ({ moves }),
  };
}
