// How much memory the traffic rings have and how they share it: the total follows what the user asked for or the system's memory; each channel
// kind has a weight, and the weights of the ancestor's six rings make 50 MiB exactly. It only computes sizes.

const MIB = 1024 * 1024;

/** The six rings of the ancestor together. The total scales, and never goes below it. */
export const TRAFFIC_TOTAL_MIB_MIN = 50;
/** Without being asked, no more than this, however much memory there is. */
const AUTOMATIC_TOTAL_MIB_MAX = 200;
/** A display's ring, with what snapshots may hold of it, is six times its share of address space. */
const TRAFFIC_TOTAL_MIB_MAX = 512;
/** The part of the system's memory that the six rings have without being asked: 64 MiB of 16 GiB. */
const MEMORY_SHARE = 1 / 256;

/** Where users say how many MiB the rings have. */
export const TRAFFIC_CAP_VARIABLE = 'RYLL_TRAFFIC_CAP_MB';

export interface TrafficTotal {
  /** Of the six rings together, in MiB. */
  readonly mib: number;
  /** A sentence when the user has asked for something else. */
  readonly warning: string | null;
}

/**
 * @param asked the variable's text; undefined or empty = nobody asked
 * @param memoryBytes of the whole system
 */
export function trafficTotal(asked: string | undefined, memoryBytes: number): TrafficTotal {
  const automatic = Math.floor(Math.min(AUTOMATIC_TOTAL_MIB_MAX, Math.max(TRAFFIC_TOTAL_MIB_MIN, (memoryBytes / MIB) * MEMORY_SHARE)));
  if (asked === undefined || asked.trim() === '') return { mib: automatic, warning: null };
  const range = `from ${TRAFFIC_TOTAL_MIB_MIN} to ${TRAFFIC_TOTAL_MIB_MAX}`;
  if (!/^\d{1,9}$/.test(asked.trim())) {
    return { mib: automatic, warning: `${TRAFFIC_CAP_VARIABLE} is not a whole number of MiB ${range}: the traffic rings have ${automatic} MiB, as without it` };
  }
  const mib = Math.min(TRAFFIC_TOTAL_MIB_MAX, Math.max(TRAFFIC_TOTAL_MIB_MIN, Number(asked)));
  return { mib, warning: mib === Number(asked) ? null : `${TRAFFIC_CAP_VARIABLE} can be ${range}: the traffic rings have ${mib} MiB` };
}

/** 25 parts of the total for the ancestor's six; channels that it left out have a share on top, not one taken from these. */
const WEIGHTS: Readonly<Record<string, number>> = {
  display: 16,
  main: 2,
  cursor: 2,
  playback: 2,
  usbredir: 2,
  inputs: 1,
  record: 2,
  webdav: 2,
  port: 1,
  smartcard: 1,
};
const WEIGHTS_TOTAL = 25;
const WEIGHT_OF_OTHERS = 1;

/**
 * Bytes of traffic that one channel's ring shows: for `display/0` of 50 MiB in total, 32 MiB. Each channel of a kind has
 * its own ring of this size. The memory is used only as traffic reaches it.
 */
export function ringBytesOf(channel: string, totalMib: number = TRAFFIC_TOTAL_MIB_MIN): number {
  const kind = channel.split('/', 1)[0]!;
  const weight = WEIGHTS[kind] ?? WEIGHT_OF_OTHERS;
  return Math.floor((Math.max(totalMib, TRAFFIC_TOTAL_MIB_MIN) * MIB * weight) / WEIGHTS_TOTAL);
}
