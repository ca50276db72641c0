// Messages of the playback and record channels. Samples and packets stay encoded.

import { array, restBytes, struct, u16, u32, u8 } from '../wire/layout.ts';
import { messageBodyBytesMax } from '../limits.ts';

/** `time` is on the multimedia clock, in ms. One packet of the current mode. */
export const audioData = struct({ time: u32, data: restBytes(messageBodyBytesMax) });
/** Mode: `AudioMode`. Codec data is unused today. */
export const audioMode = struct({ time: u32, mode: u16, data: restBytes(messageBodyBytesMax) });
/** Format: `AudioFormat`; frequency in Hz. */
export const playbackStart = struct({ channels: u32, format: u16, frequency: u32, time: u32 });
export const recordStart = struct({ channels: u32, format: u16, frequency: u32 });
/** 0 to 65535 per channel. */
export const volume = struct({ count: u8, volumes: array('count', u16, 255) });
export const mute = struct({ mute: u8 });
/** The buffering that the server wants at least, in ms. */
export const latency = struct({ latencyMs: u32 });
export const startMark = struct({ time: u32 });
