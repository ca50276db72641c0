/**
 * Says in words why a connection failed or ended: every link error code, every way a socket closes, every verdict of TLS becomes a problem with a stable code, an
 * exit code and one sentence for the cause plus the next step. It only words values; what happens next (retry, hold, exit) is policy and elsewhere.
 */
import type { SocketClose } from '../actors/kernel/host.ts';
import { LinkErrorCode, linkErrorName } from '../protocol/link-error.ts';
import type { LinkError } from '../protocol/link-error.ts';
import type { CliProblem } from './cli-problem.ts';
import type { ConnectionPhase, ConnectionTrouble, TroubleContext } from './connection-trouble.ts';
import type { ExitName } from './exit-codes.ts';
import { PASSWORD_VARIABLE } from './password-source.ts';
import type { PasswordOrigin } from './password-source.ts';
import { explainTls } from './tls-text.ts';

export function explainTrouble(trouble: ConnectionTrouble, context: TroubleContext): CliProblem {
  const problem = explain(trouble, context);
  return { ...problem, message: printable(problem.message) };
}

function explain(trouble: ConnectionTrouble, context: TroubleContext): CliProblem {
  switch (trouble.kind) {
    case 'link':
      return explainLink(trouble.error, context);
    case 'socket':
      return explainSocket(trouble.cause, trouble.phase, context);
    case 'deadline':
      return explainDeadline(trouble.phase, trouble.waitedMs, context);
    case 'noEndpoint':
      return trouble.wanted === 'secure' ? refusedWith(LinkErrorCode.needSecured, context) : refusedWith(LinkErrorCode.needUnsecured, context);
    case 'mainLost':
      return explainMainLost(trouble.cause, trouble.serverReason, context);
  }
}

function explainLink(error: LinkError, context: TroubleContext): CliProblem {
  const { label } = context.target;
  switch (error.kind) {
    case 'refused':
      return refusedWith(error.code, context);
    case 'notSpice':
      return context.secure
        ? linkProblem('notSpice', `${label} speaks TLS but not SPICE; check the TLS port.`)
        : linkProblem('notSpice', `What listens on ${label} does not speak SPICE on that port; check the port, and if it is the server's TLS port give it as such (HOST::TLS_PORT or spice+tls://).`);
    case 'version':
      return linkProblem('versionMismatch', `${label} speaks SPICE ${error.major}.${error.minor} and this client 2.2; use a server of SPICE 2.`);
    case 'malformed':
      return linkProblem('malformed', `${label} sent a link reply that makes no sense (${error.error.message}); please report it with a capture (--capture).`);
    case 'saslOnly':
      return problem('link.saslOnly', 'authFailed', `${label} accepts SASL logins only, which this client does not support; enable SPICE tickets on the server.`);
    case 'closedEarly':
      return closedEarly(error.phase === 'link' ? 'linking' : 'authenticating', context);
  }
}

/** The codes of protocol.md 2.6. */
function refusedWith(code: number, context: TroubleContext): CliProblem {
  const { channel } = context;
  const { label, tlsPort } = context.target;
  const name = linkErrorName(code);
  switch (name) {
    case 'permissionDenied':
      return permissionDenied(context);
    case 'needSecured':
      if (context.secure) return linkProblem(name, `${label} asks for TLS on ${channel} although TLS is on; the server or a proxy before it is misconfigured.`);
      return tlsPort === null
        ? linkProblem(name, `${label} wants TLS for ${channel} and no TLS port is known; give one: HOST:PORT:TLS_PORT, tls-port in the connection file, or spice+tls://.`)
        : linkProblem(name, `${label} wants TLS for ${channel} also after the change to its TLS port ${tlsPort}; check which ports the server was started with.`);
    case 'needUnsecured':
      return linkProblem(name, `${label} refuses TLS for ${channel}; give its plain port, or take the channel out of secure-channels.`);
    case 'invalidMagic':
      return linkProblem(name, `${label} did not take our first bytes for SPICE; something between changes them, or the port belongs to another service.`);
    case 'invalidData':
      return linkProblem(name, `${label} found our link message invalid; please report it with a capture (--capture).`);
    case 'versionMismatch':
      return linkProblem(name, `${label} does not accept SPICE 2.2, or wants a SASL login; use a server of SPICE 2 with tickets.`);
    case 'badConnectionId':
      return linkProblem(name, `${label} does not know the session of ${channel} any more: it was restarted, or another client took over; connect again.`);
    case 'channelNotAvailable':
      return linkProblem(name, `${label} does not offer ${channel}; leave it out with --channels or disable-channels.`);
    case 'error':
      return linkProblem(name, `${label} refused ${channel} without giving a reason; its own log says more.`);
    case 'ok':
    case null:
      return linkProblem(`code${code}`, `${label} refused ${channel} with the unknown code ${code}; its own log says more.`);
  }
}

function permissionDenied({ target, passwordOrigin, nowSeconds }: TroubleContext): CliProblem {
  const { label, ticketValidUntilMs, singleUse } = target;
  const denied = (code: string, message: string): CliProblem => problem(`link.${code}`, 'authFailed', message);
  if (ticketValidUntilMs !== null && ticketValidUntilMs <= nowSeconds * 1_000) {
    return denied('ticketExpired', `${label} refused the ticket, which ended at ${timeOf(ticketValidUntilMs / 1_000)}; request a new connection file.`);
  }
  if (passwordOrigin === 'none') {
    return denied('ticketMissing', `${label} wants a password and none was given; use --password-file, the variable ${PASSWORD_VARIABLE}, or a terminal to be asked on.`);
  }
  if (singleUse) return denied('ticketRefused', `${label} refused the ticket; it works only once and only for a short time, so request a new connection file.`);
  return denied('ticketRefused', `${label} refused the password ${ORIGIN_WORDS[passwordOrigin]}: it is wrong, or the server's ticket has expired or is not set.`);
}

