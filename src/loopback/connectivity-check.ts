// The look that spice-server takes at the main channel every 30 s (`start_connectivity_monitoring`): has a client that must do something
// done nothing since the last look? Pure; the shell closes the session when the answer is yes.

/** What can be seen of the channel at one moment. */
export interface Activity {
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Messages wait because the client does not read or does not acknowledge. */
  readonly blocked: boolean;
  readonly waitsForPong: boolean;
}

/** Blocked at the last look and not a byte either way since, or a PING unanswered at the last look and not a byte *received* since. */
export function isUnresponsive(last: Activity, now: Activity): boolean {
  if (last.waitsForPong && now.bytesIn === last.bytesIn) return true;
  return last.blocked && now.bytesIn === last.bytesIn && now.bytesOut === last.bytesOut;
}
