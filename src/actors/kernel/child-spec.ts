// The data from which an actor is started, checked before anything runs. It says what and how, never who supervises:
// restart strategies read it in the supervisor's room, the kernel reads placement, mailbox, links and shutdown.

export type Restart = 'permanent' | 'transient' | 'temporary';
export type Placement = 'thread' | 'local';
/** Milliseconds to stop in, or for ever, or no asking at all. */
export type Shutdown = number | 'infinity' | 'brutalKill';

/** What Node limits in a worker. Typed arrays are outside all of them. */
export interface ResourceLimits {
  readonly maxOldGenerationSizeMb: number;
  readonly maxYoungGenerationSizeMb: number;
  readonly codeRangeSizeMb: number;
  readonly stackSizeMb: number;
}

export interface ChildSpec<A = unknown> {
  /** Such as `display/0`. */
  readonly id: string;
  /** File URL of the compiled actor module, which exports `actor`. */
  readonly module: string;
  /** Structured-cloneable; shared memory allowed. */
  readonly args: A;
  readonly placement: Placement;
  readonly restart: Restart;
  readonly shutdown: Shutdown;
  /** Messages that may wait, for each sender and lane. */
  readonly mailbox: { readonly dataMax: number; readonly controlMax: number };
  /** Ids of the actors that this one may tell. They need not run yet. */
  readonly links: readonly string[];
  readonly resourceLimits?: Partial<ResourceLimits>;
}

const MAILBOX_MESSAGES_MAX = 65_536;
const LINKS_MAX = 256;
const SHUTDOWN_MS_MAX = 600_000;

/** Enough for any channel; a heap beyond it is a leak, and ends that actor only. */
export const DEFAULT_RESOURCE_LIMITS: ResourceLimits = {
  maxOldGenerationSizeMb: 256,
  maxYoungGenerationSizeMb: 32,
  codeRangeSizeMb: 32,
  stackSizeMb: 4,
};

/** What is wrong with a child spec, all of it at once. */
export class InvalidChildSpec extends Error {
  override readonly name = 'InvalidChildSpec';
  readonly code = 'invalid-child-spec';
  readonly faults: readonly string[];

  constructor(id: string, faults: readonly string[]) {
    super(`the child spec of '${id}' is invalid: ${faults.join('; ')}`);
    this.faults = faults;
  }
}

const ID = /^[a-z][a-z0-9-]*(?:\/[a-z0-9-]+)*$/;
const ID_CHARACTERS_MAX = 100;

/** Everything that is wrong with a child spec; empty when it may be started. */
export function childSpecFaults(spec: ChildSpec): string[] {
  const faults: string[] = [];
  const check = (good: boolean, fault: string): void => {
    if (!good) faults.push(fault);
  };
  check(isActorId(spec.id), `id must look like 'display/0' and have at most ${ID_CHARACTERS_MAX} characters`);
  check(spec.module.startsWith('file:'), `module must be a file URL, not '${spec.module}'`);
  check(spec.placement === 'thread' || spec.placement === 'local', `placement '${String(spec.placement)}' is unknown`);
  check(['permanent', 'transient', 'temporary'].includes(spec.restart), `restart '${String(spec.restart)}' is unknown`);
  check(isShutdown(spec.shutdown), `shutdown must be 'infinity', 'brutalKill' or 0 to ${SHUTDOWN_MS_MAX} milliseconds`);
  check(isCount(spec.mailbox.dataMax, MAILBOX_MESSAGES_MAX), `mailbox.dataMax must be 1 to ${MAILBOX_MESSAGES_MAX} messages`);
  check(isCount(spec.mailbox.controlMax, MAILBOX_MESSAGES_MAX), `mailbox.controlMax must be 1 to ${MAILBOX_MESSAGES_MAX} messages`);
  check(spec.links.length <= LINKS_MAX, `at most ${LINKS_MAX} links`);
  check(spec.links.every(isActorId), 'every link must be an actor id');
  check(new Set(spec.links).size === spec.links.length, 'a link is named twice');
  check(!spec.links.includes(spec.id), 'an actor has no link to itself');
  for (const [name, value] of Object.entries(spec.resourceLimits ?? {})) {
    check(Number.isFinite(value) && value > 0, `resourceLimits.${name} must be a positive number of megabytes`);
  }
  return faults;
}

/** Throws `InvalidChildSpec` unless the spec may be started. */
export function assertChildSpec(spec: ChildSpec): void {
  const faults = childSpecFaults(spec);
  if (faults.length > 0) throw new InvalidChildSpec(spec.id, faults);
}

function isActorId(id: string): boolean {
  return id.length <= ID_CHARACTERS_MAX && ID.test(id);
}

function isCount(count: number, max: number): boolean {
  return Number.isInteger(count) && count >= 1 && count <= max;
}

function isShutdown(shutdown: Shutdown): boolean {
  if (typeof shutdown !== 'number') return shutdown === 'infinity' || shutdown === 'brutalKill';
  return Number.isInteger(shutdown) && shutdown >= 0 && shutdown <= SHUTDOWN_MS_MAX;
}
