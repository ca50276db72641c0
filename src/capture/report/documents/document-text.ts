// Document text: a document as the text of a report's member: JSON with two spaces, and numbers of 64 bits written as the numbers that they are, which
// JSON.stringify cannot.

import type { Json } from './shape.ts';

/** Around the digits of a big number, until it is one. Texts lose theirs, so nothing else looks like it. */
const mark = '\u0000';
const marked = /"\\u0000(\d+)\\u0000"/g;

export function documentText(document: Json): string {
  return `${JSON.stringify(document, markBig, 2).replace(marked, '$1')}\n`;
}

function markBig(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${mark}${value}${mark}`;
  return typeof value === 'string' && value.includes(mark) ? value.replaceAll(mark, '') : value;
}
