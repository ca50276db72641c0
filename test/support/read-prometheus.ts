// Prometheus's text format 0.0.4, read back by its specification, strictly: what this refuses a scraper may refuse too.

export interface ReadFamily {
  readonly help: string;
  readonly type: string;
  readonly samples: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

const unescape = (text: string): string => text.replaceAll(/\\(.)/g, (_, one: string) => (one === 'n' ? '\n' : one));
const suffixes: Readonly<Record<string, readonly string[]>> = { histogram: ['_bucket', '_sum', '_count'] };

/** Throws for any line that is not one, a sample before its type, a family twice, and a sample twice. */
export function readPrometheus(text: string): ReadonlyMap<string, ReadFamily> {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, { help: string; type: string; samples: { name: string; labels: Record<string, string>; value: number }[] }>();
  const seen = new Set<string>();
  let help = { name: '', text: '' };
  let current = '';
  for (const line of text.split('\n').slice(0, -1)) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line);
    if (comment?.[1] === 'HELP') {
      help = { name: comment[2] ?? '', text: unescape(comment[3] ?? '') };
      continue;
    }
    if (comment !== null) {
      const [, , name = '', type = ''] = comment;
      if (families.has(name) || help.name !== name || !['counter', 'gauge', 'histogram'].includes(type)) throw new Error(`a family out of place: ${line}`);
      families.set(name, { help: help.text, type, samples: [] });
      current = name;
      continue;
    }
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    const family = families.get(current);
    if (sample === null || family === undefined) throw new Error(`no sample: ${line}`);
    const [, name = '', pairs = '', number = ''] = sample;
    if (!(suffixes[family.type] ?? ['']).some((suffix) => name === `${current}${suffix}`)) throw new Error(`${name} is none of ${current}`);
    const labels: Record<string, string> = {};
    const rest = pairs.replaceAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/g, (_, key: string, value: string) => {
      labels[key] = unescape(value);
      return '';
    });
    const value = number === '+Inf' ? Infinity : Number(number);
    if (rest !== '' || Number.isNaN(value) || seen.has(`${name}{${pairs}`)) throw new Error(`no sample: ${line}`);
    seen.add(`${name}{${pairs}`);
    family.samples.push({ name, labels, value });
  }
  return families;
}
