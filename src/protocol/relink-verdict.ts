// Re-link verdict: what it means for the session when one secondary channel could not be linked while main lives. Pure; restarts and
// their budgets are the supervisor's.

import type { LinkFailure } from './channel-link.ts';
import { LinkErrorCode, type LinkError } from './link-error.ts';

/** `again` = try as long as the budget lasts. `sessionLost` = the session has no future. `unavailable` = this channel has none, the session has. */
export type RelinkVerdict = 'again' | 'sessionLost' | 'unavailable';

/** Tries of a channel that has never been linked in this session. */
const firstLinksMax = 3;

/**
 * @param wasLinked the channel has been linked in this session before
 * @param tries links that were tried, this one included
 */
export function judgeLinkFailure(failure: LinkFailure, wasLinked: boolean, tries: number): RelinkVerdict {
  const verdict = judge(failure);
  if (wasLinked) return verdict;
  // A channel that never was is not worth the session that does without it.
  return verdict === 'again' && tries < firstLinksMax ? 'again' : 'unavailable';
}

function judge(failure: LinkFailure): RelinkVerdict {
  switch (failure.kind) {
    case 'connection':
      // A proxy that let main through and now does not would not let the others through, either: its tickets work once, or for a while.
      return failure.cause.kind === 'proxyAuth' || failure.cause.kind === 'proxyDenied' ? 'sessionLost' : 'again';
    case 'deadline':
      return 'again';
    case 'noEndpoint':
      return 'unavailable';
    case 'handshake':
      return judgeHandshake(failure.error);
  }
}

function judgeHandshake(error: LinkError): RelinkVerdict {
  switch (error.kind) {
    case 'refused':
      // The ticket was good for main and is no more, or the server does not know the session: all channels would hear the same.
      return error.code === LinkErrorCode.permissionDenied || error.code === LinkErrorCode.badConnectionId ? 'sessionLost' : 'unavailable';
    case 'malformed':
    case 'closedEarly':
      return 'again';
    case 'notSpice':
    case 'version':
    case 'saslOnly':
      return 'unavailable';
  }
}
