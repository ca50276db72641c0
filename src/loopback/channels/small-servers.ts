// The server's halves of the channels that say little: inputs, cursor, playback, record, usbredir, port. Each opens as the real one
// does, answers PONGs and counts what it got.

import { AudioFormat, AudioMode, capabilityWords, ChannelType, CursorType, InputsCapability, PlaybackCapability, RecordCapability } from '../../protocol/constants.ts';
import { mouseMotionsPerAck } from '../../protocol/constants.ts';
import { ballPosition } from '../scene.ts';
import { initialPings, takePong, type PingState } from './server-pings.ts';
import { nothing, serverMessages, timer, violation, type ServerChannel, type ServerEffect } from './server-channel.ts';

/** What every small channel counts. */
interface SmallState {
  readonly pings: PingState;
  readonly messages: number;
}

const initialSmall: SmallState = { pings: initialPings, messages: 0 };

interface InputsState extends SmallState {
  readonly keys: readonly number[];
  readonly movements: number;
  readonly buttons: readonly number[];
  readonly modifiers: number;
}

/** What the inputs channel remembers of keys and buttons. */
const rememberedMax = 256;

export function inputsServer(): ServerChannel<3, InputsState> {
  const send = serverMessages(ChannelType.inputs);
  return {
    type: ChannelType.inputs,
    capabilities: capabilityWords([InputsCapability.keyScancode]),
    initial: () => ({ ...initialSmall, keys: [], movements: 0, buttons: [], modifiers: 0 }),
    step(state, input) {
      if (input.kind === 'linked') return { state, effects: [send('init', { modifiers: state.modifiers })] };
      if (input.kind !== 'message') return { state, effects: nothing };
      const counted = { ...state, messages: state.messages + 1 };
      const { message } = input;
      switch (message.kind) {
        case 'keyDown':
        case 'keyUp':
          return { state: { ...counted, keys: [...counted.keys, message.value.code].slice(-rememberedMax) }, effects: nothing };
        case 'keyModifiers':
          return { state: { ...counted, modifiers: message.value.modifiers }, effects: [send('keyModifiers', { modifiers: message.value.modifiers })] };
        case 'mouseMotion':
        case 'mousePosition': {
          const movements = counted.movements + 1;
          return { state: { ...counted, movements }, effects: movements % mouseMotionsPerAck === 0 ? [send('mouseMotionAck', {})] : nothing };
        }
        case 'mousePress':
        case 'mouseRelease':
          return { state: { ...counted, buttons: [...counted.buttons, message.value.buttons].slice(-rememberedMax) }, effects: nothing };
        case 'pong': {
          const taken = takePong(counted.pings, message.value);
          return { state: { ...counted, pings: taken.state }, effects: taken.effects };
        }
        case 'unknown':
        case 'malformed':
          return { state: counted, effects: [violation(`inputs:${message.kind}-${message.type}`)] };
        default:
          return { state: counted, effects: nothing };
      }
    },
    observe: ({ keys, movements, buttons, modifiers, pings }) => ({ keys, movements, buttons, modifiers, pongsReceived: pings.pongs }),
  };
}

const arrowSide = 16;
/** A white arrow with a dark edge, premultiplied B, G, R, A. */
function arrowPixels(): Uint8Array {
  const pixels = new Uint8Array(arrowSide * arrowSide * 4);
  for (let y = 0; y < arrowSide; y++) {
    for (let x = 0; x <= y && x < arrowSide; x++) {
      const edge = x === 0 || x === y || y === arrowSide - 1;
      pixels.set(edge ? [0, 0, 0, 255] : [255, 255, 255, 255], (y * arrowSide + x) * 4);
    }
  }
  return pixels;
}

interface CursorState extends SmallState {
  readonly moves: number;
}

const cursorAckWindow = 20;