const ORIGIN_WORDS: Readonly<Record<Exclude<PasswordOrigin, 'none'>, string>> = {
  passwordFile: 'from --password-file',
  environment: `from ${PASSWORD_VARIABLE}`,
  source: 'of the connection file or address',
  prompt: 'that was typed',
};

function explainSocket(cause: SocketClose, phase: ConnectionPhase, context: TroubleContext): CliProblem {
  const { label, unixPath } = context.target;
  const unreached = (message: string): CliProblem => problem(`socket.${cause.kind}`, 'connectFailed', message);
  switch (cause.kind) {
    case 'refused':
      return unreached(
        unixPath === null ? `Nothing listens on ${label}: the connection was refused; check the port and that the server runs.` : `Nothing listens on ${unixPath}: the socket is left over from a server that ended; start the server.`,
      );
    case 'unreachable':
      return unreached(
        unixPath === null ? `${label} cannot be reached from here (${cause.code ?? cause.message}); check the address, the network and its routes.` : `There is no socket ${unixPath}; check the path and that the server runs.`,
      );
    case 'timeout':
      return unreached(`${label} does not answer (${cause.code ?? cause.message}); check the address and that no firewall drops the packets.`);
    case 'fin':
      return closedEarly(phase, context);
    case 'rst':
      return unreached(`${label} reset the connection of ${context.channel} while ${PHASE_WORDS[phase]}; check the port${context.secure ? '' : ', whether it wants TLS'}, and the server's log.`);
    case 'tls':
    case 'tlsSubject':
      return explainTls(cause, context);
    case 'tlsTruncated':
      // spice-server never sends a close notify (seen with 0.15.1), so this is how it says no, more often than somebody cutting the line.
      return { ...closedEarly(phase, context), code: 'socket.tlsTruncated' };
    case 'local':
      return unreached(`The connection to ${label} was given up by this client while ${PHASE_WORDS[phase]}.`);
    case 'error':
      return unreached(`The connection to ${label} failed: ${cause.message}.`);
  }
}

const PHASE_WORDS: Readonly<Record<ConnectionPhase, string>> = {
  dialing: 'connecting',
  linking: 'linking',
  authenticating: 'authenticating',
  linked: 'in use',
};

function closedEarly(phase: ConnectionPhase, { target, channel, secure }: TroubleContext): CliProblem {
  const hint = phase === 'authenticating' ? 'the server may be restarting or hold another client; its log says more' : secure ? 'check that the TLS port is a SPICE server' : 'check the port, and whether it wants TLS';
  return problem('socket.fin', 'connectFailed', `${target.label} closed the connection of ${channel} while ${PHASE_WORDS[phase]}; ${hint}.`);
}

function explainDeadline(phase: ConnectionPhase, waitedMs: number, { target, secure }: TroubleContext): CliProblem {
  const waited = `within ${waitedMs / 1000} s`;
  const late = (message: string): CliProblem => problem(`deadline.${phase}`, 'connectFailed', message);
  switch (phase) {
    case 'dialing':
      return late(`${target.label} did not answer ${waited}; check the address and that no firewall drops the packets${secure ? ', and that the TLS port is one' : ''}.`);
    case 'linking':
      return late(`${target.label} accepted the connection and sent no SPICE link reply ${waited}; check the port${secure ? '' : ', and whether it wants TLS'}.`);
    case 'authenticating':
      return late(`${target.label} did not judge the ticket ${waited}; the server may be overloaded or stopped.`);
    case 'linked':
      return late(`${target.label} linked and then sent nothing ${waited}; the server may be overloaded or stopped.`);
  }
}

function explainMainLost(cause: SocketClose, serverReason: number | null, { target }: TroubleContext): CliProblem {
  const lost = (code: string, message: string): CliProblem => problem(`mainLost.${code}`, 'mainLost', message);
  const { label } = target;
  if (serverReason !== null) {
    return lost('serverDisconnected', `${label} ended the session, reason ${linkErrorName(serverReason) ?? serverReason}; the VM was shut down, or another client took over.`);
  }
  switch (cause.kind) {
    case 'fin':
    case 'tlsTruncated':
      return lost(cause.kind, `${label} closed the main channel; the VM was shut down, another client took over, or the server found us silent.`);
    case 'rst':
      return lost(cause.kind, `The main channel of ${label} was reset; the server ended abruptly, or something on the way forgot the connection.`);
    case 'timeout':
      return lost(cause.kind, `The main channel of ${label} went silent; the network between broke, or the server's host stopped.`);
    case 'local':
      return lost(cause.kind, `The main channel of ${label} was closed by this client.`);
    case 'refused':
    case 'unreachable':
    case 'tls':
    case 'tlsSubject':
    case 'error':
      return lost(cause.kind, `The main channel of ${label} was lost: ${cause.message}.`);
  }
}

function linkProblem(code: string, message: string): CliProblem {
  return problem(`link.${code}`, 'linkRefused', message);
}

function problem(code: string, exit: ExitName, message: string): CliProblem {
  return { code, exit, message };
}

function timeOf(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000);
  return Number.isNaN(date.getTime()) ? `second ${unixSeconds}` : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Subjects and system messages are the peer's words: nothing in them may act on a terminal or reverse the text. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' ');
}
