// Video options: the flags about the videos of a capture, what is wrong with them, and what the session is given: with H.264 an encoder that was tried, so that one
// that is missing ends `connect` before anything is dialled.

import { InvalidArgumentError, Option } from 'commander';
import { chooseH264Encoder, h264Package, h264Program } from '../actors/h264-encoders.ts';
import { fail, succeed, type Outcome } from './cli-problem.ts';
import type { VideoOptions } from './session-video.ts';

const videoCodecs = ['mjpeg', 'h264'] as const;
const framesPerSecondDefault = 10;

export interface VideoFlags {
  /** With `capture`: also record the screen. */
  readonly video: boolean;
  readonly videoFps?: number;
  readonly videoCodec?: (typeof videoCodecs)[number];
}

export const videoOptions = {
  codec: () => new Option('--video-codec <codec>', `with --capture: what the video files are encoded with; h264 makes smaller files and needs the program ${h264Program} (default: mjpeg)`).choices(videoCodecs),
  framesPerSecond: () => new Option('--video-fps <count>', `with --capture: at most so many pictures a second, 1 to 60 (default: ${framesPerSecondDefault})`).argParser(parseFramesPerSecond),
} as const;

function parseFramesPerSecond(text: string): number {
  const count = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > 60) throw new InvalidArgumentError('It must be a number from 1 to 60.');
  return count;
}

/** Flags that contradict each other, as a sentence; null = none do. */
export function videoFlagsFault({ video, videoFps, videoCodec, capture }: VideoFlags & { readonly capture?: string }): string | null {
  const isAbout = !video || videoFps !== undefined || videoCodec !== undefined;
  if (isAbout && capture === undefined) return '--video-codec, --video-fps and --no-video are about the videos of --capture, which is missing';
  if (!video && videoCodec !== undefined) return '--video-codec is about the videos, which --no-video turns off';
  return null;
}

/**
 * Null = nothing is recorded.
 * @param path folders as in PATH
 */
export async function chooseVideo({ video, videoFps, videoCodec, capture }: VideoFlags & { readonly capture?: string }, path: string): Promise<Outcome<VideoOptions | null>> {
  if (capture === undefined || !video) return succeed(null);
  const chosen = videoCodec === 'h264' ? await chooseH264Encoder(path) : null;
  if (chosen?.kind === 'none') {
    const next = `install the package ${h264Package} (5.1 or later, with libx264), or record without --video-codec, as mjpeg`;
    return fail('video.encoder', 'captureFailed', `The video cannot be encoded as H.264: ${chosen.why}; ${next}.`);
  }
  return succeed({ directory: capture, framesPerSecond: videoFps ?? framesPerSecondDefault, h264Encoder: chosen?.encoder ?? null });
}
