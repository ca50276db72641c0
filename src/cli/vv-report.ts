/**
 * What `ryll-actors vv check` says of a connection file: as lines for people and as one JSON document for scripts. Values in, text out. Passwords, tickets and
 * tokens are in neither form; that they are there is.
 */
import type { ConnectionTarget } from './connection-target.ts';
import { printable } from './key-file.ts';
import type { KeyFileError } from './key-file.ts';
import { proxyLabel } from './proxy-setting.ts';
import type { ProxySetting } from './proxy-setting.ts';
import type { KeyFinding, VvFileResult } from './vv-file.ts';
import { momentText } from './vv-forms.ts';

/** The JSON document. A field that is null does not apply. */
export interface VvDocument {
  readonly file: string;
  readonly usable: boolean;
  /** Null when the file is not usable. */
  readonly connectsTo: VvDestination | null;
  readonly errors: readonly KeyFileError[];
  readonly warnings: readonly KeyFileError[];
  readonly keys: readonly KeyFinding[];
}

export interface VvDestination {
  readonly label: string;
  readonly title: string | null;
  /** Null behind a proxy, where it may be a ticket, and with a unix path. */
  readonly host: string | null;
  readonly port: number | null;
  readonly tlsPort: number | null;
  readonly unixPath: string | null;
  readonly proxy: { readonly kind: ProxySetting['kind']; readonly host: string; readonly port: number; readonly credentials: boolean } | null;
  readonly secureChannels: readonly string[];
  readonly disableChannels: readonly string[];
  readonly ticket: { readonly given: boolean; readonly singleUse: boolean; readonly validUntil: string | null };
  /** `system` = the roots of this machine. */
  readonly trust: { readonly ca: 'file' | 'system'; readonly hostSubject: string | null } | null;
}

export function vvDocument(file: string, result: VvFileResult): VvDocument {
  return {
    file,
    usable: result.kind === 'usable',
    connectsTo: result.kind === 'usable' ? destinationOf(result.target) : null,
    errors: result.kind === 'usable' ? [] : result.faults,
    warnings: result.warnings,
    keys: result.keys,
  };
}

/** Lines for people, the verdict first. */
export function vvReport(document: VvDocument): string {
  const { file, usable, connectsTo, errors, warnings, keys } = document;
  const lines = [`${file}: ${usable ? 'usable' : 'not usable'}`];
  if (connectsTo !== null) lines.push(...destinationLines(connectsTo));
  section(lines, 'Errors', errors.map(located));
  section(lines, 'Warnings', warnings.map(located));
  section(lines, 'Honoured', keyLines(keys.filter(({ use }) => use === 'honoured')));
  section(lines, 'Understood and ignored', keyLines(keys.filter(({ use }) => use === 'ignored')));
  section(lines, 'Not known', keyLines(keys.filter(({ use }) => use === 'unknown' || use === 'extension')));
  return lines.join('\n');
}

function section(lines: string[], title: string, of: readonly string[]): void {
  if (of.length > 0) lines.push('', `${title}:`, ...of);
}

const located = ({ line, message }: KeyFileError): string => `  ${line === 0 ? '' : `line ${line}: `}${message}`;

function keyLines(keys: readonly KeyFinding[]): string[] {
  const nameOf = ({ group, key }: KeyFinding): string => `${group === 'virt-viewer' ? '' : `[${printable(group)}] `}${printable(key)}`;
  const width = Math.min(28, Math.max(0, ...keys.map((one) => nameOf(one).length)));
  const valueOf = ({ use, shown }: KeyFinding): string => (shown !== null ? ` = ${shown}` : use === 'honoured' || use === 'ignored' ? ' = (hidden)' : '');
  return keys.map((one) => `  line ${String(one.line).padEnd(3)} ${`${nameOf(one).padEnd(width)}${valueOf(one)}`.trimEnd()}\n           ${one.here}`);
}

function destinationOf(target: ConnectionTarget): VvDestination {
  const { title, label, port, tlsPort, unixPath, proxy, secureChannels, disableChannels, password, singleUse, ticketValidUntilMs, caPem, hostSubject } = target;
  return {
    label,
    title,
    host: proxy === null ? target.host : null,
    port,
    tlsPort,
    unixPath,
    proxy: proxy === null ? null : { kind: proxy.kind, host: proxy.host, port: proxy.port, credentials: proxy.username !== null },
    secureChannels,
    disableChannels,
    ticket: { given: password !== null, singleUse, validUntil: ticketValidUntilMs === null ? null : new Date(ticketValidUntilMs).toISOString() },
    trust: tlsPort === null ? null : { ca: caPem === null ? 'system' : 'file', hostSubject },
  };
}

function destinationLines(to: VvDestination): string[] {
  const { ticket, trust, proxy } = to;
  const lines: (readonly [string, string])[] = [['connects to', placeOf(to)]];
  if (proxy !== null) lines.push(['through', `${proxyLabel(proxy)}${proxy.credentials ? ', with the user name in the file' : ''}`]);
  if (to.title !== null) lines.push(['title', to.title]);
  const works = ticket.singleUse ? ', works once: no reconnect, and connect deletes the file' : '';
  const until = ticket.validUntil === null ? '' : `, until ${momentText(Date.parse(ticket.validUntil))}`;
  lines.push(['ticket', `${ticket.given ? 'in the file' : 'none in the file'}${works}${until}`]);
  if (trust !== null) lines.push(['trust', `${trust.ca === 'file' ? 'the CA in the file alone' : "the system's roots"}, ${trust.hostSubject === null ? 'for the host name' : `subject ${trust.hostSubject}`}`]);
  if (to.secureChannels.length > 0) lines.push(['TLS at once', to.secureChannels.join(', ')]);
  if (to.disableChannels.length > 0) lines.push(['not opened', to.disableChannels.join(', ')]);
  return lines.map(([name, what]) => `  ${name.padEnd(13)}${printable(what)}`);
}

function placeOf({ host, port, tlsPort, unixPath }: VvDestination): string {
  if (unixPath !== null) return `the socket ${unixPath}`;
  const ports = [...(port === null ? [] : [`port ${port}`]), ...(tlsPort === null ? [] : [`TLS port ${tlsPort}`])].join(', ');
  return `${host ?? 'a host that is not shown, because it may be a ticket'}, ${ports}`;
}

