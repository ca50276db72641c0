import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { parseKeyFile, readString } from '#app/cli/key-file.js';
import { parseVvFile } from '#app/cli/vv-file.js';
import { vvDocument, vvReport } from '#app/cli/vv-report.js';
import { verdictTokens, vvFileInput, vvFileSeeds, vvNowMs } from '../fuzz/vv-file-target.ts';
import { Seeded } from '../simulation/seeded.ts';

const parse = (text: string) => parseVvFile(new TextEncoder().encode(text), vvNowMs);

describe('a connection file of', () => {
  test('the kinds that are mutated below are good ones', () => {
    expect(vvFileSeeds.map((seed) => parseVvFile(seed, vvNowMs).kind)).toEqual(vvFileSeeds.map(() => 'usable'));
  });

  test('any bytes gives a value, or faults and warnings with lines of the file', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => verdictTokens(bytes).length > 0), { numRuns: 1000 });
  });

  test('5,000 mutations of good ones gives a value, or faults and warnings with lines of the file', () => {
    // A hundred mutations a run: fast-check chooses where they start, a small generator goes on from there. 100,000 by command: see test/fuzz/vv-file-target.ts.
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = new Seeded(seed);
        for (let round = 0; round < 100; round += 1) verdictTokens(vvFileInput(random));
      }),
      { numRuns: 50 },
    );
  });
});

test('any text survives being written as a key file value', () => {
  const written = (text: string): string => text.replace(/[\\\n\r\t\f]| /g, (one) => `\\${{ '\\': '\\', '\n': 'n', '\r': 'r', '\t': 't', ' ': 's' }[one]}`);
  fc.assert(
    // Lone surrogates have no UTF-8 form; GLib has no escape for a form feed, which is white space in front of a value.
    fc.property(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\f')), (text) => {
      const parsed = parseKeyFile(new TextEncoder().encode(`[g]\nk=${written(text)}\n`));
      const value = parsed.kind === 'groups' ? parsed.groups.get('g')?.get('k') : undefined;
      expect(value && readString(value)).toEqual({ kind: 'text', text });
    }),
  );
});

test('no secret of a file is shown by vv check, in whatever words and lines the rest of it is', () => {
  const line = fc.constantFrom('type=spice', 'type=vnc', 'host=a', 'port=5900', 'port=x', 'tls-port=1', 'unix-path=/a', 'secure-channels=foo', 'fullscreen=x', 'title=a', 'ca=x', '[ovirt]', '[virt-viewer]', '# a', '');
  // Thirteen letters at least, that stand in nothing else.
  const secret = fc.string({ unit: fc.constantFrom('Q', 'Z', 'X', 'J'), minLength: 13, maxLength: 40 });
  const key = fc.constantFrom('password', 'password: ', 'password ', 'proxy', 'proxy=http', 'sso-token', 'jsessionid', 'passwd', 'x-token');
  const written = fc.tuple(key, secret).map(([name, text]) => (name === 'password: ' || name === 'password ' ? `${name}${text}=` : name === 'proxy=http' ? `proxy=http://u:${text}` : name === 'proxy' ? `proxy=socks5://u:${text}@h:1` : `${name}=${text}`));
  fc.assert(fc.property(fc.array(fc.oneof(line, written), { maxLength: 20 }), (lines) => {
    const document = vvDocument('a.vv', parse(['[virt-viewer]', ...lines].join('\n')));
    return !/[QZXJ]{13}/.test(JSON.stringify(document) + vvReport(document));
  }), { numRuns: 500 });
});
