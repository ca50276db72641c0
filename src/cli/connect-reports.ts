// Connect reports: what the options of `connect` mean for a session's reports: where they go, which are made.

import type { Host } from '../actors/kernel/host.ts';
import { autoSnapshotFiles, type ReportFlags } from './report-arguments.ts';
import { reportBuild } from './report-build.ts';
import { ReportPool } from './report-pool.ts';
import type { ReportOptions } from './session-reports.ts';
import type { Version } from './version.ts';

export interface ConnectReportFacts {
  readonly host: Host;
  readonly flags: ReportFlags & { readonly capture?: string };
  readonly version: Version;
}

export function connectReports({ host, flags, version }: ConnectReportFacts): ReportOptions {
  const hasFolder = flags.bugReportDir !== undefined || flags.capture !== undefined;
  return {
    folders: { bugReportDir: flags.bugReportDir ?? null, pedanticDir: flags.pedanticDir ?? null, captureFolder: flags.capture ?? null },
    // Nobody expects files in the folder that they happen to be in.
    automatic: hasFolder && flags.reports !== false,
    pedantic: flags.pedantic === true,
    autoSnapshot: flags.autoSnapshotInterval === undefined ? null : { intervalMs: flags.autoSnapshotInterval * 1_000, filesMax: flags.autoSnapshotCap ?? autoSnapshotFiles },
    redacted: flags.reportSecrets !== true,
    build: reportBuild(version),
    seed: null,
    writer: new ReportPool(host.timers),
  };
}
