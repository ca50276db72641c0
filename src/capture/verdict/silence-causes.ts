// Silence causes: channels that live and say nothing: the server's PINGs that do not come any more, and a channel that the server serves no more, told by
// comparing with what comes on the others. Pure.

import type { ChannelFacts, ReportFacts } from '../report/report-facts.ts';
import { causeOf, inEvents, type Cause } from './causes.ts';
import { eventsOfKind, mainChannel, number, seconds } from './event-reading.ts';

/** Bytes so lately say that server and way live. */
const freshSecs = 30;
/** The server PINGs main and displays every 7 to 15 s while nothing else goes there, all others every 300 s. */
const pingSecs = 15;
const quietPingSecs = 300;
/** So many PINGs that did not come are no accident. */
const missedMin = 3;

export function silenceCauses(facts: ReportFacts): readonly Cause[] {
  const now = facts.uptimeSecs;
  const main = facts.channels.get(mainChannel);
  if (now === null || main === undefined || !facts.hasEvents) return [];
  return [...pingsStopped(main, now, facts), ...standingStill(main, now, facts), ...silentNow(facts)];
}

const isFresh = (channel: ChannelFacts, now: number): boolean => channel.lastRecvSecs !== null && now - channel.lastRecvSecs <= freshSecs;

/** Main is heard of, and not by PINGs. */
function pingsStopped(main: ChannelFacts, now: number, facts: ReportFacts): readonly Cause[] {
  const { lastPingSecs, lastRecvSecs, state } = main;
  const missedSecs = now - (lastPingSecs ?? main.linkedSecs ?? now);
  if (state !== 'linked' || !isFresh(main, now) || missedSecs < missedMin * pingSecs) return [];
  const pinged = [...facts.channels.values()].filter(({ id, lastPingSecs: at }) => id.startsWith('display/') && at !== null && now - at < missedMin * pingSecs);
  return [causeOf('pingsStopped', mainChannel, pinged.length > 0 ? 'certain' : 'likely', lastPingSecs, [
    inEvents(lastPingSecs, `the last PING of main came ${seconds(missedSecs)} before this report`),
    inEvents(lastRecvSecs, `other messages came on main until ${seconds(now - (lastRecvSecs ?? now))} before it`),
    ...pinged.map(({ id, lastPingSecs: at }) => inEvents(at, `${id} was sent PINGs meanwhile`)),
  ])];
}

/** Nothing of one channel for several of its PINGs, while main lives. */
function standingStill(main: ChannelFacts, now: number, facts: ReportFacts): readonly Cause[] {
  if (!isFresh(main, now)) return [];
  return [...facts.channels.values()].flatMap((channel) => {
    if (channel.id === mainChannel || channel.state !== 'linked') return [];
    const everySecs = channel.id.startsWith('display/') ? pingSecs : quietPingSecs;
    const since = Math.max(channel.lastRecvSecs ?? 0, channel.linkedSecs ?? 0);
    const silentSecs = now - since;
    // Main's own PINGs say that this server sends any.
    const mainPings = main.lastPingSecs !== null && now - main.lastPingSecs <= 2 * pingSecs;
    if (!mainPings || silentSecs < (missedMin + 0.2) * everySecs) return [];
    return [causeOf('channelStandsStill', channel.id, 'likely', since, [
      inEvents(since, `nothing has come on ${channel.id} for ${seconds(silentSecs)}, not even one of the PINGs that come every ${everySecs} s`),
      inEvents(main.lastPingSecs, 'main was sent PINGs meanwhile'),
    ])];
  });
}

/** Named by the session itself, and not heard of since. */
function silentNow(facts: ReportFacts): readonly Cause[] {
  return eventsOfKind(facts, 'channelSilent').flatMap((event) => {
    const isOver = facts.events.some(({ kind, subject, ts_secs: at }) => (kind === 'channelHeardAgain' || kind === 'connectionLost') && subject === event.subject && at >= event.ts_secs);
    if (isOver) return [];
    return [causeOf('wentSilent', event.subject, 'likely', event.ts_secs, [
      inEvents(event.ts_secs, `nothing had come on ${event.subject} for ${seconds((number(event, 'silent_ms') ?? 0) / 1000)}, where a PING came every ${seconds((number(event, 'usual_ms') ?? 0) / 1000)} before`),
    ])];
  });
}
