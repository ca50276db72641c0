// Real proxies from Debian packages, each on a free port of 127.0.0.1 with a log of what went through it: tinyproxy (HTTP CONNECT),
// stunnel before it (an HTTPS proxy), microsocks (SOCKS5).
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { start, type Running } from './run.ts';
import { scratchFolder } from './servers.ts';
import { until } from './still.ts';

export type RealProxyKind = 'http' | 'https' | 'socks5';

export interface RealProxy {
  readonly port: number;
  /** Connections that it made for clients, by its own log. */
  connections(): number;
  stop(): Promise<void>;
}

export interface RealProxyOptions {
  /** User name and password that clients must give. */
  readonly login?: readonly [username: string, password: string];
  /** The only port that may be connected to (tinyproxy). */
  readonly onlyPort?: number;
}

const START_MS = 10_000;
const PKI = new URL('../../support/pki/', import.meta.url).pathname;
/** The CA of the https proxy's certificate, which is for localhost and 127.0.0.1. */
export const PROXY_CA = join(PKI, 'ca.pem');

export async function startRealProxy(kind: RealProxyKind, options: RealProxyOptions = {}): Promise<RealProxy> {
  switch (kind) {
    case 'http':
      return tinyproxy(options);
    case 'https':
      return stunnelBefore(await tinyproxy(options));
    case 'socks5':
      return microsocks(options);
  }
}

async function tinyproxy({ login, onlyPort }: RealProxyOptions): Promise<RealProxy> {
  const folder = scratchFolder('tinyproxy');
  const [port, log, configuration] = [await freePort(), join(folder, 'log'), join(folder, 'tinyproxy.conf')];
  const lines = [`Port ${port}`, 'Listen 127.0.0.1', 'Timeout 600', 'MaxClients 50', `LogFile "${log}"`, 'LogLevel Connect'];
  if (login !== undefined) lines.push(`BasicAuth ${login.join(' ')}`);
  if (onlyPort !== undefined) lines.push(`ConnectPort ${onlyPort}`);
  writeFileSync(configuration, `${lines.join('\n')}\n`);
  return running(start('tinyproxy', ['-d', '-c', configuration], { timeoutMs: 300_000 }), port, log, /Established connection to host/g);
}

async function microsocks({ login }: RealProxyOptions): Promise<RealProxy> {
  const log = join(scratchFolder('microsocks'), 'log');
  const port = await freePort();
  const args = ['-i', '127.0.0.1', '-p', String(port), ...(login === undefined ? [] : ['-u', login[0], '-P', login[1]])];
  return running(start('sh', ['-c', 'exec microsocks "$@" 2>"$0"', log, ...args], { timeoutMs: 300_000 }), port, log, /connected to/g);
}

async function stunnelBefore(behind: RealProxy): Promise<RealProxy> {
  const folder = scratchFolder('stunnel');
  const [port, log, configuration, key] = [await freePort(), join(folder, 'log'), join(folder, 'stunnel.conf'), join(folder, 'server.key')];
  copyFileSync(join(PKI, 'server.key'), key);
  writeFileSync(configuration, ['foreground = yes', 'pid =', `output = ${log}`, '[proxy]', `accept = 127.0.0.1:${port}`, `connect = 127.0.0.1:${behind.port}`, `cert = ${join(PKI, 'server.pem')}`, `key = ${key}`, ''].join('\n'));
  const front = await running(start('stunnel4', [configuration], { timeoutMs: 300_000 }), port, log, /accepted connection/g);
  return {
    port,
    connections: () => behind.connections(),
    stop: async () => {
      await front.stop();
      await behind.stop();
    },
  };
}

async function running(program: Running, port: number, log: string, connected: RegExp): Promise<RealProxy> {
  const read = (): string => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  const ended = program.finished.then(({ code, stderr }) => {
    throw new Error(`the proxy ended with ${code}: ${stderr}\n${read()}`);
  });
  // Whoever stops it waits for its end by itself.
  ended.catch(() => undefined);
  await Promise.race([until(`a proxy on port ${port}`, START_MS, async () => ((await accepts(port)) ? true : null)), ended]);
  return {
    port,
    connections: () => [...read().matchAll(connected)].length,
    stop: async () => {
      program.signal('SIGTERM');
      await program.finished;
    },
  };
}

export async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve));
  // A TCP listener's address is always of this form.
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => void listener.close(resolve));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
