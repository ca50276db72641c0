/**
 * What can go wrong between a target and a session, as a value: what the channel actors report, and what is known about the connection around it. Worded by
 * error-text.ts; decided upon by the reconnect policy.
 */
import type { SocketClose } from '../actors/kernel/host.ts';
import type { LinkError } from '../protocol/link-error.ts';
import type { ConnectionTarget } from './connection-target.ts';
import type { PasswordOrigin } from './password-source.ts';

export type ConnectionPhase = 'dialing' | 'linking' | 'authenticating' | 'linked';

export type ConnectionTrouble =
  /** The handshake came to a verdict. */
  | { readonly kind: 'link'; readonly error: LinkError }
  | { readonly kind: 'socket'; readonly phase: ConnectionPhase; readonly cause: SocketClose }
  | { readonly kind: 'deadline'; readonly phase: ConnectionPhase; readonly waitedMs: number }
  /** NEED_SECURED without a TLS port to go to, or NEED_UNSECURED without a plain one. */
  | { readonly kind: 'noEndpoint'; readonly wanted: 'plain' | 'secure' }
  /** The session was up and its main channel went; `serverReason` is the code of the server's own DISCONNECTING message, if one came. */
  | { readonly kind: 'mainLost'; readonly cause: SocketClose; readonly serverReason: number | null };

export interface TroubleContext {
  /** `main/0`, `display/0`, … */
  readonly channel: string;
  /** Whether it went over TLS. */
  readonly secure: boolean;
  readonly target: Pick<ConnectionTarget, 'label' | 'tlsPort' | 'caPem' | 'hostSubject' | 'singleUse' | 'ticketValidUntilMs' | 'unixPath'>;
  readonly passwordOrigin: PasswordOrigin;
  /** Unix seconds, to tell an expired ticket from a wrong one. */
  readonly nowSeconds: number;
}
