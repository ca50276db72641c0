// Display, the server's half: it waits for INIT, opens the ACK window, creates the surfaces and draws the scene picture by picture. A
// picture that finds the last one still on its way is skipped; a client that takes nothing for too long is closed, as by the real server.

import { capabilityWords, ChannelType, DisplayCapability, ImageCompression, SurfaceFlag, SurfaceFormat } from '../../protocol/constants.ts';
import type { GlzEncoder } from '../encode/glz-encoder.ts';
import { ImageSender, type Compression } from '../image-sender.ts';
import { copyImage, destroySurfaces, sceneSurfaces, sceneUpdate, type DisplayCommand } from '../scene-update.ts';
import type { Remember } from '../remember.ts';
import { scenePainting } from '../scene.ts';
import { headsMax, layScreens, type ScreenLayout } from '../screen-layout.ts';
import { nothing, refusal, serverMessages, timer, type ClientMessage, type ScreenSize, type ServerChannel, type ServerEffect, type ServerStep } from './server-channel.ts';

const send = serverMessages(ChannelType.display);

/** As spice-server on a fast connection. */
const setAck = { generation: 1, window: 20 };

/** default: it moves. still: the picture stands, all else moves. flood: as fast as the client takes it. idle: nothing but PINGs. */
export const sceneNames = ['default', 'still', 'flood', 'idle'] as const;
export type SceneName = (typeof sceneNames)[number];

/** Milliseconds between two pictures; null = the first one stays, 0 = as fast as they are taken. */
const pictureEveryMs: Readonly<Record<SceneName, number | null>> = { default: 66, flood: 0, still: null, idle: null };
/** How often a moving scene looks whether its client has stopped taking pictures. */
const stallLookMs = 1_000;

export interface DisplayServerOptions {
  readonly id: number;
  /** Display channels that the session has. */
  readonly displays: number;
  readonly scene: SceneName;
  readonly compression: Compression;
  /** The picture that a client sees first, and the one from which on it stands still (null = never). */
  readonly firstPicture: number;
  readonly lastPicture: number | null;
  readonly screens: readonly ScreenSize[];
  /** A client that takes no picture for this long is closed. */
  readonly stallMs: number;
  readonly remember: Remember<Uint8Array>;
  /** The session's dictionary of this number. */
  dictionary(id: number): GlzEncoder;
}

export interface DisplayServerState {
  /** Null until INIT. */
  readonly images: ImageSender | null;
  readonly layout: ScreenLayout;
  readonly picture: number;
  readonly skipped: number;
  readonly lastPictureMs: number;
  readonly streamReports: number;
}

const command = ({ name, value }: DisplayCommand): ServerEffect => ({ kind: 'send', name, value });

/** Surfaces, the whole picture, and the word that it may be shown. */
function show({ layout, picture }: DisplayServerState, images: ImageSender): readonly ServerEffect[] {
  const { width, height, heads } = layout;
  return [
    send('surfaceCreate', { surfaceId: 0, width, height, format: SurfaceFormat.xrgb, flags: SurfaceFlag.primary }),
    ...sceneSurfaces(images).map(command),
    command(copyImage({ left: 0, top: 0, right: width, bottom: height }, images.image(scenePainting(picture, width, height), 'lz'))),
    send('mark', {}),
    send('monitorsConfig', { maxAllowed: headsMax, heads }),
  ];
}

function begin(state: DisplayServerState, options: DisplayServerOptions, init: Extract<ClientMessage<2>, { kind: 'init' }>['value'], nowMs: number): ServerStep<DisplayServerState> {
  const images = new ImageSender({
    compression: options.compression,
    glz: options.dictionary(init.glzDictionaryId),
    firstId: BigInt(options.id) << 32n,
    glzWindowPixels: init.glzWindowSize,
    cachePixels: Number(init.pixmapCacheSize),
    remember: options.remember,
  });
  const shown: DisplayServerState = { ...state, images, lastPictureMs: nowMs };
  const everyMs = pictureEveryMs[options.scene];
  const moving: readonly ServerEffect[] = everyMs === null ? nothing : [timer('stall', stallLookMs), everyMs === 0 ? { kind: 'whenRoom' } : timer('picture', everyMs)];
  return { state: shown, effects: [send('setAck', setAck), send('invalAllPalettes', {}), ...show(shown, images), ...moving] };
}

