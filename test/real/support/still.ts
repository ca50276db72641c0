// Waits for the still moments at which a client's picture may be compared with the server's: until something is seen, never for
// a time.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { comparePixels, type Picture } from './picture.ts';
import { screendump } from './qmp.ts';
import type { Server } from './servers.ts';

const POLL_MS = 250;

/** A text-mode cursor's cell: it blinks, and iPXE draws a dot a second while it waits for a network. */
const CELL_PIXELS = 9 * 16;

/** Asks again and again until `found` gives something else than null; throws naming `what` at the deadline. */
export const until = async <T>(what: string, timeoutMs: number, found: () => Promise<T | null> | T | null): Promise<T> => {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await pause(POLL_MS)) {
    const result = await found();
    if (result !== null) return result;
  }
  throw new Error(`not within ${timeoutMs} ms: ${what}`);
};

/** The firmware screen rests: text is there, and for 8 looks in a row no more than a cursor's cell changed. */
export const awaitRest = async (server: Server): Promise<void> => {
  let [before, calm]: [Picture | null, number] = [null, 0];
  await until('the firmware screen rests', 60_000, async () => {
    const now = await screendump(server);
    const same = before !== null && before.width === now.width && before.height === now.height && comparePixels(before, now).differing <= CELL_PIXELS;
    const inked = now.rgb.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0);
    calm = same && inked > 40_000 ? calm + 1 : 0;
    before = now;
    return calm >= 8 ? true : null;
  });
};

/** draw-server has drawn its script for the client that is connected, and truth.ppm is there. */
export const awaitDone = async (server: Server): Promise<void> => {
  const [log, truth] = ['draw.log', 'truth.ppm'].map((name) => join(server.get('SPICE_DIR'), name));
  await until('draw-server says done', 30_000, () => (readFileSync(log ?? '', 'utf8').includes('"done"') && existsSync(truth ?? '') ? true : null));
};
