// Report words: what became of a report, for people. Pure.

import { shortName, type ReportKind } from '../capture/report/report-kind.ts';
import type { Severity } from '../ui-terminal/session-event.ts';

export type ReportNews =
  | { readonly kind: 'written'; readonly of: ReportKind; readonly path: string }
  /** `isRefused`: it was not tried, because too many wait. */
  | { readonly kind: 'failed'; readonly of: ReportKind; readonly message: string; readonly isRefused: boolean };

export function wordReport(news: ReportNews): { readonly severity: Severity; readonly text: string } {
  const what = nameOf(news.of);
  if (news.kind === 'written') return { severity: 'info', text: `Report of ${what} written to ${news.path}` };
  const why = news.isRefused ? `${news.message}; ask again later` : `${news.message}; check the folder and its free space`;
  return { severity: news.isRefused ? 'warning' : 'error', text: `Report of ${what} could not be written: ${why}` };
}

function nameOf(kind: ReportKind): string {
  switch (kind.kind) {
    case 'manual':
      return 'the session';
    case 'pedantic':
      return `gap ${kind.gapKey}`;
    case 'disconnect':
      return kind.channel === 'connect' ? 'the failed connection' : `the loss of ${shortName(kind.channel)}`;
    case 'notification':
      return `notification ${kind.id}`;
    case 'autoSnapshot':
      return 'an auto-snapshot';
    case 'frozenActor':
      return `the frozen ${kind.actor}`;
    case 'failedActor':
      return `the failure of ${kind.actor}`;
  }
}
