// Display, the server's half: it waits for INIT, opens the acknowledgement window, creates the screen and draws the scene picture by
// picture. It keeps the real server's rule: nothing more is sent once two windows are unacknowledged; pictures that find no
// room are skipped, so the client always gets the newest.

import { capabilityWords, ChannelType, DisplayCapability, SurfaceFlag, SurfaceFormat } from '../../protocol/constants.ts';
import { createImageSender, type Compression, type ImageSender } from '../image-sender.ts';
import { sceneFrame, sceneHeight, sceneWidth } from '../scene.ts';
import { copyImage, sceneUpdate, type DisplayCommand } from '../scene-update.ts';
import { initialPings, nextPing, takePong, type PingState } from './server-pings.ts';
import { nothing, serverMessages, timer, violation, type ServerChannel, type ServerEffect, type ServerStep } from './server-channel.ts';

const send = serverMessages(ChannelType.display);

/** As spice-server on a fast connection. */
const ackWindow = 20;
const ackGeneration = 1;
/** Commands of one picture at most; with less room than this in the two windows a picture waits. */
const commandsPerPicture = 16;
const windowMessagesMax = 2 * ackWindow;

export const sceneNames = ['default', 'still', 'flood', 'idle'] as const;
export type SceneName = (typeof sceneNames)[number];

/** Milliseconds between two pictures; `null` = the first one stays. */
const pictureEveryMs: Readonly<Record<SceneName, number | null>> = { default: 66, flood: 1, still: null, idle: null };

export interface DisplayServerOptions {
  readonly scene: SceneName;
  readonly compression: Compression;
  readonly pingEveryMs: number;
  /** The picture that a client sees first. */
  readonly firstPicture: number;
}

export interface DisplayServerState {
  readonly initialised: boolean;
  readonly synced: boolean;
  /** Messages since the link, and how many of them the client has acknowledged. */
  readonly sent: number;
  readonly acknowledged: number;
  readonly picture: number;
  readonly skipped: number;
  readonly pings: PingState;
  readonly images: ImageSender | null;
  readonly declinedStreams: number;
}

const initial: DisplayServerState = {
  initialised: false, synced: false, sent: 0, acknowledged: 0, picture: 0, skipped: 0, pings: initialPings, images: null, declinedStreams: 0,
};

const command = ({ name, value }: DisplayCommand): ServerEffect => ({ kind: 'send', name, value });

/** Everything that is sent goes through here, so that the window's count is the truth. */
function sending(state: DisplayServerState, effects: readonly ServerEffect[]): ServerStep<DisplayServerState> {
  const messages = effects.filter((effect) => effect.kind === 'send').length;
  return { state: { ...state, sent: state.sent + messages }, effects };
}

function begin(state: DisplayServerState, options: DisplayServerOptions): ServerStep<DisplayServerState> {
  const images = createImageSender(options.compression);
  const everyMs = pictureEveryMs[options.scene];
  const screen = { left: 0, top: 0, right: sceneWidth, bottom: sceneHeight };
  const head = { monitorId: 0, surfaceId: 0, width: sceneWidth, height: sceneHeight, x: 0, y: 0, flags: 0 };
  return sending({ ...state, initialised: true, images, picture: options.firstPicture }, [
    send('setAck', { generation: ackGeneration, window: ackWindow }),
    send('invalAllPalettes', {}),
    send('surfaceCreate', { surfaceId: 0, width: sceneWidth, height: sceneHeight, format: SurfaceFormat.xrgb, flags: SurfaceFlag.primary }),
    send('monitorsConfig', { maxAllowed: 1, heads: [head] }),
    command(copyImage(screen, images.image(sceneFrame(options.firstPicture), 'lz'))),
    send('mark', {}),
    timer('ping', options.pingEveryMs),
    ...(everyMs === null ? [] : [timer('picture', everyMs)]),
  ]);
}

function nextPicture(state: DisplayServerState, options: DisplayServerOptions): ServerStep<DisplayServerState> {
  const everyMs = pictureEveryMs[options.scene];
  if (everyMs === null || state.images === null) return { state, effects: nothing };
  const again = timer('picture', everyMs);
  if (state.sent - state.acknowledged + commandsPerPicture > windowMessagesMax) return { state: { ...state, skipped: state.skipped + 1 }, effects: [again] };
  const picture = state.picture + 1;
  return sending({ ...state, picture }, [...sceneUpdate(picture, state.images).map(command), again]);
}

/** The server half of a display channel. */
export function displayServer(options: DisplayServerOptions): ServerChannel<2, DisplayServerState> {
  return {
    type: ChannelType.display,
    capabilities: capabilityWords([DisplayCapability.monitorsConfig, DisplayCapability.streamReport, DisplayCapability.prefCompression, DisplayCapability.prefVideoCodecType]),
    initial: () => initial,
    step(state, input) {
      switch (input.kind) {
        case 'linked':
          return { state, effects: nothing };
        case 'timer': {
          if (input.name === 'picture') return nextPicture(state, options);
          const next = nextPing(state.pings, input.nowMs);
          return sending({ ...state, pings: next.state }, [send('ping', next.ping), timer('ping', options.pingEveryMs)]);
        }
        case 'message': {
          const { message } = input;
          switch (message.kind) {
            case 'init':
              return state.initialised ? { state, effects: [violation('display:init-twice')] } : begin(state, options);
            case 'ackSync':
              return { state: { ...state, synced: message.value.generation === ackGeneration }, effects: nothing };
            case 'ack': {
              const acknowledged = state.acknowledged + ackWindow;
              const wrong = !state.synced || acknowledged > state.sent;
              return { state: { ...state, acknowledged }, effects: wrong ? [violation('display:ack-count')] : nothing };
            }
            case 'pong': {
              const taken = takePong(state.pings, message.value);
              return { state: { ...state, pings: taken.state }, effects: taken.effects };
            }
            case 'streamReport':
              return { state: { ...state, declinedStreams: state.declinedStreams + 1 }, effects: nothing };
            case 'unknown':
            case 'malformed':
              return { state, effects: [violation(`display:${message.kind}-${message.type}`)] };
            default:
              return { state, effects: nothing };
          }
        }
      }
    },
    observe: ({ initialised, sent, acknowledged, picture, skipped, pings }) => ({
      initialised, sent, acknowledged, picture, skipped, pingsSent: pings.sent, pongsReceived: pings.pongs,
    }),
  };
}
