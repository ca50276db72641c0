// The commands that read what was recorded, `inspect`, `replay` and `explain`: their options, help and usage errors. They run nothing themselves.

import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ExitName } from './exit-codes.ts';
import type { ExplainOptions } from './explain-command.ts';

export interface InspectOptions {
  /** A folder, a report, or capture files. */
  readonly paths: readonly string[];
  readonly channel?: readonly string[];
  readonly type?: readonly string[];
  readonly direction?: 'sent' | 'received';
  /** Seconds since the first message. */
  readonly from?: number;
  readonly to?: number;
  /** Part of a message's name or fields, in any case. */
  readonly grep?: string;
  readonly fields: boolean;
  readonly stats: boolean;
  readonly json: boolean;
  readonly limit?: number;
}

export interface ReplayOptions {
  readonly paths: readonly string[];
  /** A .png file. */
  readonly screenshot?: string;
  /** Seconds since the first message. */
  readonly until?: number;
  /** A .test.ts file that is not there yet. */
  readonly toTest?: string;
  readonly json: boolean;
}

/** What the commands of this file do; the answer is how it ended. */
export interface ReadingActions {
  inspect(options: InspectOptions): Promise<ExitName>;
  explain(options: ExplainOptions): Promise<ExitName>;
  replay(options: ReplayOptions): Promise<ExitName>;
}

const WHAT = 'a capture folder, a report (.zip), or capture files (.pcapng, .pcap)';

export function addReadingCommands(program: Command, actions: ReadingActions, finished: (exit: ExitName) => void): void {
  program
    .command('inspect')
    .description('list the messages of a capture or a report')
    .argument('<path...>', WHAT)
    .option('--channel <list>', 'only these, as in main,display/0', splitList)
    .option('--type <list>', 'only messages of these names or numbers, as in drawCopy,ping,314; link = link exchanges', splitList)
    .addOption(new Option('--direction <way>', 'only what the client sent, or received').choices(['sent', 'received']))
    .option('--from <seconds>', 'only from here on, counted from the first message', parseMoment)
    .option('--to <seconds>', 'only before', parseMoment)
    .option('--grep <text>', 'only messages with this in their name or fields, in any case')
    .option('--fields', 'with each message its fields and their bytes', false)
    .option('--stats', 'in place of the list, what each channel holds: messages, bytes, rates, gaps', false)
    .option('--json', 'one JSON object a line; with --stats, one document', false)
    .option('--limit <count>', 'stop after so many messages', parseCount)
    .addHelpText(
      'after',
      `
Times are seconds since the first message. Lines with -- say what is missing. Files of the ancestor and of tcpdump are read too, as
long as they are not encrypted. What is listed may be secret: keys that were typed, the clipboard. docs/reading.md says more.

Examples:
  ryll-actors inspect capture/
  ryll-actors inspect capture/display-0.pcapng --type drawCopy --fields --limit 3
  ryll-actors inspect report.zip --stats
  ryll-actors inspect report.zip --channel main --from 12 --to 13 --json | jq .name

Exit codes: 0 all was read, 2 usage, 3 no capture or report, 15 only a part could be read.`,
    )
    .action(async (paths: readonly string[], given: Omit<InspectOptions, 'paths'>, command: Command) => {
      if (given.from !== undefined && given.to !== undefined && given.from >= given.to) command.error('error: --from must be before --to');
      if (given.stats && (given.fields || given.limit !== undefined)) command.error('error: --fields and --limit are about the list, which --stats replaces');
      finished(await actions.inspect({ ...given, paths }));
    });
  program
    .command('replay')
    .description('bring back the last pictures and states of a capture or a report, without its server')
    .argument('<path...>', WHAT)
    .addOption(new Option('--screenshot <file>', 'write the last picture to a PNG file').argParser(endingIn('.png')))
    .option('--until <seconds>', 'stop here, counted from the first message', parseMoment)
    .option('--json', 'pictures, states and what is missing as one JSON document', false)
    .addOption(new Option('--to-test <file.test.ts>', 'write a vitest test that replays this and expects the same; the recording goes beside it').argParser(endingIn('.test.ts')))
    .addHelpText(
      'after',
      `
What the server said goes through the same code as in a session, in virtual time: an hour takes as long as its messages need. The
same recording gives the same state hash each time. Where a part of it is missing, it says which, and what is therefore not exact.

Examples:
  ryll-actors replay capture/ --screenshot last.png
  ryll-actors replay report.zip --until 12.5 --screenshot before.png
  ryll-actors replay report.zip --to-test test/scenario/black-screen.test.ts

Exit codes: 0 exact, 2 usage, 3 no capture or report, 10 not written, 11 no picture, 15 a part is missing.`,
    )
    .action(async (paths: readonly string[], given: Omit<ReplayOptions, 'paths'>) => finished(await actions.replay({ ...given, paths })));
}

function endingIn(ending: string): (text: string) => string {
  return (text) => {
    if (!text.toLowerCase().endsWith(ending)) throw new InvalidArgumentError(`The file name must end in ${ending}.`);
    return text;
  };
}

/** Called beside `addReadingCommands`. */
export function addExplainCommand(program: Command, actions: ReadingActions, finished: (exit: ExitName) => void): void {
  program
    .command('explain')
    .description('say what went wrong, from a report')
    .argument('<report>', 'a report (.zip), of this program or of its ancestor')
    .option('--json', 'one JSON document: causes, facts, what to try, what happened around it', false)
    .addHelpText(
      'after',
      `
A report is judged by what is in it alone: causes with the facts that led to them, what happened around the first, and what to try. docs/diagnosis.md lists
every cause and says how they are told apart.

Examples:
  ryll-actors explain ryll-disconnect-display-0-2026-05-18T20-37-42Z.zip
  ryll-actors explain report.zip --json | jq -r '.verdict.causes[].cause'

Exit codes: 0 it was read, whether a fault was found or not, 2 usage, 3 no report, 15 only a part could be read.`,
    )
    .action(async (path: string, given: { readonly json: boolean }) => finished(await actions.explain({ path, ...given })));
}

function splitList(text: string): readonly string[] {
  const parts = text.split(',').map((part) => part.trim()).filter((part) => part !== '');
  if (parts.length === 0) throw new InvalidArgumentError('It must name at least one.');
  return parts;
}

function parseMoment(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(seconds)) throw new InvalidArgumentError('It must be a number of seconds.');
  return seconds;
}

function parseCount(text: string): number {
  const count = /^\d{1,12}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return count;
}
