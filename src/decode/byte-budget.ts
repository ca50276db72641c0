/**
 * One display channel's budget of bytes: surfaces, the image cache, the GLZ window, palettes and all that decoding and drawing need
 * for a moment are charged to it before they are allocated. A heap limit counts none of them, because pixels live in typed arrays.
 * It allocates nothing and evicts nothing: over the maximum it says no, and whoever asked leaves a gap.
 */
import { DecodeError } from './decode-error.ts';

const MIB = 1024 * 1024;

/**
 * What one display channel may have in pixels. A server that keeps to what it was offered always fits: 256 MiB of surfaces
 * (`defaultSurfaceLimits`), 80 MiB of images and 64 MiB of GLZ window (`cli/session-args.ts`), 64 MiB of kept scratch memory
 * (`image-source.ts`), and 48 MiB are left to work in.
 */
export const displayBytesMax = 512 * MIB;

/** Mutable, owned by one canvas. At every moment `held` + `working` is at most `bytesMax`. */
export interface ByteBudget {
  readonly bytesMax: number;
  /** What outlives the message that made it. */
  held: number;
  /** What the message under way needs until it is done. */
  working: number;
  /** The most that `held` + `working` ever was. */
  highWater: number;
  /** How often the answer was no. */
  refused: number;
}

export function createByteBudget(bytesMax: number): ByteBudget {
  return { bytesMax, held: 0, working: 0, highWater: 0, refused: 0 };
}

/** Bytes that are free. */
export function roomIn(budget: ByteBudget): number {
  return budget.bytesMax - budget.held - budget.working;
}

/** Charges what will be held until `credit`. False, counted, when there is no room; then nothing is charged. */
export function charge(budget: ByteBudget, bytes: number): boolean {
  if (!admits(budget, bytes)) return false;
  budget.held += bytes;
  budget.highWater = Math.max(budget.highWater, budget.held + budget.working);
  return true;
}

/** Gives back what `charge` took. */
export function credit(budget: ByteBudget, bytes: number): void {
  budget.held -= bytes;
}

/** Charges what is needed for the message under way, until `creditWorking` or `endWork`. False, counted, when there is no room. */
export function chargeWorking(budget: ByteBudget, bytes: number): boolean {
  if (!admits(budget, bytes)) return false;
  budget.working += bytes;
  budget.highWater = Math.max(budget.highWater, budget.held + budget.working);
  return true;
}

/** Gives back what `chargeWorking` took, before the message is done: for what turns out to be kept, and is charged as held next. */
export function creditWorking(budget: ByteBudget, bytes: number): void {
  budget.working -= bytes;
}

/** The message is done, and nobody looks at its working memory any more. */
export function endWork(budget: ByteBudget): void {
  budget.working = 0;
}

/**
 * `chargeWorking` for decoders.
 * @param field what the memory is for, in the words of the format
 * @throws DecodeError `overBudget`
 */
export function requireWorking(budget: ByteBudget, bytes: number, field: string): void {
  if (!chargeWorking(budget, bytes)) throw new DecodeError('overBudget', field, bytes, roomIn(budget));
}

function admits(budget: ByteBudget, bytes: number): boolean {
  const fits = bytes <= roomIn(budget);
  if (!fits) budget.refused++;
  return fits;
}
