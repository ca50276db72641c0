// What is said to the writer and what it says: the seam between it and everybody else, as types and names. Traffic itself never
// travels this way: it is in the rings.

import type { TapRingHandle } from '../mailbox/segments.ts';
import type { CaptureFacts, CaptureReport } from './capture-metadata.ts';
import type { TappedMessage } from './tap.ts';

/** The writer's args. */
export interface WriterArgs {
  readonly rings: readonly TapRingHandle[];
  /** Null when nothing is to be captured: then the writer reads no ring and nothing wakes it. */
  readonly capture: { readonly directory: string; readonly facts: CaptureFacts } | null;
  /** The file to which TLS keys are added; absent or null = none. */
  readonly tlsKeyLog?: string | null;
  /** The actor that is told of `WriterEvent`s, one of the child spec's links; null = nobody. */
  readonly eventsTo: string | null;
  /** Only in tests. */
  readonly diskFault?: DiskFault;
}

/** What a test can do to the disk under a capture, each with what it stands for. */
export const diskFaultKinds = {
  diskSlow: 'each write takes 500 ms: a slow disk',
  diskFull: 'each write fails: a full disk',
  diskHang: 'a write never returns: a disk that is gone',
} as const;
export type DiskFaultKind = keyof typeof diskFaultKinds;

export interface DiskFault {
  readonly kind: DiskFaultKind;
  /** From the start of the writer. */
  readonly atMs: number;
  /** Generations 1 to this one of the writer have the fault; Infinity = each. */
  readonly generationsMax: number;
}

export type WriterMessage =
  | TappedMessage
  /** A line of TLS's key log, with its end. */
  | { readonly kind: 'tlsKeys'; readonly line: string }
  /** A channel that did not exist at the start. Naming one that is known already changes nothing. */
  | { readonly kind: 'addRing'; readonly ring: TapRingHandle }
  /** Writes what has been appended so far, finishes the files and tells `captureClosed`. Idempotent. */
  | { readonly kind: 'closeCapture' };

export type WriterEvent =
  /** A file call failed. Said once; then it is tried again every second, and the ring keeps what it can. */
  | { readonly kind: 'captureWriteFailed'; readonly file: string; readonly code: string; readonly message: string }
  | { readonly kind: 'captureWriteRecovered'; readonly file: string; readonly dropped: number }
  /** The disk has fallen behind further than the ring reaches. Said when it begins; the count is the channel's total. */
  | { readonly kind: 'captureFellBehind'; readonly channel: string; readonly dropped: number }
  | { readonly kind: 'captureClosed'; readonly report: CaptureReport };
