// Report members: a report as a value: what is to be in the zip and where it goes. Whoever makes the documents and whoever writes the file know each other by this
// alone. Pure.

import type { TapPins } from '../../mailbox/tap-snapshot.ts';

/** In the order in which they stand in the zip. Those that a report does not have are absent. */
export const memberNames = [
  'metadata.json', 'session.json', 'channel-state.json', 'traffic.pcap', 'screenshot.png', 'screenshot-region.png', 'notifications.json', 'runtime-metrics.json',
  'disconnect-cause.json', 'stacks.json', 'events.json', 'verdict.json', 'replay.txt',
] as const;
export type MemberName = (typeof memberNames)[number];

export interface ReportText {
  readonly name: MemberName;
  readonly text: string;
}

/** A picture of a surface, in memory of its own. Rows top-down without padding, bytes B, G, R, X. */
export interface ReportPicture {
  readonly name: 'screenshot.png' | 'screenshot-region.png';
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  /** What of it is wanted; null = all. Lies within it. */
  readonly region: Region | null;
}

/** In pixels of the surface; `right` and `bottom` are the first beyond it. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface ReportPlan {
  /** Of the file that is wanted. One that is there already is left, and `-2` is added. */
  readonly path: string;
  readonly members: readonly ReportText[];
  /** Held still by whoever made the plan, who releases it when the report is written or has failed; null = no traffic.pcap. */
  readonly traffic: { readonly pins: readonly TapPins[]; readonly redacted: boolean } | null;
  readonly pictures: readonly ReportPicture[];
  /** Older files of this kind make room; null = they all stay. */
  readonly rolling: RollingCaps | null;
}

/** Bounds of what stays in a folder, the newest file counted. */
export interface RollingCaps {
  /** Files are of this kind when their names begin so. */
  readonly prefix: string;
  readonly filesMax: number;
  readonly bytesMax: number;
}

export interface ReportWritten {
  /** As it is named in the end. */
  readonly path: string;
  readonly bytes: number;
  readonly messages: number;
  /** Older files that made room. */
  readonly pruned: number;
}

export interface StoredFile {
  readonly name: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** Names of the files that have to go, oldest first, until both bounds hold. The newest always stays. */
export function filesToPrune(files: readonly StoredFile[], { prefix, filesMax, bytesMax }: RollingCaps): readonly string[] {
  const mine = files.filter(({ name }) => name.startsWith(prefix)).toSorted((a, b) => a.modifiedMs - b.modifiedMs || (a.name < b.name ? -1 : 1));
  let bytes = mine.reduce((sum, file) => sum + file.bytes, 0);
  let count = mine.length;
  const gone: string[] = [];
  for (const file of mine.slice(0, -1)) {
    if (count <= filesMax && bytes <= bytesMax) break;
    gone.push(file.name);
    bytes -= file.bytes;
    count -= 1;
  }
  return gone;
}

/** `x.zip`, `x-2.zip`, `x-3.zip` ... */
export function numberedPath(path: string, number: number): string {
  return number === 1 ? path : path.replace(/(\.zip)?$/, `-${number}$1`);
}
