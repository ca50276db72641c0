// Session commands: what a client of the control socket may ask of the session itself, on its way through the hub. Each is answered by
// whoever runs the session.

import type { ChannelCommand } from '../protocol/commands.ts';

export type SessionCommand =
  | { readonly kind: 'disconnect' }
  /** A new session in place of the present one, or of waiting for one. */
  | { readonly kind: 'reconnect' }
  /** Keys and pointer, in this order and all of them or, when the channel is not there, none. */
  | { readonly kind: 'input'; readonly commands: readonly ChannelCommand[] }
  /** The document of `--stats-json`, as of now. */
  | { readonly kind: 'stats' }
  /** Notifications with a number above `sinceId`, the newest `limit` of them. */
  | { readonly kind: 'notifications'; readonly sinceId: number; readonly limit: number };
