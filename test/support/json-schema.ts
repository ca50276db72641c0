// Checks a value against a JSON Schema, as far as the schemas of reports go. An independent reading of them: docs/report-schemas/check.jq is another.
import { readFileSync } from 'node:fs';

type Schema = Readonly<Record<string, unknown>>;

export function reportSchema(name: string): Schema {
  return JSON.parse(readFileSync(new URL(`../../docs/report-schemas/${name}.json`, import.meta.url), 'utf8')) as Schema;
}

/** What is wrong, and where; empty when the value is as the schema says. */
export function schemaFaults(value: unknown, schema: Schema, at = 'document'): readonly string[] {
  const { anyOf, type, enum: words, minimum, maximum, minItems, maxItems, required, properties, additionalProperties, items } = schema;
  const told = (what: string): readonly string[] => [`${at}: ${JSON.stringify(value)?.slice(0, 80)} ${what}`];
  if (Array.isArray(anyOf)) return anyOf.some((each: Schema) => schemaFaults(value, each).length === 0) ? [] : told('is none of what it may be');
  if (typeof type === 'string' && !isOf(value, type)) return told(`is not ${type}`);
  if (Array.isArray(words) && !words.includes(value)) return told(`is not one of ${words.join(', ')}`);
  if (typeof value === 'number' && typeof minimum === 'number' && value < minimum) return told(`is below ${minimum}`);
  if (typeof value === 'number' && typeof maximum === 'number' && value > maximum) return told(`is above ${maximum}`);
  if (Array.isArray(value)) {
    if (typeof minItems === 'number' && value.length < minItems) return told(`has fewer than ${minItems}`);
    if (typeof maxItems === 'number' && value.length > maxItems) return told(`has more than ${maxItems}`);
    return items === undefined ? [] : value.flatMap((each, index) => schemaFaults(each, items as Schema, `${at}[${index}]`));
  }
  if (typeof value !== 'object' || value === null) return [];
  const known = (properties ?? {}) as Readonly<Record<string, Schema>>;
  const missing = ((required ?? []) as readonly string[]).filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`);
  const inside = Object.entries(value).flatMap(([name, each]) => {
    const inner = known[name] ?? (typeof additionalProperties === 'object' ? (additionalProperties as Schema) : null);
    return inner === null ? [] : schemaFaults(each, inner, `${at}.${name}`);
  });
  return [...missing, ...inside];
}

function isOf(value: unknown, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
