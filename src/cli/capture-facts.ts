// Capture facts: what a capture's metadata says of this session, and what its end means for people: complete, or what is missing
// and why.

import type { Host } from '../actors/kernel/host.ts';
import type { CaptureFacts, CaptureReport } from '../capture/capture-metadata.ts';
import type { InputLogDetail } from '../capture/input-log.ts';
import type { CaptureFormatName } from '../capture/packet-format.ts';
import { isHostToken } from '../proxy/ip-address.ts';
import type { WriterEvent } from '../capture/writer-message.ts';
import type { CliProblem } from './cli-problem.ts';
import type { ConnectionTarget } from './connection-target.ts';
import type { Version } from './version.ts';

export interface CaptureFactsParts {
  readonly target: ConnectionTarget;
  readonly version: Version;
  readonly host: Host;
  readonly format: CaptureFormatName;
  readonly inputLog: InputLogDetail;
  readonly sessionStartedWallMs: number;
  readonly trafficCapMib: number;
}

export function captureFacts({ target, version, host, format, inputLog, sessionStartedWallMs, trafficCapMib }: CaptureFactsParts): CaptureFacts {
  return {
    captureId: Buffer.from(host.random.bytes(16)).toString('hex'),
    version: version.version,
    gitSha: version.commit === null ? null : `${version.commit}${version.dirty ? '-dirty' : ''}`,
    platform: process.platform,
    architecture: process.arch,
    // A token for the proxy is as good as a key.
    targetHost: target.unixPath ?? (isHostToken(target.host ?? '') ? null : target.host),
    targetPort: target.port,
    targetTlsPort: target.tlsPort,
    startedWallMs: host.clock.wallMs(),
    sessionStartedWallMs,
    trafficCapMib,
    format,
    inputLog,
  };
}

/** A problem when the capture is not complete; null when every message that was seen is in its file. */
export function captureFault(folder: string, report: CaptureReport | null): CliProblem | null {
  const incomplete = (detail: string): CliProblem => ({ code: 'capture.incomplete', exit: 'captureFailed', message: `The capture in ${folder} is incomplete: ${detail}.` });
  if (report === null) return incomplete('the writer did not finish in its shutdown time; the files are readable up to the last whole second');
  const error = report.errors.find(({ recovered }) => !recovered);
  if (error !== undefined) return incomplete(`${error.file} could not be written (${error.message}); what is missing is counted in metadata.json`);
  const unwritten = report.files.reduce((sum, file) => sum + file.unwritten + file.unrecorded, 0);
  const missing = report.dropped + unwritten;
  return missing === 0 ? null : incomplete(`${missing} of ${report.messages + missing} messages are missing, because the disk was too slow; metadata.json says which`);
}

/** A line for what the writer reports while it writes. */
export function wordWriterEvent(event: Exclude<WriterEvent, { readonly kind: 'captureClosed' }>): string {
  switch (event.kind) {
    case 'captureWriteFailed':
      return `${event.file} cannot be written: ${event.message}; it is tried again every second`;
    case 'captureWriteRecovered':
      return `${event.file} can be written again; ${event.dropped} messages are missing from it`;
    case 'captureFellBehind':
      return `the disk is too slow for ${event.channel}: ${event.dropped} messages are missing from its file`;
  }
}
