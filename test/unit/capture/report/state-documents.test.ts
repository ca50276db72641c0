import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { allChannelStates, channelStateDocument, reportedKinds, type ReportedKind } from '#app/capture/report/documents/channel-state-document.js';
import { disconnectCause } from '#app/capture/report/documents/disconnect-cause.js';
import { documentText } from '#app/capture/report/documents/document-text.js';
import { sessionDocument } from '#app/capture/report/documents/session-document.js';
import type { ChannelStateSample, StateSample } from '#app/capture/report/documents/state-sample.js';
import { reportSchema, schemaFaults } from '../../../support/json-schema.ts';

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** The ancestor's fields, by its documents. */
const transport = words(`bytes_in bytes_out last_recv_ts_secs last_send_ts_secs ping_recv_count pong_send_count last_ping_recv_ts_secs writer_dropped_count
  messages_recv_by_opcode messages_send_by_opcode last_unknown_opcode unknown_opcode_count`);
const flow = words('ack_generation ack_window message_count last_ack');
const ancestor: Readonly<Record<ReportedKind, readonly string[]>> = {
  display: [...transport, ...flow, ...words(`image_cache_entries image_cache_ids image_cache_bytes recent_decodes
    decode_total_count decode_failed_count decode_from_cache_count decode_recent_min_us decode_recent_max_us decode_recent_mean_us
    socket_read_count socket_reads_at_chunk_cap socket_max_chunk_bytes ack_send_count last_ack_send_ts_secs recent_ack_intervals_secs
    streams_active streams_created_total streams_destroyed_total stream_data_orphan_count streams_recently_destroyed stream_reports_sent_total
    stream_reports_unsupported_signals_sent mjpeg_decode_recent_min_us mjpeg_decode_recent_max_us mjpeg_decode_recent_mean_us mjpeg_decode_total_count
    mjpeg_decode_failed_count h264_decode_recent_min_us h264_decode_recent_max_us h264_decode_recent_mean_us h264_decode_total_count h264_decode_failed_count
    streams_rejected_total image_cache_cap_bytes image_cache_evictions_total image_cache_evicted_bytes_total glz_dictionary_bytes glz_dictionary_entries
    glz_dictionary_cap_bytes glz_dictionary_evictions_total glz_dictionary_evicted_bytes_total pref_compression_sent pref_video_codec_type_sent`)],
  inputs: [...transport, ...words('button_state motion_count secs_since_last_key recent_events client_keepalive_send_count last_client_keepalive_send_ts_secs')],
  cursor: [...transport, ...flow, ...words('cache_entries cache_contents')],
  main: [...transport, ...words(`session_id mm_time_now mm_time_set_count last_mm_time_set_ts_secs keepalive_timeout_fired events_dropped_count
    events_dropped_by_kind last_event_drop_ts_secs server_mouse_mode agent_request_count agent_reply_count agent_reply_error_count last_agent_reply_ts_secs
    last_agent_reply_lag_us recent_agent_reply_lag_us outstanding_agent_request_count agent_stall_count agent_starved_since_ts_secs`)],
  playback: [...transport, ...words(`current_session start_count stop_count data_packets_received data_packets_decoded data_packets_decode_failed
    data_bytes_received pcm_bytes_produced recent_decode_durations_us device_callbacks_total device_underrun_count ring_overflow_count samples_consumed_total
    last_volume_per_channel last_mute last_latency_ms`)],
  usbredir: [...transport, ...words('redirected_devices device_connect_total device_disconnect_total last_device_event_ts_secs server_caps client_caps')],
  webdav: [...transport, ...words(`http_requests_received http_response_bytes_sent active_session_count last_request_ts_secs last_response_ts_secs
    decompressed_size_limit_exceeded_count`)],
};
const ancestorSession = words(`fps bandwidth_history bandwidth_current last_latency_ms frames_received surfaces cursor_pos cursor_visible mouse_mode connected
  uptime_secs auto_reconnect_count video_drop_count image_ready_lag_recent_min_us image_ready_lag_recent_max_us image_ready_lag_recent_mean_us
  display_mark_lag_recent_min_us display_mark_lag_recent_max_us display_mark_lag_recent_mean_us auto_snapshots_saved auto_snapshots_pruned audio_volume_percent
  audio_muted`);

