// How the traffic rings share the memory: each channel kind has a weight, and the weights of the ancestor's six rings make
// 50 MiB exactly. It only computes sizes; who may ask for which total (environment, system memory) is decided elsewhere.

const MIB = 1024 * 1024;

/** The six rings of the ancestor together. The total scales, and never goes below it. */
const TRAFFIC_TOTAL_MIB_MIN = 50;

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
