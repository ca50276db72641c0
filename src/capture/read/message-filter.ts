// Which recorded messages somebody wants to see. Pure; times are seconds from the first message of the recording, as in the listing.

import type { TapDirection } from '../tap.ts';
import type { RecordedMessage } from './recorded-message.ts';

/** Each absent = no condition. */
export interface MessageFilter {
  /** Channel ids (`display/0`) and names (`display` = all of them). */
  readonly channels?: readonly string[];
  /** Names as the listing has them, in any case, or numbers. */
  readonly types?: readonly string[];
  readonly direction?: TapDirection;
  /** Seconds, inclusive. */
  readonly from?: number;
  /** Seconds, exclusive. */
  readonly to?: number;
}

/** @param seconds of the message since the recording's first */
export function passesFilter(filter: MessageFilter, message: RecordedMessage, seconds: number): boolean {
  if (filter.direction !== undefined && message.direction !== filter.direction) return false;
  if (filter.from !== undefined && seconds < filter.from) return false;
  if (filter.to !== undefined && seconds >= filter.to) return false;
  if (filter.channels !== undefined && !filter.channels.some((one) => message.channel === one || message.channel.startsWith(`${one}/`))) return false;
  return filter.types === undefined || filter.types.some((one) => isType(one, message));
}

function isType(wanted: string, { name, type, kind }: RecordedMessage): boolean {
  if (wanted === 'link') return kind === 'link';
  return /^\d+$/.test(wanted) ? type === Number(wanted) : name.toLowerCase() === wanted.toLowerCase();
}
