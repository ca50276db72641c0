// The fields of a display channel's video streams, as the ancestor names them.

import { fieldsOf } from '../field.ts';
import { flagOrNull, listIn, numberIn, numberOrNull, objectIn, textIn, type Observed } from '../observed.ts';
import { f64, flag, i32, list, orNull, record, text, u32, u64, u8 } from '../shape.ts';
import { sinceStart, type ChannelSource, type StateSample } from '../state-sample.ts';

const field = fieldsOf<ChannelSource>();

/** Streams that are open at once, and closed ones that are remembered. */
const streamsMax = 16;

const stream = record('Stream', {
  stream_id: u32,
  surface_id: u32,
  codec_type: u8,
  stream_width: u32,
  stream_height: u32,
  dest_top: u32,
  dest_left: u32,
  dest_bottom: u32,
  dest_right: u32,
  created_at_secs: f64,
  frames_received: u64,
  frames_decoded_ok: u64,
  frames_decode_failed: u64,
  last_frame_ts_secs: orNull(f64),
  last_decode_ok_ts_secs: orNull(f64),
  last_decode_duration_us: u32,
  destroyed_at_secs: orNull(f64),
  report_is_active: flag,
  report_unique_id: u32,
  report_max_window_size: u32,
  report_timeout_ms: u32,
  report_send_count: u32,
  last_report_sent_ts_secs: orNull(f64),
  last_report_num_frames: u32,
  last_report_num_drops: u32,
  last_report_last_frame_delay: i32,
  mjpeg_decoder_backend: text,
  video_decoder_backend: text,
});

function streamOf(sample: StateSample, from: Observed) {
  const momentOf = (name: string): number | null => {
    const atMs = numberOrNull(from, name);
    return atMs === null ? null : sinceStart(sample, atMs);
  };
  const number = (name: string): number => numberIn(from, name);
  return {
    stream_id: number('streamId'),
    surface_id: number('surfaceId'),
    codec_type: number('codec'),
    stream_width: number('width'),
    stream_height: number('height'),
    dest_top: number('top'),
    dest_left: number('left'),
    dest_bottom: number('bottom'),
    dest_right: number('right'),
    created_at_secs: momentOf('createdMs') ?? 0,
    frames_received: number('framesReceived'),
    frames_decoded_ok: number('framesDecoded'),
    frames_decode_failed: number('framesFailed'),
    last_frame_ts_secs: momentOf('lastFrameMs'),
    last_decode_ok_ts_secs: momentOf('lastDecodedMs'),
    last_decode_duration_us: number('lastDecodeUs'),
    destroyed_at_secs: momentOf('destroyedMs'),
    report_is_active: flagOrNull(from, 'reportActive') ?? false,
    report_unique_id: number('reportUniqueId'),
    report_max_window_size: number('reportMaxWindow'),
    report_timeout_ms: number('reportTimeoutMs'),
    report_send_count: number('reportsSent'),
    last_report_sent_ts_secs: momentOf('lastReportMs'),
    last_report_num_frames: number('lastReportFrames'),
    last_report_num_drops: number('lastReportDrops'),
    last_report_last_frame_delay: number('lastReportDelayMs'),
    mjpeg_decoder_backend: textIn(from, 'backend'),
    video_decoder_backend: textIn(from, 'backend'),
  };
}

const streams = (source: ChannelSource): Observed => objectIn(source.channel.state, 'streams');
const decodes = (source: ChannelSource, codec: 'mjpeg' | 'h264'): Observed => objectIn(streams(source), codec);

export const streamFields = {
  streams_active: field(list(stream, streamsMax), 'open video streams', (source) => listIn(streams(source), 'open').map((each) => streamOf(source.sample, each))),
  streams_created_total: field(u64, 'STREAM_CREATEs', (source) => numberIn(streams(source), 'created')),
  streams_destroyed_total: field(u64, 'streams that the server closed', (source) => numberIn(streams(source), 'destroyed')),
  stream_data_orphan_count: field(u64, 'STREAM_DATA for a stream that is not open', (source) => numberIn(streams(source), 'orphans')),
  streams_recently_destroyed: field(list(stream, streamsMax), 'closed streams, the newest', (source) => listIn(streams(source), 'closed').map((each) => streamOf(source.sample, each))),
  stream_reports_sent_total: field(u64, 'STREAM_REPORTs about frames that came', (source) => numberIn(streams(source), 'reportsSent')),
  stream_reports_unsupported_signals_sent: field(u64, 'STREAM_REPORTs that decline a stream', (source) => numberIn(streams(source), 'declined')),
  mjpeg_decode_recent_min_us: field(u32, 'shortest of the last decoded MJPEG frames', (source) => numberIn(decodes(source, 'mjpeg'), 'minUs')),
  mjpeg_decode_recent_max_us: field(u32, 'longest of them', (source) => numberIn(decodes(source, 'mjpeg'), 'maxUs')),
  mjpeg_decode_recent_mean_us: field(u32, 'their mean', (source) => numberIn(decodes(source, 'mjpeg'), 'meanUs')),
  mjpeg_decode_total_count: field(u64, 'MJPEG frames decoded or tried', (source) => numberIn(decodes(source, 'mjpeg'), 'total')),
  mjpeg_decode_failed_count: field(u64, 'of them, those that could not be decoded', (source) => numberIn(decodes(source, 'mjpeg'), 'failed')),
  h264_decode_recent_min_us: field(u32, 'the same for H.264; 0 where it is not announced', (source) => numberIn(decodes(source, 'h264'), 'minUs')),
  h264_decode_recent_max_us: field(u32, 'the same', (source) => numberIn(decodes(source, 'h264'), 'maxUs')),
  h264_decode_recent_mean_us: field(u32, 'the same', (source) => numberIn(decodes(source, 'h264'), 'meanUs')),
  h264_decode_total_count: field(u64, 'the same', (source) => numberIn(decodes(source, 'h264'), 'total')),
  h264_decode_failed_count: field(u64, 'the same', (source) => numberIn(decodes(source, 'h264'), 'failed')),
  streams_rejected_total: field(u64, 'streams refused because too many were open', (source) => numberIn(streams(source), 'rejected')),
};
