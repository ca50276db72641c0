// Playback: the guest's sound as a channel keeps it healthy: mode, format, volume and what arrived. What is heard is handed on to the
// player behind it, where there is one; nothing is sent back, so a server never sees a silent client as a slow one.

import { capabilityWords, ChannelType, PlaybackCapability } from '../constants.ts';
import type { PlaybackServerMessage } from '../message.ts';
import { emit, noEffects, type ChannelBehavior, type ChannelEffect } from './channel.ts';

export interface PlaybackState {
  /** 1 RAW, 2 CELT, 3 OPUS; RAW until the server says otherwise. */
  readonly mode: number;
  readonly playing: boolean;
  readonly audioChannels: number;
  readonly frequencyHz: number;
  readonly starts: number;
  readonly stops: number;
  /** Of the newest START: monotonic milliseconds, and the server's multimedia clock. */
  readonly startedMs: number | null;
  readonly startedAtServerMs: number;
  readonly packetsReceived: number;
  readonly bytesReceived: number;
  /** The guest's wishes, kept to be seen. What is heard follows the user's volume alone (docs/decisions/0016). */
  readonly volumes: readonly number[];
  readonly muted: boolean;
  readonly latencyMs: number;
  /** What the server has said a word about. */
  readonly told: { readonly mute: boolean; readonly latency: boolean };
}

const initial: PlaybackState = { mode: 1, playing: false, audioChannels: 0, frequencyHz: 0, starts: 0, stops: 0, startedMs: null, startedAtServerMs: 0, packetsReceived: 0, bytesReceived: 0, volumes: [], muted: false, latencyMs: 200, told: { mute: false, latency: false } };

const play = (message: PlaybackServerMessage): ChannelEffect => ({ kind: 'play', message });

export const playbackBehavior: ChannelBehavior<PlaybackState, PlaybackServerMessage> = {
  type: ChannelType.playback,
  capabilities: capabilityWords([PlaybackCapability.volume, PlaybackCapability.latency, PlaybackCapability.opus]),
  initial,
  step(state, input) {
    if (input.kind !== 'message') return { state, effects: noEffects };
    const message = input.message;
    switch (message.kind) {
      case 'data':
        return { state: { ...state, packetsReceived: state.packetsReceived + 1, bytesReceived: state.bytesReceived + message.value.data.length }, effects: [play(message)] };
      case 'mode':
        return { state: { ...state, mode: message.value.mode }, effects: [play(message)] };
      case 'start': {
        const next: PlaybackState = { ...state, playing: true, audioChannels: message.value.channels, frequencyHz: message.value.frequency,
          starts: state.starts + 1, startedMs: input.nowMs, startedAtServerMs: message.value.time };
        return { state: next, effects: [play(message), emit({ kind: 'playbackChanged', playing: true, channels: next.audioChannels, frequencyHz: next.frequencyHz })] };
      }
      case 'stop':
        return { state: { ...state, playing: false, stops: state.stops + 1 }, effects: [emit({ kind: 'playbackChanged', playing: false, channels: state.audioChannels, frequencyHz: state.frequencyHz })] };
      case 'volume':
        return { state: { ...state, volumes: message.value.volumes }, effects: noEffects };
      case 'mute':
        return { state: { ...state, muted: message.value.mute !== 0, told: { ...state.told, mute: true } }, effects: noEffects };
      case 'latency':
        return { state: { ...state, latencyMs: message.value.latencyMs, told: { ...state.told, latency: true } }, effects: noEffects };
      default:
        return { state, effects: noEffects };
    }
  },
  describe: (state) => ({ ...state }),
};
