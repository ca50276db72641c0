/**
 * Turns the host name of a target into addresses, once and on the main thread, because Node's resolver is one small pool for the whole process. Channels then
 * dial addresses and keep the name only for TLS. It connects to nothing.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import type { Endpoint, ProxyHop } from '../actors/kernel/host.ts';
import { isHostToken } from '../proxy/ip-address.ts';
import { fail, succeed } from './cli-problem.ts';
import type { Outcome } from './cli-problem.ts';
import type { ConnectionTarget } from './connection-target.ts';
import type { ProxySetting } from './proxy-setting.ts';
import { withSystemRoots } from './system-roots.ts';

/** How long a name may take to resolve, in milliseconds; the system's resolver alone could take minutes. */
const RESOLVE_DEADLINE_MS = 10_000;

/** The ways to reach one address of the server: either may be missing, never both. */
export interface TargetEndpoints {
  /** The plain port, or the unix socket. */
  readonly plain: Endpoint | null;
  readonly secure: Endpoint | null;
}

/** All addresses of a name, in the system's order of preference. */
export type Resolver = (host: string) => Promise<readonly string[]>;

const systemResolver: Resolver = async (host) => (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

/**
 * One entry for each address, best first; at least one. Which one works is found by connecting: `localhost` is often both `::1` and `127.0.0.1`
 * while a server listens on one of them.
 */
export async function resolveTarget(target: ConnectionTarget, resolve: Resolver = systemResolver, deadlineMs = RESOLVE_DEADLINE_MS): Promise<Outcome<readonly TargetEndpoints[]>> {
  if (target.unixPath !== null) return succeed([{ plain: { transport: 'unix', path: target.unixPath }, secure: null }]);
  if (target.proxy !== null) return resolveProxied(target, target.proxy, resolve, deadlineMs);
  const host = target.host ?? '';
  const addresses = await addressesOf(host, resolve, deadlineMs);
  return addresses.ok ? succeed(addresses.value.map((address) => endpointsAt(address, isAddress(host) ? null : host, target))) : addresses;
}

/** The proxy's own name is resolved here; the server's is the proxy's business, and may mean nothing to anybody else. */
async function resolveProxied(target: ConnectionTarget, proxy: ProxySetting, resolve: Resolver, deadlineMs: number): Promise<Outcome<readonly TargetEndpoints[]>> {
  const named = target.host ?? '';
  const host = /^[\x21-\x7e]+$/.test(named) ? named : domainToASCII(named);
  if (host === '') return fail('proxy.host', 'sourceInvalid', 'The host cannot be named to a proxy; check its spelling, or write it in ASCII.');
  const addresses = await addressesOf(proxy.host, resolve, deadlineMs);
  if (!addresses.ok) return addresses;
  const { port, tlsPort, caPem, hostSubject } = target;
  const credentials = proxy.username === null ? null : { username: proxy.username, password: proxy.password ?? '' };
  // A company's proxy has a certificate of the company's or of a public CA; a connection file's CA is the server's, but may be both.
  const proxyTls = proxy.kind === 'https' ? { serverName: isAddress(proxy.host) ? null : proxy.host, caPem: withSystemRoots(caPem), hostSubject: null } : null;
  const serverTls = { serverName: isAddress(host) || isHostToken(host) ? null : host, caPem, hostSubject };
  return succeed(
    addresses.value.map((address) => {
      const hop: ProxyHop = { protocol: proxy.kind === 'socks5' ? 'socks5' : 'httpConnect', address, port: proxy.port, tls: proxyTls, credentials };
      return {
        plain: port === null ? null : { transport: 'proxied', proxy: hop, host, port, tls: null },
        secure: tlsPort === null ? null : { transport: 'proxied', proxy: hop, host, port: tlsPort, tls: serverTls },
      };
    }),
  );
}

async function addressesOf(host: string, resolve: Resolver, deadlineMs: number): Promise<Outcome<readonly string[]>> {
  if (isAddress(host)) return succeed([host]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'late'>((done) => {
    timer = setTimeout(() => done('late'), deadlineMs);
  });
  try {
    const addresses = await Promise.race([resolve(host), late]);
    if (addresses === 'late') return fail('resolve.timeout', 'connectFailed', `The name ${host} could not be resolved within ${deadlineMs / 1000} s; check the network and its DNS servers.`);
    return addresses.length === 0 ? unknownHost(host) : succeed(addresses);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOTFOUND') return unknownHost(host);
    const temporary = code === 'EAI_AGAIN' ? 'no DNS server answers' : error instanceof Error ? error.message : String(error);
    return fail('resolve.failed', 'connectFailed', `The name ${host} could not be resolved: ${temporary}; check the network and its DNS servers.`);
  } finally {
    clearTimeout(timer);
  }
}

function endpointsAt(address: string, serverName: string | null, target: ConnectionTarget): TargetEndpoints {
  const { port, tlsPort, caPem, hostSubject } = target;
  return {
    plain: port === null ? null : { transport: 'tcp', address, port, tls: null },
    secure: tlsPort === null ? null : { transport: 'tcp', address, port: tlsPort, tls: { serverName, caPem, hostSubject } },
  };
}

function unknownHost(host: string): Outcome<never> {
  return fail('resolve.notFound', 'connectFailed', `There is no host ${host}; check its spelling, or use an IP address.`);
}

/** With a zone, too. */
function isAddress(host: string): boolean {
  return isIP(host.replace(/%.*$/, '')) !== 0;
}
