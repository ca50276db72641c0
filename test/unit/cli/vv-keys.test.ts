// The table of keys against everything that is made from it: the parser, the document, the README.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseVvFile } from '#app/cli/vv-file.js';
import { VV_FORMS, type VvForm } from '#app/cli/vv-forms.js';
import { OVIRT_KEYS, VV_GROUPS, VV_KEYS, type VvKey } from '#app/cli/vv-keys.js';
import { pki } from '../../support/pki.ts';

const NOW_MS = 1_700_000_000_000;
const document = readFileSync(new URL('../../../docs/console-vv-extensions.md', import.meta.url), 'utf8');

/** A good and a malformed value of each form; a form that takes every text has no malformed one but a broken escape. */
const VALUES: Readonly<Record<VvForm, readonly [good: string, bad: string]>> = {
  type: ['spice', 'rdp'],
  host: ['vm.example', 'a b'],
  port: ['5902', '70000'],
  path: ['/run/vm.sock', '/run\\n'],
  ticket: ['secret', 'x'.repeat(61)],
  ca: [pki.ca.replaceAll('\n', '\\n'), '/etc/ca.pem'],
  subject: ['CN=vm', 'vm'],
  proxy: ['https://u:p@proxy.example:3129', 'gopher://x'],
  secureChannels: ['main;all', 'mian'],
  channels: ['record;', '\\x'],
  title: ['My VM', '\\x'],
  switch: ['1', 'on'],
  moment: ['1900000000', 'tomorrow'],
  version: ['7.0-3', 'seven'],
  versions: ['rhel9:7.0;', 'rhel9'],
  url: ['https://a.example/', 'a.example'],
  hotkey: ['shift+f11', 'shift + f11'],
  number: ['32', '0x20'],
  list: ['wallpaper;animation', '\\x'],
  text: ['anything', '\\x'],
};

/** A file that is usable without the key, and has the key on its last line. */
function fileWith(group: string, key: VvKey, value: string): { readonly bytes: Uint8Array; readonly line: number } {
  const base = new Map([['type', 'spice'], ['host', 'vm.example'], ['port', '5900'], ['tls-port', '5901']]);
  if (key.name === 'unix-path') for (const name of ['host', 'port', 'tls-port']) base.delete(name);
  if (group === 'virt-viewer') base.delete(key.name);
  const lines = ['[virt-viewer]', ...[...base].map((pair) => pair.join('=')), ...(group === 'virt-viewer' ? [] : [`[${group}]`]), `${key.name}=${value}`];
  return { bytes: new TextEncoder().encode(lines.join('\n')), line: lines.length };
}

const everyKey = [...VV_GROUPS].flatMap(([group, keys]) => keys.map((key) => [`[${group}] ${key.name}`, group, key] as const));

describe.each(everyKey)('the key %s', (_name, group, key) => {
  const [good, bad] = VALUES[key.form];

  test('with a good value is honoured or passed over as the table says, without a warning', () => {
    const { bytes, line } = fileWith(group, key, good);
    const file = parseVvFile(bytes, NOW_MS);
    expect(file).toMatchObject({ kind: 'usable', warnings: [] });
    expect(file.keys.at(-1)).toMatchObject({ group, key: key.name, line, use: key.use, here: key.here });
    expect(key.secret === true && JSON.stringify(file.keys).includes(good)).toBe(false);
  });

  test('with a malformed value refuses the file or is passed over with a warning, as its form says, with the line', () => {
    const { bytes, line } = fileWith(group, key, bad);
    const file = parseVvFile(bytes, NOW_MS);
    const complaint = { line, message: expect.stringMatching(new RegExp(`^${key.name}: `)) };
    expect(file).toMatchObject(VV_FORMS[key.form].malformed === 'refused' ? { kind: 'unusable', faults: [complaint] } : { kind: 'usable', warnings: [complaint] });
  });
});

test('the document’s table has every key, whether it is honoured, what a malformed value does, and what it does here: no more and no less', () => {
  const rows = [...document.matchAll(/^\| `([^`]+)` \| (.*?) \| (.*?) \| (.*) \|$/gm)].map(([, name, use, malformed, here]) => ({ name, use, malformed, here }));
  expect(rows).toEqual((VV_KEYS as readonly VvKey[]).map(({ name, use, form, here, extension }) => ({ name, use: extension === true ? `${use} (ours)` : use, malformed: VV_FORMS[form].malformed, here })));
});

test('the document names every key of oVirt’s group, and describes every extension under its name', () => {
  const ovirt = /### The group `\[ovirt\]`\n([^]*?)\n### /.exec(document)?.[1] ?? '';
  expect(OVIRT_KEYS.filter(({ name }) => !ovirt.includes(`\`${name}\``))).toEqual([]);
  expect((VV_KEYS as readonly VvKey[]).filter(({ name, extension }) => extension === true && !document.includes(`### \`${name}\``))).toEqual([]);
});

test('every sample of the document is usable, but for the certificate that is cut short in it', () => {
  const samples = [...document.matchAll(/\n {4}\[virt-viewer\]\n(?: {4}.*\n)+/g)].map(([text]) => text.replaceAll(/^ {4}/gm, '').replace(/^ca=.*$/m, `ca=${pki.ca.replaceAll('\n', '\\n')}`));
  expect(samples).toHaveLength(3);
  for (const sample of samples) expect(parseVvFile(new TextEncoder().encode(sample), NOW_MS)).toMatchObject({ kind: 'usable', warnings: [] });
});

test('the keys of the README’s section on connection files are honoured ones', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const section = /\*\*console\.vv\.\*\*([^]*?)\*\*Scripts\.\*\*/.exec(readme)?.[1] ?? '';
  const named = [...section.matchAll(/`([a-z-]+)(?:=[^`]*)?`/g)].map(([, name]) => name ?? '').filter((name) => !name.startsWith('--'));
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((name) => !VV_KEYS.some((key) => key.name === name && key.use === 'honoured'))).toEqual([]);
});
