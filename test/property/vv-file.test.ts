import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { parseKeyFile, readString } from '#app/cli/key-file.js';
import { parseVvFile } from '#app/cli/vv-file.js';
import { pki } from '../support/pki.ts';

const file = (ca: string): Uint8Array =>
  new TextEncoder().encode(
    `# a file\n[virt-viewer]\ntype=spice\nhost=vm.example\nport=5900\ntls-port=5901\npassword=a\\sb\n${ca}host-subject=O=a\\\\, b,CN=c\nsecure-channels=main;display;\ndelete-this-file=1\nticket-valid-until=1700000000\n[ovirt]\nhost=h\n`,
  );
/** The second has a certificate in it, which takes ten times as long to judge. */
const SEEDS = [file(''), file(`ca=${pki.ca.replaceAll('\n', '\\n')}\n`)] as const;

/** A value, or an error whose line is in the file. */
const isVerdict = (input: Uint8Array): boolean => {
  const result = parseVvFile(input);
  const lines = Buffer.from(input).toString('latin1').split('\n').length;
  return result.kind === 'vv' ? result.target.label !== '' : result.line >= 0 && result.line <= lines && result.message !== '';
};

describe('a connection file of', () => {
  test('the kind that is mutated below is a good one', () => {
    expect(SEEDS.map((seed) => parseVvFile(seed).kind)).toEqual(['vv', 'vv']);
  });

  test('any bytes gives a value or an error with a line of the file', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), isVerdict), { numRuns: 2000 });
  });

  test('20,000 mutations of a good one gives a value or an error with a line of the file', () => {
    fc.assert(
      // A hundred mutations a run: fast-check chooses where they start, a small generator goes on from there.
      fc.property(fc.integer(), (seed) => {
        const random = randomFrom(seed);
        for (let round = 0; round < 100; round += 1) {
          let mutated = SEEDS[round % 10 === 0 ? 1 : 0];
          for (let edits = 1 + random(4); edits > 0; edits -= 1) mutated = edited(mutated, random);
          if (!isVerdict(mutated)) return false;
        }
        return true;
      }),
      { numRuns: 200 },
    );
  });
});

const SPECIAL = new TextEncoder().encode('\n=[]\\;\0\u00ff');

function edited(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  const at = random(bytes.length);
  const insert = Uint8Array.from({ length: random(4) }, () => (random(2) === 0 ? (SPECIAL[random(SPECIAL.length)] ?? 0) : random(256)));
  return new Uint8Array(Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + random(12))]));
}

/** xorshift32. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

test('any text survives being written as a key file value', () => {
  const written = (text: string): string => text.replace(/[\\\n\r\t]| /g, (one) => `\\${{ '\\': '\\', '\n': 'n', '\r': 'r', '\t': 't', ' ': 's' }[one]}`);
  fc.assert(
    // Lone surrogates have no UTF-8 form; white space beyond the five is trimmed in front of a value.
    fc.property(fc.string({ unit: 'grapheme' }).filter((text) => text.trimStart() === text || /^[ \n\r\t]/.test(text)), (text) => {
      const parsed = parseKeyFile(new TextEncoder().encode(`[g]\nk=${written(text)}\n`));
      const value = parsed.kind === 'groups' ? parsed.groups.get('g')?.get('k') : undefined;
      expect(value && readString(value)).toEqual({ kind: 'text', text });
    }),
  );
});
