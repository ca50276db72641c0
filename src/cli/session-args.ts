// Session arguments: what the actors of a session are started with. Made anew for each start: a channel that is linked again is given
// the session id of the main channel that lives then, a writer that is started again every ring that there is by then.

import type { ChannelArgs, ChannelEndpoints } from '../actors/channel-args.ts';
import type { VolumeControl } from '../audio/volume-control.ts';
import { defaultLinkDeadlines } from '../protocol/channel-link.ts';
import type { DisplayOffer } from '../protocol/channels/display.ts';
import { ChannelType, type ChannelTypeNumber } from '../protocol/constants.ts';
import { mainSilenceMsMax } from '../protocol/liveness.ts';
import { displayWishes, type DisplayWishes } from './display-options.ts';
import type { ChannelMemory, SessionMemory } from './session-memory.ts';

const mib = 1024 * 1024;
const pixelBytes = 4;
/** As the reference client offers: an image cache of 80 MiB, a GLZ window of half the guest's video memory within 12 to 64 MiB. */
const imageCacheBytes = 80 * mib;
const glzWindowBytesMin = 12 * mib;
const glzWindowBytesMax = 64 * mib;

/**
 * What one display channel offers to hold. Each has ids of its own, so no display ever waits for another's images, and one that is
 * linked again needs no other to start again with it.
 */
function displayOffer(channelId: number, ramHintBytes: number, wishes: DisplayWishes): DisplayOffer {
  const cacheBytes = Math.min(imageCacheBytes, wishes.imageCacheBytesMax);
  const glzWindowBytes = Math.min(glzWindowBytesMax, Math.max(glzWindowBytesMin, Math.floor(ramHintBytes / 2)), wishes.glzWindowBytesMax);
  return {
    cacheId: channelId + 1,
    imageCachePixels: cacheBytes / pixelBytes,
    glzWindowPixels: Math.floor(glzWindowBytes / pixelBytes),
    ...(wishes.compression === null ? {} : { preferredCompression: wishes.compression }),
    ...(wishes.videoCodecs.length === 0 ? {} : { preferredVideoCodecs: wishes.videoCodecs }),
  };
}

export interface ChannelArgsOptions {
  readonly memory: ChannelMemory;
  readonly session: SessionMemory;
  readonly connectionId: number;
  readonly endpoints: ChannelEndpoints;
  readonly password: string;
  readonly ramHintBytes: number;
  readonly keepaliveIdleMs: number | null;
  readonly trackCoverage: boolean;
  /** Absent = as without any option. */
  readonly display?: DisplayWishes;
  /** Absent = no. */
  readonly logsTlsKeys?: boolean;
  /** Where sound goes somewhere: the user's volume. */
  readonly volume: VolumeControl | null;
}

export function channelArgs(options: ChannelArgsOptions): ChannelArgs {
  const { memory, session } = options;
  return {
    // Only types with a behaviour are ever started.
    channelType: memory.type as ChannelTypeNumber,
    channelId: memory.channelId,
    connectionId: options.connectionId,
    endpoints: options.endpoints,
    password: options.password,
    deadlines: defaultLinkDeadlines,
    sessionStartMs: session.startedAtMs,
    counters: memory.counters,
    timings: memory.timings,
    inputProbe: session.inputProbe,
    state: memory.state,
    pointer: memory.pointer,
    tap: memory.tap,
    serials: session.serials,
    multiMediaClock: session.multiMediaClock,
    displayOffer: displayOffer(memory.channelId, options.ramHintBytes, options.display ?? displayWishes({})),
    keepaliveIdleMs: options.keepaliveIdleMs,
    silenceMsMax: memory.type === ChannelType.main ? mainSilenceMsMax : null,
    trackCoverage: options.trackCoverage,
    logsTlsKeys: options.logsTlsKeys ?? false,
    // One sound at a time: a second playback channel would be played between the samples of the first.
    sound: options.volume === null || memory.sound === null || memory.channelId !== 0 ? null : { volume: options.volume, counters: memory.sound },
  };
}
