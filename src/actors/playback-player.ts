// Playback player: the sound of one playback channel on its own thread: packets to samples, the user's volume onto them, the samples to
// the audio actor. It waits for nobody: what finds no room there is dropped and counted, as sound that comes too late is.

import { AudioMode, ChannelType, channelName } from '../protocol/constants.ts';
import type { Gap } from '../protocol/gaps.ts';
import type { PlaybackServerMessage } from '../protocol/message.ts';
import { applyGain } from '../audio/gain.ts';
import { blockBytes, isSameFormat, soundFormatFault, type SoundFormat } from '../audio/sound-format.ts';
import { gainPercent, readVolume, type VolumeControl } from '../audio/volume-control.ts';
import type { Address } from '../mailbox/address.ts';
import { openSoundCounters, type AudioMail, type SoundArgs, type SoundCounters } from './audio-mail.ts';
import type { ChannelPlayer } from './channel-player.ts';
import { opusFormat, OpusDecoder } from './opus-decoder.ts';

/** Servers send 10 to 50 ms at a time, some 2 to 10 KiB uncompressed. What waits at the audio actor is bounded by this and its mailbox. */
const packetBytesMax = 64 * 1024;
const durationsMax = 64;
const channel = channelName(ChannelType.playback);
const noGaps: readonly Gap[] = [];
const gap = (detail: string, code: string): readonly Gap[] => [{ key: `${channel}:${code}`, detail }];

export class PlaybackPlayer implements ChannelPlayer {
  readonly #audio: Address<AudioMail>;
  readonly #volume: VolumeControl;
  readonly #counters: SoundCounters;
  readonly #opus = new OpusDecoder();
  readonly #nowMs: () => number;
  /** Of the last packets, in microseconds: a ring of `durationsMax`, of which `#decodes` were written. */
  readonly #durationsUs = new Uint32Array(durationsMax);
  #decodes = 0;
  #mode: number = AudioMode.raw;
  /** Null before a START whose format can be played. */
  #format: SoundFormat | null = null;

  /** `nowMs` is the monotonic clock. */
  constructor(sound: SoundArgs, audio: Address<AudioMail>, nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#audio = audio;
    this.#volume = sound.volume;
    this.#counters = openSoundCounters(sound.counters);
  }

  play(message: PlaybackServerMessage): readonly Gap[] {
    switch (message.kind) {
      case 'mode':
        this.#mode = message.value.mode;
        return noGaps;
      case 'start': {
        const fault = soundFormatFault(message.value);
        this.#format = fault === null ? { channels: message.value.channels, frequencyHz: message.value.frequency } : null;
        return fault === null ? noGaps : gap(fault, 'format:unsupported');
      }
      case 'data':
        return this.#playPacket(message.value.data);
      default:
        return noGaps;
    }
  }

  describe(): Readonly<Record<string, unknown>> {
    const first = Math.max(0, this.#decodes - durationsMax);
    return { decodesUs: Array.from({ length: this.#decodes - first }, (_, index) => this.#durationsUs[(first + index) % durationsMax]) };
  }

  #noteDecode(ms: number): void {
    this.#durationsUs[this.#decodes % durationsMax] = Math.max(0, Math.round(ms * 1000));
    this.#decodes += 1;
  }

  #playPacket(packet: Uint8Array): readonly Gap[] {
    const startedMs = this.#nowMs();
    const pcm = this.#samplesOf(packet);
    if (!(pcm instanceof ArrayBuffer)) {
      this.#counters.packets_failed.add(1);
      return pcm;
    }
    this.#counters.packets_decoded.add(1);
    this.#noteDecode(this.#nowMs() - startedMs);
    this.#deliver(pcm);
    return noGaps;
  }

  #samplesOf(packet: Uint8Array): ArrayBuffer | readonly Gap[] {
    const format = this.#format;
    if (format === null) return gap('sound without a START that can be played', 'packet:noFormat');
    if (packet.length > packetBytesMax) return gap(`a packet of ${packet.length} bytes, where ${packetBytesMax} are played`, 'packet:oversize');
    switch (this.#mode) {
      case AudioMode.raw:
        if (packet.length === 0 || packet.length % blockBytes(format) !== 0) return gap(`${packet.length} bytes are no whole samples of ${format.channels} channels`, 'packet:uneven');
        return new Uint8Array(packet).buffer; // a copy of its own: the packet is a view of the socket's buffer
      case AudioMode.opus: {
        if (!isSameFormat(format, opusFormat)) return gap(`Opus for ${format.channels} channels at ${format.frequencyHz} Hz`, 'packet:opusFormat');
        const decoded = this.#opus.decode(packet);
        return decoded instanceof ArrayBuffer ? decoded : gap(`an Opus packet of ${packet.length} bytes: ${decoded}`, `packet:${decoded}`);
      }
      default:
        return gap(`packets of audio mode ${this.#mode} cannot be decoded`, `mode:${this.#mode}`);
    }
  }

  #deliver(pcm: ArrayBuffer): void {
    const format = this.#format;
    if (format === null) return;
    const samples = pcm.byteLength / blockBytes(format);
    applyGain(new DataView(pcm), gainPercent(readVolume(this.#volume)));
    this.#counters.pcm_bytes.add(pcm.byteLength);
    const told = this.#audio.tell({ kind: 'samples', format, pcm }, { transfer: [pcm] });
    this.#counters[told === 'accepted' ? 'samples_delivered' : 'samples_dropped'].add(samples);
    if (told !== 'accepted') this.#counters.packets_dropped.add(1);
  }
}
