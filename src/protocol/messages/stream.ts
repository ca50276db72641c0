// Messages of the display channel about video streams. The pictures stay encoded.

import { bytes, i32, struct, u32, u64, u8 } from '../wire/layout.ts';
import { messageBodyBytesMax } from '../limits.ts';
import { clip, rect } from './draw.ts';

/** Flags: `StreamFlag`; codec: `VideoCodec`. `stamp` is unused by clients. */
export const streamCreate = struct({
  surfaceId: u32,
  id: u32,
  flags: u8,
  codec: u8,
  stamp: u64,
  streamWidth: u32,
  streamHeight: u32,
  srcWidth: u32,
  srcHeight: u32,
  dest: rect,
  clip,
});

/** Exactly one encoded picture. */
export const streamData = struct({ id: u32, multiMediaTime: u32, dataSize: u32, data: bytes('dataSize', messageBodyBytesMax) });

/** `dest` replaces the stream's for this picture only. */
export const streamDataSized = struct({
  id: u32,
  multiMediaTime: u32,
  width: u32,
  height: u32,
  dest: rect,
  dataSize: u32,
  data: bytes('dataSize', messageBodyBytesMax),
});

export const streamClip = struct({ id: u32, clip });
export const streamDestroy = struct({ id: u32 });
export const streamActivateReport = struct({ streamId: u32, uniqueId: u32, maxWindowSize: u32, timeoutMs: u32 });

/** `lastFrameDelay` is negative when late; `audioDelay` is 0xFFFFFFFF when no audio plays. Both in ms. */
export const streamReport = struct({
  streamId: u32,
  uniqueId: u32,
  startFrameMmTime: u32,
  endFrameMmTime: u32,
  numFrames: u32,
  numDrops: u32,
  lastFrameDelay: i32,
  audioDelay: u32,
});
