// Options of `connect` about figures: where metrics are served, the file of latencies, the cadence that gives the probe something to measure.

import { InvalidArgumentError, Option } from 'commander';
import type { MetricsAddress } from '../actors/metrics-mail.ts';
import { parseMetricsAddress } from './metrics-address.ts';
import { cadencePresses, cadenceSeconds, type CadencePress } from './session-cadence.ts';

export interface MetricsOptions {
  readonly metrics?: MetricsAddress;
  /** A file that is not there yet. */
  readonly latencyFile?: string;
  /** Press at a steady rate. */
  readonly cadence?: boolean;
  /** Seconds between two presses; absent = `cadenceSeconds`. */
  readonly cadenceEvery?: number;
  readonly cadencePress?: CadencePress;
}

const cadenceSecondsMin = 0.1;
const cadenceSecondsMax = 3_600;

/** In the order of the help. Made anew for each command line. */
export const metricsOptions = {
  metrics: () => new Option('--metrics <address>', 'serve metrics for Prometheus on unix:PATH or 127.0.0.1:PORT, at /metrics').argParser(parseAddress),
  latencyFile: () => new Option('--latency-file <file.csv>', 'write the times between PINGs and from presses to drawings; the file must not exist'),
  cadence: () => new Option('--cadence', 'press at a steady rate, and measure the time until the next drawing'),
  cadenceEvery: () => new Option('--cadence-every <seconds>', `with --cadence: between two presses (default: ${cadenceSeconds})`).argParser(parseEvery),
  cadencePress: () => new Option('--cadence-press <what>', 'with --cadence: the space bar or the left mouse button (default: "space")').choices(cadencePresses),
};

/** What is wrong between the options; null when nothing is. */
export function metricsOptionsFault({ cadence, cadenceEvery, cadencePress }: MetricsOptions): string | null {
  const needsCadence = cadence !== true && (cadenceEvery !== undefined || cadencePress !== undefined);
  return needsCadence ? '--cadence-every and --cadence-press are about --cadence, which is missing' : null;
}

function parseAddress(text: string): MetricsAddress {
  const address = parseMetricsAddress(text);
  if (typeof address === 'string') throw new InvalidArgumentError(address);
  return address;
}

function parseEvery(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds >= cadenceSecondsMin && seconds <= cadenceSecondsMax)) throw new InvalidArgumentError(`It must be a number of seconds from ${cadenceSecondsMin} to ${cadenceSecondsMax}.`);
  return seconds;
}
