/**
 * From what the user gave (`--direct`, `--file`, `--url`, a `spice://` address, or one positional argument that is any of them) to a connection target,
 * with `--ca-file` and `--host-subject` laid over it. It opens no connection; fetching bytes is source-io.ts, passwords are password-source.ts.
 */
import { parseHostSubject } from '../actors/kernel/host-subject.ts';
import { fail, succeed } from './cli-problem.ts';
import type { Outcome } from './cli-problem.ts';
import { connectionTarget } from './connection-target.ts';
import type { ConnectionTarget } from './connection-target.ts';
import { parseDirectAddress } from './direct-address.ts';
import type { SourceIo } from './source-io.ts';
import { parseSpiceUri } from './spice-uri.ts';
import { parseVvFile } from './vv-file.ts';
import { caProblem } from './vv-forms.ts';

/** At most one of the first four is given; which one is the command line's to check. */
export interface SourceOptions {
  readonly source?: string | undefined;
  readonly direct?: string | undefined;
  readonly file?: string | undefined;
  readonly url?: string | undefined;
  readonly caFile?: string | undefined;
  readonly hostSubject?: string | undefined;
  /** A connection file that asks to be deleted stays. */
  readonly keepFile?: boolean | undefined;
  /** Applied by proxy-source.ts; here only because of whose certificate a CA may be for. */
  readonly proxy?: string | undefined;
}

export interface ConnectionSource {
  readonly target: ConnectionTarget;
  /** Sentences for the user: values that were passed over, a file that was deleted. */
  readonly notes: readonly string[];
}

/** So many warnings of one file are said; `vv check` says all. */
const WARNINGS_MAX = 20;

