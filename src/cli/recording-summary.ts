// What a recording says of itself, in a few lines for people: a report's kind and members, a capture's start and target. Everything in it
// is the words of a file: read carefully, and shown so that nothing in them acts on a terminal.

import type { Recording } from '../evidence/recording.ts';
import { printable } from './key-file.ts';

/** The fields of metadata.json that a reader asks for first, with the words before them. */
const SHOWN: readonly (readonly [field: string, words: string])[] = [
  ['report_type', 'report'], ['description', 'description'], ['timestamp', 'written'], ['triggered_at', 'triggered'], ['capture_started', 'started'], ['capture_finished', 'finished'],
  ['target', 'target'], ['target_host', 'target'], ['target_port', 'port'], ['ryll_version', 'version'], ['platform_os', 'system'],
];
const VALUE_CHARACTERS_MAX = 200;

export function recordingSummary(recording: Recording): readonly string[] {
  const lines = metadataLines(recording.metadata);
  const members = recording.zip?.members ?? [];
  const nameWidth = Math.max(0, ...members.map(({ name }) => Math.min(40, name.length)));
  for (const { name, bytes } of members) lines.push(`  ${printable(name).padEnd(nameWidth)}  ${String(bytes).padStart(10)} bytes`);
  return lines.length === 0 ? [] : [...lines, ''];
}

function metadataLines(metadata: unknown): string[] {
  if (typeof metadata !== 'object' || metadata === null) return [];
  const fields = new Map(Object.entries(metadata));
  return SHOWN.flatMap(([field, words]) => {
    const value: unknown = fields.get(field);
    if (value === undefined || value === null) return [];
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return [`${words.padEnd(12)} ${printable(text).slice(0, VALUE_CHARACTERS_MAX)}`];
  });
}
