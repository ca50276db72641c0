// Admission: whether one more connection to the control socket becomes a client. Who does not is told why in one line, and those who are
// connected never notice.

import { refusal, replyLine } from './request.ts';

/** Clients at a time, all of the same user as the socket is theirs alone. */
export const clientsMax = 32;

/** Null when the client is welcome, otherwise the only line that it is given. It has no id: nothing was asked. */
export function refuseClient(connected: number, singleClient: boolean): string | null {
  if (singleClient && connected > 0) return replyLine(null, refusal('busy', 'another client is connected'));
  return connected >= clientsMax ? replyLine(null, refusal('busy', `${clientsMax} clients are connected, which is all that are served`)) : null;
}