export function cursorServer(moveEveryMs: number | null): ServerChannel<4, CursorState> {
  const send = serverMessages(ChannelType.cursor);
  const shape = { unique: 1n, type: CursorType.alpha, width: arrowSide, height: arrowSide, hotSpotX: 0, hotSpotY: 0, data: arrowPixels() };
  const cursor = { flags: 0, shape };
  const again: readonly ServerEffect[] = moveEveryMs === null ? [] : [timer('move', moveEveryMs)];
  return {
    type: ChannelType.cursor,
    capabilities: [],
    initial: () => ({ ...initialSmall, moves: 0 }),
    step(state, input) {
      switch (input.kind) {
        case 'linked':
          return {
            state,
            effects: [
              send('setAck', { generation: 1, window: cursorAckWindow }),
              send('init', { position: ballPosition(0), trailLength: 0, trailFrequency: 0, visible: 1, cursor }),
              ...again,
            ],
          };
        case 'timer': {
          const moves = state.moves + 1;
          return { state: { ...state, moves }, effects: [send('move', { position: ballPosition(moves) }), ...again] };
        }
        case 'message': {
          const counted = { ...state, messages: state.messages + 1 };
          const { message } = input;
          if (message.kind === 'unknown' || message.kind === 'malformed') return { state: counted, effects: [violation(`cursor:${message.kind}-${message.type}`)] };
          if (message.kind !== 'pong') return { state: counted, effects: nothing };
          const taken = takePong(counted.pings, message.value);
          return { state: { ...counted, pings: taken.state }, effects: taken.effects };
        }
      }
    },
    observe: ({ moves, pings }) => ({ moves, pongsReceived: pings.pongs }),
  };
}

interface PlaybackState extends SmallState {
  readonly packets: number;
}

const sampleRateHz = 48_000;
const packetMs = 100;
const toneHz = 440;
const toneAmplitude = 6_000;
const stereo = 2;

/** One packet of a tone that goes on from packet to packet, S16 little-endian. */
function tonePacket(packet: number): Uint8Array {
  const samples = (sampleRateHz * packetMs) / 1000;
  const view = new DataView(new ArrayBuffer(samples * stereo * 2));
  for (let i = 0; i < samples; i++) {
    const level = Math.round(toneAmplitude * Math.sin((2 * Math.PI * toneHz * (packet * samples + i)) / sampleRateHz));
    for (let channel = 0; channel < stereo; channel++) view.setInt16((i * stereo + channel) * 2, level, true);
  }
  return new Uint8Array(view.buffer);
}

export function playbackServer(plays: boolean): ServerChannel<5, PlaybackState> {
  const send = serverMessages(ChannelType.playback);
  return {
    type: ChannelType.playback,
    capabilities: capabilityWords([PlaybackCapability.volume, PlaybackCapability.latency]),
    initial: () => ({ ...initialSmall, packets: 0 }),
    step(state, input) {
      switch (input.kind) {
        case 'linked': {
          const time = Math.round(input.nowMs) >>> 0;
          const opening: readonly ServerEffect[] = [
            send('mode', { time, mode: AudioMode.raw, data: new Uint8Array(0) }),
            send('start', { channels: stereo, format: AudioFormat.s16, frequency: sampleRateHz, time }),
            send('volume', { volumes: [65_535, 65_535] }),
            timer('packet', packetMs),
          ];
          return { state, effects: plays ? opening : opening.slice(0, 1) };
        }
        case 'timer': {
          const data = send('data', { time: Math.round(input.nowMs) >>> 0, data: tonePacket(state.packets) });
          return { state: { ...state, packets: state.packets + 1 }, effects: [data, timer('packet', packetMs)] };
        }
        case 'message': {
          const counted = { ...state, messages: state.messages + 1 };
          const { message } = input;
          if (message.kind === 'unknown' || message.kind === 'malformed') return { state: counted, effects: [violation(`playback:${message.kind}-${message.type}`)] };
          return { state: counted, effects: nothing };
        }
      }
    },
    observe: ({ packets }) => ({ packets }),
  };
}

/** Nothing until the guest records, and this one never does. */
export function recordServer(): ServerChannel<6, SmallState> {
  return {
    type: ChannelType.record,
    capabilities: capabilityWords([RecordCapability.volume]),
    initial: () => initialSmall,
    step: (state, input) => ({ state: input.kind === 'message' ? { ...state, messages: state.messages + 1 } : state, effects: nothing }),
    observe: ({ messages }) => ({ messages }),
  };
}

/** A named byte stream that the guest's side has open; it says one line. */
export function portServer(name: string): ServerChannel<10, SmallState> {
  const send = serverMessages(ChannelType.port);
  return {
    type: ChannelType.port,
    capabilities: [],
    initial: () => initialSmall,
    step: (state, input) =>
      input.kind === 'linked'
        ? { state, effects: [send('init', { name: new TextEncoder().encode(`${name}\0`), opened: 1 }), send('data', { data: new TextEncoder().encode('hello\n') })] }
        : { state: input.kind === 'message' ? { ...state, messages: state.messages + 1 } : state, effects: nothing },
    observe: ({ messages }) => ({ messages }),
  };
}
