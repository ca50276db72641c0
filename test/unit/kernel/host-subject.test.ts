import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { formatSubject, HOST_SUBJECT_CHARS_MAX, parseCertificateSubject, parseHostSubject, sameSubject } from '#app/actors/kernel/host-subject.js';
import type { SubjectEntry } from '#app/actors/kernel/host-subject.js';
import { pki } from '../../support/pki.ts';

const subjectOf = (text: string): readonly SubjectEntry[] => {
  const result = parseHostSubject(text);
  if (result.kind === 'malformed') throw new Error(`${result.column}: ${result.message}`);
  return result.entries;
};

describe('a host subject', () => {
  test.each<[string, SubjectEntry[]]>([
    ['CN=vm', [{ name: 'CN', value: 'vm' }]],
    ['C=DE, O=Example\\, Inc,CN=a b', [{ name: 'C', value: 'DE' }, { name: 'O', value: 'Example, Inc' }, { name: 'CN', value: 'a b' }]],
    ['O=a\\\\b,CN=x=y', [{ name: 'O', value: 'a\\b' }, { name: 'CN', value: 'x=y' }]],
    ['commonName=vm', [{ name: 'CN', value: 'vm' }]],
    ['1.2.3.4=x', [{ name: '1.2.3.4', value: 'x' }]],
  ])('%j is read', (text, entries) => {
    expect(parseHostSubject(text)).toEqual({ kind: 'subject', entries });
  });

  test.each<[string, number]>([
    ['', 1],
    ['CN', 1],
    ['=vm', 1],
    ['CN=', 4],
    ['O=a,CN', 5],
    ['O=Example, Inc,CN=a', 12],
    ['CN=a\\', 5],
    ['CN=a\\n', 5],
    ['O=a,', 5],
    ['x'.repeat(HOST_SUBJECT_CHARS_MAX + 1), HOST_SUBJECT_CHARS_MAX + 1],
  ])('%j is refused, and the column says where', (text, column) => {
    expect(parseHostSubject(text)).toMatchObject({ kind: 'malformed', column });
  });

  test('writing and reading an entry list gives the same list', () => {
    const entry = fc.record({ name: fc.stringMatching(/^[A-Za-z0-9.]{1,12}$/), value: fc.string({ minLength: 1, unit: 'grapheme' }) });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 8 }), (entries) => {
        const once = subjectOf(formatSubject(entries));
        expect(once.map(({ value }) => value)).toEqual(entries.map(({ value }) => value));
        expect(subjectOf(formatSubject(once))).toEqual(once);
      }),
    );
  });

  test('any text gives a subject or a column inside it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('C', 'N', '=', ',', '\\', ' ', 'ü') }), (text) => {
        const result = parseHostSubject(text);
        return result.kind === 'malformed' ? result.column >= 1 && result.column <= text.length + 1 : result.entries.length > 0;
      }),
    );
  });
});

describe("a certificate's subject", () => {
  test('is read in its own order, escapes undone, also several attributes in one entry', () => {
    const printed = new X509Certificate(pki.oddSubject).subject;
    expect(parseCertificateSubject(printed)).toEqual([
      { name: 'O', value: 'a' },
      { name: 'OU', value: 'b' },
      { name: 'CN', value: ' #x "y" <z>;k=v\\w+q ' },
      { name: 'L', value: 'Zürich' },
    ]);
  });

  test('equals the host subject with the same entries in the same order, and no other', () => {
    const actual = parseCertificateSubject(new X509Certificate(pki.server).subject);
    expect(sameSubject(subjectOf('C=DE,O=Example\\, Inc,OU=Lab,CN=vm.example'), actual)).toBe(true);
    for (const other of ['CN=vm.example,OU=Lab,O=Example\\, Inc,C=DE', 'C=DE,O=Example\\, Inc,OU=Lab', 'C=DE,O=Example\\, Inc,OU=Lab,CN=vm.example,CN=x', 'C=DE,O=example\\, Inc,OU=Lab,CN=vm.example']) {
      expect(sameSubject(subjectOf(other), actual)).toBe(false);
    }
  });
});
