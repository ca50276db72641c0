/**
 * Turns the host name of a target into addresses, once and on the main thread, because Node's resolver is one small pool for the whole process. Channels then
 * dial addresses and keep the name only for TLS. It connects to nothing.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Endpoint } from '../actors/kernel/host.ts';
import { fail, succeed } from './cli-problem.ts';
import type { Outcome } from './cli-problem.ts';
import type { ConnectionTarget } from './connection-target.ts';

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
  const host = target.host ?? '';
  if (isIP(withoutZone(host)) !== 0) return succeed([endpointsAt(host, null, target)]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'late'>((done) => {
    timer = setTimeout(() => done('late'), deadlineMs);
  });
  try {
    const addresses = await Promise.race([resolve(host), late]);
    if (addresses === 'late') return fail('resolve.timeout', 'connectFailed', `The name ${host} could not be resolved within ${deadlineMs / 1000} s; check the network and its DNS servers.`);
    if (addresses.length === 0) return unknownHost(host);
    return succeed(addresses.map((address) => endpointsAt(address, host, target)));
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

function unknownHost(host: string): Outcome<readonly TargetEndpoints[]> {
  return fail('resolve.notFound', 'connectFailed', `There is no host ${host}; check its spelling, or use an IP address.`);
}

function withoutZone(host: string): string {
  return host.replace(/%.*$/, '');
}
