// The roots that this system trusts, for servers whose CA nobody named. Node 20 brings its own list and cannot read the system's,
// where a company's own CA is installed; so the usual bundle is read here, once, on the main thread.

import { readFileSync, statSync } from 'node:fs';
import { rootCertificates } from 'node:tls';

/** Where systems keep their bundle: Debian, Fedora, openSUSE, Alpine and the BSDs. */
const bundlePaths = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/ssl/cert.pem'];

/** A bundle is some 220 KB; one that is larger than this is not one. */
const bundleBytesMax = 8 * 1024 * 1024;

/**
 * The system's bundle as PEM text, or null where there is none: then Node's built-in roots hold. `SSL_CERT_FILE` names another
 * bundle, as it does for OpenSSL.
 */
export function systemRoots(environment: NodeJS.ProcessEnv = process.env): string | null {
  const named = environment['SSL_CERT_FILE'];
  const paths = named === undefined || named === '' ? bundlePaths : [named];
  for (const path of paths) {
    try {
      if (statSync(path).size > bundleBytesMax) continue;
      const pem = readFileSync(path, 'latin1');
      if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
    } catch {
      continue; // not there or not for us to read: the next one
    }
  }
  return null;
}

/** The system's roots and these: for a peer that may have its certificate from either. Null where only Node's built-in roots are wanted. */
export function withSystemRoots(caPem: string | null, environment?: NodeJS.ProcessEnv): string | null {
  const roots = systemRoots(environment);
  if (caPem === null || caPem === roots) return roots;
  return `${caPem}\n${roots ?? rootCertificates.join('\n')}`;
}
