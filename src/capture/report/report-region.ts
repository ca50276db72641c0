// Report region: the part of a screen that a person points out, checked before anything is made of it. A click without a drag has no area: the ancestor made reports of
// such regions (`{1948,1152,1948,1152}`) and nobody could see what was meant. Pure.

import type { Region } from './report-members.ts';

export type RegionJudgement = { readonly ok: true; readonly region: Region } | { readonly ok: false; readonly message: string };

/** For people, and the text of the notification. */
export const emptyRegionText = 'Region has no area (zero width or height): the report was not made. Select it again by dragging from one corner to the other';

/** A reversed drag is turned round; one pixel is a region. */
export function judgeRegion(given: Region): RegionJudgement {
  const region: Region = {
    left: Math.min(given.left, given.right), top: Math.min(given.top, given.bottom), right: Math.max(given.left, given.right), bottom: Math.max(given.top, given.bottom),
  };
  if (Object.values(given).some((edge: number) => !Number.isSafeInteger(edge) || edge < 0)) return { ok: false, message: 'A region is four whole numbers of pixels, none below 0: left, top, right, bottom.' };
  return region.right > region.left && region.bottom > region.top ? { ok: true, region } : { ok: false, message: emptyRegionText };
}

/** The part of it that is on the screen; null when nothing is. */
export function onScreen({ left, top, right, bottom }: Region, screen: { readonly width: number; readonly height: number }): Region | null {
  const cut: Region = { left, top, right: Math.min(right, screen.width), bottom: Math.min(bottom, screen.height) };
  return cut.right > cut.left && cut.bottom > cut.top ? cut : null;
}
