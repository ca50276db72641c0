/**
 * The command line's options about reports, for `connect`, and what they mean together: where reports go and which are made. It makes none.
 */
import { InvalidArgumentError, Option, type Command } from 'commander';

export interface ReportFlags {
  /** A folder. */
  readonly bugReportDir?: string;
  /** False = none of its own accord. */
  readonly reports?: boolean;
  readonly pedantic?: boolean;
  /** A folder. */
  readonly pedanticDir?: string;
  /** Seconds. */
  readonly autoSnapshotInterval?: number;
  /** Files. */
  readonly autoSnapshotCap?: number;
  /** Secrets stay in. */
  readonly reportSecrets?: boolean;
}

/** Files that are kept unless `--auto-snapshot-cap` says otherwise. */
export const autoSnapshotFiles = 20;
/** Below it an interval is allowed and warned of. */
const autoSnapshotSecondsSmall = 10;

export function addReportOptions(connect: Command): Command {
  return connect
    .option('--bug-report-dir <folder>', 'write reports there, also of their own accord when a channel is lost, an actor freezes or fails (default: CAPTURE/bug-reports with --capture)')
    .option('--no-reports', 'no reports of their own accord; they can still be asked for')
    .option('--pedantic', 'report each kind of gap when it is first seen, at most 50')
    .option('--pedantic-dir <folder>', 'where those go (default: the folder of --bug-report-dir, or ./ryll-pedantic-reports)')
    .addOption(new Option('--auto-snapshot-interval <seconds>', 'report the session every so often, whatever happens').argParser(parseInterval))
    .addOption(new Option('--auto-snapshot-cap <files>', `keep so many of these, the newest, and at most 512 MiB (default: ${autoSnapshotFiles})`).argParser(parseCap))
    .option('--report-secrets', 'leave key codes, clipboard and the encrypted ticket in the traffic of reports');
}

/** What is wrong with them together; null = nothing. */
export function reportFlagsProblem({ pedantic, pedanticDir, autoSnapshotInterval, autoSnapshotCap }: ReportFlags): string | null {
  if (pedanticDir !== undefined && pedantic !== true) return 'error: --pedantic-dir is about the reports of --pedantic, which is missing';
  if (autoSnapshotCap !== undefined && autoSnapshotInterval === undefined) return 'error: --auto-snapshot-cap is about the reports of --auto-snapshot-interval, which is missing';
  return null;
}

/** What is allowed and perhaps not meant; null = nothing. */
export function reportFlagsWarning({ autoSnapshotInterval: seconds }: ReportFlags): string | null {
  if (seconds === undefined || seconds >= autoSnapshotSecondsSmall) return null;
  return `an auto-snapshot every ${seconds} s writes much and keeps little of the past; ${autoSnapshotSecondsSmall} s or more is usual`;
}

function parseInterval(text: string): number {
  const seconds = /^\d{1,6}(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds >= 1)) throw new InvalidArgumentError('It must be a number of seconds, at least 1.');
  return seconds;
}

function parseCap(text: string): number {
  const files = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (files < 1) throw new InvalidArgumentError('It must be a number of files, at least 1.');
  return files;
}
