// Display: what the server draws, sorted into what the canvas paints and what this client declines. The first message is
// DISPLAY_INIT, at once after the link, because the server's worker (every display and cursor of that device) sleeps until it
// comes. Pure; pixels are the canvas's, and so are streams and their reports.

import { capabilityWords, ChannelType, DisplayCapability, hasCapability } from '../constants.ts';
import type { Head } from '../events.ts';
import type { DisplayServerMessage } from '../message.ts';
import { clientMessages, emit, gap, noEffects, type ChannelBehavior, type ChannelEffect, type Step } from './channel.ts';

const send = clientMessages(ChannelType.display);

/** What this client offers to hold, in pixels of 4 bytes. The server counts on exactly that: the client never evicts by itself. */
export interface DisplayOffer {
  /** Display channels with the same id share one cache and one dictionary on the server; each of ours has its own. */
  readonly cacheId: number;
  readonly imageCachePixels: number;
  readonly glzWindowPixels: number;
  /** `ImageCompression` that the server is asked for; absent = its own choice. */
  readonly preferredCompression?: number;
  /** `VideoCodec` numbers that it is asked for, best first; absent or empty = its own choice. */
  readonly preferredVideoCodecs?: readonly number[];
}

export interface DisplayState {
  readonly offer: DisplayOffer;
  readonly heads: readonly Head[];
  readonly marks: number;
}

/** INIT comes first of all; then what a server that takes wishes is asked for, anew on every link. */
function linked(offer: DisplayOffer, serverCapabilities: readonly number[]): readonly ChannelEffect[] {
  const { preferredCompression, preferredVideoCodecs = [] } = offer;
  const wishes: ChannelEffect[] = [];
  if (preferredCompression !== undefined) {
    wishes.push(hasCapability(serverCapabilities, DisplayCapability.prefCompression)
      ? send('preferredCompression', { imageCompression: preferredCompression })
      : gap('display:preference:compression', 'the server lets nobody choose how pictures are compressed'));
  }
  if (preferredVideoCodecs.length > 0) {
    wishes.push(hasCapability(serverCapabilities, DisplayCapability.prefVideoCodecType)
      ? send('preferredVideoCodecType', { codecs: Uint8Array.from(preferredVideoCodecs) })
      : gap('display:preference:video-codec', 'the server lets nobody choose how video is sent'));
  }
  return [
    send('init', {
      pixmapCacheId: offer.cacheId,
      pixmapCacheSize: BigInt(offer.imageCachePixels),
      glzDictionaryId: offer.cacheId,
      glzWindowSize: offer.glzWindowPixels,
    }),
    ...wishes,
  ];
}

const paint = (message: DisplayServerMessage): readonly ChannelEffect[] => [{ kind: 'paint', message }];

function stepMessage(state: DisplayState, message: DisplayServerMessage): Step<DisplayState> {
  switch (message.kind) {
    case 'monitorsConfig': {
      if (message.value.heads.length === 0) return { state, effects: noEffects }; // an empty list is to be ignored (protocol.md 8.5)
      const heads = message.value.heads.map(({ monitorId, surfaceId, x, y, width, height }) => ({ monitorId, surfaceId, x, y, width, height }));
      return { state: { ...state, heads }, effects: [...paint(message), emit({ kind: 'headsConfigured', heads })] };
    }
    case 'mark':
      return { state: { ...state, marks: state.marks + 1 }, effects: paint(message) };
    case 'invalAllPixmaps': {
      const awaited = message.value.waits.map(({ channelType, channelId, messageSerial }) => ({ channelType, channelId, serial: messageSerial }));
      // First the wait, then the cache is emptied: until then others may still be told to use what is in it.
      return { state, effects: awaited.length === 0 ? paint(message) : [{ kind: 'awaitSerials', awaited, afterwards: paint(message) }] };
    }
    case 'glScanoutUnix':
    case 'glDraw':
      return { state, effects: [gap('display:gl:scanout', 'the guest shows its screen through a DMA buffer, which this client cannot receive')] };
    case 'qualityIndicator':
      return { state, effects: noEffects };
    default:
      return { state, effects: paint(message) };
  }
}

/** The behaviour of one display channel. Capabilities are exactly what is built. */
export function displayBehavior(offer: DisplayOffer): ChannelBehavior<DisplayState, DisplayServerMessage> {
  return {
    type: ChannelType.display,
    capabilities: capabilityWords([
      DisplayCapability.sizedStream,
      DisplayCapability.monitorsConfig,
      DisplayCapability.composite,
      DisplayCapability.a8Surface,
      DisplayCapability.streamReport,
      DisplayCapability.lz4Compression,
      DisplayCapability.multiCodec,
      DisplayCapability.codecMjpeg,
    ]),
    initial: { offer, heads: [], marks: 0 },
    step(state, input) {
      switch (input.kind) {
        case 'linked':
          return { state, effects: linked(state.offer, input.channelCapabilities) };
        case 'message':
          return stepMessage(state, input.message);
        case 'command':
          return { state, effects: noEffects };
      }
    },
    describe: (state) => ({ heads: state.heads, marks: state.marks }),
  };
}
