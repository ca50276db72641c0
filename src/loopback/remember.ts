// Results that depend on nothing but their name, made once or made each time: a server of one session never sends a picture twice, a
// simulation of thousands of sessions sends little else. It knows nothing of what it keeps but its size.

/** What `make` gives; perhaps what it gave before under the same key. */
export type Remember<T> = (key: string, make: () => T) => T;

/** Remembers nothing. */
export const makeEachTime: Remember<Uint8Array> = (_key, make) => make();

/** Keeps up to this many bytes, and gives up what was made first. */
export function rememberUpTo(bytesMax: number): Remember<Uint8Array> {
  const kept = new Map<string, Uint8Array>();
  let bytes = 0;
  return (key, make) => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = make();
    kept.set(key, made);
    bytes += made.byteLength;
    for (const [oldest, { byteLength }] of kept) {
      if (bytes <= bytesMax) break;
      kept.delete(oldest);
      bytes -= byteLength;
    }
    return made;
  };
}
