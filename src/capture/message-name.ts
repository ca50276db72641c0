// Names of messages by channel, direction and number, as listings and reports show them. The catalogue is the source; this only
// turns it round.

import { catalog, type CatalogEntry, type MessageTable } from '../protocol/catalog.ts';
import { ChannelType, type ChannelName } from '../protocol/constants.ts';
import type { TapDirection } from './tap.ts';

export interface NamedEntry extends CatalogEntry<unknown> {
  readonly name: string;
}

const ENTRIES: ReadonlyMap<string, NamedEntry> = new Map(
  Object.entries(ChannelType).flatMap(([channel, number]) => {
    const tables = catalog[number];
    return ([['received', tables.server], ['sent', tables.client]] as const).flatMap(([direction, table]) =>
      Object.entries(table as MessageTable).map(([name, entry]): [string, NamedEntry] => [`${channel} ${direction} ${entry.type}`, { ...entry, name }]),
    );
  }),
);

/** The catalogue's entry; null for a number that it does not have. `channel` is an id (`display/0`) or a name (`display`). */
export function catalogEntryOf(channel: string, direction: TapDirection, type: number): NamedEntry | null {
  return ENTRIES.get(`${channel.split('/', 1)[0]} ${direction} ${type}`) ?? null;
}

/** The catalogue's name, or `type123` for a number that nobody defines. */
export function messageName(channel: string, direction: TapDirection, type: number): string {
  return catalogEntryOf(channel, direction, type)?.name ?? `type${type}`;
}

/** Whether channels of this name exist in SPICE, with an id or without. */
export function isChannelName(name: string): name is ChannelName {
  return Object.hasOwn(ChannelType, name);
}
