// Video recorder: looks at the shown pictures many times a second, has each that is new encoded elsewhere, and hands the results on in order. It waits for
// nobody: while as many pictures as may be under way are, a new one is left out and counted, and the picture that is there later is taken in its place.

import { copyPixels, isMarked, openSurface, readSequence, type Surface } from '../surface/shared-surface.ts';
import type { Cancel, Host } from './kernel/host.ts';
import type { VideoCounters, VideoEvent, VideoHeadSurface } from './video-mail.ts';
import type { VideoFrame } from './video-part.ts';

/** Pictures sampled and not written yet, of all heads together: the ancestor's VIDEO_QUEUE_CAPACITY. */
export const framesUnderWayMax = 8;
const quality = 85;

export interface EncodeTask {
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  readonly quality: number;
}

export interface VideoRecorderParts {
  readonly host: Pick<Host, 'clock' | 'timers'>;
  readonly framesPerSecond: number;
  readonly counters: VideoCounters;
  /** In the order of the calls. Gives the pixels' memory back. */
  encode(task: EncodeTask): Promise<{ readonly jpeg: Uint8Array; readonly pixels: Uint8Array<ArrayBuffer> }>;
  /** A picture is under way until this is done. */
  write(channel: string, frame: VideoFrame): void | Promise<void>;
  tell(event: VideoEvent): void;
}

interface Head {
  readonly channel: string;
  readonly surface: Surface;
  /** Of the picture that was sampled last; null = none was. */
  sequence: number | null;
}

export class VideoRecorder {
  readonly #parts: VideoRecorderParts;
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];
  #heads: readonly Head[] = [];
  #underWay: Promise<void>[] = [];
  #cancel: Cancel | null = null;
  #encodingFailed = false;

  constructor(parts: VideoRecorderParts) {
    this.#parts = parts;
  }

  get heads(): readonly string[] {
    return this.#heads.map(({ channel }) => channel);
  }

  get framesUnderWay(): number {
    return this.#underWay.length;
  }

  show(surfaces: readonly VideoHeadSurface[]): void {
    this.#heads = surfaces.map(({ channel, buffer }) => this.#heads.find((head) => head.channel === channel && head.surface.buffer === buffer) ?? { channel, surface: openSurface(buffer), sequence: null });
    if (this.#heads.length > 0) this.#next();
  }

  /** The last pictures are taken; resolves when all that is under way has been written. */
  async stop(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    this.#sample();
    while (this.#underWay.length > 0) await Promise.all(this.#underWay);
  }

  #next(): void {
    this.#cancel ??= this.#parts.host.timers.after(1000 / this.#parts.framesPerSecond, () => {
      this.#cancel = null;
      this.#sample();
      if (this.#heads.length > 0) this.#next();
    });
  }

  #sample(): void {
    for (const head of this.#heads) {
      const { surface } = head;
      if (!isMarked(surface) || readSequence(surface) === head.sequence) continue;
      if (this.#underWay.length >= framesUnderWayMax) this.#parts.counters.frames_dropped.add(1);
      else this.#take(head);
    }
  }

  #take(head: Head): void {
    const { host, counters } = this.#parts;
    const { width, height } = head.surface;
    const bytes = width * height * 4;
    const at = this.#spare.findIndex((memory) => memory.length === bytes);
    const memory = at < 0 ? new Uint8Array(bytes) : this.#spare.splice(at, 1)[0]!;
    const { sequence } = copyPixels(head.surface, memory);
    head.sequence = sequence;
    counters.frames_sampled.add(1);
    const done = this.#encode(head.channel, { pixels: memory, width, height, quality }, host.clock.wallMs(), host.clock.monotonicMs()).finally(() => {
      this.#underWay = this.#underWay.filter((other) => other !== done);
    });
    this.#underWay.push(done);
  }

  async #encode(channel: string, task: EncodeTask, wallMs: number, atMs: number): Promise<void> {
    const { counters, host } = this.#parts;
    try {
      const { width, height } = task;
      const { jpeg, pixels } = await this.#parts.encode(task);
      counters.encode_us.set(Math.round((host.clock.monotonicMs() - atMs) * 1000));
      if (this.#spare.length < this.#heads.length + 1) this.#spare.push(pixels);
      else this.#spare[0] = pixels;
      await this.#parts.write(channel, { width, height, jpeg, wallMs, atMs });
    } catch (error) {
      counters.frames_lost.add(1);
      if (!this.#encodingFailed) this.#parts.tell({ kind: 'videoEncodingFailed', channel, message: error instanceof Error ? error.message : String(error) });
      this.#encodingFailed = true;
    }
  }
}
