// Secret text: the last look at a report's documents before they leave: whatever the session knows as a secret (its ticket, the proxy's password) is taken out of every
// text, whoever put it there. A net under the builders, which are not to put it there at all. Pure.

const replacement = '[redacted]';
/** Shorter ones are also parts of ordinary words, and taking them out would tell them. */
const charsMin = 4;

/** The same document without the secrets, in keys as well. */
export function withoutSecrets(document: unknown, secrets: readonly string[]): unknown {
  const known = secrets.filter((secret) => secret.length >= charsMin);
  if (known.length === 0) return document;
  const clean = (text: string): string => known.reduce((left, secret) => left.replaceAll(secret, replacement), text);
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return clean(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([name, each]) => [clean(name), walk(each)]));
    return value;
  };
  return walk(document);
}
