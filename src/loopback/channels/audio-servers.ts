// Playback and record, the server's halves: a guest that plays a tone with pauses, uncompressed, and that listens to the microphone
// for a while. What the client recorded is counted, not kept.

import { AudioFormat, AudioMode, capabilityWords, ChannelType, hasCapability, PlaybackCapability, RecordCapability } from '../../protocol/constants.ts';
import { multiMediaTime, nothing, serverMessages, timer, violation, type ClientMessage, type ServerChannel, type ServerEffect, type ServerStep } from './server-channel.ts';

const sayPlayback = serverMessages(ChannelType.playback);
const sayRecord = serverMessages(ChannelType.record);

const stereo = 2;
const fullVolume = 65_535;

interface PlaybackState {
  readonly volume: boolean;
  readonly packets: number;
  readonly dropped: number;
}

const sampleRateHz = 48_000;
const packetMs = 50;
const toneHz = 440;
const toneAmplitude = 6_000;
/** The tone lasts this many packets, then pauses, and starts again. */
const packetsPerTone = 60;
const pauseMs = 500;

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

function startTone(state: PlaybackState, nowMs: number): readonly ServerEffect[] {
  return [
    sayPlayback('start', { channels: stereo, format: AudioFormat.s16, frequency: sampleRateHz, time: multiMediaTime(nowMs) }),
    ...(state.volume ? [sayPlayback('volume', { volumes: [fullVolume, fullVolume] }), sayPlayback('mute', { mute: 0 })] : []),
    timer('packet', packetMs),
  ];
}

function onPacket(state: PlaybackState, nowMs: number, room: boolean): ServerStep<PlaybackState> {
  const packets = state.packets + 1;
  // As the real server: sound that the client does not take in time is dropped.
  const data = room ? [sayPlayback('data', { time: multiMediaTime(nowMs), data: tonePacket(state.packets) })] : nothing;
  const next: PlaybackState = { ...state, packets, dropped: state.dropped + (room ? 0 : 1) };
  if (packets % packetsPerTone !== 0) return { state: next, effects: [...data, timer('packet', packetMs)] };
  return { state: next, effects: [...data, sayPlayback('stop', {}), timer('tone', pauseMs)] };
}

export function playbackServer(plays: boolean): ServerChannel<5, PlaybackState> {
  return {
    type: ChannelType.playback,
    capabilities: capabilityWords([PlaybackCapability.volume]),
    initial: () => ({ volume: false, packets: 0, dropped: 0 }),
    step(state, input) {
      switch (input.kind) {
        case 'linked': {
          const known = { ...state, volume: hasCapability(input.channelCaps, PlaybackCapability.volume) };
          const mode = sayPlayback('mode', { time: multiMediaTime(input.nowMs), mode: AudioMode.raw, data: new Uint8Array(0) });
          return { state: known, effects: plays ? [mode, ...startTone(known, input.nowMs)] : [mode] };
        }
        case 'timer':
          return input.name === 'tone' ? { state, effects: startTone(state, input.nowMs) } : onPacket(state, input.nowMs, input.room);
        case 'message':
        case 'room':
        case 'told':
          return { state, effects: nothing };
      }
    },
    observe: ({ packets, dropped }) => ({ packets, dropped }),
  };
}

interface RecordState {
  readonly recording: boolean;
  /** What a client says before its first DATA, in this order. */
  readonly mode: number | null;
  readonly marked: boolean;
  readonly packets: number;
  readonly bytes: number;
}

const recordRateHz = 44_100;
/** The guest opens the microphone this long after the link, and closes it after that long. */
const recordAfterMs = 1_000;
const recordForMs = 2_000;

export function recordServer(records: boolean): ServerChannel<6, RecordState> {
  return {
    type: ChannelType.record,
    capabilities: capabilityWords([RecordCapability.volume]),
    initial: () => ({ recording: false, mode: null, marked: false, packets: 0, bytes: 0 }),
    step(state, input) {
      switch (input.kind) {
        case 'linked':
          return { state, effects: records ? [timer('start', recordAfterMs)] : nothing };
        case 'timer':
          if (input.name === 'stop') return { state: { ...state, recording: false }, effects: [sayRecord('stop', {})] };
          return {
            state: { ...state, recording: true, mode: null, marked: false },
            effects: [sayRecord('start', { channels: stereo, format: AudioFormat.s16, frequency: recordRateHz }), timer('stop', recordForMs)],
          };
        case 'message':
          return onRecorded(state, input.message);
        case 'room':
        case 'told':
          return { state, effects: nothing };
      }
    },
    observe: ({ recording, mode, marked, packets, bytes }) => ({ recording, mode, marked, packets, bytes }),
  };
}

function onRecorded(state: RecordState, message: ClientMessage<6>): ServerStep<RecordState> {
  switch (message.kind) {
    case 'mode':
      return { state: { ...state, mode: message.value.mode }, effects: message.value.mode === AudioMode.raw ? nothing : [violation('mode-unasked')] };
    case 'startMark':
      return { state: { ...state, marked: true }, effects: state.mode === null ? [violation('mark-before-mode')] : nothing };
    case 'data': {
      const counted = { ...state, packets: state.packets + 1, bytes: state.bytes + message.value.data.byteLength };
      return { state: counted, effects: state.mode === null || !state.marked ? [violation('data-before-mark')] : nothing };
    }
  }
}