export type SourceForm =
  | { readonly kind: 'direct'; readonly address: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stdin' }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'spice'; readonly uri: string };

/** What a positional argument is, from its form alone: the same text always means the same. Null when it is none of the forms. */
export function guessSource(text: string): SourceForm | null {
  if (text === '-') return { kind: 'stdin' };
  if (/^spice(\+\w+)?:\/\//i.test(text)) return { kind: 'spice', uri: text };
  if (/^https?:\/\//i.test(text)) return { kind: 'url', url: text };
  if (/\.vv$/i.test(text) || text.includes('/')) return { kind: 'file', path: text };
  return text.includes(':') ? { kind: 'direct', address: text } : null;
}

/** @param nowMs unix milliseconds, for the end of tickets. */
export async function readConnectionSource(options: SourceOptions, io: SourceIo, nowMs = Date.now()): Promise<Outcome<ConnectionSource>> {
  const form = formOf(options);
  if (form === null) {
    return options.source === undefined
      ? fail('source.missing', 'usage', 'No server was named; give a connection file, HOST:PORT, a spice:// address or a URL.')
      : fail('source.unclear', 'usage', `"${options.source}" is neither HOST:PORT, a .vv file, a spice:// address nor a URL; for a file of another name use --file.`);
  }
  const read = await readForm(form, options.keepFile === true, io, nowMs);
  return read.ok ? applyTrust(read.value, options, io) : read;
}

function formOf(options: SourceOptions): SourceForm | null {
  if (options.direct !== undefined) return { kind: 'direct', address: options.direct };
  if (options.file !== undefined) return options.file === '-' ? { kind: 'stdin' } : { kind: 'file', path: options.file };
  if (options.url !== undefined) return /^spice/i.test(options.url) ? { kind: 'spice', uri: options.url } : { kind: 'url', url: options.url };
  return options.source === undefined ? null : guessSource(options.source);
}

async function readForm(form: SourceForm, keepFile: boolean, io: SourceIo, nowMs: number): Promise<Outcome<ConnectionSource>> {
  switch (form.kind) {
    case 'direct': {
      const address = parseDirectAddress(form.address);
      if (address.kind === 'malformed') return fail('source.direct.malformed', 'usage', `The address "${form.address}" cannot be used: ${address.message}.`);
      const { host, port, tlsPort } = address;
      return succeed({ target: connectionTarget({ host, port, tlsPort }), notes: [] });
    }
    case 'spice': {
      const parsed = parseSpiceUri(form.uri);
      // The address is not repeated: it may hold the password.
      if (parsed.kind === 'malformed') return fail('source.uri.malformed', 'usage', `The spice address cannot be used: ${parsed.message}.`);
      return succeed({ target: parsed.target, notes: parsed.warnings });
    }
    case 'url': {
      if (!/^https?:\/\//i.test(form.url)) return fail('source.url.malformed', 'usage', '--url takes an http:// or https:// address.');
      const bytes = await io.fetchUrl(form.url);
      return bytes.ok ? readVv(bytes.value, 'The connection file from the URL', nowMs) : bytes;
    }
    case 'stdin': {
      const bytes = await io.readStdin();
      return bytes.ok ? readVv(bytes.value, 'The connection file on standard input', nowMs) : bytes;
    }
    case 'file': {
      const bytes = await io.readFile(form.path, 'connection file');
      if (!bytes.ok) return bytes;
      const source = readVv(bytes.value, form.path, nowMs);
      return source.ok && source.value.target.singleUse ? succeed(await deleteFile(source.value, form.path, keepFile, io)) : source;
    }
  }
}

function readVv(bytes: Uint8Array, what: string, nowMs: number): Outcome<ConnectionSource> {
  const file = parseVvFile(bytes, nowMs);
  if (file.kind === 'unusable') {
    const [first, ...more] = file.faults;
    const others = more.length === 0 ? '' : ` (and ${more.length} more: ryll-actors vv check names them all)`;
    return fail('source.vv.malformed', 'sourceInvalid', `${what}${first.line > 0 ? `, line ${first.line}` : ''}: ${first.message}${others}.`);
  }
  const ignored = file.keys.filter(({ use }) => use === 'ignored').map(({ key }) => key);
  const passedOver = ignored.length === 0 ? [] : [`${what}: passed over: ${ignored.join(', ')} (ryll-actors vv check says why)`];
  return succeed({ target: file.target, notes: [...file.warnings.slice(0, WARNINGS_MAX).map(({ line, message }) => `${what}, line ${line}: ${message}`), ...passedOver] });
}

/** The issuer asks for it because the ticket in the file works once: left behind, it is a secret and of no use. */
async function deleteFile(source: ConnectionSource, path: string, keepFile: boolean, io: SourceIo): Promise<ConnectionSource> {
  const note = (text: string): ConnectionSource => ({ ...source, notes: [...source.notes, text] });
  if (keepFile) return note(`${path} asks to be deleted (delete-this-file) and was kept, because of --keep-file`);
  const fault = await io.deleteFile(path);
  return note(fault === null ? `${path} was deleted, as it asks (delete-this-file)` : `warning: ${path} asks to be deleted (delete-this-file) and was not: ${fault}`);
}

async function applyTrust(source: ConnectionSource, options: SourceOptions, io: SourceIo): Promise<Outcome<ConnectionSource>> {
  let target = source.target;
  if (options.caFile !== undefined) {
    const bytes = await io.readFile(options.caFile, 'CA file');
    if (!bytes.ok) return bytes;
    const caPem = new TextDecoder().decode(bytes.value);
    const fault = caProblem(caPem);
    if (fault !== null) return fail('source.ca.malformed', 'sourceInvalid', `The CA file ${options.caFile} cannot be used: ${fault}.`);
    target = { ...target, caPem };
  }
  if (options.hostSubject !== undefined) {
    const subject = parseHostSubject(options.hostSubject);
    if (subject.kind === 'malformed') return fail('source.hostSubject.malformed', 'usage', `--host-subject, column ${subject.column}: ${subject.message}.`);
    target = { ...target, hostSubject: options.hostSubject };
  }
  // An https proxy's certificate may be signed by that CA.
  const isCaOfProxy = /^https:/i.test(options.proxy ?? '') || (options.proxy === undefined && target.proxy?.kind === 'https');
  const trustGiven = (options.caFile !== undefined && !isCaOfProxy) || options.hostSubject !== undefined;
  const useless = trustGiven && target.tlsPort === null ? ['--ca-file and --host-subject do nothing: there is no TLS port'] : [];
  return succeed({ target, notes: [...source.notes, ...useless] });
}
