// Connection renewal: what the next attempt dials. Names are looked up anew, because a server that moved has another address, and with
// `--ticket-command` the ticket, or all of the connection, is a fresh one.

import { succeed, type Outcome } from './cli-problem.ts';
import type { ConnectionTarget } from './connection-target.ts';
import { applyProxy, PROXY_PASSWORD_VARIABLE, type ProxyOptions } from './proxy-source.ts';
import { resolveTarget, type TargetEndpoints } from './resolve-target.ts';
import type { ReconnectOptions, RenewRequest, SessionConnection } from './session-reconnect.ts';
import { createSourceIo } from './source-io.ts';
import { systemRoots } from './system-roots.ts';
import { askTicketCommand } from './ticket-command.ts';

/** Part of a wait by which it differs either way, so that the clients of a host that was restarted do not come as one. */
const jitter = 0.1;

export interface ReconnectWishes extends ProxyOptions {
  readonly reconnect: boolean;
  readonly retryInitial: boolean;
  readonly ticketCommand?: string | undefined;
  /** What was given on the command line goes before what a fresh connection file says. */
  readonly caFile?: string | undefined;
  readonly hostSubject?: string | undefined;
}

/** @param first what the first session dials */
export function reconnectOptions(wishes: ReconnectWishes, first: SessionConnection, holds: boolean): ReconnectOptions | null {
  if (!wishes.reconnect) return null;
  const { ticketCommand } = wishes;
  let present = first;
  const renew = async (request: RenewRequest): Promise<Outcome<SessionConnection>> => {
    const fresh = ticketCommand === undefined ? succeed(present) : await freshConnection(ticketCommand, request, wishes, first.target, present);
    if (!fresh.ok) return fresh;
    const endpoints = await endpointsOf(fresh.value.target);
    if (!endpoints.ok) return endpoints;
    present = { ...fresh.value, endpoints: endpoints.value };
    return succeed(present);
  };
  return { holds, retryInitial: wishes.retryInitial, jitter, renew, freshTickets: ticketCommand !== undefined };
}

/** What is trusted is the connection's business; the target keeps what the user said, for the sentences about it. */
export function endpointsOf(target: ConnectionTarget): Promise<Outcome<readonly TargetEndpoints[]>> {
  return resolveTarget({ ...target, caPem: target.caPem ?? (target.tlsPort === null ? null : systemRoots()) });
}

async function freshConnection(command: string, request: RenewRequest, wishes: ReconnectWishes, first: ConnectionTarget, present: SessionConnection): Promise<Outcome<SessionConnection>> {
  const asked = await askTicketCommand(command, request);
  if (!asked.ok) return asked;
  // Of a bare ticket nobody says when it ends.
  if (asked.value.kind === 'password') return succeed({ ...present, password: asked.value.password, target: { ...present.target, ticketValidUntilMs: null } });
  const { target } = asked.value;
  const overlaid = {
    ...target,
    caPem: wishes.caFile === undefined ? target.caPem : first.caPem,
    hostSubject: wishes.hostSubject === undefined ? target.hostSubject : first.hostSubject,
  };
  const proxied = await applyProxy({ target: overlaid, notes: [] }, wishes, process.env[PROXY_PASSWORD_VARIABLE], createSourceIo({ stdin: process.stdin }));
  return proxied.ok ? succeed({ ...present, target: proxied.value.target, password: target.password ?? present.password }) : proxied;
}
