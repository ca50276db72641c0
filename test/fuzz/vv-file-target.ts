// Connection files with bytes, lines and values changed: whatever they are, the answer is a value, or faults and warnings with a line of the file. 100,000 by
// command: npm run fuzz -- --target vv-file --messages 100000

import { readFileSync, readdirSync } from 'node:fs';
import { parseVvFile } from '#app/cli/vv-file.js';
import { vvDocument, vvReport } from '#app/cli/vv-report.js';
import { VV_GROUPS } from '#app/cli/vv-keys.js';
import type { Seeded } from '../simulation/seeded.ts';
import { pki } from '../support/pki.ts';
import { mutate } from './mutate.ts';
import { mib, type FuzzTarget } from './target.ts';

/** When the files are read, in unix milliseconds: before the ticket in one of them ends. */
export const vvNowMs = 1_800_000_000_000;

const folder = new URL('../support/connection-files/', import.meta.url);
const texts = readdirSync(folder).toSorted().map((name) => readFileSync(new URL(name, folder), 'utf8'));
const certificate = pki.ca.replaceAll('\n', '\\n');
const withCertificate = (text: string): string => text.replaceAll('@CA@', certificate);
// A certificate takes ten times as long to judge as all the rest: one file in ten has one.
const withoutCertificate = (text: string): string => text.replaceAll(/^ca=.*\n/gm, '');

export const vvFileSeeds: readonly Uint8Array[] = texts.flatMap((text) => [withCertificate(text), withoutCertificate(text)]).map((text) => new TextEncoder().encode(text));

const names = [...VV_GROUPS.values()].flat().map(({ name }) => name);
const values = ['', 'None', '0', '1', '-1', '65536', '99999999999999999999', 'main;display;', 'all', '\\', '\\q', '\\s\\n\\t\\r\\\\', ';', '#', '=', '[x]', 'spice', 'vnc', 'http://a:b@c:1', 'socks5://[::1]', 'CN=a\\\\, b', 'rhel9:12', 'shift+f11', '\u202e\u0007', '\u00e4', 'x'.repeat(70)];

/** A line changed as a person or a portal would get it wrong. */
function changedLine(line: string, random: Seeded): string {
  const name = line.split('=', 1)[0] ?? '';
  switch (random.between(0, 6)) {
    case 0:
      return '';
    case 1:
      return `${line}\n${line}`;
    case 2:
      return `;${line}`;
    case 3:
      return `${name}[de]=${random.pick(values)}`;
    case 4:
      return `${random.pick(names)}=${random.pick(values)}`;
    case 5:
      return line.replace('=', ' ');
    default:
      return `${name}=${random.pick(values)}`;
  }
}

export function vvFileInput(random: Seeded): Uint8Array {
  const plain = random.pick(texts);
  const text = random.chance(0.1) ? withCertificate(plain) : withoutCertificate(plain);
  if (random.chance(0.5)) return mutate(new TextEncoder().encode(text), random, vvFileSeeds);
  const lines = text.split('\n');
  for (let changes = random.between(1, 4); changes > 0; changes -= 1) {
    const at = random.between(0, lines.length - 1);
    lines[at] = changedLine(lines[at] ?? '', random);
  }
  return new TextEncoder().encode(lines.join(random.chance(0.1) ? '\r\n' : '\n'));
}

/** What became of a file, as the keys that were complained about. Throws when the answer is none, or is about no line of the file. */
export function verdictTokens(bytes: Uint8Array): readonly string[] {
  const file = parseVvFile(bytes, vvNowMs);
  const lines = Buffer.from(bytes).toString('latin1').split('\n').length;
  const located = [...(file.kind === 'unusable' ? file.faults : []), ...file.warnings];
  for (const { line, message } of located) {
    if (!(Number.isInteger(line) && line >= 0 && line <= lines)) throw new Error(`line ${line} of ${lines}: ${message}`);
    if (message === '' || /[\p{Cc}\p{Bidi_Control}]/u.test(message)) throw new Error(`a message that cannot be shown: ${JSON.stringify(message)}`);
  }
  if (file.kind === 'usable') checkTarget(file.target);
  const report = vvReport(vvDocument('a.vv', file));
  if (/[^\n\P{Cc}]|\p{Bidi_Control}/u.test(report)) throw new Error('a report that cannot be shown');
  const about = ({ message }: { readonly message: string }): string => {
    const key = /^([a-z-]+)(?:\[|:)/.exec(message)?.[1];
    return key !== undefined && names.includes(key) ? key : message.replace(/^;?[\w.-]*…?(?=\[)/, '').replaceAll(/"[^"]*"|\[[^\]]*\]/g, '').slice(0, 30).trim();
  };
  return [...new Set([file.kind, ...(file.kind === 'unusable' ? file.faults.map((fault) => `fault ${about(fault)}`) : []), ...file.warnings.map((warning) => `warning ${about(warning)}`)])];
}

function checkTarget({ label, host, unixPath, port, tlsPort, password, secureChannels, ticketValidUntilMs, proxy }: Extract<ReturnType<typeof parseVvFile>, { kind: 'usable' }>['target']): void {
  const inRange = (one: number | null): boolean => one === null || (Number.isInteger(one) && one >= 1 && one <= 65_535);
  const holds =
    label !== '' &&
    (unixPath === null ? host !== null && (port !== null || tlsPort !== null) : host === null && proxy === null) &&
    [port, tlsPort, proxy?.port ?? null].every(inRange) &&
    (password === null || Buffer.byteLength(password) <= 60) &&
    (secureChannels.length === 0 || tlsPort !== null) &&
    (ticketValidUntilMs === null || ticketValidUntilMs > vvNowMs);
  if (!holds) throw new Error(`a target that makes no sense: ${label}`);
}

export const vvFileTarget: FuzzTarget = { name: 'vv-file', kind: 'message', bytesMax: 4 * mib, make: vvFileInput, run: verdictTokens };
