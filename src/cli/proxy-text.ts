/**
 * Says in words why a proxy did not let a connection through: the part of error-text.ts that is about what lies between. The server itself was not heard in any
 * of these cases.
 */
import type { ProxyCloseKind, SocketClose } from '../actors/kernel/host.ts';
import type { CliProblem } from './cli-problem.ts';
import type { TroubleContext } from './connection-trouble.ts';
import type { ExitName } from './exit-codes.ts';
import { proxyLabel } from './proxy-setting.ts';
import { PROXY_PASSWORD_VARIABLE } from './proxy-source.ts';
import { tlsVerdict } from './tls-text.ts';

const CODE_PREFIX = 'proxy.';

/** Its credentials are not the ticket: asking for that would not help. */
export function isOfProxy({ code }: CliProblem): boolean {
  return code.startsWith(CODE_PREFIX);
}

export function explainProxy(kind: ProxyCloseKind, cause: SocketClose, { target }: TroubleContext): CliProblem {
  const { label, proxy } = target;
  const name = proxy === null ? 'the proxy' : proxyLabel(proxy);
  const say = (code: string, exit: ExitName, message: string): CliProblem => ({ code: `${CODE_PREFIX}${code}`, exit, message: `${message.charAt(0).toUpperCase()}${message.slice(1)}` });
  switch (kind) {
    case 'proxyUnreached':
      return say('unreached', 'connectFailed', `${name} cannot be reached (${cause.code ?? cause.message}), so ${label} was not tried; check the proxy's address and port, or go without it: --proxy none.`);
    case 'proxyTls':
      return say('tls', 'tlsFailed', `TLS with ${name} failed: ${tlsAdvice(cause)}`);
    case 'proxyAuth':
      return proxy?.username === null || proxy === null
        ? say('credentialsMissing', 'authFailed', `${name} wants credentials and none were given (${cause.message}); give them as --proxy ${proxy?.kind ?? 'http'}://USER@HOST:PORT with the password in ${PROXY_PASSWORD_VARIABLE} or --proxy-password-file.`)
        : say('credentialsRefused', 'authFailed', `${name} refused the credentials of ${JSON.stringify(proxy.username)}: ${cause.message}; check user name and password.`);
    case 'proxyDenied':
      return say('denied', 'connectFailed', `${name} does not let connections through to ${label} (${cause.message}); a connection file of a portal may have expired, so request a new one, or have the proxy's rules changed.`);
    case 'proxyFailed':
      return say('failed', 'connectFailed', `${name} was reached and ${label} was not: ${cause.message}; check the server's address and port as the proxy sees them, and that the server runs.`);
    case 'proxyProtocol':
      return say('protocol', 'connectFailed', `${name} did not answer as one: ${cause.message}; check its port, and whether it is an http, https or socks5 proxy.`);
  }
}

function tlsAdvice(cause: SocketClose): string {
  const code = cause.code ?? cause.message;
  switch (tlsVerdict(cause)) {
    case 'untrusted':
      return `its certificate is signed neither by a CA of this system nor by the given one (${code}); give its CA with --ca-file, together with the server's.`;
    case 'hostMismatch':
      return `its certificate is for another host (${cause.message}); name the proxy as its certificate does.`;
    case 'expired':
    case 'notYetValid':
      return `its certificate is not valid now (${code}); have it renewed, or check this machine's clock.`;
    case 'notTls':
    case 'handshakeClosed':
      return `it does not speak TLS on this port (${code}); perhaps it is an http proxy: --proxy http://HOST:PORT.`;
    case 'tooOld':
    case 'weakKey':
    case 'noCommonCipher':
      return `it offers nothing that is accepted here (${code}); it has to be updated, to TLS 1.2 and keys of RSA 2048 at least.`;
    case null:
      return `${cause.message}${cause.code === null ? '' : ` (${cause.code})`}.`;
  }
}
