import { expect, test } from 'vitest';
import { ShownSurfaces } from '#app/cli/shown-surfaces.js';
import type { ChannelEvent } from '#app/protocol/events.js';
import { createSurface, isStale, openSurface, surfaceByteLength } from '#app/surface/shared-surface.js';

const made = (): ChannelEvent & { readonly kind: 'surfaceCreated' } => {
  const buffer = new SharedArrayBuffer(surfaceByteLength(8, 4));
  createSurface(buffer, 8, 4, 32);
  return { kind: 'surfaceCreated', surfaceId: 0, width: 8, height: 4, format: 32, buffer, coverage: null };
};
const listed = (...ids: readonly number[]): ChannelEvent => ({ kind: 'channelsListed', channels: ids.map((id) => ({ type: 2, id })) });
const channels = (surfaces: ShownSurfaces): string[] => surfaces.list.map(({ channel }) => channel);

test('a picture outlives its channel, and gives way to the next one when that is whole', () => {
  const surfaces = new ShownSurfaces();
  const [first, second] = [made(), made()];
  expect(surfaces.hear('display/0', first)).toBe(true);
  surfaces.ended('display/0');
  expect(isStale(openSurface(first.buffer))).toBe(true);
  expect(surfaces.hear('display/0', second)).toBe(false);
  expect(surfaces.list[0]?.buffer).toBe(first.buffer);
  expect(surfaces.hear('display/0', { kind: 'surfaceMarked' })).toBe(true);
  expect(surfaces.list[0]?.buffer).toBe(second.buffer);
});

test('a new session’s first list says which last pictures have nobody to follow them', () => {
  const surfaces = new ShownSurfaces();
  for (const channel of ['display/0', 'display/1']) surfaces.hear(channel, made());
  for (const channel of ['display/0', 'display/1']) surfaces.ended(channel);
  surfaces.sessionLost();
  expect(channels(surfaces)).toEqual(['display/0', 'display/1']);
  expect(surfaces.hear('main/0', listed(0))).toBe(true);
  expect(channels(surfaces)).toEqual(['display/0']);
});

test('a later list is an addition, and takes no picture away', () => {
  const surfaces = new ShownSurfaces();
  surfaces.hear('display/0', made());
  surfaces.ended('display/0');
  expect(surfaces.hear('main/0', listed(3))).toBe(false);
  expect(channels(surfaces)).toEqual(['display/0']);
});
