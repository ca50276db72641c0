// `explain`: what a report says went wrong, in plain words or as JSON. The verdict is made anew from the report's other members, so that old reports are
// judged by what is known now; a `verdict.json` in it is not looked at.

import type { Writable } from 'node:stream';
import { readReportFacts } from '../capture/report/report-facts.ts';
import { verdictOfFacts } from '../capture/verdict.ts';
import { explain, explanationLines } from '../capture/verdict/explanation.ts';
import { RecordingError } from '../evidence/recording-error.ts';
import { ReportZip } from '../evidence/report-zip.ts';
import { formatProblem, type CliProblem } from './cli-problem.ts';
import type { ExitName } from './exit-codes.ts';
import { printable } from './key-file.ts';
import { recordingProblem } from './recording-problem.ts';

export interface ExplainOptions {
  readonly path: string;
  readonly json: boolean;
}

export interface ExplainStreams {
  readonly out: Writable;
  readonly error: Writable;
}

const factMembers = ['metadata.json', 'session.json', 'events.json', 'disconnect-cause.json', 'runtime-metrics.json'];

export async function explainCommand({ path, json }: ExplainOptions, { out, error }: ExplainStreams): Promise<ExitName> {
  const fail = (problem: CliProblem): ExitName => {
    error.write(`${formatProblem(problem)}\n`);
    return problem.exit;
  };
  let members: ReadonlyMap<string, string>;
  try {
    members = await readMembers(path);
  } catch (failure) {
    if (failure instanceof RecordingError) return fail(recordingProblem(failure));
    throw failure;
  }
  if (members.size === 0) return fail({ code: 'recording.notAReport', exit: 'sourceInvalid', message: printable(`${path} is a zip file and no report: it has none of ${factMembers.join(', ')}; give a report that this program or its ancestor wrote.`) });
  const facts = readReportFacts(members);
  const verdict = verdictOfFacts(facts);
  const explanation = explain(facts, verdict);
  const text = json ? JSON.stringify({ format: 'ryll-actors-explain/1', report: { path, type: facts.type, channel: facts.channel, uptime_secs: facts.uptimeSecs, ...facts.about }, ...explanation }, null, 2) : explanationLines(facts, explanation).map(printable).join('\n');
  out.write(`${text}\n`);
  const [broken] = facts.unreadable;
  if (broken === undefined) return 'ok';
  return fail({ code: 'recording.unreadable', exit: 'incomplete', message: printable(`${path} is not whole: ${facts.unreadable.join(', ')} cannot be read; the verdict is made of the rest.`) });
}

/** Those that are there. A member that cannot be unpacked is one that cannot be read. */
async function readMembers(path: string): Promise<ReadonlyMap<string, string>> {
  const zip = await ReportZip.open(path);
  try {
    const members = new Map<string, string>();
    for (const name of factMembers) if (zip.has(name)) members.set(name, await textOf(zip, name));
    return members;
  } finally {
    zip.close();
  }
}

async function textOf(zip: ReportZip, name: string): Promise<string> {
  try {
    return (await zip.bytes(name)).toString('utf8');
  } catch (error) {
    if (error instanceof RecordingError) return '';
    throw error;
  }
}
