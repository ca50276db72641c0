// From the screens that an agent was asked for to the surface and heads of one display channel: what a guest would make of them. One
// display channel shows all screens side by side on one surface; of several channels each shows one. Pure.

import type { Head } from '../protocol/messages/surface.ts';
import type { ScreenSize } from './channels/server-channel.ts';
import { sceneHeight, sceneWidth } from './scene.ts';

export interface ScreenLayout {
  readonly width: number;
  readonly height: number;
  readonly heads: readonly Head[];
}

/** A screen is at most this large either way, and one surface holds at most this many of them. */
const sideMax = 4096;
export const headsMax = 4;

/** What display channel `display` of `displays` shows; nothing asked for = one screen of the scene's size. */
export function layScreens(asked: readonly ScreenSize[], display: number, displays: number): ScreenLayout {
  const wanted = displays === 1 ? asked.slice(0, headsMax) : asked.slice(display, display + 1);
  const screens = (wanted.length === 0 ? [{ width: sceneWidth, height: sceneHeight }] : wanted).map(acceptSize);
  let right = 0;
  const heads = screens.map(({ width, height }, monitorId): Head => {
    right += width;
    return { monitorId, surfaceId: 0, width, height, x: right - width, y: 0, flags: 0 };
  });
  return { width: right, height: Math.max(...screens.map(({ height }) => height)), heads };
}

/** As guests do: a width that is a multiple of 8; and no smaller than the scene, which would not fit. */
function acceptSize({ width, height }: ScreenSize): ScreenSize {
  const within = (value: number, min: number): number => Math.min(Math.max(value, min), sideMax);
  return { width: within(width, sceneWidth) & ~7, height: within(height, sceneHeight) };
}
