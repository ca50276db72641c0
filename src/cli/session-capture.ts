// Session capture: the session's side of the conversation with its writer: which rings there are, what the capture is of, that it is to
// be closed, and what became of it. It touches no file; the writer does.

import type { ChildHandle } from '../actors/kernel/child-handle.ts';
import type { Host } from '../actors/kernel/host.ts';
import type { CaptureReport } from '../capture/capture-metadata.ts';
import type { InputLogDetail } from '../capture/input-log.ts';
import type { CaptureFormatName } from '../capture/packet-format.ts';
import type { WriterArgs, WriterMessage } from '../capture/writer-message.ts';
import type { TapRingHandle } from '../mailbox/tap-ring.ts';
import { waitForCapture } from './capture-close.ts';
import { captureFacts, captureFault } from './capture-facts.ts';
import type { CliProblem } from './cli-problem.ts';
import type { ConnectionTarget } from './connection-target.ts';
import type { Version } from './version.ts';

/** How long the disk may hold one file call of a session that ends, in milliseconds. */
const fileCallMsMax = 5_000;

/** How a session is captured. */
export interface CaptureSettings {
  readonly format: CaptureFormatName;
  readonly inputLog: InputLogDetail;
}

const usualSettings: CaptureSettings = { format: 'pcapng', inputLog: 'redacted' };

export interface SessionCaptureParts {
  readonly host: Host;
  /** Null = nothing is captured. */
  readonly captureFolder: string | null;
  readonly captureSettings?: CaptureSettings;
  readonly tlsKeyLog?: string | undefined;
  readonly sessionStartedWallMs: number;
  readonly trafficCapMib: number;
  readonly target: ConnectionTarget;
  readonly version: Version;
  /** The writer that runs now. */
  writer(): ChildHandle | null;
}

export class SessionCapture {
  readonly #parts: SessionCaptureParts;
  /** Made once: a writer that is started again goes on with the same capture. */
  readonly #capture: WriterArgs['capture'];
  #report: CaptureReport | null = null;
  #closed: () => void = () => undefined;

  constructor(parts: SessionCaptureParts) {
    const { captureFolder, captureSettings = usualSettings } = parts;
    this.#parts = parts;
    this.#capture = captureFolder === null ? null : { directory: captureFolder, facts: captureFacts({ ...parts, ...captureSettings }) };
  }

  /** @param rings every ring that there is: a writer that is started again knows none */
  writerArgs(rings: readonly TapRingHandle[]): WriterArgs {
    return { rings, capture: this.#capture, tlsKeyLog: this.#parts.tlsKeyLog ?? null, eventsTo: 'hub' };
  }

  /** On the control lane: the first message of a channel must not be there before its ring is known. */
  addRing(ring: TapRingHandle): void {
    this.#tellWriter({ kind: 'addRing', ring });
  }

  reported(report: CaptureReport): void {
    this.#report = report;
    this.#closed();
  }

  /** Lets the writer drain and finish its files while the hub can still hear its report. */
  async close(): Promise<void> {
    const writer = this.#parts.writer();
    if (writer === null || this.#capture === null) return;
    const closed = new Promise<void>((resolve) => (this.#closed = resolve));
    this.#tellWriter({ kind: 'closeCapture' });
    await waitForCapture({ writer, timers: this.#parts.host.timers, closed, fileCallMsMax });
  }

  /** What is wrong with the capture, once it was closed; null when none was asked for or it is complete. */
  problem(): CliProblem | null {
    const { captureFolder } = this.#parts;
    return captureFolder === null ? null : captureFault(captureFolder, this.#report);
  }

  #tellWriter(message: WriterMessage): void {
    this.#parts.writer()?.address.tell(message, { lane: 'control' });
  }
}
