// H.264 encoders: what ffmpeg is told to make a video file of our Matroska stream of JPEG pictures with each of the encoders that it may have, and which of them
// works here. The trial has the same arguments as the recording, so it also finds an ffmpeg that is too old; h264-file.ts records.

import { spawn } from 'node:child_process';
import { isOnPath } from './program-path.ts';

export const h264Program = 'ffmpeg';
/** The Debian package that it comes in. */
export const h264Package = 'ffmpeg';

/**
 * Best first, with the options of its own. `zerolatency` keeps no picture back: what was taken reaches the file within a second, and the end is quick.
 * OpenH264 is what distributions have that leave x264 out; without a rate it makes 2 Mbit/s at any size.
 */
const encoders = {
  libx264: ['-preset', 'veryfast', '-tune', 'zerolatency'],
  libopenh264: ['-b:v', '4M'],
} as const satisfies Record<string, readonly string[]>;

export type H264EncoderName = keyof typeof encoders;
const h264EncoderNames = Object.keys(encoders) as readonly H264EncoderName[];

/** A picture that stands alone at the latest after so many: players jump to these. */
const keyFrameEvery = 100;
const trialMsMax = 10_000;
/** A picture of 64x64, all black: luma, then chroma at half resolution. */
const trialSide = 64;
const lastWordsMax = 400;

const encoding = (encoder: H264EncoderName): readonly string[] => [
  // H.264 of this kind has even sizes: one black column at the right or row at the bottom makes up for an odd one.
  '-vf', 'pad=ceil(iw/2)*2:ceil(ih/2)*2,format=yuv420p', '-c:v', encoder, ...encoders[encoder], '-g', String(keyFrameEvery),
  // Each picture keeps its own time, in milliseconds; nothing is repeated or left out to have a steady rate.
  '-fps_mode', 'passthrough', '-enc_time_base', '1:1000',
];

/** @param startedWallMs of the first picture, in milliseconds since 1970 */
export function h264Args(encoder: H264EncoderName, path: string, startedWallMs: number): readonly string[] {
  return [
    '-nostdin', '-hide_banner', '-v', 'error',
    // Pictures come when something was drawn: no waiting for a number of them that tells their rate.
    '-fpsprobesize', '0', '-f', 'matroska', '-i', 'pipe:0', '-map', '0:v:0', ...encoding(encoder),
    '-metadata', `creation_time=${new Date(startedWallMs).toISOString()}`, '-cluster_time_limit', '1000', '-flush_packets', '1', '-f', 'matroska',
    // Over the empty file that we have made, so that its name is free and its mode ours.
    '-y', `file:${path}`,
  ];
}

export type H264Choice = { readonly kind: 'encoder'; readonly encoder: H264EncoderName } | { readonly kind: 'none'; readonly why: string };

/**
 * The best encoder that works. Never rejects; at most 10 s for each.
 * @param path folders as in PATH; an empty one means none
 */
export async function chooseH264Encoder(path: string, msMax = trialMsMax): Promise<H264Choice> {
  if (!isOnPath(h264Program, path)) return { kind: 'none', why: `${h264Program} is not on PATH` };
  const failures: string[] = [];
  for (const encoder of h264EncoderNames) {
    const failure = await tryEncoder(encoder, path, msMax);
    if (failure === null) return { kind: 'encoder', encoder };
    failures.push(`${encoder}: ${failure}`);
  }
  return { kind: 'none', why: `${h264Program} cannot encode H.264 (${failures.join('; ')})` };
}

/** Encodes one picture into nothing. @returns why that failed; null when it did not */
function tryEncoder(encoder: H264EncoderName, path: string, msMax: number): Promise<string | null> {
  return new Promise((resolve) => {
    const raw = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-video_size', `${trialSide}x${trialSide}`, '-i', 'pipe:0'];
    const args = ['-nostdin', '-hide_banner', '-v', 'error', ...raw, ...encoding(encoder), '-f', 'null', '-'];
    const child = spawn(h264Program, args, { stdio: ['pipe', 'ignore', 'pipe'], windowsHide: true, env: { ...process.env, PATH: path } });
    const timer = setTimeout(() => child.kill('SIGKILL'), msMax);
    const lastWords = keepLastWords(child.stderr);
    const over = (failure: string | null): void => {
      clearTimeout(timer);
      resolve(failure);
    };
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => over(error.message));
    child.once('close', (code, signal) => over(code === 0 ? null : endOf(code, signal, lastWords())));
    child.stdin.end(new Uint8Array((trialSide * trialSide * 3) / 2));
  });
}

/** The last of what it says, on one line. */
export function keepLastWords(stderr: NodeJS.ReadableStream): () => string {
  let words = '';
  stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-lastWordsMax)));
  return () => words.trim().replaceAll(/\s+/g, ' ');
}

export function endOf(code: number | null, signal: string | null, lastWords: string): string {
  const end = signal ?? `exit code ${code}`;
  return lastWords === '' ? end : `${end}: ${lastWords}`;
}
