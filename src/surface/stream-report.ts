/**
 * What the server is told of one stream's frames (STREAM_REPORT): it lowers the rate of a stream whose frames come too late. Pure
 * bookkeeping of one period; the periods' lengths are the server's wish.
 */

/** Three frames in a row that came too late are worth telling at once. */
const lateInARowMax = 3;
const noAudio = 0xffff_ffff;

/** The fields of STREAM_REPORT. */
export interface StreamReport {
  readonly streamId: number;
  readonly uniqueId: number;
  readonly startFrameMmTime: number;
  readonly endFrameMmTime: number;
  readonly numFrames: number;
  readonly numDrops: number;
  readonly lastFrameDelay: number;
  readonly audioDelay: number;
}

/** What STREAM_ACTIVATE_REPORT asks for, and the period under way. Mutable, owned by its stream. */
export interface ReportPeriod {
  readonly uniqueId: number;
  readonly maxWindowSize: number;
  readonly timeoutMs: number;
  frames: number;
  drops: number;
  lateInARow: number;
  startFrameMmTime: number;
  /** On our clock. */
  startedMs: number;
}

export function createReportPeriod(uniqueId: number, maxWindowSize: number, timeoutMs: number): ReportPeriod {
  return { uniqueId, maxWindowSize, timeoutMs, frames: 0, drops: 0, lateInARow: 0, startFrameMmTime: 0, startedMs: 0 };
}

/**
 * Notes one frame as it came. Returns the report when the period is over with it, else null.
 * @param delayMs its time less the clock's: negative = it came too late
 */
export function noteFrame(period: ReportPeriod, streamId: number, frameMmTime: number, delayMs: number, dropped: boolean, nowMs: number): StreamReport | null {
  if (period.frames === 0) {
    period.startFrameMmTime = frameMmTime;
    period.startedMs = nowMs;
  }
  period.frames++;
  if (dropped) period.drops++;
  period.lateInARow = dropped ? period.lateInARow + 1 : 0;
  const isOver = period.frames >= Math.max(1, period.maxWindowSize) || nowMs - period.startedMs >= period.timeoutMs || period.lateInARow >= lateInARowMax;
  if (!isOver) return null;
  const report = {
    streamId, uniqueId: period.uniqueId, startFrameMmTime: period.startFrameMmTime, endFrameMmTime: frameMmTime,
    numFrames: period.frames, numDrops: period.drops, lastFrameDelay: delayMs, audioDelay: noAudio,
  };
  period.frames = 0;
  period.drops = 0;
  period.lateInARow = 0;
  return report;
}

/** The report that says: this stream cannot be shown here, send pictures instead. */
export function declineReport(streamId: number, uniqueId: number, drops: number): StreamReport {
  return { streamId, uniqueId, startFrameMmTime: 0, endFrameMmTime: 0, numFrames: 0, numDrops: drops, lastFrameDelay: 0, audioDelay: noAudio };
}
