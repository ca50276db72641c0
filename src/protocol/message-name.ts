// Message names: what a message is called in the catalogue, by its number, for those who list traffic without reading it.

import { catalog, type Direction, type MessageTable } from './catalog.ts';

const names = new Map<MessageTable, ReadonlyMap<number, string>>();

/** The catalogue's name, `drawCopy`; null for a number, or a type of channel, that is not in it. */
export function messageName(channelType: number, direction: Direction, number: number): string | null {
  const tables: { readonly server: MessageTable; readonly client: MessageTable } | undefined = (catalog as Readonly<Record<number, { readonly server: MessageTable; readonly client: MessageTable }>>)[channelType];
  if (tables === undefined) return null;
  const table = tables[direction];
  const known = names.get(table) ?? new Map(Object.entries(table).map(([name, { type }]) => [type, name]));
  names.set(table, known);
  return known.get(number) ?? null;
}
