/**
 * Says in words why TLS did not come about or broke off: the part of error-text.ts that knows OpenSSL's codes. It words the verdict; the verdict itself is
 * node-tls.ts and OpenSSL.
 */
import type { SocketClose } from '../actors/kernel/host.ts';
import type { CliProblem } from './cli-problem.ts';
import type { TroubleContext } from './connection-trouble.ts';

type Verdict = 'untrusted' | 'expired' | 'notYetValid' | 'hostMismatch' | 'notTls' | 'tooOld' | 'weakKey' | 'noCommonCipher' | 'handshakeClosed';

const VERDICT_BY_CODE: ReadonlyMap<string, Verdict> = new Map([
  ['SELF_SIGNED_CERT_IN_CHAIN', 'untrusted'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'untrusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'untrusted'],
  ['CERT_UNTRUSTED', 'untrusted'],
  ['CERT_SIGNATURE_FAILURE', 'untrusted'],
  ['INVALID_CA', 'untrusted'],
  ['CERT_HAS_EXPIRED', 'expired'],
  ['CERT_NOT_YET_VALID', 'notYetValid'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'hostMismatch'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'notTls'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'notTls'],
  ['ERR_SSL_UNEXPECTED_MESSAGE', 'notTls'],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'tooOld'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tooOld'],
  ['ERR_SSL_EE_KEY_TOO_SMALL', 'weakKey'],
  ['EE_KEY_TOO_SMALL', 'weakKey'],
  ['CA_KEY_TOO_SMALL', 'weakKey'],
  ['CA_MD_TOO_WEAK', 'weakKey'],
  ['ERR_SSL_DH_KEY_TOO_SMALL', 'weakKey'],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'noCommonCipher'],
  ['ERR_SSL_NO_CIPHERS_AVAILABLE', 'noCommonCipher'],
  ['TLS_HANDSHAKE_CLOSED', 'handshakeClosed'],
]);

/** What OpenSSL's code comes to; null for one without words of its own. */
export function tlsVerdict(cause: SocketClose): Verdict | null {
  return VERDICT_BY_CODE.get(cause.code ?? '') ?? null;
}

export function explainTls(cause: SocketClose, context: TroubleContext): CliProblem {
  const { label, caPem } = context.target;
  const say = (code: string, message: string): CliProblem => ({ code: `tls.${code}`, exit: 'tlsFailed', message });
  if (cause.kind === 'tlsSubject') {
    return say('subjectMismatch', `The certificate of ${label} is signed by the right CA but has another subject: ${cause.message}; if the server is the right one, correct host-subject (its entries and their order count).`);
  }
  const verdict = tlsVerdict(cause);
  switch (verdict) {
    case 'untrusted':
      return caPem === null
        ? say(verdict, `The certificate of ${label} is not signed by a public CA (${cause.code}); give the server's own CA with --ca-file.`)
        : say(verdict, `The certificate of ${label} is not signed by the given CA (${cause.code}); the CA is not this server's, or somebody else answers in its place.`);
    case 'expired':
      return say(verdict, `The certificate of ${label}, or its CA, has expired; renew it on the server, or check this machine's clock.`);
    case 'notYetValid':
      return say(verdict, `The certificate of ${label}, or its CA, is not valid yet; check the clocks of both machines.`);
    case 'hostMismatch':
      return say(verdict, `The certificate of ${label} is for another host (${cause.message}); connect by a name that is in it, or name its subject with --host-subject.`);
    case 'notTls':
      return say(verdict, `${label} does not speak TLS on its TLS port (${cause.code}); check the port: the plain port goes first, HOST:PORT:TLS_PORT.`);
    case 'tooOld':
      return say(verdict, `${label} offers only TLS older than 1.2 (${cause.code}), which is not accepted; update the server.`);
    case 'weakKey':
      return say(verdict, `The certificate of ${label} uses a key or signature that OpenSSL finds too weak (${cause.code}); make a new one of at least RSA 2048 and SHA-256.`);
    case 'noCommonCipher':
      return say(verdict, `${label} and this client have no TLS cipher in common (${cause.code}); check tls-ciphers on the server.`);
    case 'handshakeClosed':
      return say(verdict, `${label} closed the connection in the middle of the TLS handshake; check that its TLS port is one.`);
    case null:
      return say('failed', `TLS with ${label} failed: ${cause.message}${cause.code === null ? '' : ` (${cause.code})`}.`);
  }
}
