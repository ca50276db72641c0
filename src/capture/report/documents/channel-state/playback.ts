// The state of a playback channel.

import { AudioMode } from '../../../../protocol/constants.ts';
import { fieldsOf, type Fields } from '../field.ts';
import { flagOrNull, numberIn, numberOrNull, numbersIn, objectIn, type Observed } from '../observed.ts';
import { f64, flag, list, orNull, record, u16, u32, u64, u8, type Json, type Shape } from '../shape.ts';
import { countIn, sinceStart, type ChannelSource } from '../state-sample.ts';
import { transportFields } from './transport.ts';

const field = fieldsOf<ChannelSource>();

const durationsMax = 64;

type Codec = { readonly kind: 'raw' | 'opus' } | { readonly kind: 'other'; readonly value: number };

const codec: Shape<Codec> = {
  name: '`{kind: "raw"}`, `{kind: "opus"}` or `{kind: "other", value: N}`',
  schema: { type: 'object', required: ['kind'], properties: { kind: { type: 'string', enum: ['raw', 'opus', 'other'] }, value: { type: 'integer', minimum: 0 } } },
};
const session = record('Playing', { started_at_secs: f64, mm_time_at_start: u32, sample_rate_hz: u32, channels: u8, codec });

const codecOf = (mode: number): Codec => (mode === AudioMode.raw ? { kind: 'raw' } : mode === AudioMode.opus ? { kind: 'opus' } : { kind: 'other', value: mode });

function sessionOf({ channel, sample }: ChannelSource) {
  const { state } = channel;
  const startedMs = numberOrNull(state, 'startedMs');
  if (flagOrNull(state, 'playing') !== true || startedMs === null) return null;
  return {
    started_at_secs: sinceStart(sample, startedMs),
    mm_time_at_start: numberIn(state, 'startedAtServerMs'),
    sample_rate_hz: numberIn(state, 'frequencyHz'),
    channels: numberIn(state, 'audioChannels'),
    codec: codecOf(numberIn(state, 'mode')),
  };
}

const player = ({ channel }: ChannelSource): Observed => objectIn(channel.state, 'player');
/** What the server said of it, before which nothing is known. */
const told = <T extends Json>({ channel }: ChannelSource, name: string, value: T): T | null => (flagOrNull(objectIn(channel.state, 'told'), name) === true ? value : null);

export const playbackFields: Fields<ChannelSource> = {
  ...transportFields,
  current_session: field(orNull(session), 'what plays between START and STOP', sessionOf),
  start_count: field(u64, 'STARTs', ({ channel }) => numberIn(channel.state, 'starts')),
  stop_count: field(u64, 'STOPs', ({ channel }) => numberIn(channel.state, 'stops')),
  data_packets_received: field(u64, 'packets of sound', ({ channel }) => numberIn(channel.state, 'packetsReceived')),
  data_packets_decoded: field(u64, 'of them, those that became samples; 0 where sound goes nowhere, because then nothing is decoded', ({ channel }) => countIn(channel.sound, 'packets_decoded')),
  data_packets_decode_failed: field(u64, 'of them, those that could not be decoded', ({ channel }) => countIn(channel.sound, 'packets_failed')),
  data_bytes_received: field(u64, 'their bytes', ({ channel }) => numberIn(channel.state, 'bytesReceived')),
  pcm_bytes_produced: field(u64, 'bytes of samples made of them', ({ channel }) => countIn(channel.sound, 'pcm_bytes')),
  recent_decode_durations_us: field(list(u32, durationsMax), 'how long decoding the last packets took, oldest first', (source) => numbersIn(player(source), 'decodesUs')),
  device_callbacks_total: field(u64, 'always 0: samples are written to a player program, which calls nobody back', () => 0),
  device_underrun_count: field(u64, 'always 0: the player program does not tell', () => 0),
  ring_overflow_count: field(u64, 'packets whose samples found no room on the way to the file or the device', ({ channel }) => countIn(channel.sound, 'packets_dropped')),
  samples_consumed_total: field(u64, 'samples of one channel that the player program was given', ({ sample }) => sample.session.deviceSamples),
  last_volume_per_channel: field(list(u16), 'the guest\'s wish, which is not followed', ({ channel }) => numbersIn(channel.state, 'volumes')),
  last_mute: field(orNull(flag), 'the same', (source) => told(source, 'mute', flagOrNull(source.channel.state, 'muted') ?? false)),
  last_latency_ms: field(orNull(u32), 'what the server wants between a packet and its sound', (source) => told(source, 'latency', numberIn(source.channel.state, 'latencyMs'))),
};
