// Session commands: what a client of the control socket may ask of the session itself, on its way through the hub.

export type SessionCommand =
  | { readonly kind: 'disconnect' }
  /** A new session in place of the present one, or of waiting for one. */
  | { readonly kind: 'reconnect' };
