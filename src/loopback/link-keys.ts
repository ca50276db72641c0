// Link keys: the RSA key with which clients encrypt their tickets. One pair serves a server's whole life, where the real server
// makes one for each connection: making it takes longer than a whole link, and a test server keeps no secrets.

import { constants, generateKeyPairSync, privateDecrypt, type KeyObject } from 'node:crypto';

/** The protocol's size: a 1024-bit key is 162 bytes of DER, and the link reply has room for exactly that. */
const modulusBits = 1024;

export interface LinkKeys {
  readonly publicKeyDer: Uint8Array;
  /** The ticket up to its NUL, or null when the bytes are not a ticket encrypted with this key. */
  decryptTicket(encrypted: Uint8Array): string | null;
}

export function createLinkKeys(): LinkKeys {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: modulusBits });
  return { publicKeyDer: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })), decryptTicket: (encrypted) => decrypt(privateKey, encrypted) };
}

function decrypt(key: KeyObject, encrypted: Uint8Array): string | null {
  try {
    const text = privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, encrypted).toString('utf8');
    const end = text.indexOf('\0');
    return end < 0 ? null : text.slice(0, end);
  } catch {
    return null; // the client's bytes are a claim; OpenSSL says that they are not one of ours
  }
}
