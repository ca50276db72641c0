// Session commands: what a client of the control socket may ask of the session itself, on its way through the hub. Each is answered by
// whoever runs the session.

import type { PictureRegion } from './params.ts';
import type { ChannelCommand } from '../protocol/commands.ts';

/** What a person may ask a report about, in words that are stable on the wire. */
export const reportTypes = ['display', 'input', 'cursor', 'connection', 'usb', 'audio'] as const;
export type ReportTypeWord = (typeof reportTypes)[number];

/** `region` as it was given: whether it has an area is the session's to judge, which tells people. */
export type ReportWish =
  | { readonly kind: 'session'; readonly type: ReportTypeWord; readonly description: string; readonly region: PictureRegion | null }
  | { readonly kind: 'notification'; readonly id: number };

export type SessionCommand =
  | { readonly kind: 'disconnect' }
  /** A new session in place of the present one, or of waiting for one. */
  | { readonly kind: 'reconnect' }
  /** Keys and pointer, in this order and all of them or, when the channel is not there, none. */
  | { readonly kind: 'input'; readonly commands: readonly ChannelCommand[] }
  /** The document of `--stats-json`, as of now. */
  | { readonly kind: 'stats' }
  /** A report as a file, of the session as it is or of a notification. */
  | { readonly kind: 'report'; readonly report: ReportWish }
  /** Notifications with a number above `sinceId`, the newest `limit` of them. */
  | { readonly kind: 'notifications'; readonly sinceId: number; readonly limit: number };
