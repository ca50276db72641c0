// Why a link did not come about: the protocol's own codes by name, and what can go wrong before a code arrives. Values,
// not sentences: the edge makes those.

import type { WireError } from './wire/wire-error.ts';

/** Codes 2 to 6 come in the link reply, 7 to 9 in the link result. */
export const LinkErrorCode = {
  ok: 0,
  error: 1,
  invalidMagic: 2,
  invalidData: 3,
  versionMismatch: 4,
  needSecured: 5,
  needUnsecured: 6,
  permissionDenied: 7,
  badConnectionId: 8,
  channelNotAvailable: 9,
} as const;
export type LinkErrorName = keyof typeof LinkErrorCode;

const NAMES: ReadonlyMap<number, LinkErrorName> = new Map(
  // Object.entries widens the keys to string; they are the keys of LinkErrorCode.
  Object.entries(LinkErrorCode).map(([name, code]) => [code, name as LinkErrorName]),
);

/** The name of a code, null when the protocol does not define it. */
export function linkErrorName(code: number): LinkErrorName | null {
  return NAMES.get(code) ?? null;
}

/** Where in the handshake it happened. */
export type LinkPhase = 'link' | 'ticket' | 'result';

export type LinkError =
  /** The peer said no. */
  | { readonly kind: 'refused'; readonly code: number; readonly name: LinkErrorName | null; readonly phase: 'reply' | 'result' }
  /** The first bytes are not `REDQ`: some other protocol listens here. */
  | { readonly kind: 'notSpice'; readonly firstBytes: Uint8Array }
  | { readonly kind: 'version'; readonly major: number; readonly minor: number }
  | { readonly kind: 'malformed'; readonly error: WireError }
  /** The server takes SASL only. */
  | { readonly kind: 'saslOnly' }
  /** The peer closed the connection before the link result. */
  | { readonly kind: 'closedEarly'; readonly phase: LinkPhase };
