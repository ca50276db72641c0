// `vv check`: reads a connection file as `connect` would, says what it means here, and connects to nothing. The file stays, whatever it asks for.

import type { VvCheckOptions } from './arguments.ts';
import { formatProblem } from './cli-problem.ts';
import type { ExitName } from './exit-codes.ts';
import type { SourceIo } from './source-io.ts';
import { parseVvFile } from './vv-file.ts';
import { vvDocument, vvReport } from './vv-report.ts';

export interface VvCheckOutput {
  out(text: string): void;
  error(text: string): void;
}

/** @param nowMs unix milliseconds, for the end of tickets. */
export async function vvCheckCommand(options: VvCheckOptions, io: SourceIo, output: VvCheckOutput, nowMs = Date.now()): Promise<ExitName> {
  const bytes = options.file === '-' ? await io.readStdin() : await io.readFile(options.file, 'connection file');
  if (!bytes.ok) {
    output.error(`${formatProblem(bytes.problem)}\n`);
    return bytes.problem.exit;
  }
  const document = vvDocument(options.file === '-' ? 'standard input' : options.file, parseVvFile(bytes.value, nowMs));
  output.out(`${options.json ? JSON.stringify(document, null, 2) : vvReport(document)}\n`);
  return document.usable ? 'ok' : 'sourceInvalid';
}
