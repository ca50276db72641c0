/**
 * `report`: asks a running session for a report of itself, or of one of its notifications. Options and words; the session writes the file.
 */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Fields } from '../client/control-connection.ts';
import type { Region } from '../client/session-client.ts';
import { reportTypes, type ReportTypeWord } from '../control/session-command.ts';

export interface ReportCommand {
  readonly kind: 'report';
  readonly type: ReportTypeWord;
  readonly description: string;
  /** As it was given. */
  readonly region: Region | null;
  /** Of this notification in place of the session as it is. */
  readonly notification: number | null;
}

interface ReportChoice {
  readonly socket?: string;
  readonly session?: string;
  readonly type: ReportTypeWord;
  readonly description: string;
  readonly region?: Region;
  readonly notification?: number;
}

export function addReportCommand(add: (name: string, description: string) => Command, run: (command: ReportCommand, choice: { readonly socket?: string; readonly session?: string }) => Promise<void>): void {
  add('report', 'have a session write a report of itself, a zip for whoever is to look into a problem; its path is printed')
    .addOption(new Option('--type <type>', 'what it is about').choices(reportTypes).default('display'))
    .option('--description <text>', 'what happened, in your words', '')
    .addOption(new Option('--region <L,T,R,B>', 'the part of the screen that is meant, in pixels; with --type display').argParser(parseCorners))
    .addOption(new Option('--notification <id>', 'of this notification, with what was known when it was said, for a minute after it').argParser(parseId))
    .action(({ type, description, region, notification, ...choice }: ReportChoice) => run({ kind: 'report', type, description, region: region ?? null, notification: notification ?? null }, choice));
}

export function reportParams({ type, description, region, notification }: ReportCommand): Fields {
  return notification === null ? { type, description, region } : { notification_id: notification };
}

/** @param result of the session's answer */
export function reportText(result: Fields): string {
  return `${String(result['path'])}\n`;
}

/** Whether it has an area is the session's to judge. */
function parseCorners(text: string): Region {
  const [left, top, right, bottom] = /^\d{1,5}(?:,\d{1,5}){3}$/.test(text) ? text.split(',').map(Number) : [];
  if (left === undefined || top === undefined || right === undefined || bottom === undefined) throw new InvalidArgumentError('It must be LEFT,TOP,RIGHT,BOTTOM in pixels.');
  return { left, top, right, bottom };
}

function parseId(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be the number of a notification; `ryll-actors stats` lists them.');
  return Number(text);
}
