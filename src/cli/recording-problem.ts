// What can be wrong with a recording, as a sentence with the next step and an exit code: one that cannot be opened, and one that was read in
// part.

import type { FileFault } from '../evidence/recording-reader.ts';
import type { RecordingError, RecordingErrorCode } from '../evidence/recording-error.ts';
import type { CliProblem } from './cli-problem.ts';
import { printable } from './key-file.ts';

const NEXT_STEPS: Readonly<Record<RecordingErrorCode, string>> = {
  unreadable: 'check the path',
  notARecording: 'give one folder, one report, or capture files',
  empty: 'give the folder that --capture named, or a capture file',
  notAZip: 'it may have been cut off on its way; fetch it again',
  tooLarge: 'it was not made by this program, or was damaged',
};

export function recordingProblem({ code, path, message }: RecordingError): CliProblem {
  return { code: `recording.${code}`, exit: 'sourceInvalid', message: printable(`${path} cannot be read: ${message}; ${NEXT_STEPS[code]}.`) };
}

/** The first fault of a reading that ended early. `shown` = something was read before it. */
export function faultProblem(fault: FileFault, shown: boolean): CliProblem {
  const { file, code, offset, message } = fault;
  const isNothing = code === 'notACapture' && !shown;
  const where = offset === 0 ? '' : ` at byte ${offset}`;
  const next = isNothing ? 'captures are .pcapng and .pcap files, and reports .zip files' : 'what came before is shown, and the rest cannot be read';
  return { code: `recording.${code}`, exit: isNothing ? 'sourceInvalid' : 'incomplete', message: printable(`${file} is not whole: ${message}${where}; ${next}.`) };
}
