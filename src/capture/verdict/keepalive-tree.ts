// Keepalive tree: the decision tree of the ancestor's triage ("Block B") over what `disconnect-cause.json` says: whether main's own silence timeout fired, when
// main was last heard of, how its PINGs were answered. It needs no events, so it judges the ancestor's reports as well as ours. Pure.

import type { ChannelFacts, ReportFacts } from '../report/report-facts.ts';
import { causeOf, type Cause, type CauseName, type Confidence } from './causes.ts';
import { mainChannel, seconds } from './event-reading.ts';

/** Longer than a server lets pass without a word when it is well. */
const gapSecs = 30;
/** An answer this late was held up on this side. */
const lateAnswerSecs = 30;
/** A PING that came this shortly before the end was not answered for want of time, or was answered into nothing. */
const justBeforeSecs = 0.5;

/** Only where there are no events, which say more. */
export function keepaliveCauses(facts: ReportFacts): readonly Cause[] {
  const { disconnect, uptimeSecs: now } = facts;
  const main = facts.channels.get(mainChannel);
  if (disconnect === null || main === undefined || now === null || facts.hasEvents) return [];
  return [judge(main, now, facts)];
}

function judge(main: ChannelFacts, now: number, facts: ReportFacts): Cause {
  const silentSecs = now - (main.lastRecvSecs ?? 0);
  const fired = main.keepaliveTimeoutFired === true;
  const unanswered = (main.pings ?? 0) - (main.pongs ?? 0);
  const answeredLate = main.lastPingSecs !== null && main.lastSendSecs !== null && main.lastSendSecs - main.lastPingSecs > lateAnswerSecs;
  const decided = (name: CauseName, subject: string, confidence: Confidence, row: number, fact: string): Cause => causeOf(name, subject, confidence, main.lastRecvSecs, [
    { member: 'disconnect-cause.json', at_secs: now, fact: `${facts.disconnect?.channel ?? 'a channel'} was lost: ${facts.disconnect?.message ?? ''}` },
    { member: 'disconnect-cause.json', at_secs: main.lastRecvSecs, fact: `main was last heard of ${seconds(silentSecs)} before; its silence timeout ${fired ? 'had' : 'had not'} fired` },
    { member: 'disconnect-cause.json', at_secs: main.lastPingSecs, fact: `${main.pings ?? 0} PINGs came on main, ${main.pongs ?? 0} were answered` },
    { member: 'disconnect-cause.json', at_secs: null, fact: `row ${row} of the tree: ${fact}` },
  ]);
  if (fired && main.lastPingSecs !== null && now - main.lastPingSecs <= justBeforeSecs) return decided('clientDidNotAnswer', mainChannel, 'likely', 4, 'a PING came just before, and its answer never left');
  if (fired && (unanswered > 0 || answeredLate)) return decided('clientDidNotAnswer', mainChannel, 'likely', 2, 'PINGs came, and answers were held up on this side');
  if (fired || (silentSecs >= gapSecs && !othersWereHeard(main, facts))) return decided('serverStoppedPinging', mainChannel, fired ? 'likely' : 'possible', 1, 'no PING came any more: the server stopped, or the way was lost');
  if (silentSecs >= gapSecs) return decided('mainWedged', mainChannel, 'likely', 2, `main stopped while others went on, and the server ended the session for it: ${heardLater(main, facts).join(', ')} were heard of later`);
  const lost = facts.disconnect?.channel ?? mainChannel;
  return decided('closedByServer', lost, 'likely', 3, 'all was well until the server, or something between, closed it');
}

const heardLater = (main: ChannelFacts, facts: ReportFacts): string[] => [...facts.channels.values()].filter(({ id, lastRecvSecs }) => id !== mainChannel && (lastRecvSecs ?? 0) > (main.lastRecvSecs ?? 0) + 1).map(({ id }) => id);
const othersWereHeard = (main: ChannelFacts, facts: ReportFacts): boolean => heardLater(main, facts).length > 0;
