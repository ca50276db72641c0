import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EXIT_CODES, exitCodeOf } from '#app/cli/exit-codes.js';

const entries = Object.entries(EXIT_CODES);

describe('exit codes', () => {
  test('are different, and none is one that shells use for themselves', () => {
    const codes = entries.map(([, { code }]) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.filter((code) => code < 0 || code > 143 || [126, 127, 128, 137].includes(code))).toEqual([]);
    expect(exitCodeOf('ok')).toBe(0);
  });

  test('are documented one for one, with the same name and meaning', () => {
    const document = readFileSync(new URL('../../../docs/exit-codes.md', import.meta.url), 'utf8');
    const rows = [...document.matchAll(/^\| (\d+) \| `(\w+)` \| (.+) \|$/gm)].map(([, code, name, meaning]) => [name, { code: Number(code), meaning }]);
    expect(rows).toEqual(entries);
  });
});
