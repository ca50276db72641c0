// Causes: the closed list of what a verdict can name, each with what it means and what to try. A name is stable: programs and tables know causes by it.
// Which facts lead to which cause is in the files beside this one, one family each.

export interface CauseWords {
  readonly family: CauseFamily;
  /** Follows the subject: `display/0: the server closed …`. */
  readonly what: string;
  readonly tries: readonly string[];
}

export type CauseFamily = 'link' | 'loss' | 'silence' | 'bytes' | 'pace' | 'actor' | 'mailbox' | 'disk' | 'host';

const reportIt = 'Report it with this file: this is a mistake of this program.';
const serverLog = "Look at the server's own log at that moment (QEMU, libvirt, Xspice).";
const between = 'Look at what lies between: a proxy, a firewall, a NAT or a load balancer on the way.';
const reportServer = 'Report it to whoever makes the server, with this file; the session goes on without what was in the message.';

export const causes = {
  ticketRefused: { family: 'link', what: 'the server refused the ticket', tries: ['Check the password (RYLL_PASSWORD, the password file, the connection file), and whether the server has a ticket set and it has not expired.'] },
  ticketNoLongerValid: { family: 'link', what: 'the ticket was good at first and is refused now: it has expired, or works only once', tries: ['Get a fresh ticket from whoever issued it; with --ticket-command that is done for every new link.'] },
  tlsWanted: { family: 'link', what: 'the server wants TLS for this channel and no TLS port is known', tries: ['Give the TLS port (--tls-port, tls-port in the connection file).'] },
  plainWanted: { family: 'link', what: 'the server refuses TLS for this channel and no plain port is known', tries: ['Give the plain port (the address, port in the connection file).'] },
  versionRefused: { family: 'link', what: 'client and server do not speak the same version of SPICE', tries: ['Update the older of the two.'] },
  channelNotOffered: { family: 'link', what: 'the server does not have this channel, although it listed it', tries: ['Nothing is lost with a device that was unplugged meanwhile; otherwise look at how the VM is configured.', serverLog] },
  sessionUnknown: { family: 'link', what: 'the server does not know the session any more', tries: ['Connect again: the server was started anew, or ended the session.', serverLog] },
  linkRefused: { family: 'link', what: 'the server refused the link', tries: [serverLog] },
  saslWanted: { family: 'link', what: 'the server takes SASL logins only', tries: ['Configure the server to accept SPICE tickets.'] },
  notSpice: { family: 'link', what: 'what answers is no SPICE server', tries: ['Check host and port.', between] },
  linkReplyMalformed: { family: 'link', what: "the server's answer to the link makes no sense", tries: ['Check host and port; if both are right, report it to whoever makes the server.'] },
  linkCutShort: { family: 'link', what: "the connection was closed in the middle of the server's answer to the link", tries: [serverLog, between] },
  closedWhileLinking: { family: 'link', what: 'the connection was closed before the link was made', tries: [serverLog, between] },
  resetWhileLinking: { family: 'link', what: 'the connection was reset before the link was made', tries: [serverLog, between] },
  linkTimedOut: { family: 'link', what: 'the connection stands, but no answer to the link came in time', tries: ["The server's host may be overloaded or stopped; try again.", between] },
  serverUnreachable: { family: 'link', what: 'no connection could be made', tries: ['Check host and port, and that the VM runs.', between] },
  tlsFailed: { family: 'link', what: 'TLS did not come about', tries: ['Check the CA file and the host subject.'] },
  proxyRefused: { family: 'link', what: 'the proxy did not let the connection through', tries: ['Check the proxy and its password.'] },

  closedByServer: { family: 'loss', what: 'the server closed the connection in order', tries: [serverLog, 'For main that is a VM that was shut down, another client that took over, or a client that the server found silent.'] },
  connectivityCheck: { family: 'loss', what: "the server's connectivity check ended the session: it did not hear this client's answers", tries: ['Look for "rcc has been unresponsive" in the server\'s log.', 'The answers were sent: look at what lies between, and at how busy the server is.'] },
  resetByPeer: { family: 'loss', what: 'the connection was reset: the server ended abruptly, or something on the way forgot the connection', tries: [serverLog, between] },
  peerVanished: { family: 'loss', what: 'the other side vanished without a word: nothing answers on this connection any more', tries: [between, 'A host that was suspended, moved or cut off looks like this.'] },
  mainStandsStill: { family: 'loss', what: "the server ended the session for main's silence and could not close main itself: its main channel stands still", tries: [serverLog, "The server's main thread may hang: look at the QEMU process."] },
  cutWhenIdle: { family: 'loss', what: 'something cuts the connection each time it has been idle for the same time', tries: ['Raise the idle limit of the proxy or firewall on the way.', 'Use a lower --keepalive-after, so that the channel is never idle for so long.'] },
  heldByServer: { family: 'loss', what: 'the server still holds the old link of this channel and closes every new one at once', tries: ['Wait: the server lets go when it notices that the old link is dead.', serverLog] },
  serverDoesNotRead: { family: 'loss', what: 'the server stopped reading: it waited for acknowledgements that had been sent, and closed the channel', tries: [serverLog, between] },
  serverDoesNotWrite: { family: 'loss', what: 'the server stopped sending in the middle of its stream, and closed the channel later', tries: [serverLog, between] },
  connectionFailed: { family: 'loss', what: 'the system ended the connection', tries: ["Look at the system's own words in the evidence."] },

  wentSilent: { family: 'silence', what: 'nothing came from the server any more, not even PINGs, although the connection stood', tries: [between, "The server's host may have stopped: look at it."] },
  pingsStopped: { family: 'silence', what: 'the server sends no PINGs any more, while all else goes on', tries: ['Nothing to do here: the session lives. If it is lost later, the server could not tell a dead client from a quiet one.'] },
  channelStandsStill: { family: 'silence', what: 'the server does nothing on this channel any more, while it is alive on others', tries: [serverLog, 'Reconnect to have it back.'] },
  clientDidNotAnswer: { family: 'silence', what: 'PINGs came and were not answered: this client was held up', tries: ['A suspended or throttled client (App Nap, a stopped process, a full processor) looks like this.', reportIt] },
  serverStoppedPinging: { family: 'silence', what: 'nothing came on main for longer than the server lets pass between two PINGs', tries: [between, serverLog] },
  mainWedged: { family: 'silence', what: 'main stopped before the other channels did and answered nothing until the server ended the session', tries: ['An abandoned mailbox behind main looks like this: update the client that made this report.', reportIt] },

  notMessages: { family: 'bytes', what: 'what came was no SPICE message', tries: [between, 'Text of a proxy or web server in the stream looks like this.'] },
  oversizeMessage: { family: 'bytes', what: 'a header promised more than any message may have', tries: [reportServer] },
  cutInsideMessage: { family: 'bytes', what: 'the connection ended in the middle of a message', tries: [serverLog, 'A server that died while it wrote looks like this.'] },
  malformedMessage: { family: 'bytes', what: 'the server sent a message that is not as its type has to be', tries: [reportServer] },
  unknownMessage: { family: 'bytes', what: 'the server sent a message of a type that SPICE does not have', tries: ['A newer server, or one with an extension, looks like this; update this program.', reportServer] },
  trailingBytes: { family: 'bytes', what: 'the server sent a message with more fields than are known', tries: ['A newer server looks like this: nothing is lost.'] },
  brokenList: { family: 'bytes', what: 'the server sent a list of messages that does not hold together', tries: [reportServer] },
  senselessMessage: { family: 'bytes', what: 'the server sent a message that is well formed and makes no sense at that point', tries: [reportServer] },
  waitInVain: { family: 'bytes', what: 'the server made this channel wait for a message of another that never came', tries: ['The picture may be wrong in places until it is drawn anew.', reportServer] },
  undecodableImage: { family: 'bytes', what: 'the server sent an image that could not be decoded', tries: [reportServer] },
  migrationNotFollowed: { family: 'bytes', what: 'the server is migrating the guest, which this client does not follow', tries: ['Connect to the new host when the migration is over.'] },
  controlCharacters: { family: 'bytes', what: 'the server sent a notice with control characters, which could have fooled a terminal', tries: ['They were shown as what they are. Find out who can write notices on that server.'] },

  tinyPieces: { family: 'pace', what: 'bytes come in much smaller pieces than they were sent', tries: [between] },
  lateBytes: { family: 'pace', what: 'what the server sends comes late on this channel', tries: [between, "Compare with the other channels: a slow link makes all of them late, a busy server's thread one."] },
  overloadedActor: { family: 'pace', what: 'this channel\'s actor cannot keep up: PINGs are read later and later', tries: ['Look at the processor time of its thread in runtime-metrics.json.', 'Give the machine more processors, or the guest a smaller screen.'] },

  actorLoops: { family: 'actor', what: 'its actor ran for ever in one place and was ended', tries: [reportIt] },
  actorWaits: { family: 'actor', what: 'its actor waited for something that never came and was ended', tries: [reportIt] },
  actorInSystemCall: { family: 'actor', what: 'its actor was inside a system call that did not return', tries: ['A disk, a terminal or a pipe that hangs looks like this.', reportIt] },
  actorFroze: { family: 'actor', what: 'its actor made no progress with work waiting', tries: [reportIt] },
  actorThrew: { family: 'actor', what: 'its actor failed with an error', tries: [reportIt] },
  actorOutOfMemory: { family: 'actor', what: 'its actor used up its heap', tries: [reportIt] },
  actorNotStarted: { family: 'actor', what: 'its actor did not come up in its time', tries: ['A machine that is very busy looks like this: look at what else runs on it.', reportIt] },
  actorKilled: { family: 'actor', what: 'its actor was ended from outside, or did not stop in its time', tries: [reportIt] },
  mainThreadBlocked: { family: 'actor', what: 'the main thread did nothing for seconds', tries: [reportIt] },

  abandonedMailbox: { family: 'mailbox', what: 'its mailbox is full and nobody reads it', tries: [reportIt] },
  newsDropped: { family: 'mailbox', what: 'news of channels found no room and were dropped', tries: ['The main thread was too busy: look at mainThreadBlocked, and at the processor time of the process.'] },

  diskFull: { family: 'disk', what: 'the disk under the capture is full', tries: ['Make room: what the ring still holds is written then. What is missing is counted in metadata.json of the capture.'] },
  diskRefuses: { family: 'disk', what: 'the capture cannot be written', tries: ['Check that the folder exists, is writable, and is not on a disk that was removed.'] },
  diskSlow: { family: 'disk', what: 'writes to the disk under the capture take very long', tries: ['Capture to a faster disk. The session itself does not wait for it.'] },
  diskHangs: { family: 'disk', what: 'a write to the disk under the capture does not return', tries: ['A network disk that is gone looks like this: look at its server.'] },
  captureBehind: { family: 'disk', what: 'the disk fell so far behind that messages are missing from the capture', tries: ['Capture to a faster disk, or with a larger ring (RYLL_TRAFFIC_CAP_MB).'] },
  outputUnread: { family: 'disk', what: 'nobody reads its output', tries: ['A terminal that is stopped (Ctrl+S) or a pipe whose reader stands still looks like this.'] },

  machineSuspended: { family: 'host', what: 'nothing ran for a while: the machine was suspended, or very busy', tries: ['Nothing to do if it was suspended. Otherwise look at what else runs on it.'] },
} as const satisfies Readonly<Record<string, CauseWords>>;

export type CauseName = keyof typeof causes;

/** `certain`: the facts allow nothing else. `likely`: something else is possible, and rarer. `possible`: one of several. */
export type Confidence = 'certain' | 'likely' | 'possible';

/** One fact that led to a cause, and the member of the report that says it. */
export interface Evidence {
  readonly member: string;
  readonly at_secs: number | null;
  readonly fact: string;
}

export interface Cause {
  readonly cause: CauseName;
  /** The channel, actor or other that it is about. */
  readonly subject: string;
  readonly confidence: Confidence;
  /** When it showed first, in seconds since the session began; null = not told. */
  readonly at_secs: number | null;
  readonly evidence: readonly Evidence[];
}

export const inEvents = (at: number | null, fact: string): Evidence => ({ member: 'events.json', at_secs: at, fact });

export function causeOf(cause: CauseName, subject: string, confidence: Confidence, at: number | null, evidence: readonly Evidence[]): Cause {
  return { cause, subject, confidence, at_secs: at, evidence };
}
