// The state of a display channel.

import { fieldsOf, type Fields } from '../field.ts';
import { flagOrNull, id64Of, id64sIn, listIn, numberIn, numberOrNull, numbersIn, objectIn, textIn, type Observed } from '../observed.ts';
import { f64, flag, id64, list, orNull, record, text, u32, u64 } from '../shape.ts';
import { countIn, momentIn, sinceStart, type ChannelSource } from '../state-sample.ts';
import { flowFields } from './flow.ts';
import { streamFields } from './streams.ts';
import { transportFields } from './transport.ts';

const field = fieldsOf<ChannelSource>();

const cacheIdsMax = 64;
const decodesMax = 20;
const intervalsMax = 32;

const decode = record('Decode', { image_type: text, image_id: id64, width: u32, height: u32, from_cache: flag, success: flag, timestamp_secs: f64, decode_duration_us: u32 });

const pictures = ({ channel }: ChannelSource): Observed => objectIn(channel.state, 'pictures');
const decodes = (source: ChannelSource): Observed => objectIn(pictures(source), 'decodes');

function decodeOf({ sample }: ChannelSource, from: Observed) {
  return {
    image_type: textIn(from, 'type'),
    image_id: id64Of(from['id']),
    width: numberIn(from, 'width'),
    height: numberIn(from, 'height'),
    from_cache: flagOrNull(from, 'fromCache') ?? false,
    success: flagOrNull(from, 'success') ?? false,
    timestamp_secs: sinceStart(sample, numberOrNull(from, 'atMs') ?? sample.startedAtMs),
    decode_duration_us: numberIn(from, 'durationUs'),
  };
}

export const displayFields: Fields<ChannelSource> = {
  ...transportFields,
  image_cache_entries: field(u64, 'pictures that the server asked to keep', (source) => numberIn(pictures(source), 'cachedImages')),
  image_cache_ids: field(list(id64, cacheIdsMax), 'the ids of those that were kept last, oldest first', (source) => id64sIn(pictures(source), 'cachedImageIds')),
  image_cache_bytes: field(u64, 'what they take', (source) => numberIn(pictures(source), 'cachedImageBytes')),
  recent_decodes: field(list(decode, decodesMax), 'the last pictures that were decoded or taken from the cache, oldest first. Types: `Pixmap`, `QUIC`, `LZ_PLT`, `LZ_RGB`, `GLZ_RGB`, `ZLIB_GLZ_RGB`, `LZ4`, `JPEG`, `JPEG_ALPHA`, `FromCache`, `FromCacheLossless`. Duration 0: from the cache, or it failed', (source) => (
    listIn(decodes(source), 'recent').map((each) => decodeOf(source, each))
  )),
  ...flowFields,
  decode_total_count: field(u64, 'pictures that were decoded or taken from the cache, or should have been', (source) => numberIn(decodes(source), 'total')),
  decode_failed_count: field(u64, 'of them, those that could not be had', (source) => numberIn(decodes(source), 'failed')),
  decode_from_cache_count: field(u64, 'of them, those that the cache had', (source) => numberIn(decodes(source), 'fromCache')),
  decode_recent_min_us: field(u32, 'shortest of `recent_decodes` that were decoded', (source) => numberIn(decodes(source), 'minUs')),
  decode_recent_max_us: field(u32, 'longest of them', (source) => numberIn(decodes(source), 'maxUs')),
  decode_recent_mean_us: field(u32, 'their mean', (source) => numberIn(decodes(source), 'meanUs')),
  socket_read_count: field(u64, 'how often bytes came from the socket', ({ channel }) => countIn(channel.counters, 'socket_reads')),
  socket_reads_at_chunk_cap: field(u64, 'of them, those that were full: 65,536 bytes, where the ancestor reads 262,144', ({ channel }) => countIn(channel.counters, 'socket_reads_at_chunk_cap')),
  socket_max_chunk_bytes: field(u32, 'the largest of them', ({ channel }) => countIn(channel.counters, 'socket_max_chunk_bytes')),
  ack_send_count: field(u32, 'ACKs sent', ({ channel }) => countIn(channel.counters, 'ack_send_count')),
  last_ack_send_ts_secs: field(orNull(f64), 'when one was sent last', ({ channel }) => momentIn(channel.counters, 'last_ack_send_ms')),
  recent_ack_intervals_secs: field(list(f64, intervalsMax), 'the times between the last ACKs, oldest first', ({ channel }) => numbersIn(channel.state, 'ackIntervalsSecs')),
  ...streamFields,
  image_cache_cap_bytes: field(u64, 'what the server was offered for them', (source) => numberIn(pictures(source), 'cachedImageBytesMax')),
  image_cache_evictions_total: field(u64, 'always 0: the server decides what leaves the cache, the client never does', () => 0),
  image_cache_evicted_bytes_total: field(u64, 'always 0, for the same reason', () => 0),
  glz_dictionary_bytes: field(u64, 'decoded images that later GLZ images may refer to', (source) => numberIn(pictures(source), 'glzBytes')),
  glz_dictionary_entries: field(u64, 'how many', (source) => numberIn(pictures(source), 'glzImages')),
  glz_dictionary_cap_bytes: field(u64, 'what they may take', (source) => numberIn(pictures(source), 'glzBytesMax')),
  glz_dictionary_evictions_total: field(u64, 'images dropped because the server held on to more than it was offered', (source) => numberIn(pictures(source), 'glzEvicted')),
  glz_dictionary_evicted_bytes_total: field(u64, 'their bytes', (source) => numberIn(pictures(source), 'glzEvictedBytes')),
  pref_compression_sent: field(flag, 'PREFERRED_COMPRESSION was sent', ({ channel }) => countIn(channel.counters, 'send:103') > 0),
  pref_video_codec_type_sent: field(flag, 'PREFERRED_VIDEO_CODEC_TYPE was sent', ({ channel }) => countIn(channel.counters, 'send:105') > 0),
};
