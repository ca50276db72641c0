// metadata.json of a capture directory, as a value: what was captured, from where, with what, and at the end how much of it
// and how much not. Field names with underscores, because readers of the ancestor's captures look for these. Pure; the writer
// stores it.

import type { InputLogDetail } from './input-log.ts';
import type { CaptureFormatName } from './packet-format.ts';

export const METADATA_NAME = 'metadata.json';
const FORMAT = 'ryll-actors-capture/1';

/** Known when the capture starts. */
export interface CaptureFacts {
  /** Random, so that a restarted writer knows its own capture from somebody else's. */
  readonly captureId: string;
  readonly version: string;
  readonly gitSha: string | null;
  readonly platform: string;
  readonly architecture: string;
  readonly targetHost: string | null;
  readonly targetPort: number | null;
  readonly targetTlsPort: number | null;
  /** Milliseconds since 1970. */
  readonly startedWallMs: number;
  /** From when on session time is counted: moments in statistics and reports. Milliseconds since 1970. */
  readonly sessionStartedWallMs: number;
  /** What the traffic rings share: how far the disk may fall behind follows from it. */
  readonly trafficCapMib: number;
  /** Of the channels' files. */
  readonly format: CaptureFormatName;
  /** What the log of the user's inputs says of them. */
  readonly inputLog: InputLogDetail;
}

/** One channel's part of a finished capture. */
export interface CaptureFileReport {
  readonly channel: string;
  /** Null when there was nothing to write. */
  readonly name: string | null;
  readonly bytes: number;
  readonly messages: number;
  /** Messages missing because the disk fell behind: `writer_dropped_count`. */
  readonly dropped: number;
  readonly droppedBytes: number;
  /** Messages missing because there was no memory for them. */
  readonly unrecorded: number;
  /** Messages that were there when the capture ended and could not be written. */
  readonly unwritten: number;
  readonly streams: readonly CaptureStream[];
  readonly gaps: readonly CaptureGap[];
  /** Of a channel of inputs that there were. */
  readonly inputLog?: { readonly name: string; readonly lines: number };
}

/** One generation of a channel: one TCP stream. */
export interface CaptureStream {
  readonly clientPort: number;
  readonly generation: number;
  /** False when it was not kept long enough: tshark then needs to be told that this is SPICE. */
  readonly hasLinkExchange: boolean;
}

/** A jump of the TCP sequence numbers. */
export interface CaptureGap {
  /** When the first message after it came or went, in milliseconds since 1970. */
  readonly wallMs: number;
  readonly clientPort: number;
  /** Null where they cannot be told: the stream's start is missing, or there was no memory for them. */
  readonly messages: number | null;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** One kind of failed file call. */
export interface CaptureWriteError {
  readonly file: string;
  /** The system's, such as `ENOSPC`. */
  readonly code: string;
  readonly message: string;
  readonly count: number;
  /** A later call went well, so that nothing is missing but what is counted as dropped. */
  readonly recovered: boolean;
}

export interface CaptureReport {
  readonly directory: string;
  /** Above 1, earlier writers left files (without `.part-` or with a lower number) that `files` does not count. */
  readonly writerGeneration: number;
  readonly bytes: number;
  readonly messages: number;
  readonly dropped: number;
  readonly files: readonly CaptureFileReport[];
  readonly errors: readonly CaptureWriteError[];
}

/** Bounds of what the metadata lists; the totals count all of them. */
export const LISTED_STREAMS_MAX = 1_000;
export const LISTED_GAPS_MAX = 1_000;

/** The file's text at the start (`finished` null) and at the end. */
export function metadataText(facts: CaptureFacts, finished: { readonly wallMs: number; readonly report: CaptureReport } | null): string {
  const metadata = {
    format: FORMAT,
    capture_id: facts.captureId,
    ryll_version: facts.version,
    ryll_git_sha: facts.gitSha,
    platform_os: facts.platform,
    platform_arch: facts.architecture,
    target_host: facts.targetHost,
    target_port: facts.targetPort,
    target_tls_port: facts.targetTlsPort,
    capture_format: facts.format,
    input_log: facts.inputLog,
    traffic_cap_mb: facts.trafficCapMib,
    session_started: isoOf(facts.sessionStartedWallMs),
    capture_started: isoOf(facts.startedWallMs),
    capture_finished: finished === null ? null : isoOf(finished.wallMs),
    ...(finished === null ? {} : totals(finished.report)),
  };
  return `${JSON.stringify(metadata, null, 2)}\n`;
}

/** The id in a metadata text, or null when it is not one of ours. */
export function captureIdOf(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('capture_id' in value)) return null;
    return typeof value.capture_id === 'string' ? value.capture_id : null;
  } catch {
    return null;
  }
}

function totals(report: CaptureReport): object {
  return {
    writer_generation: report.writerGeneration,
    bytes: report.bytes,
    messages: report.messages,
    writer_dropped_count: report.dropped,
    files: report.files.map((file) => ({
      channel: file.channel,
      name: file.name,
      bytes: file.bytes,
      messages: file.messages,
      writer_dropped_count: file.dropped,
      writer_dropped_bytes: file.droppedBytes,
      unrecorded: file.unrecorded,
      unwritten: file.unwritten,
      streams: file.streams.map((stream) => ({ client_port: stream.clientPort, generation: stream.generation, link_exchange: stream.hasLinkExchange })),
      gaps: file.gaps.map((gap) => ({
        time: isoOf(gap.wallMs),
        client_port: gap.clientPort,
        messages: gap.messages,
        sent_bytes: gap.sentBytes,
        received_bytes: gap.receivedBytes,
      })),
      ...(file.inputLog === undefined ? {} : { input_log: file.inputLog }),
    })),
    errors: report.errors,
  };
}

function isoOf(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
