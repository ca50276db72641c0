// The video actor's conversations: what it is started with, what the session tells it, what it tells the session. Plain data and shared memory.

import { counterOf, type Counter, type CounterMemory } from '../mailbox/counters.ts';
import type { H264EncoderName } from './h264-encoders.ts';

export interface VideoArgs {
  /** The capture's; the writer has made it. */
  readonly directory: string;
  readonly framesPerSecond: number;
  /** Which of ffmpeg's encoders makes the files; null = JPEG pictures, by ourselves. */
  readonly h264Encoder: H264EncoderName | null;
  readonly counters: CounterMemory;
}

/** The picture of one display channel. */
export interface VideoHeadSurface {
  readonly channel: string;
  readonly buffer: SharedArrayBuffer;
}

/** Every display that is shown from now on: the newest list is the state. */
export interface VideoMail {
  readonly kind: 'show';
  readonly heads: readonly VideoHeadSurface[];
}

/** Said once for each trouble, not for each picture. */
export type VideoEvent =
  | { readonly kind: 'videoFileFailed'; readonly path: string; readonly message: string }
  | { readonly kind: 'videoFileRecovered'; readonly path: string; readonly lostFrames: number }
  /** The program that makes the file has ended, or could not be started. */
  | { readonly kind: 'videoEncoderEnded'; readonly path: string; readonly message: string }
  /** A picture could not be encoded. */
  | { readonly kind: 'videoEncodingFailed'; readonly channel: string; readonly message: string };

/** The same as it reaches the session, through the hub. */
export interface VideoReport {
  readonly kind: 'videoNews';
  readonly news: VideoEvent;
}

/**
 * Of all heads together. `frames_sampled` = `frames_written` + `frames_lost` once the video is closed; `frames_dropped` were never sampled, because the encoder or the
 * disk was behind: what was drawn next took their place. With an H.264 encoder `frames_written` are those that it took, and `bytes` are counted when a file is finished.
 */
export const videoCounterNames = ['files', 'bytes', 'frames_sampled', 'frames_written', 'frames_lost', 'frames_dropped', 'file_failures', 'encode_us'] as const;
export type VideoCounters = Readonly<Record<(typeof videoCounterNames)[number], Counter>>;

export const openVideoCounters = (memory: CounterMemory): VideoCounters =>
  // Every name of the list is given its counter.
  Object.fromEntries(videoCounterNames.map((name) => [name, counterOf(memory, name)])) as Record<(typeof videoCounterNames)[number], Counter>;
