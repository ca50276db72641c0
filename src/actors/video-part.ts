// Video part: the names of one display's video files in a capture's directory, `display-0.mkv`, `display-0.part-2.mkv` and so on, made one after the
// other, and what both kinds of files have in common. Who fills them is video-file.ts, or the encoder that h264-file.ts runs.

import { join } from 'node:path';
import { isSystemError, type CaptureFiles } from './capture-files.ts';
import type { VideoCounters, VideoEvent } from './video-mail.ts';

const partsMax = 10_000;

export interface VideoFileParts {
  readonly directory: string;
  readonly channel: string;
  readonly files: CaptureFiles;
  readonly counters: VideoCounters;
  tell(event: VideoEvent): void;
}

export interface VideoFrame {
  readonly width: number;
  readonly height: number;
  readonly jpeg: Uint8Array;
  /** When the picture was sampled: milliseconds since 1970. */
  readonly wallMs: number;
  /** The same by the monotonic clock. */
  readonly atMs: number;
}

/** Where the pictures of one display go. */
export interface VideoSink {
  /** Done when there is room for the next one. Trouble is counted and told, not thrown. */
  append(frame: VideoFrame): void | Promise<void>;
  /** Ends the video at this moment of the monotonic clock: the last picture was on show until then. */
  close(atMs: number): void | Promise<void>;
  /** Whatever is waited for has taken too long: it is left as it is. */
  giveUp?(): void;
}

export class VideoPartNames {
  readonly #parts: Omit<VideoFileParts, 'tell'>;
  #part = 0;

  constructor(parts: Omit<VideoFileParts, 'tell'>) {
    this.#parts = parts;
  }

  /** Makes the file of the next name that is free: nothing that is there is touched. Throws what the disk says. */
  make(): { readonly path: string; readonly file: number } {
    const { files, directory, channel, counters } = this.#parts;
    for (;;) {
      const part = this.#part + 1;
      const base = channel.replaceAll('/', '-');
      const path = join(directory, part === 1 ? `${base}.mkv` : `${base}.part-${part}.mkv`);
      try {
        const file = files.create(path);
        this.#part = part;
        counters.files.add(1);
        return { path, file };
      } catch (error) {
        if (!isSystemError(error) || error.code !== 'EEXIST' || part >= partsMax) throw error;
        this.#part = part;
      }
    }
  }
}
