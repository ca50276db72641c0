// Fuzzing under a seed: input number n of a target is the same whenever and however it is reached. An input fails when the code under
// test throws what it may not, allocates more than was declared, or takes longer than any input can need.

import { Seeded } from '../simulation/seeded.ts';
import { AllocationMeter } from './allocation-meter.ts';
import { captureFileTarget } from './capture-file-target.ts';
import { decoderTargets } from './decoder-targets.ts';
import { messageTargets } from './message-targets.ts';
import type { FuzzTarget } from './target.ts';
import { vvFileTarget } from './vv-file-target.ts';

export const targets: readonly FuzzTarget[] = [...messageTargets, vvFileTarget, captureFileTarget, ...decoderTargets];

export interface FuzzFailure {
  readonly target: string;
  readonly what: string;
  readonly input: Uint8Array;
}

/** Of processor time, for one input of at most 16 KiB on a slow machine: a hang, not a slow day. */
const cpuSecondsMax = 20;
const minimiseRunsMax = 600;
const meter = new AllocationMeter();

/** What became of one input, or why it fails. */
export function attempt(target: FuzzTarget, input: Uint8Array): { readonly tokens: readonly string[]; readonly fault: string | null } {
  const before = process.cpuUsage();
  try {
    const tokens = meter.run(target.bytesMax, () => target.run(input));
    const { user } = process.cpuUsage(before);
    return { tokens, fault: user > cpuSecondsMax * 1e6 ? `took ${user / 1e6} s of processor time` : null };
  } catch (error) {
    return { tokens: [], fault: error instanceof Error ? (error.stack ?? error.message) : 'threw what is no error' };
  }
}

/** Input number `index` of a target under a seed. */
export function inputOf(target: FuzzTarget, seed: number, index: number): Uint8Array {
  const random = new Seeded(Math.imul(seed, 0x9e37_79b1) ^ Math.imul(index + 1, 0x85eb_ca6b));
  return target.make(random);
}

/** A smaller input that still passes `holds`, found by leaving out ever smaller parts. */
export function minimise(input: Uint8Array, holds: (candidate: Uint8Array) => boolean): Uint8Array {
  let smallest = input;
  let runs = 0;
  for (let part = Math.max(1, input.length >> 1); part >= 1 && runs < minimiseRunsMax; part = part === 1 ? 0 : part >> 1) {
    for (let at = 0; at < smallest.length && runs < minimiseRunsMax; runs++) {
      const candidate = Uint8Array.from(Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + part)]));
      if (holds(candidate)) smallest = candidate;
      else at += part;
    }
  }
  return smallest;
}

/** Runs inputs `from` to `from + count` of a target; each outcome that `seen` has not met is handed to it. */
export function fuzz(target: FuzzTarget, seed: number, from: number, count: number, seen: (tokens: readonly string[], input: Uint8Array) => void = () => undefined): FuzzFailure | null {
  for (let index = from; index < from + count; index++) {
    const input = inputOf(target, seed, index);
    const { tokens, fault } = attempt(target, input);
    if (fault === null) {
      seen(tokens, input);
      continue;
    }
    const firstLine = fault.split('\n', 1)[0];
    const least = minimise(input, (candidate) => attempt(target, candidate).fault?.split('\n', 1)[0] === firstLine);
    return { target: target.name, what: `input ${index} under seed ${seed}: ${fault}`, input: least };
  }
  return null;
}

/** What a person needs to see the failure again, and to keep it. */
export const describeFailure = ({ target, what, input }: FuzzFailure): string =>
  `${target}: ${what}\nminimised, for test/fuzz/corpus/${target}.json: { "shows": "...", "hex": "${Buffer.from(input).toString('hex')}" }`;