const spread = { min: 0, max: 0, mean: 0 };
const sampleOf = (...channels: readonly ChannelStateSample[]): StateSample => ({
  atMs: 12_500,
  startedAtMs: 10_000,
  session: {
    connected: true, autoReconnectCount: 0, surfaces: [], history: { fps: 0, bandwidth: [], imageReadyLagUs: spread, displayMarkLagUs: spread },
    videoDropCount: 0, autoSnapshotsSaved: 0, autoSnapshotsPruned: 0, volumePercent: 100, muted: false, deviceSamples: 0,
  },
  channels,
});
const channelOf = (id: string, part: Partial<ChannelStateSample> = {}): ChannelStateSample => ({
  id, kind: id.split('/')[0] ?? id, counters: {}, state: {}, sound: null, writerDroppedCount: 0, trafficRetentionSecs: null,
  standing: { phase: 'linked', generation: 1, restarts: 0, mailboxDepth: 0, mailboxHighWater: 0, mailboxDropped: 0, lastLoss: null }, ...part,
});

describe('the fields', () => {
  it.each(reportedKinds)('of a %s channel are those of the ancestor, and what is ours stands apart', (kind) => {
    const names = Object.keys(channelStateDocument(sampleOf(), kind));
    const ours: Partial<Record<ReportedKind, readonly string[]>> = { main: ['agent_tokens', 'agent_queued_bytes'] };
    expect(new Set(names)).toEqual(new Set([...ancestor[kind], ...(ours[kind] ?? []), 'actor']));
  });

  it('are as many as the ancestor counted, where its newest build added none', () => {
    expect(Object.fromEntries(reportedKinds.map((kind) => [kind, ancestor[kind].length]))).toMatchObject({ inputs: 18, cursor: 18, usbredir: 18, webdav: 18, playback: 28 });
  });

  it('of the session are those of the ancestor', () => {
    expect(Object.keys(sessionDocument(sampleOf()))).toEqual(ancestorSession);
  });

  it('of a lost connection are those of the ancestor, for each of its seven channels', () => {
    const cause = disconnectCause(sampleOf(), { channel: 'main', message: 'gone', kind: 'fin' });
    expect(Object.keys(cause)).toEqual(words('channel error_message error_kind keepalive_timeout_fired session_uptime_secs per_channel'));
    const { per_channel: rows } = cause as unknown as { per_channel: Readonly<Record<string, object>> };
    expect(Object.keys(rows)).toEqual(words('main display inputs cursor playback usbredir webdav'));
    expect(Object.keys(rows['inputs'] ?? {})).toEqual(words(`bytes_in bytes_out last_recv_ts_secs last_send_ts_secs ping_recv_count pong_send_count
      last_ping_recv_ts_secs client_keepalive_send_count last_client_keepalive_send_ts_secs`));
  });

  it('are described in docs/report-fields.md and in the schemas as they are declared', () => {
    const script = fileURLToPath(new URL('../../../../scripts/report-fields.mjs', import.meta.url));
    expect(execFileSync(process.execPath, [script, '--check'], { encoding: 'utf8' })).toBe('');
  });
});

describe('a channel that never was', () => {
  it.each(reportedKinds)('%s has zeros and nulls of the right types, and says that it is absent', (kind) => {
    const document = JSON.parse(documentText(channelStateDocument(sampleOf(), kind))) as unknown;
    expect(schemaFaults(document, reportSchema(`channel-state-${kind}`))).toEqual([]);
    expect(document).toMatchObject({ bytes_in: 0, last_recv_ts_secs: null, actor: { channel: `${kind}/0`, phase: 'absent' } });
  });
});

describe('opcodes', () => {
  it('are counted under their numbers, and only those that came', () => {
    const counters = { 'recv:4': 3, 'recv:103': 0, 'send:3': 3, unknown_opcode_count: 2, last_unknown_opcode: 999 };
    expect(channelStateDocument(sampleOf(channelOf('main/0', { counters })), 'main')).toMatchObject({
      messages_recv_by_opcode: { '4': 3 }, messages_send_by_opcode: { '3': 3 }, unknown_opcode_count: 2, last_unknown_opcode: 999,
    });
  });
});

describe('several channels of a kind', () => {
  const two = sampleOf(channelOf('display/0', { counters: { bytes_in: 1 } }), channelOf('display/1', { counters: { bytes_in: 2 } }), channelOf('record/0', { counters: { bytes_in: 3 } }));

  it('are told apart by id; a kind means the first', () => {
    expect([channelStateDocument(two, 'display'), channelStateDocument(two, 'display/1')]).toMatchObject([{ bytes_in: 1 }, { bytes_in: 2, actor: { channel: 'display/1' } }]);
  });

  it('stand beside the ancestor\'s seven in the state of all', () => {
    const all = allChannelStates(two);
    expect(Object.keys(all)).toEqual([...reportedKinds, 'display/1', 'record/0']);
    expect(all).toMatchObject({ display: { bytes_in: 1 }, 'display/1': { bytes_in: 2 }, 'record/0': { bytes_in: 3, actor: { phase: 'linked' } }, webdav: { actor: { phase: 'absent' } } });
    expect(schemaFaults(JSON.parse(documentText(all)), reportSchema('channel-state-all'))).toEqual([]);
  });
});

