/**
 * Which proxy a connection goes through in the end: `--proxy` or the connection file's, with its password from where nobody else can read it. It opens no
 * connection; what the text of a proxy means is proxy-setting.ts.
 */
import { fail, succeed } from './cli-problem.ts';
import type { Outcome } from './cli-problem.ts';
import type { ConnectionSource } from './connection-source.ts';
import { readSecretFile } from './password-source.ts';
import { parseProxyUri, proxyCredentialProblem } from './proxy-setting.ts';
import type { ProxySetting } from './proxy-setting.ts';
import type { SourceIo } from './source-io.ts';

export const PROXY_PASSWORD_VARIABLE = 'RYLL_PROXY_PASSWORD';

/** What `--proxy` takes to go without the connection file's proxy. */
const NO_PROXY = 'none';

export interface ProxyOptions {
  /** A proxy, or `none`; absent = the connection file's. */
  readonly proxy?: string | undefined;
  readonly proxyPasswordFile?: string | undefined;
}

/** @param environment the value of RYLL_PROXY_PASSWORD; an empty one counts as not set */
export async function applyProxy(source: ConnectionSource, options: ProxyOptions, environment: string | undefined, io: Pick<SourceIo, 'readFile'>): Promise<Outcome<ConnectionSource>> {
  const { target } = source;
  const notes = [...source.notes];
  let proxy = target.proxy;
  if (options.proxy !== undefined) {
    const given = options.proxy === NO_PROXY ? null : parseProxyUri(options.proxy);
    // The text is not repeated: it may hold the password.
    if (typeof given === 'string') return fail('proxy.malformed', 'usage', `--proxy cannot be used: ${given}.`);
    if (given?.password !== null && given !== null) notes.push(`the proxy's password stands on the command line, where every user of this machine can read it; use ${PROXY_PASSWORD_VARIABLE} or --proxy-password-file`);
    proxy = given;
  }
  if (proxy === null) {
    return options.proxyPasswordFile === undefined ? succeed({ target: { ...target, proxy }, notes }) : fail('proxy.missing', 'usage', '--proxy-password-file was given and there is no proxy; name it with --proxy.');
  }
  if (target.unixPath !== null) return fail('proxy.unix', 'usage', 'A unix socket is on this machine and cannot be reached through a proxy; leave the proxy out with --proxy none.');
  const complete = await withPassword(proxy, options.proxyPasswordFile, environment, io);
  return complete.ok ? succeed({ target: { ...target, proxy: complete.value }, notes }) : complete;
}

async function withPassword(proxy: ProxySetting, file: string | undefined, environment: string | undefined, io: Pick<SourceIo, 'readFile'>): Promise<Outcome<ProxySetting>> {
  const { username } = proxy;
  if (username === null) {
    // The variable may be there for other proxies; a file was named for this one.
    return file === undefined ? succeed(proxy) : fail('proxy.userMissing', 'usage', 'A password for the proxy was given and no user name; write it as --proxy http://USER@HOST:PORT.');
  }
  const read = file === undefined ? null : await readSecretFile(file, 'proxy password file', io);
  if (read?.ok === false) return read;
  const password = read?.value ?? (environment === undefined || environment === '' ? proxy.password : environment);
  const fault = password === null ? null : proxyCredentialProblem(password);
  if (fault !== null) return fail('proxy.passwordInvalid', 'sourceInvalid', `The password for the proxy cannot be used: ${fault}.`);
  // RFC 1929 has no empty password; HTTP has.
  if (proxy.kind === 'socks5' && password === null) return fail('proxy.passwordMissing', 'usage', `A SOCKS5 proxy takes a user name only with a password; give it in ${PROXY_PASSWORD_VARIABLE} or with --proxy-password-file.`);
  return succeed({ ...proxy, password });
}
