// Injected faults on the command line: `--inject display/0:spin@3s` as a value, and child specs with the faults in them. Only tests of this program use
// it; how a fault is done is actors/fault-injection.ts's.

import { actorFaultKinds, type ActorFault, type ActorFaultKind, type FaultyArgs } from '../actors/fault-injection.ts';
import type { ActorSystem } from '../actors/kernel/actor-system.ts';
import type { ChildSpec } from '../actors/kernel/child-spec.ts';
import { diskFaultKinds, type DiskFault, type DiskFaultKind, type WriterArgs } from '../capture/writer-message.ts';
import { parseDuration, splitFaultText } from './fault-text.ts';

/** Without this set to 1 no fault is accepted. */
export const FAULTS_VARIABLE = 'RYLL_TEST_FAULTS';

export interface InjectedFault {
  /** The actor's id. */
  readonly actor: string;
  readonly fault: ActorFault | DiskFault;
}

type StartsActors = Pick<ActorSystem, 'start' | 'child'>;

const faultyModule = new URL('../actors/faulty-actor.js', import.meta.url).href;

/**
 * `ACTOR:FAULT@TIMExGENERATIONS`: the time runs from the actor's start (default 0) and has the unit `s` or `ms`; so many generations of the actor have
 * the fault (default 1), `xall` all of them.
 * @returns the fault, or what is wrong with the text
 */
export function parseInjectedFault(text: string): InjectedFault | string {
  const parts = splitFaultText(text);
  const atMs = parts?.moment == null ? 0 : parseDuration(parts.moment);
  // An actor's first generations have a fault, never only later ones.
  if (parts === null || parts.value !== null || atMs === null || (parts.times?.first ?? 1) !== 1) return `"${text}" is not ACTOR:FAULT@TIME, as in display/0:spin@3s or writer:diskFull@500msx2.`;
  if (atMs === 'tooLong') return `The time of "${text}" is more than an hour.`;
  const { subject: actor, kind } = parts;
  const timing = { atMs, generationsMax: parts.times?.last ?? 1 };
  if (isKind(actorFaultKinds, kind)) return { actor, fault: { kind: kind as ActorFaultKind, ...timing } };
  if (isKind(diskFaultKinds, kind)) return actor === 'writer' ? { actor, fault: { kind: kind as DiskFaultKind, ...timing } } : `Only the writer has a disk: ${text}.`;
  return `"${kind}" is not a fault; faults are ${[...Object.keys(actorFaultKinds), ...Object.keys(diskFaultKinds)].join(', ')}.`;
}

/** The child spec as it is started: the same one where no fault is meant for its actor. */
export function withFaults(spec: ChildSpec, injected: readonly InjectedFault[]): ChildSpec {
  const faults = injected.filter(({ actor }) => actor === spec.id).map(({ fault }) => fault);
  if (faults.length === 0) return spec;
  const disk = faults.find((fault): fault is DiskFault => isKind(diskFaultKinds, fault.kind));
  // Disk faults are only ever parsed for the writer, whose arguments these are.
  const args = disk === undefined ? spec.args : ({ ...(spec.args as WriterArgs), diskFault: disk } satisfies WriterArgs);
  const others = faults.filter((fault): fault is ActorFault => isKind(actorFaultKinds, fault.kind));
  if (others.length === 0) return { ...spec, args };
  return { ...spec, module: faultyModule, args: { module: spec.module, args, faults: others } satisfies FaultyArgs };
}

/** The system that a session is started on, with the faults put into what it starts. */
export function faultySystem(system: StartsActors, injected: readonly InjectedFault[]): StartsActors {
  if (injected.length === 0) return system;
  return { start: (spec) => system.start(withFaults(spec, injected)), child: (id) => system.child(id) };
}

function isKind(kinds: Readonly<Record<string, string>>, kind: string): boolean {
  return Object.hasOwn(kinds, kind);
}
