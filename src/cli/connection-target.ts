/**
 * Where to connect and how to be trusted, whatever it was read from. Host names are still names here; resolve-target.ts turns them into
 * endpoints. Nothing in it may be logged without care: it holds the ticket.
 */
import { proxyLabel } from './proxy-setting.ts';
import type { ProxySetting } from './proxy-setting.ts';

export interface ConnectionTarget {
  /** Null only with `unixPath`. */
  readonly host: string | null;
  readonly port: number | null;
  readonly tlsPort: number | null;
  readonly unixPath: string | null;
  readonly password: string | null;
  /** PEM text; trusted in place of the system's roots. */
  readonly caPem: string | null;
  readonly hostSubject: string | null;
  /** Channel names that must use TLS; `all` is every channel. */
  readonly secureChannels: readonly string[];
  readonly disableChannels: readonly string[];
  readonly title: string | null;
  /** For people and logs: the title and the address, never a secret. */
  readonly label: string;
  /** The ticket works once (`delete-this-file=1`): no reconnect with it. */
  readonly singleUse: boolean;
  /** When the ticket ends, in unix milliseconds; null = nobody said. */
  readonly ticketValidUntilMs: number | null;
  /** What lies between: every channel is dialled through it, and it resolves the host name. */
  readonly proxy: ProxySetting | null;
}

const EMPTY: Omit<ConnectionTarget, 'label'> = {
  host: null,
  port: null,
  tlsPort: null,
  unixPath: null,
  password: null,
  caPem: null,
  hostSubject: null,
  secureChannels: [],
  disableChannels: [],
  title: null,
  singleUse: false,
  ticketValidUntilMs: null,
  proxy: null,
};

/** Fills in what a source does not say, and the label. */
export function connectionTarget(given: Partial<Omit<ConnectionTarget, 'label'>>): ConnectionTarget {
  const target = { ...EMPTY, ...given };
  return { ...target, label: labelOf(target) };
}

function labelOf(target: Omit<ConnectionTarget, 'label'>): string {
  const { title, proxy } = target;
  // Behind a proxy the host is the proxy's to understand, and may be a ticket.
  const place = proxy === null ? addressOf(target) : `behind ${proxyLabel(proxy)}`;
  if (title !== null) return `${title} (${place})`;
  return proxy === null ? place : `a server ${place}`;
}

function addressOf(target: Omit<ConnectionTarget, 'label'>): string {
  if (target.unixPath !== null) return target.unixPath;
  const host = target.host ?? '';
  return target.port === null ? `${hostAndPort(host, target.tlsPort)} (TLS)` : hostAndPort(host, target.port);
}

function hostAndPort(host: string, port: number | null): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port ?? ''}`;
}
