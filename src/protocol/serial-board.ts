// Serial board: the number of the last message that each channel of a session has handled, in shared memory, so that a channel
// which must wait for others (WAIT_FOR_CHANNELS) can look without asking them. It wakes nobody: `waiters` says that a bell is wanted.

const typesMax = 16;
const idsMax = 256;
const waitersWord = 0;
const firstSlot = 16;
const slots = typesMax * idsMax;

/** One session's board; it crosses threads as it is. */
export type SerialBoard = SharedArrayBuffer;

export function createSerialBoard(): SerialBoard {
  return new SharedArrayBuffer(4 * (firstSlot + 2 * slots));
}

/** The word of a channel, or -1 for a channel type that the board does not know. */
function slotOf(type: number, id: number): number {
  return type >= 0 && type < typesMax && id >= 0 && id < idsMax ? firstSlot + type * idsMax + id : -1;
}

export interface SerialPublisher {
  /** Publishes the serial of the message just handled. True when some channel waits and the bell should be rung. */
  handled(serial: number): boolean;
}

/** Begins a link's count at 0: the numbers of an earlier link of the same channel say nothing about this one. */
export function publishSerials(board: SerialBoard, type: number, id: number): SerialPublisher {
  const words = new Int32Array(board);
  const slot = slotOf(type, id);
  if (slot >= 0) Atomics.store(words, slot, 0);
  setWaiting(board, type, id, false);
  return {
    handled(serial) {
      if (slot >= 0) Atomics.store(words, slot, serial | 0);
      return Atomics.load(words, waitersWord) > 0;
    },
  };
}

/** Whether the channel has handled message `serial`. Serials wrap at 2^32 here, so they are compared by signed difference. */
export function serialReached(board: SerialBoard, type: number, id: number, serial: bigint): boolean {
  const slot = slotOf(type, id);
  if (slot < 0) return false;
  const handled = Atomics.load(new Int32Array(board), slot);
  return ((handled - Number(BigInt.asIntN(32, serial))) | 0) >= 0;
}

/**
 * Says whether this channel waits. Saying it twice is saying it once, so that whoever finds a channel dead can say that it does
 * not: one that died waiting would otherwise have every other channel ring for ever.
 */
export function setWaiting(board: SerialBoard, type: number, id: number, waits: boolean): void {
  const slot = slotOf(type, id);
  if (slot < 0) return;
  const words = new Int32Array(board);
  const before = Atomics.exchange(words, slot + slots, waits ? 1 : 0);
  Atomics.add(words, waitersWord, (waits ? 1 : 0) - before);
}
