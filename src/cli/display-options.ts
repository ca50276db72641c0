// Options of `connect` about pictures: how much a display offers to hold, and how the server is asked to send them.

import { InvalidArgumentError, Option } from 'commander';
import { ImageCompression, VideoCodec } from '../protocol/constants.ts';

export interface DisplayOptions {
  /** MiB, for each display. */
  readonly imageCacheCapMib?: number;
  readonly glzDictionaryCapMib?: number;
  readonly preferredCompression?: CompressionName;
  readonly preferredVideoCodec?: VideoCodecName;
}

const compressionNumbers = {
  off: ImageCompression.off,
  'auto-glz': ImageCompression.autoGlz,
  'auto-lz': ImageCompression.autoLz,
  quic: ImageCompression.quic,
  glz: ImageCompression.glz,
  lz: ImageCompression.lz,
  lz4: ImageCompression.lz4,
} as const;
export type CompressionName = keyof typeof compressionNumbers;

/** The codecs that are decoded here. */
const codecNumbers = { mjpeg: VideoCodec.mjpeg } as const;
export type VideoCodecName = keyof typeof codecNumbers;

const capMibMax = 256;

/** In the order of the help. Made anew for each command line. */
export const displayOptions = {
  imageCacheCap: () => new Option('--image-cache-cap-mib <mib>', `offer at most so much memory for kept pictures, for each display (default: ${capMibMax})`).argParser(parseCap),
  glzDictionaryCap: () => new Option('--glz-dictionary-cap-mib <mib>', `offer at most so much memory for what later pictures refer to, for each display (default: ${capMibMax})`).argParser(parseCap),
  preferredCompression: () => new Option('--preferred-compression <name>', "ask the server to send pictures so (default: as the server's set)").choices(Object.keys(compressionNumbers)),
  preferredVideoCodec: () => new Option('--preferred-video-codec <name>', "ask the server to send video so (default: as the server's set)").choices(Object.keys(codecNumbers)),
};

/** What the displays of a session are to hold and to ask for. */
export interface DisplayWishes {
  readonly imageCacheBytesMax: number;
  readonly glzWindowBytesMax: number;
  /** `ImageCompression`; null = the server's own choice. */
  readonly compression: number | null;
  /** `VideoCodec`, best first; empty = the server's own choice. */
  readonly videoCodecs: readonly number[];
}

export function displayWishes({ imageCacheCapMib, glzDictionaryCapMib, preferredCompression, preferredVideoCodec }: DisplayOptions): DisplayWishes {
  const mib = 1024 * 1024;
  return {
    imageCacheBytesMax: (imageCacheCapMib ?? capMibMax) * mib,
    glzWindowBytesMax: (glzDictionaryCapMib ?? capMibMax) * mib,
    compression: preferredCompression === undefined ? null : compressionNumbers[preferredCompression],
    videoCodecs: preferredVideoCodec === undefined ? [] : [codecNumbers[preferredVideoCodec]],
  };
}

function parseCap(text: string): number {
  const mib = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (mib < 1 || mib > capMibMax) throw new InvalidArgumentError(`It must be a number of MiB from 1 to ${capMibMax}.`);
  return mib;
}