describe('a display', () => {
  const stream = {
    streamId: 1, surfaceId: 0, codec: 1, width: 320, height: 240, top: 10, left: 20, bottom: 250, right: 340, createdMs: 10_500, destroyedMs: null,
    framesReceived: 30, framesDecoded: 28, framesFailed: 1, lastFrameMs: 12_000, lastDecodedMs: 11_990, lastDecodeUs: 1_500,
    reportActive: true, reportUniqueId: 7, reportMaxWindow: 5, reportTimeoutMs: 1_000, reportsSent: 3, lastReportMs: 11_000, lastReportFrames: 5, lastReportDrops: 1, lastReportDelayMs: -40,
    backend: 'libjpeg-turbo',
  };

  it('has its streams, open and closed, with moments of the session', () => {
    const streams = { created: 2, destroyed: 1, rejected: 0, orphans: 4, reportsSent: 3, declined: 0, open: [stream], closed: [{ ...stream, destroyedMs: 12_250 }], mjpeg: { total: 29, failed: 1, minUs: 1, maxUs: 3, meanUs: 2 } };
    const document = JSON.parse(documentText(channelStateDocument(sampleOf(channelOf('display/0', { state: { streams } })), 'display'))) as unknown;
    expect(schemaFaults(document, reportSchema('channel-state-display'))).toEqual([]);
    expect(document).toMatchObject({
      streams_active: [{ stream_id: 1, codec_type: 1, dest_left: 20, created_at_secs: 0.5, last_frame_ts_secs: 2, destroyed_at_secs: null, report_unique_id: 7, last_report_last_frame_delay: -40 }],
      streams_recently_destroyed: [{ destroyed_at_secs: 2.25 }], streams_created_total: 2, stream_data_orphan_count: 4, mjpeg_decode_total_count: 29, mjpeg_decode_recent_max_us: 3,
    });
  });

  it('knows from its own messages whether it told the server what it prefers', () => {
    const told = (counters: Readonly<Record<string, number>>) => channelStateDocument(sampleOf(channelOf('display/0', { counters })), 'display');
    expect(told({ 'send:103': 1, 'send:105': 0 })).toMatchObject({ pref_compression_sent: true, pref_video_codec_type_sent: false });
    expect(told({ 'send:105': 1 })).toMatchObject({ pref_compression_sent: false, pref_video_codec_type_sent: true });
  });
});

describe('the multimedia clock', () => {
  it('is as old as the sample, and wraps where the server\'s does', () => {
    const at = (serverMs: number) => channelStateDocument(sampleOf(channelOf('main/0', { state: { multiMediaTime: { serverMs, atMs: 12_000 } } })), 'main')['mm_time_now'];
    expect([at(1_000), at(2 ** 32 - 100)]).toEqual([1_500, 400]);
  });
});

describe('the text of a document', () => {
  it('writes numbers of 64 bits with all their digits', () => {
    const state = { pictures: { cachedImageIds: ['18446744073709551615', '7'] } };
    const text = documentText(channelStateDocument(sampleOf(channelOf('display/0', { state })), 'display'));
    expect(text).toContain('"image_cache_ids": [\n    18446744073709551615,\n    7\n  ]');
  });

  it('never takes a text for a number, whatever is in it', () => {
    expect(JSON.parse(documentText({ said: '\u0000123\u0000', quoted: '"\\u0000123\\u0000"' }))).toEqual({ said: '123', quoted: '"\\u0000123\\u0000"' });
  });
});

describe('the schema check', () => {
  it('finds a missing field, a wrong type and a number that is too large', () => {
    const schema = reportSchema('session');
    const good = JSON.parse(documentText(sessionDocument(sampleOf()))) as Record<string, unknown>;
    expect(schemaFaults(good, schema)).toEqual([]);
    const { fps: _, ...less } = good;
    expect(schemaFaults({ ...less, cursor_pos: [1], audio_volume_percent: 256, connected: 1 }, schema)).toHaveLength(4);
  });
});
