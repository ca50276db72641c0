/**
 * The GLZ window: the decoded images that later GLZ images of the same dictionary may copy from. The server says with
 * each image how far back it still reaches; images before that are dropped, once no gap in the ids hides an image that
 * might still reach further. It is owned by one display channel and is not shared with others yet: an image that went to
 * another channel is simply missing here.
 */
import type { ByteBudget } from './byte-budget.ts';
import { charge, credit, roomIn } from './byte-budget.ts';
import { DecodeError } from './decode-error.ts';

/** One decoded image, pixels in stream order, 32 bits each. */
export interface GlzImage {
  readonly id: number;
  readonly pixels: Uint32Array;
  /** This image refers to none older than `id - windowHeadDistance`. */
  readonly windowHeadDistance: number;
}

/** Mutable, owned by the decoder state of one display channel. */
export interface GlzWindow {
  readonly images: Map<number, GlzImage>;
  /** The budget: pixels held, in bytes, before the oldest images are dropped although the server might refer to them. */
  readonly bytesMax: number;
  /** The channel's, to which the pixels held are charged as well. */
  readonly budget: ByteBudget;
  bytes: number;
  /** The oldest id that may be in `images`. */
  oldest: number;
  /** The newest id such that all ids up to it have been received; -1 before the first, null while the first is unknown. */
  newestWithoutGap: number | null;
  /** Images dropped for the budget's sake. Not 0 means that the server exceeds the window that it was promised. */
  evicted: number;
  evictedBytes: number;
}

/** Images in the window at once. A window of 64 MiB holds this many images of 16 x 16. */
const glzImagesMax = 65_536;

/**
 * @param bytesMax at least the glz_window_size that INIT offers, times 4, plus one image
 * @param firstId 0 for a new session. `unknown` after a display channel was linked again: the server may go on counting,
 *   so the first id that arrives is taken for the first
 */
export function createGlzWindow(bytesMax: number, firstId: 0 | 'unknown', budget: ByteBudget): GlzWindow {
  return { images: new Map(), bytesMax, budget, bytes: 0, oldest: 0, newestWithoutGap: firstId === 0 ? -1 : null, evicted: 0, evictedBytes: 0 };
}

/**
 * The image that a match names.
 * @throws DecodeError `glzImageMissing`
 */
export function findGlzImage(window: GlzWindow, id: number): GlzImage {
  const image = window.images.get(id);
  if (image === undefined) throw new DecodeError('glzImageMissing', 'glz.imageId', id, window.oldest);
  return image;
}

/**
 * Adds a decoded image and drops what nobody can refer to any more.
 * @throws DecodeError `glzDuplicate` when an image of that id is there already, `oversize` when it alone is over
 *   the window's bytes, `overBudget` when the channel has no room for it; the window is then as it was
 */
export function addGlzImage(window: GlzWindow, image: GlzImage): void {
  if (window.images.has(image.id)) throw new DecodeError('glzDuplicate', 'glz.imageId', image.id);
  if (image.pixels.byteLength > window.bytesMax) {
    throw new DecodeError('oversize', 'glz.imageBytes', image.pixels.byteLength, window.bytesMax);
  }
  const bytes = image.pixels.byteLength;
  if (!charge(window.budget, bytes)) throw new DecodeError('overBudget', 'glz.imageBytes', bytes, roomIn(window.budget));
  if (window.newestWithoutGap === null) {
    window.newestWithoutGap = image.id - 1;
    window.oldest = image.id;
  }
  window.images.set(image.id, image);
  window.bytes += bytes;
  window.oldest = Math.min(window.oldest, image.id);

  const before = window.newestWithoutGap;
  let newest = before;
  while (window.images.has(newest + 1)) newest++;
  window.newestWithoutGap = newest;
  // Without progress the head is where it was, and what it allows to drop is dropped already, but for an old latecomer.
  const head = window.images.get(newest);
  if (head !== undefined) dropOlderThan(window, head.id - head.windowHeadDistance);

  while (window.bytes > window.bytesMax || window.images.size > glzImagesMax) evictOldest(window, image.id);
}

function dropOlderThan(window: GlzWindow, id: number): void {
  if (id - window.oldest > window.images.size) {
    // More ids than images lie between: walking the images is shorter, and bounded whatever ids a peer makes up.
    for (const other of window.images.keys()) if (other < id) drop(window, other);
  } else {
    for (let other = window.oldest; other < id; other++) drop(window, other);
  }
  window.oldest = Math.max(window.oldest, id);
}

function evictOldest(window: GlzWindow, keep: number): void {
  let oldest = Infinity;
  for (const id of window.images.keys()) if (id < oldest && id !== keep) oldest = id;
  const before = window.bytes;
  drop(window, oldest);
  window.evicted++;
  window.evictedBytes += before - window.bytes;
}

function drop(window: GlzWindow, id: number): void {
  const image = window.images.get(id);
  if (image === undefined) return;
  window.images.delete(id);
  window.bytes -= image.pixels.byteLength;
  credit(window.budget, image.pixels.byteLength);
}
