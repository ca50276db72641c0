// Panes: what each of the dashboard's lists says, pure: help, notifications, gaps, the dialog for a report. Who opens them is
// `dashboard-controls.ts`'s.

import type { ReportTypeWord } from '../control/session-command.ts';
import { reportTypes } from '../control/session-command.ts';
import type { Pane } from './pane.ts';
import { formatCount, formatTimeOfDay } from './units.ts';

const helpKeys: readonly (readonly [key: string, does: string])[] = [
  ['Ctrl+]', 'keys and mouse go to the guest, until Ctrl+] again'],
  ['F8', 'a screenshot of every screen, in the current folder'],
  ['F12', 'a report of the session, as a file to send'],
  ['N', 'notifications'],
  ['G', 'gaps: what the server sent and was not fully honoured'],
  ['+ -', 'volume up and down'],
  ['M', 'sound off and on'],
  ['R', 'a new session, when there is none or one is being waited for'],
  ['Ctrl+L', 'draws everything again'],
  ['Q Ctrl+C', 'ends the session'],
];

export const helpPane: Pane = { title: 'Keys', lines: helpKeys.map(([key, does]) => ({ text: `${key.padEnd(10)}${does}` })), keys: ['Esc close'] };

/** One notification, as far as it is shown. */
export interface ShownNotification {
  readonly id: number;
  readonly wallMs: number;
  readonly severity: 'Info' | 'Warn' | 'Error';
  readonly message: string;
  readonly count: number;
  readonly read: boolean;
}

const severities = { Info: 'info', Warn: 'warning', Error: 'error' } as const;
const signs = { Info: ' ', Warn: '!', Error: '×' } as const;

/** @param newestFirst what was read is dimmed, what was not has a dot @param chosenId null = the newest */
export function notificationsPane(newestFirst: readonly ShownNotification[], chosenId: number | null): Pane {
  const unread = newestFirst.filter(({ read }) => !read).length;
  const chosen = newestFirst.some(({ id }) => id === chosenId) ? chosenId : newestFirst[0]?.id;
  return {
    title: newestFirst.length === 0 ? 'Notifications: none yet' : `Notifications, ${unread} unread`,
    lines: newestFirst.map(({ id, wallMs, severity, message, count, read }) => ({
      text: `${read ? ' ' : '•'} ${formatTimeOfDay(wallMs)} ${signs[severity]} ${message}${count > 1 ? ` (${count} times)` : ''}`, severity: severities[severity], dim: read, chosen: id === chosen,
    })),
    keys: [...(newestFirst.length === 0 ? [] : ['↑ ↓ choose', 'F file a report of it']), 'Esc close'],
  };
}

/** `count`: how often, on that channel. */
export interface ShownGap { readonly channel: string; readonly key: string; readonly count: number }

export function gapsPane(gaps: readonly ShownGap[]): Pane {
  return {
    title: gaps.length === 0 ? 'Gaps: none: everything that the server sent was honoured' : `Gaps, ${gaps.length} kinds`,
    lines: gaps.map(({ channel, key, count }) => ({ text: `${formatCount(count).padStart(5)}  ${channel.padEnd(12)} ${key}` })),
    keys: ['Esc close'],
  };
}

const privacy = ['It holds what was on the wire of its channels: pictures, sound,', 'files. Look through it before you share it.'];
/** Of a long description the end is shown, where it grows. */
const descriptionShown = 58;

export function reportPane(type: ReportTypeWord, description: string): Pane {
  return {
    title: 'Report of the session',
    lines: [
      { text: 'What is wrong with it?' },
      ...reportTypes.map((each) => ({ text: `${each === type ? '●' : '○'} ${each}`, chosen: each === type, dim: each !== type })),
      { text: '' },
      { text: `Description: ${Array.from(description).slice(-descriptionShown).join('')}▏` },
      { text: '' },
      ...privacy.map((text) => ({ text, dim: true })),
    ],
    keys: ['↑ ↓ type', 'Enter write it', 'Esc cancel'],
  };
}
