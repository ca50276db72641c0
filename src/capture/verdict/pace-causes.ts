// Pace causes: bytes that come, and not as they should: in tiny pieces, late, or later and later because this side does not come to read. Pure.

import type { ChannelFacts, ReportFacts } from '../report/report-facts.ts';
import { causeOf, inEvents, type Cause } from './causes.ts';
import { phaseSecs, seconds } from './event-reading.ts';

/** No network cuts below this: TCP's smallest maximum segment is 536 bytes. */
const pieceBytesMax = 128;
/** Reads beyond one for each message and one for each 1,000 bytes. */
const readsFactor = 4;
const readsMin = 8;
/** Between link reply asked for and link made. */
const slowLinkSecs = 1;
/** A first answer this late. */
const lateAnswerSecs = 2;
/** PINGs of one channel that never come earlier than so much after those of another, by the server's own clock. */
const longerWayMs = 150;
/** Longer than anybody waits: then their clocks are not one. */
const longerWayMsMax = 60_000;
/** Of one PING against the best of its connection. */
const latePingMs = 1_000;
/** Of one processor. */
const busyPercent = 70;
/** Of an actor's time, over a while. */
const busyShare = 0.85;
const busySecsMin = 3;

export function paceCauses(facts: ReportFacts): readonly Cause[] {
  const channels = [...facts.channels.values()];
  return [...channels.flatMap(tinyPieces), ...channels.flatMap((channel) => lateBytes(channel, facts)), ...longerWay(channels), ...overloaded(facts), ...latePings(channels, facts)];
}

function tinyPieces({ id, bytesIn, messagesIn, socketReads }: ChannelFacts): readonly Cause[] {
  if (bytesIn === null || messagesIn === null || socketReads === null || socketReads < readsMin) return [];
  const pieceBytes = bytesIn / socketReads;
  if (pieceBytes > pieceBytesMax || socketReads < readsFactor * (messagesIn + bytesIn / 1_000)) return [];
  return [causeOf('tinyPieces', id, 'certain', null, [inEvents(null, `${bytesIn} bytes of ${messagesIn} messages came in ${socketReads} pieces, ${Math.round(pieceBytes * 10) / 10} bytes each`)])];
}

/** The server answers a link and then, at once, with its first message. */
function lateBytes(channel: ChannelFacts, facts: ReportFacts): readonly Cause[] {
  const { id, generation, firstRecvSecs } = channel;
  const asked = phaseSecs(facts, id, generation, 'linking');
  const linked = phaseSecs(facts, id, generation, 'linked');
  if (asked === null || linked === null) return [];
  const linkSecs = linked - asked;
  if (linkSecs >= slowLinkSecs) return [causeOf('lateBytes', id, 'likely', asked, [inEvents(linked, `the server took ${seconds(linkSecs)} for the two answers of the link`)])];
  // Others may have nothing to say for minutes.
  const speaksFirst = id.startsWith('display/') || id.startsWith('main/') || id.startsWith('inputs/');
  if (!speaksFirst || firstRecvSecs === null || firstRecvSecs < linked) return [];
  const answerSecs = firstRecvSecs - linked;
  if (answerSecs < lateAnswerSecs) return [];
  return [causeOf('lateBytes', id, 'possible', linked, [inEvents(firstRecvSecs, `the first message came ${seconds(answerSecs)} after the link, which itself took ${seconds(linkSecs)}`)])];
}

/** All channels of a server show one clock. */
function longerWay(channels: readonly ChannelFacts[]): readonly Cause[] {
  const timed = channels.filter((channel): channel is ChannelFacts & { readonly pingClockMs: number } => channel.pingClockMs !== null);
  const [nearest] = timed.toSorted((a, b) => a.pingClockMs - b.pingClockMs);
  if (nearest === undefined) return [];
  return timed.flatMap(({ id, pingClockMs, lastPingSecs }) => {
    const longerMs = pingClockMs - nearest.pingClockMs;
    if (longerMs < longerWayMs || longerMs > longerWayMsMax) return [];
    return [causeOf('lateBytes', id, 'likely', lastPingSecs, [inEvents(lastPingSecs, `every PING of ${id} came at least ${Math.round(longerMs)} ms later after it was made than the best of ${nearest.id}, by the server's own clock`)])];
  });
}

/** An actor that is always inside a handler cannot come to the next message in time. What it waits inside a call for is the disk's (disk-causes.ts). */
function overloaded({ actors, uptimeSecs: now }: ReportFacts): readonly Cause[] {
  return actors.flatMap(({ id, running, startedSecs, busyTotalMs, busyMaxMs, blockedTotalMs }) => {
    const aliveSecs = now === null || startedSecs === null ? 0 : now - startedSecs;
    const share = (busyTotalMs - blockedTotalMs) / 1000 / aliveSecs;
    if (!running || aliveSecs < busySecsMin || share < busyShare) return [];
    return [causeOf('overloadedActor', id, 'likely', startedSecs, [inEvents(null, `${id} was inside handlers for ${Math.round(100 * share)} % of its ${seconds(aliveSecs)}, for up to ${seconds(busyMaxMs / 1000)} at a time`)])];
  });
}

/** Late PINGs are the network's or this side's: processor time tells. */
function latePings(channels: readonly ChannelFacts[], facts: ReportFacts): readonly Cause[] {
  return channels.flatMap(({ id, generation, pingLateMaxMs, lastPingSecs }) => {
    if (pingLateMaxMs === null || pingLateMaxMs < latePingMs) return [];
    const late = inEvents(lastPingSecs, `a PING of ${id} was read ${seconds(pingLateMaxMs / 1000)} later than the best of its connection`);
    const thread = facts.threads.find(({ name }) => name.startsWith(`${id}#${generation ?? ''}`) || name === id);
    const others = channels.filter((other) => other.id !== id && (other.pings ?? 0) > 2 && (other.pingLateMaxMs ?? 0) < latePingMs / 4);
    const alone = others.length === 0 ? [] : [inEvents(null, `${others.map((other) => other.id).join(', ')} of the same server had theirs in time`)];
    if (thread !== undefined && thread.cpuPercent >= busyPercent) {
      return [causeOf('overloadedActor', id, 'likely', lastPingSecs, [late, { member: 'runtime-metrics.json', at_secs: null, fact: `its thread used ${Math.round(thread.cpuPercent)} % of a processor` }, ...alone])];
    }
    return [causeOf(others.length > 0 ? 'overloadedActor' : 'lateBytes', id, 'possible', lastPingSecs, [late, ...alone])];
  });
}
