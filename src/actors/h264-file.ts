// H.264 file: the pictures of one display as video files that ffmpeg makes, a process of its own that is given our Matroska stream of JPEG pictures. One runs at a
// time; what it does not take waits here for a while and no longer, and when it ends unasked that is told and another one makes the next part.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { clusterHead, videoHead } from '../capture/matroska.ts';
import { isSystemError } from './capture-files.ts';
import { endOf, h264Args, h264Program, keepLastWords, type H264EncoderName } from './h264-encoders.ts';
import type { Host } from './kernel/host.ts';
import { VideoPartNames, type VideoFileParts, type VideoFrame, type VideoSink } from './video-part.ts';

/** An encoder that ended is not started again before. One that lived for so long was well. */
const againMs = 5_000;
/** For one picture: an encoder on a slow machine takes a second for the largest. */
const takesMsMax = 10_000;
/** From the end of its input to its own. */
const finishMsMax = 10_000;
/** Until one that was killed is gone; one that hangs in the kernel is not waited for. */
const killedMsMax = 500;

export interface H264FileParts extends VideoFileParts {
  readonly host: Pick<Host, 'clock' | 'timers'>;
  readonly encoder: H264EncoderName;
}

interface Encoding {
  readonly path: string;
  readonly child: ChildProcessByStdio<Writable, null, Readable>;
  readonly width: number;
  readonly height: number;
  readonly startMs: number;
  readonly ended: Promise<void>;
  /** It has ended: `end` = how, null when that is as it was asked. Only the first call counts. */
  over(end: string | null): void;
  /** Its input is at its end: that it ends is what is asked of it. */
  isFinishing: boolean;
  /** Ours, when we have ended it. */
  why: string | null;
  /** Its picture is repeated at the end: how long it was on show is known only then. */
  last: VideoFrame | null;
}

export class H264File implements VideoSink {
  readonly #parts: H264FileParts;
  readonly #names: VideoPartNames;
  /** One call after the other. */
  #queue: Promise<void> = Promise.resolve();
  #encoding: Encoding | null = null;
  /** Made for an encoder that wrote nothing. */
  #unused: string | null = null;
  #againAtMs = 0;
  /** Pictures lost since the trouble began; null = all is well. */
  #lost: number | null = null;
  #isGivenUp = false;

  constructor(parts: H264FileParts) {
    this.#parts = parts;
    this.#names = new VideoPartNames(parts);
  }

  append(frame: VideoFrame): Promise<void> {
    return this.#after(() => this.#append(frame));
  }

  close(atMs: number): Promise<void> {
    return this.#after(() => this.#finish(atMs));
  }

