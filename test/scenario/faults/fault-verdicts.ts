// Which causes name which fault, as the corpus proves the verdict by it: the verdict sees reports and nothing else, and this list says which of its words
// would be right. A fault that cannot show in any report of this side is listed with the reason.
import type { CauseName } from '#app/capture/verdict/causes.js';
import type { Verdict } from '#app/capture/verdict.js';

const namedBy: Readonly<Record<string, readonly CauseName[]>> = {
  fin: ['closedByServer', 'closedWhileLinking'],
  rst: ['resetByPeer', 'resetWhileLinking'],
  halfOpen: ['peerVanished'],
  stopReading: ['serverDoesNotRead', 'connectivityCheck'],
  stopWriting: ['serverDoesNotWrite', 'linkTimedOut', 'wentSilent'],
  spin: ['channelStandsStill', 'mainStandsStill'],
  stopPings: ['pingsStopped', 'wentSilent'],
  garbage: ['notMessages', 'notSpice'],
  truncate: ['cutInsideMessage', 'linkCutShort'],
  oversize: ['oversizeMessage', 'linkReplyMalformed'],
  message: ['malformedMessage', 'unknownMessage', 'trailingBytes', 'brokenList', 'senselessMessage', 'waitInVain', 'migrationNotFollowed', 'controlCharacters'],
  split: ['tinyPieces'],
  delay: ['lateBytes', 'linkTimedOut'],
  refuse: ['ticketRefused', 'ticketNoLongerValid', 'tlsWanted', 'versionRefused', 'channelNotOffered', 'linkRefused'],
  duplicate: ['heldByServer'],
  ticket: ['ticketNoLongerValid'],
  idle: ['cutWhenIdle'],
  throw: ['actorThrew'],
  spinClient: ['actorLoops'],
  wait: ['actorWaits'],
  block: ['actorInSystemCall'],
  heap: ['actorOutOfMemory'],
  cut: ['resetByPeer'],
  slow: ['overloadedActor'],
  diskFull: ['diskFull'],
  diskSlow: ['diskSlow'],
  diskHang: ['diskHangs'],
};

/** Faults that this side cannot tell, by the entry's name. */
export const unseen: Readonly<Record<string, string>> = {
  'a server that reads nothing on inputs is not noticed as long as nothing is typed': "what this side sends is taken by the server's system, and nothing of it is ever answered: no fact of this side differs",
  'a connectivity check of 2 s is told from a lost server by its words alone': 'the check of the reference server comes every 30 s, and an end at another moment is named as what it looks like: the server closed main',
  'a proxy that cuts what is idle for 60 s cuts nothing: no channel is idle for so long': 'the fault never acts, because signs of life keep every channel from being idle: no fault found is the truth',
};

interface Named {
  /** `display/0:fin@1s`. */
  readonly fault: string;
  /** `closedByServer (certain)`; null = not named. */
  readonly by: string | null;
}

/** Which of an entry's faults the verdict names, and by what. */
export function namedFaults(faults: readonly string[], verdict: Verdict): readonly Named[] {
  return faults.map((fault) => {
    const { subject, kind } = faultParts(fault);
    const found = verdict.causes.find((cause) => subject.test(cause.subject) && namedBy[kind]?.includes(cause.cause) === true);
    return { fault, by: found === undefined ? null : `${found.cause} of ${found.subject} (${found.confidence})` };
  });
}

/** Causes of the verdict that name none of the faults. */
export function strangers(faults: readonly string[], verdict: Verdict): readonly string[] {
  return verdict.causes.filter(({ cause, subject }) => !faults.some((fault) => faultParts(fault).subject.test(subject) && namedBy[faultParts(fault).kind]?.includes(cause) === true)).map(({ cause, subject }) => `${cause} of ${subject}`);
}

function faultParts(fault: string): { readonly subject: RegExp; readonly kind: string } {
  const [, who = '', kind = ''] = /^([^:]+):([A-Za-z]+?)(?:[=@]|x(?:\d|all)|$)/.exec(fault) ?? [];
  // All channels at one moment are main, with which the others go.
  const subject = who === '*' ? /^main\/0$/ : new RegExp(`^${who.includes('/') ? who : `${who}(/0)?`}$`);
  return { subject, kind };
}
