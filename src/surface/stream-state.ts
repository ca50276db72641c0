/** The streams of a display as plain values, for observation and the documents of a report. */
import { VideoCodec } from '../protocol/constants.ts';
import type { Stream, StreamTable } from './stream-table.ts';

export function describeStreams(table: StreamTable): Readonly<Record<string, unknown>> {
  const { recentUs } = table;
  const mjpeg = {
    total: table.framesDecoded + table.framesFailed,
    failed: table.framesFailed,
    minUs: recentUs.length === 0 ? 0 : Math.min(...recentUs),
    maxUs: recentUs.length === 0 ? 0 : Math.max(...recentUs),
    meanUs: recentUs.length === 0 ? 0 : Math.round(recentUs.reduce((sum, us) => sum + us, 0) / recentUs.length),
  };
  return {
    created: table.created,
    destroyed: table.destroyed,
    rejected: table.rejected,
    orphans: table.orphans,
    framesLate: table.framesLate,
    reportsSent: table.reportsSent,
    declined: table.declined,
    open: [...table.open.values()].map(describeStream),
    closed: table.closed.map(describeStream),
    mjpeg,
  };
}

function describeStream(stream: Stream): Readonly<Record<string, unknown>> {
  const { dest, report, lastReport } = stream;
  return {
    streamId: stream.id, surfaceId: stream.surfaceId, codec: stream.codec, width: stream.width, height: stream.height,
    top: dest.top, left: dest.left, bottom: dest.bottom, right: dest.right,
    createdMs: stream.createdMs, destroyedMs: stream.destroyedMs,
    framesReceived: stream.framesReceived, framesDecoded: stream.framesDecoded, framesFailed: stream.framesFailed, framesLate: stream.framesLate, framesDropped: stream.framesDropped,
    lastFrameMs: stream.lastFrameMs, lastDecodedMs: stream.lastDecodedMs, lastDecodeUs: stream.lastDecodeUs,
    reportActive: report !== null, reportUniqueId: report?.uniqueId ?? 0, reportMaxWindow: report?.maxWindowSize ?? 0, reportTimeoutMs: report?.timeoutMs ?? 0,
    reportsSent: stream.reportsSent, lastReportMs: lastReport?.atMs ?? null, lastReportFrames: lastReport?.frames ?? 0, lastReportDrops: lastReport?.drops ?? 0,
    lastReportDelayMs: lastReport?.delayMs ?? 0,
    backend: stream.codec === VideoCodec.mjpeg ? 'libjpeg-turbo' : '',
  };
}