  giveUp(): void {
    this.#isGivenUp = true;
    if (this.#encoding !== null) this.#kill(this.#encoding, 'it did not finish in time and was ended');
  }

  #after(call: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(call);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #append(frame: VideoFrame): Promise<void> {
    const { counters, host } = this.#parts;
    const encoding = await this.#encodingFor(frame);
    if (encoding === null || !(await this.#give(encoding, frame, frame.atMs))) {
      counters.frames_lost.add(1);
      if (this.#lost !== null) this.#lost += 1;
      return;
    }
    encoding.last = frame;
    counters.frames_written.add(1);
    if (this.#lost === null || host.clock.monotonicMs() - encoding.startMs < againMs) return;
    this.#parts.tell({ kind: 'videoFileRecovered', path: encoding.path, lostFrames: this.#lost });
    this.#lost = null;
  }

  /** Null when there is none and none may be started now. */
  async #encodingFor(frame: VideoFrame): Promise<Encoding | null> {
    const { host } = this.#parts;
    if (this.#encoding !== null && (this.#encoding.width !== frame.width || this.#encoding.height !== frame.height)) await this.#finish(frame.atMs);
    if (this.#encoding !== null) return this.#encoding;
    if (this.#isGivenUp || host.clock.monotonicMs() < this.#againAtMs) return null;
    try {
      this.#encoding = this.#start(this.#make(), frame);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#againAtMs = host.clock.monotonicMs() + againMs;
      this.#failed('videoFileFailed', this.#parts.directory, error.message);
    }
    return this.#encoding;
  }

  #make(): string {
    const unused = this.#unused;
    this.#unused = null;
    if (unused !== null) return unused;
    const { path, file } = this.#names.make();
    this.#parts.files.close(file);
    return path;
  }

  #start(path: string, frame: VideoFrame): Encoding {
    const { width, height, wallMs, atMs } = frame;
    const { encoder, channel } = this.#parts;
    // A process group of its own: Ctrl+C on the terminal is for the client, which lets the encoder finish. A client that is killed closes its input, and it finishes, too.
    const child = spawn(h264Program, h264Args(encoder, path, wallMs), { stdio: ['pipe', 'ignore', 'pipe'], detached: true, windowsHide: true });
    const lastWords = keepLastWords(child.stderr);
    // One that has gone takes nothing more: its end says so.
    child.stdin.on('error', () => undefined);
    child.stdin.write(videoHead({ width, height, title: channel, startedWallMs: wallMs }).bytes);
    let resolveEnded: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (resolveEnded = resolve));
    const encoding: Encoding = {
      path, child, width, height, startMs: atMs, ended, isFinishing: false, why: null, last: null,
      over: (end) => {
        if (this.#encoding === encoding) this.#ended(encoding, end);
        resolveEnded();
      },
    };
    child.once('error', (error) => encoding.over(error.message));
    child.once('close', (code, signal) => encoding.over(code === 0 && encoding.isFinishing ? null : endOf(code, signal, lastWords())));
    return encoding;
  }

  /** Whether the encoder took it. */
  #give(encoding: Encoding, { jpeg }: VideoFrame, atMs: number): Promise<boolean> {
    const timeMs = Math.max(0, Math.round(atMs - encoding.startMs));
    return new Promise((resolve) => {
      const cancel = this.#parts.host.timers.after(takesMsMax, () => this.#kill(encoding, `it took no picture for ${takesMsMax / 1_000} s and was ended`));
      encoding.child.stdin.write(Buffer.concat([clusterHead(timeMs, jpeg.length), jpeg]), (error) => {
        cancel();
        // A write that its end cuts off is told without an error.
        resolve((error === null || error === undefined) && !encoding.child.stdin.destroyed);
      });
    });
  }

  async #finish(atMs: number): Promise<void> {
    const encoding = this.#encoding;
    if (encoding === null) return;
    const { last, child, ended } = encoding;
    if (last !== null && atMs > last.atMs) await this.#give(encoding, last, atMs);
    encoding.isFinishing = true;
    child.stdin.end();
    const cancel = this.#parts.host.timers.after(finishMsMax, () => this.#kill(encoding, `it did not finish within ${finishMsMax / 1_000} s and was ended`));
    await ended;
    cancel();
  }

  /** What waits for it to take something is told that it will not. */
  #kill(encoding: Encoding, why: string): void {
    encoding.why ??= why;
    encoding.child.kill('SIGKILL');
    encoding.child.stdin.destroy();
    const cancel = this.#parts.host.timers.after(killedMsMax, () => encoding.over(why));
    void encoding.ended.then(cancel);
  }

  #ended(encoding: Encoding, end: string | null): void {
    const { host, counters } = this.#parts;
    this.#encoding = null;
    const bytes = fileBytes(encoding.path);
    counters.bytes.add(bytes);
    if (bytes === 0) this.#unused = encoding.path;
    if (end === null) return;
    this.#againAtMs = host.clock.monotonicMs() + againMs;
    this.#failed('videoEncoderEnded', encoding.path, encoding.why ?? end);
  }

  #failed(kind: 'videoFileFailed' | 'videoEncoderEnded', path: string, message: string): void {
    this.#parts.counters.file_failures.add(1);
    if (this.#lost === null) this.#parts.tell({ kind, path, message });
    this.#lost ??= 0;
  }
}

function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
