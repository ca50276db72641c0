// Session video: the session's side of its video: what the video actor is started with and shown, and what became of the files, in words and in numbers.
// It touches no picture.

import type { H264EncoderName } from '../actors/h264-encoders.ts';
import { videoCounterNames, type VideoArgs, type VideoEvent, type VideoMail } from '../actors/video-mail.ts';
import type { ChildHandle } from '../actors/kernel/child-handle.ts';
import { createCounters, readCounters } from '../mailbox/counters.ts';
import type { Severity } from '../ui-terminal/session-event.ts';
import type { CliProblem } from './cli-problem.ts';
import { videoId } from './session-tree.ts';
import type { ShownSurface } from './shown-surfaces.ts';

export interface VideoOptions {
  /** The capture's. */
  readonly directory: string;
  readonly framesPerSecond: number;
  /** Null = JPEG pictures. */
  readonly h264Encoder: H264EncoderName | null;
}

/** The video in the statistics document. Frames of all displays together. */
export type VideoSample = Readonly<Record<(typeof videoCounterNames)[number], number>>;

export interface SessionVideoParts {
  /** Null = there is none. */
  readonly options: VideoOptions | null;
  /** The video actor that runs now. */
  child(): ChildHandle | null;
}

export class SessionVideo {
  readonly #parts: SessionVideoParts;
  readonly #counters = createCounters(videoCounterNames);
  #shown: VideoMail = { kind: 'show', heads: [] };

  constructor(parts: SessionVideoParts) {
    this.#parts = parts;
  }

  get isWanted(): boolean {
    return this.#parts.options !== null;
  }

  videoArgs(): VideoArgs | null {
    const { options } = this.#parts;
    return options === null ? null : { ...options, counters: this.#counters };
  }

  /** On the control lane: the newest list is the state, and must find room. */
  show(surfaces: readonly ShownSurface[]): void {
    this.#shown = { kind: 'show', heads: surfaces.map(({ channel, buffer }) => ({ channel, buffer })) };
    this.#tell();
  }

  /** One that was started again knows nothing of what is shown. */
  started(id: string): void {
    if (id === videoId) this.#tell();
  }

  /** Null when there is none. */
  sample(): VideoSample | null {
    // Each counter of the list was made above.
    return this.isWanted ? (readCounters(this.#counters) as VideoSample) : null;
  }

  /** What is wrong with the video, once the session has stopped. Pictures that were left out because others came too fast are no fault. */
  problem(): CliProblem | null {
    const sample = this.sample();
    if (sample === null || (sample.file_failures === 0 && sample.frames_lost === 0)) return null;
    // A file or an encoder that failed between two pictures: how many the file lacks is not known then.
    const lack = sample.frames_lost > 0 ? `${sample.frames_lost} of ${sample.frames_sampled} pictures could not be written; check the folder and its free space` : 'a file or its encoder failed; the notifications say which and why';
    const message = `The video in ${this.#parts.options?.directory ?? ''} is incomplete: ${lack}.`;
    return { code: 'video.incomplete', exit: 'captureFailed', message };
  }

  #tell(): void {
    this.#parts.child()?.address.tell(this.#shown, { lane: 'control' });
  }
}

/** A line for what the video actor reports. */
export function wordVideoEvent(event: VideoEvent): { readonly severity: Severity; readonly text: string } {
  switch (event.kind) {
    case 'videoFileFailed':
      return { severity: 'error', text: `${event.path} cannot be written: ${event.message}; it is tried again with the next picture` };
    case 'videoFileRecovered':
      return { severity: 'info', text: `${event.path} can be written again; ${event.lostFrames} pictures are missing from it` };
    case 'videoEncoderEnded':
      return { severity: 'error', text: `ffmpeg, which makes ${event.path}, ended (${event.message}); it is started again with the next picture, at most every 5 s` };
    case 'videoEncodingFailed':
      return { severity: 'error', text: `a picture of ${event.channel} could not be encoded: ${event.message}` };
  }
}
