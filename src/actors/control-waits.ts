// Control waits: the waits of all clients. It looks at shared surfaces and at the pointer when it is told to, feeds what it sees to each
// wait (`control/wait.ts`), keeps their deadlines, and answers each once. A surface that nobody drew to costs one number to look at.

import { dataOf, type ControlEvent } from '../control/control-event.ts';
import { passes } from '../control/event-filter.ts';
import { refusal, type Answer } from '../control/request.ts';
import { beginWait, stepWait, type PointerLook, type Sight, type Wait, type WaitState } from '../control/wait.ts';
import { findSurface } from '../control/work-requests.ts';
import type { PictureTarget } from '../control/work.ts';
import { CellReader, type CellMemory } from '../mailbox/cell.ts';
import type { PictureResult, SharedTemplate } from '../pool/picture-task.ts';
import { fingerprint, wholeOf } from '../surface/fingerprint.ts';
import { decodePointer } from '../surface/pointer-cell.ts';
import { openSurface, readSequence, type Surface } from '../surface/shared-surface.ts';
import { runPicture, type ControlPictures } from './control-pictures.ts';
import type { SharedFacts, SharedSurfaceFacts } from './control-mail.ts';
import type { Cancel, Clock, Timers } from './kernel/host.ts';

export interface ControlWaitsParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly pictures: ControlPictures;
  facts(): SharedFacts;
  /** Whether it is to be told to look may be another now. */
  changed(): void;
  /** Runs what a promise brings, and takes what it throws. */
  guarded(run: () => void): void;
}

/** One wait of one client. */
interface Waiting {
  readonly answer: (answer: Answer) => void;
  readonly beganMs: number;
  readonly deadline: Cancel;
  state: WaitState;
  /** The surface and what of it was looked at last. */
  seen: { readonly buffer: SharedArrayBuffer; readonly sequence: number; readonly fingerprint: number } | null;
  /** Of a wait for an image, once it was read. */
  template: SharedTemplate | null;
  /** The pool works for it. */
  searching: boolean;
  /** The earliest moment at which pixels are looked at again: looking takes at most a tenth of this thread. */
  notBeforeMs: number;
}

const restShare = 9;

export class ControlWaits {
  readonly #parts: ControlWaitsParts;
  readonly #waiting = new Map<object, Waiting>();
  #pointer: { readonly memory: CellMemory; readonly reader: CellReader; version: number; look: PointerLook | null } | null = null;

  constructor(parts: ControlWaitsParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#waiting.size;
  }

  /** Somebody waits for what only shows in shared memory. */
  get looks(): boolean {
    return [...this.#waiting.values()].some(({ state: { wait } }) => wait.kind !== 'agent' && wait.kind !== 'event');
  }

  /** @param key what `abandon` names it by */
  begin(key: object, wait: Wait, timeoutMs: number, answer: (answer: Answer) => void): void {
    const { clock, timers } = this.#parts;
    const deadline = timers.after(timeoutMs, () => this.#parts.guarded(() => this.#end(key, refusal('timeout', `${sentence[wait.kind]} within ${timeoutMs} ms`))));
    const waiting: Waiting = { answer, beganMs: clock.monotonicMs(), deadline, state: beginWait(wait), seen: null, template: null, searching: false, notBeforeMs: 0 };
    this.#waiting.set(key, waiting);
    if (wait.kind === 'image') this.#readTemplate(key, waiting, wait.template);
    if (wait.kind === 'agent') this.#give(key, waiting, { kind: 'agent', connected: this.#parts.facts().agentConnected });
    else this.#lookFor(key, waiting);
    this.#parts.changed();
  }

  abandon(key: object): void {
    this.#waiting.get(key)?.deadline();
    if (this.#waiting.delete(key)) this.#parts.changed();
  }

  close(): void {
    for (const { deadline } of this.#waiting.values()) deadline();
    this.#waiting.clear();
  }

  event(event: ControlEvent): void {
    for (const [key, waiting] of this.#waiting) {
      const { wait } = waiting.state;
      if (wait.kind === 'agent' && event.kind === 'agent_connected') this.#give(key, waiting, { kind: 'agent', connected: event.connected });
      if (wait.kind !== 'event' || wait.event !== event.kind) continue;
      const data = dataOf(event);
      if (passes(wait.filter, data)) this.#give(key, waiting, { kind: 'event', event: event.kind, data });
    }
  }

  look(): void {
    for (const [key, waiting] of this.#waiting) this.#lookFor(key, waiting);
  }

  #lookFor(key: object, waiting: Waiting): void {
    const { wait } = waiting.state;
    switch (wait.kind) {
      case 'stable':
      case 'changed': {
        const seen = this.#fingerprintOf(waiting, wait.target);
        if (seen !== undefined) this.#give(key, waiting, { kind: 'picture', nowMs: this.#parts.clock.monotonicMs(), fingerprint: seen });
        return;
      }
      case 'image':
        return this.#search(key, waiting, wait.target, wait.match);
      case 'cursor':
        return this.#give(key, waiting, { kind: 'pointer', pointer: this.#readPointer() });
      case 'agent':
      case 'event':
        return;
    }
  }

  /** Null when there is no picture, undefined when it is drawn to at the moment or not to be looked at yet. */
  #fingerprintOf(waiting: Waiting, target: PictureTarget): number | null | undefined {
    const found = this.#surface(target);
    if (found === null) return (waiting.seen = null);
    const { facts, surface } = found;
    const sequence = readSequence(surface);
    if (waiting.seen?.buffer === facts.buffer && waiting.seen.sequence === sequence) return waiting.seen.fingerprint;
    const { clock } = this.#parts;
    const beganMs = clock.monotonicMs();
    if ((sequence & 1) === 1 || beganMs < waiting.notBeforeMs) return undefined;
    const seen = fingerprint(surface, target.region ?? wholeOf(surface));
    const endMs = clock.monotonicMs();
    waiting.notBeforeMs = endMs + restShare * (endMs - beganMs);
    // Drawn to meanwhile: half of one picture and half of another is none.
    if (readSequence(surface) !== sequence) return undefined;
    waiting.seen = { buffer: facts.buffer, sequence, fingerprint: seen };
    return seen;
  }

  #search(key: object, waiting: Waiting, target: PictureTarget, { tolerance, differing }: { readonly tolerance: number; readonly differing: number }): void {
    const found = this.#surface(target);
    if (found === null || waiting.template === null || waiting.searching) return;
    const { buffer } = found.facts;
    // Of a drawing that is under way the search sees what was there before, and the next look finds another number.
    const sequence = readSequence(found.surface) & ~1;
    if (waiting.seen?.buffer === buffer && waiting.seen.sequence === sequence) return;
    waiting.seen = { buffer, sequence, fingerprint: 0 };
    this.#run(key, waiting, { kind: 'find', surface: buffer, region: target.region, template: waiting.template, tolerance, differing }, (result) => {
      if (result.kind === 'found') this.#give(key, waiting, { kind: 'image', x: result.x, y: result.y });
    });
  }

