// Draw watch: which surfaces were drawn to between two looks at their sequence numbers. It is told of surfaces and numbers and reads no
// memory itself; drawings that lie between the same two looks are one.

import type { SurfaceFacts } from './session-facts.ts';

/** A surface with its sequence number (`surface/shared-surface.ts`): it grows by two with every drawing. */
export interface DrawReading extends SurfaceFacts {
  readonly sequence: number;
}

/** Finished drawings by surface, as of the last look. */
export type DrawWatch = ReadonlyMap<string, number>;

export interface DrawLook {
  readonly watch: DrawWatch;
  readonly drawn: readonly DrawReading[];
}

/** `before` null: watching begins, and what was drawn until now is nobody's news. */
export function lookForDrawings(before: DrawWatch | null, readings: readonly DrawReading[]): DrawLook {
  const watch = new Map(readings.map((reading) => [keyOf(reading), finishedDrawings(reading)]));
  const drawn = before === null ? [] : readings.filter((reading) => finishedDrawings(reading) !== (before.get(keyOf(reading)) ?? 0));
  return { watch, drawn };
}

const keyOf = ({ channelId, surfaceId, width, height }: SurfaceFacts): string => `${channelId}/${surfaceId}:${width}x${height}`;
/** An odd sequence is a drawing under way, which is news when it is finished. */
const finishedDrawings = ({ sequence }: DrawReading): number => sequence >>> 1;