function nextPicture(state: DisplayServerState, { lastPicture }: DisplayServerOptions, nowMs: number): ServerStep<DisplayServerState> {
  const awake = { ...state, lastPictureMs: nowMs };
  if (state.images === null || (lastPicture !== null && state.picture >= lastPicture)) return { state: awake, effects: nothing };
  const picture = state.picture + 1;
  return { state: { ...awake, picture }, effects: sceneUpdate(picture, state.images).map(command) };
}

function onTimer(state: DisplayServerState, options: DisplayServerOptions, input: { readonly name: string; readonly nowMs: number; readonly room: boolean }): ServerStep<DisplayServerState> {
  if (input.name === 'stall') {
    const isStalled = !input.room && input.nowMs - state.lastPictureMs >= options.stallMs;
    return { state, effects: isStalled ? [refusal('stalled')] : [timer('stall', stallLookMs)] };
  }
  const again = timer('picture', pictureEveryMs[options.scene] ?? stallLookMs);
  if (!input.room) return { state: { ...state, skipped: state.skipped + 1 }, effects: [again] };
  const next = nextPicture(state, options, input.nowMs);
  return { state: next.state, effects: [...next.effects, again] };
}

function onMessage(state: DisplayServerState, options: DisplayServerOptions, message: ClientMessage<2>, nowMs: number): ServerStep<DisplayServerState> {
  if (message.kind === 'init') return state.images === null ? begin(state, options, message.value, nowMs) : { state, effects: [refusal('init-twice')] };
  if (state.images === null) return { state, effects: [refusal('message-before-init')] };
  switch (message.kind) {
    case 'preferredCompression': {
      const preferred = compressionOf(message.value.imageCompression);
      if (preferred !== null) state.images.prefer(preferred);
      return { state, effects: nothing };
    }
    case 'streamReport':
      return { state: { ...state, streamReports: state.streamReports + 1 }, effects: nothing };
    case 'glDrawDone':
    case 'preferredVideoCodecType':
      return { state, effects: nothing };
  }
}

/** Null for what there is no encoder for: the real server keeps its own choice then, too. */
function compressionOf(preferred: number): Compression | null {
  switch (preferred) {
    case ImageCompression.off: return 'off';
    case ImageCompression.autoGlz:
    case ImageCompression.autoLz: return 'auto';
    case ImageCompression.quic: return 'quic';
    case ImageCompression.glz: return 'glz';
    case ImageCompression.lz: return 'lz';
    default: return null;
  }
}

/** The server half of a display channel. */
export function displayServer(options: DisplayServerOptions): ServerChannel<2, DisplayServerState> {
  const { id, displays, screens, firstPicture } = options;
  return {
    type: ChannelType.display,
    capabilities: capabilityWords([DisplayCapability.monitorsConfig, DisplayCapability.prefCompression]),
    initial: () => ({ images: null, layout: layScreens(screens, id, displays), picture: firstPicture, skipped: 0, lastPictureMs: 0, streamReports: 0 }),
    step(state, input) {
      switch (input.kind) {
        case 'linked':
          return { state, effects: nothing };
        case 'timer':
          return onTimer(state, options, input);
        case 'room': {
          const next = nextPicture(state, options, input.nowMs);
          // Where the scene stands still there is nothing more to hurry for.
          return next.effects.length === 0 ? next : { state: next.state, effects: [...next.effects, { kind: 'whenRoom' }] };
        }
        case 'told': {
          if (input.note.kind !== 'screens') return { state, effects: nothing };
          const resized = { ...state, layout: layScreens(input.note.screens, id, displays) };
          const same = resized.layout.width === state.layout.width && resized.layout.height === state.layout.height && resized.layout.heads.length === state.layout.heads.length;
          return state.images === null || same ? { state: resized, effects: nothing } : { state: resized, effects: [...destroySurfaces().map(command), ...show(resized, state.images)] };
        }
        case 'message':
          return onMessage(state, options, input.message, input.nowMs);
      }
    },
    observe: ({ images, layout, picture, skipped, streamReports }) => ({
      initialised: images !== null, width: layout.width, height: layout.height, heads: layout.heads.length, picture, skipped, streamReports,
    }),
  };
}