  #readTemplate(key: object, waiting: Waiting, template: string): void {
    this.#run(key, waiting, { kind: 'readTemplate', template }, (result) => {
      if (result.kind === 'template') {
        waiting.template = result.template;
        this.#lookFor(key, waiting);
      } else if (result.kind === 'refused') this.#end(key, refusal('bad_params', `the template ${result.reason}`));
    });
  }

  #run(key: object, waiting: Waiting, task: Parameters<ControlPictures['run']>[0], done: (result: PictureResult) => void): void {
    waiting.searching = true;
    runPicture(this.#parts.pictures, task, (result) => this.#parts.guarded(() => {
      waiting.searching = false;
      if (this.#waiting.get(key) !== waiting) return;
      if (result.kind === 'failed') this.#end(key, refusal('internal_error', `the picture could not be looked at: ${result.message}`));
      else done(result);
    }));
  }

  #give(key: object, waiting: Waiting, sight: Sight): void {
    const { state, result } = stepWait(waiting.state, sight);
    waiting.state = state;
    if (result === null) return;
    this.#end(key, { ok: true, result: { ...result, waited_ms: Math.round(this.#parts.clock.monotonicMs() - waiting.beganMs) } });
  }

  #end(key: object, answer: Answer): void {
    const waiting = this.#waiting.get(key);
    this.abandon(key);
    waiting?.answer(answer);
  }

  #surface(target: PictureTarget): { readonly facts: SharedSurfaceFacts; readonly surface: Surface } | null {
    const facts = findSurface(this.#parts.facts().surfaces, target);
    return facts === null ? null : { facts, surface: openSurface(facts.buffer) };
  }

  #readPointer(): PointerLook | null {
    const memory = this.#parts.facts().pointer;
    if (memory === null) return null;
    if (this.#pointer?.memory.buffer !== memory.buffer) this.#pointer = { memory, reader: new CellReader(memory), version: 0, look: null };
    const pointer = this.#pointer;
    if (pointer.version === pointer.reader.version) return pointer.look;
    const newest = pointer.reader.read();
    const decoded = newest === null ? null : decodePointer(newest.bytes);
    if (newest === null || decoded === null) return pointer.look;
    const { x, y, visible, shape } = decoded;
    pointer.version = newest.version;
    pointer.look = { x, y, visible, shape: shape === null ? 0 : checksum(shape.pixels) };
    return pointer.look;
  }
}

/** Tells one shape from another. */
function checksum(pixels: Uint8Array): number {
  let sum = pixels.length;
  for (const byte of pixels) sum = (Math.imul(sum, 31) + byte) | 0;
  return sum;
}

const sentence: Readonly<Record<Wait['kind'], string>> = {
  stable: 'the picture did not come to rest', changed: 'the picture did not change', image: 'the image was not seen',
  cursor: 'the pointer was not as wanted', agent: 'the agent was not as wanted', event: 'the event did not come',
};
