// Video file: the pictures of one display as Matroska files in the capture's directory: `display-0.mkv`, and parts beside it where one file cannot hold what
// comes: another size of the screen, a video actor that was started again. A file is readable up to its last whole picture whatever
// ends the program. Pictures that the disk refuses are counted; the next ones are tried again.

import { clusterHead, videoHead, videoTail, type CuePoint, type VideoHead } from '../capture/matroska.ts';
import { isSystemError } from './capture-files.ts';
import { VideoPartNames, type VideoFileParts, type VideoFrame, type VideoSink } from './video-part.ts';

/** A player jumps to these; with more of them every second one is forgotten, again and again in a long video. */
const cuesMax = 4_096;
const cueEveryMsMin = 1_000;

interface OpenVideo {
  readonly path: string;
  readonly file: number;
  readonly head: VideoHead;
  readonly width: number;
  readonly height: number;
  readonly startMs: number;
  position: number;
  cues: CuePoint[];
  cueEveryMs: number;
  /** Its picture is repeated at the end: how long it was on show is known only then. */
  last: VideoFrame | null;
}

export class VideoFile implements VideoSink {
  readonly #parts: VideoFileParts;
  readonly #names: VideoPartNames;
  #open: OpenVideo | null = null;
  /** Pictures lost since the disk began to refuse; null = it takes everything. */
  #lost: number | null = null;

  constructor(parts: VideoFileParts) {
    this.#parts = parts;
    this.#names = new VideoPartNames(parts);
  }

  /** The file that is open; null before the first picture. */
  get path(): string | null {
    return this.#open?.path ?? null;
  }

  append(frame: VideoFrame): void {
    const { counters } = this.#parts;
    try {
      const open = this.#fileFor(frame);
      this.#cluster(open, frame, frame.atMs);
      open.last = frame;
    } catch (error) {
      counters.frames_lost.add(1);
      return this.#failed(error, 1);
    }
    counters.frames_written.add(1);
    this.#recovered();
  }

  close(atMs: number): void {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    const { files } = this.#parts;
    try {
      if (open.last !== null && atMs > open.last.atMs) this.#cluster(open, open.last, atMs);
      const { bytes, patches } = videoTail(open.head, open.cues, Math.max(0, atMs - open.startMs), open.position);
      this.#write(open.file, bytes, open.position);
      for (const patch of patches) this.#write(open.file, patch.bytes, patch.position);
      // What the disk took of a picture that it then refused.
      files.truncate(open.file, open.position + bytes.length);
    } catch (error) {
      this.#failed(error, 0, open.path);
    }
    try {
      files.close(open.file);
    } catch (error) {
      this.#failed(error, 0, open.path);
    }
  }

  #fileFor(frame: VideoFrame): OpenVideo {
    const open = this.#open;
    if (open !== null && open.width === frame.width && open.height === frame.height) return open;
    this.close(frame.atMs);
    return this.#begin(frame);
  }

  #begin({ width, height, wallMs, atMs }: VideoFrame): OpenVideo {
    const head = videoHead({ width, height, title: this.#parts.channel, startedWallMs: wallMs });
    const { path, file } = this.#names.make();
    // Open from here on: a head that the disk refuses is written with the next picture, at the same place.
    const made: OpenVideo = { path, file, head, width, height, startMs: atMs, position: 0, cues: [], cueEveryMs: cueEveryMsMin, last: null };
    this.#open = made;
    return made;
  }

  /** Nothing counts as written before all of it is: what the disk refused is written over by what comes next. */
  #cluster(open: OpenVideo, { jpeg }: VideoFrame, atMs: number): void {
    if (open.position === 0) {
      this.#write(open.file, open.head.bytes, 0);
      open.position = open.head.bytes.length;
      this.#parts.counters.bytes.add(open.head.bytes.length);
    }
    const timeMs = Math.max(0, Math.round(atMs - open.startMs));
    const before = clusterHead(timeMs, jpeg.length);
    this.#write(open.file, jpeg, open.position + before.length);
    // Last: without it the picture behind it is not there for a reader.
    this.#write(open.file, before, open.position);
    addCue(open, { timeMs, clusterAt: open.position });
    open.position += before.length + jpeg.length;
    this.#parts.counters.bytes.add(before.length + jpeg.length);
  }

  #write(file: number, bytes: Uint8Array, position: number): void {
    for (let at = 0; at < bytes.length; ) at += this.#parts.files.write(file, bytes.subarray(at), position + at);
  }

  #failed(error: unknown, frames: number, path: string = this.#open?.path ?? this.#parts.directory): void {
    if (!isSystemError(error)) throw error;
    this.#parts.counters.file_failures.add(1);
    if (this.#lost === null) this.#parts.tell({ kind: 'videoFileFailed', path, message: error.message });
    this.#lost = (this.#lost ?? 0) + frames;
  }

  #recovered(): void {
    if (this.#lost === null) return;
    this.#parts.tell({ kind: 'videoFileRecovered', path: this.#open?.path ?? this.#parts.directory, lostFrames: this.#lost });
    this.#lost = null;
  }
}

function addCue(open: OpenVideo, cue: CuePoint): void {
  const last = open.cues.at(-1);
  if (last !== undefined && cue.timeMs - last.timeMs < open.cueEveryMs) return;
  open.cues.push(cue);
  if (open.cues.length < cuesMax) return;
  open.cues = open.cues.filter((_, index) => index % 2 === 0);
  open.cueEveryMs *= 2;
}
