// Loss causes: what ended connections that stood. Main first: with it the server drops every other channel, so their ends say nothing of their own. Then each
// channel by itself: how it ended, how long it had been quiet, and whether that is the same each time. Pure.

import type { ReportEvent } from '../report/events-document.ts';
import type { ReportFacts } from '../report/report-facts.ts';
import { causeOf, inEvents, type Cause, type CauseName, type Confidence, type Evidence } from './causes.ts';
import { bySubject, eventsOfKind, mainChannel, number, phaseSecs, seconds, text, times } from './event-reading.ts';

/** What ends with main ends within this time of it. */
const togetherSecs = 1.5;
/** The reference server's check comes every 30 s from main's link on; spice-server's `CLIENT_CONNECTIVITY_TIMEOUT`. */
const checkSecs = 30;
const checkSlackSecs = 0.6;
/** A connection that is closed so soon after its link, and before its first message, was never meant to live. */
const stillbornSecs = 1;
/** Cut again and again after the same idle time, within this part of it. */
const idleSpread = 0.1;
const idleSecsMin = 3;
const sentJustNowMs = 500;
/** Messages a second before, and silence after: a stream that stopped. */
const busyPerSecond = 20;
const stalledMsMin = 1_500;

export function lossCauses(facts: ReportFacts): readonly Cause[] {
  const losses = eventsOfKind(facts, 'connectionLost');
  const main = losses.filter(({ subject }) => subject === mainChannel);
  const ends = [...main.map(({ ts_secs: at }) => at), ...orphaned(facts, losses)];
  const own = losses.filter(({ subject, ts_secs: at }) => subject !== mainChannel && !ends.some((end) => Math.abs(end - at) <= togetherSecs));
  const others = (end: number): ReportEvent[] => losses.filter(({ subject, ts_secs: at }) => subject !== mainChannel && Math.abs(end - at) <= togetherSecs);
  return [
    ...main.map((loss) => mainLoss(loss, others(loss.ts_secs), facts)),
    ...orphaned(facts, losses).map((end) => mainNotClosed(end, others(end), facts)),
    ...[...bySubject(own)].flatMap(([, same]) => channelLosses(same, facts)),
  ];
}

/** Moments at which the server dropped every other channel, forgot the session, and left main's connection open. */
function orphaned(facts: ReportFacts, losses: readonly ReportEvent[]): number[] {
  if (losses.some(({ subject }) => subject === mainChannel)) return [];
  const unknown = eventsOfKind(facts, 'linkFailed').filter((failure) => text(failure, 'refusal') === 'badConnectionId');
  const [first] = unknown;
  if (first === undefined) return [];
  const before = losses.filter(({ ts_secs: at, subject }) => at <= first.ts_secs && unknown.some((failure) => failure.subject === subject));
  const end = before.at(-1)?.ts_secs;
  return end === undefined ? [] : [end];
}

function mainNotClosed(end: number, ended: readonly ReportEvent[], facts: ReportFacts): Cause {
  const linked = phaseSecs(facts, mainChannel, 1, 'linked') ?? 0;
  const main = facts.channels.get(mainChannel);
  const evidence = [
    inEvents(end, `the server closed ${names(ended)} at one moment, and does not know the session any more`),
    inEvents(end, "main's own connection was not closed"),
    ...(main?.lastRecvSecs === null || main?.lastRecvSecs === undefined ? [] : [inEvents(main.lastRecvSecs, `the last that came on main was ${seconds(end - main.lastRecvSecs)} before that`)]),
  ];
  // A server that ends a session at its check has main before it, and cannot close it; one that ends it at any other moment has lost main.
  if (isCheck(end - linked)) return causeOf('mainStandsStill', mainChannel, 'likely', end, [...evidence, checkEvidence(end, linked)]);
  return causeOf('peerVanished', mainChannel, 'likely', end, [...evidence, inEvents(end, "the server had lost main's connection, of which this side heard nothing")]);
}

function mainLoss(loss: ReportEvent, ended: readonly ReportEvent[], facts: ReportFacts): Cause {
  const at = loss.ts_secs;
  const linked = phaseSecs(facts, mainChannel, loss.generation, 'linked');
  const { name, confidence, evidence } = single(loss, facts);
  const together = ended.length === 0 ? [] : [inEvents(at, `${ended.length} other channels ended at that moment`)];
  if (name === 'closedByServer' && linked !== null && isCheck(at - linked)) {
    const pings = facts.channels.get(mainChannel);
    const answered = pings?.pings === null || pings?.pings === undefined || pings.pongs === null ? [] : [inEvents(null, `${pings.pongs} of ${pings.pings} PINGs had been answered by this side`)];
    return causeOf('connectivityCheck', mainChannel, 'likely', at, [...evidence, checkEvidence(at, linked), ...answered, ...together]);
  }
  return causeOf(name, mainChannel, confidence, at, [...evidence, ...together]);
}

const checkEvidence = (at: number, linked: number): Evidence => inEvents(at, `that is ${seconds(at - linked)} after main was linked: the server looks for silent clients every ${checkSecs} s from there on`);

function isCheck(age: number): boolean {
  const checks = Math.round(age / checkSecs);
  return checks >= 1 && Math.abs(age - checks * checkSecs) <= checkSlackSecs;
}

function channelLosses(losses: readonly ReportEvent[], facts: ReportFacts): readonly Cause[] {
  const idle = cutWhenIdle(losses);
  if (idle !== null) return [idle];
  const byName = new Map<CauseName, Cause>();
  for (const loss of losses) {
    const { name, confidence, evidence } = single(loss, facts);
    const known = byName.get(name);
    byName.set(name, known === undefined ? causeOf(name, loss.subject, confidence, loss.ts_secs, evidence) : { ...known, evidence: [...known.evidence, ...evidence] });
  }
  return [...byName.values()];
}

/** Two or more ends of one kind after the same idle time: nobody but a timer does that. */
function cutWhenIdle(losses: readonly ReportEvent[]): Cause | null {
  const idles = losses.map((loss) => idleMs(loss) / 1000);
  const [first] = losses;
  const [least, most] = [Math.min(...idles), Math.max(...idles)];
  if (first === undefined || losses.length < 2 || !Number.isFinite(most) || least < idleSecsMin || most - least > idleSpread * least) return null;
  if (new Set(losses.map((loss) => text(loss, 'loss'))).size > 1) return null;
  return causeOf('cutWhenIdle', first.subject, 'likely', first.ts_secs, losses.map((loss, at) => inEvents(loss.ts_secs, `${wordLoss(loss)} after ${seconds(idles[at] ?? 0)} without a byte either way`)));
}

/** What was sent in the last moment may be what was answered by the cut. */
function idleMs(loss: ReportEvent): number {
  const sent = number(loss, 'sent_ms_ago') ?? Infinity;
  return Math.min(number(loss, 'received_ms_ago') ?? Infinity, sent < sentJustNowMs ? Infinity : sent);
}

interface Named {
  readonly name: CauseName;
  readonly confidence: Confidence;
  readonly evidence: readonly Evidence[];
}

function single(loss: ReportEvent, facts: ReportFacts): Named {
  const { subject, generation, ts_secs: at } = loss;
  const evidence = [inEvents(at, `${subject}#${generation ?? '?'} ${wordLoss(loss)}`)];
  const named = (name: CauseName, confidence: Confidence, ...more: Evidence[]): Named => ({ name, confidence, evidence: [...evidence, ...more] });
  const gap = eventsOfKind(facts, 'gap').find((each) => each.subject === subject && each.generation === generation && (text(each, 'key') ?? '').includes(':framing:'));
  switch (text(loss, 'loss')) {
    case 'protocol':
      // The gap names the bytes; without it nothing more is known than that they made no sense.
      return named(gap === undefined ? 'notMessages' : framing(gap), 'certain');
    case 'rst':
      return named('resetByPeer', 'certain');
    case 'timeout':
      return isSilence(loss, facts) ? named('wentSilent', 'certain', ...silenceEvidence(loss)) : named('peerVanished', 'certain', inEvents(at, 'the system had probed the connection and had no answer'));
    case 'eof':
    case 'truncated':
      return gap === undefined ? closed(loss, facts, named) : named('cutInsideMessage', 'certain');
    case 'tls':
      return named('tlsFailed', 'certain');
    default:
      return named('connectionFailed', 'certain');
  }
}

const framing = (gap: ReportEvent): CauseName => (/header\.size: 4294967295\b/.test(text(gap, 'detail') ?? '') ? 'oversizeMessage' : 'notMessages');

function closed(loss: ReportEvent, facts: ReportFacts, named: (name: CauseName, confidence: Confidence, ...more: Evidence[]) => Named): Named {
  const { subject, generation, ts_secs: at } = loss;
  const linked = phaseSecs(facts, subject, generation, 'linked');
  const receivedMsAgo = number(loss, 'received_ms_ago');
  const aliveSecs = linked === null ? null : at - linked;
  if (aliveSecs !== null && aliveSecs <= stillbornSecs && (receivedMsAgo === null || receivedMsAgo / 1000 > aliveSecs)) {
    return named('heldByServer', 'likely', inEvents(at, `it was closed ${seconds(aliveSecs)} after its link, before its first message`));
  }
  const messages = number(loss, 'messages_in') ?? 0;
  const busySecs = (aliveSecs ?? 0) - (receivedMsAgo ?? 0) / 1000;
  const isStream = generation === 1 && busySecs > 0 && messages / busySecs >= busyPerSecond;
  if (!isStream || receivedMsAgo === null || receivedMsAgo < stalledMsMin) return named('closedByServer', 'certain');
  const stalled = inEvents(at - receivedMsAgo / 1000, `${messages} messages had come until ${seconds(receivedMsAgo / 1000)} before, and none after`);
  const window = number(loss, 'ack_window') ?? 0;
  const left = number(loss, 'ack_left') ?? 0;
  // Who hears no ACK goes on to the end of what it may send, which is a full window, and the message with which it found out.
  if (window > 0 && left >= window - 1) return named('serverDoesNotRead', 'likely', stalled, inEvents(at, `it stopped where it had to wait for an ACK, which had been sent (window ${window}, ${window - left} since)`));
  return named('serverDoesNotWrite', 'likely', stalled, inEvents(at, `it owed nothing and was owed nothing: the window of ${window} was not used up (${window - left} since the last ACK)`));
}

function isSilence(loss: ReportEvent, facts: ReportFacts): boolean {
  const known = facts.channels.get(loss.subject);
  if (loss.subject === mainChannel) return known?.keepaliveTimeoutFired === true;
  return eventsOfKind(facts, 'channelSilent').some(({ subject, generation, ts_secs: at }) => subject === loss.subject && generation === loss.generation && at <= loss.ts_secs);
}

function silenceEvidence(loss: ReportEvent): readonly Evidence[] {
  const [received, sent] = [number(loss, 'received_ms_ago'), number(loss, 'sent_ms_ago')];
  return [
    ...(received === null ? [] : [inEvents(loss.ts_secs - received / 1000, `the last byte came ${seconds(received / 1000)} before`)]),
    ...(sent === null ? [] : [inEvents(loss.ts_secs - sent / 1000, `this side had last sent ${seconds(sent / 1000)} before: it was not the silent one`)]),
  ];
}

function wordLoss(loss: ReportEvent): string {
  const code = text(loss, 'code');
  const how: Readonly<Record<string, string>> = { fin: 'closed in order (FIN)', rst: 'reset (RST)', timeout: 'given up', protocol: 'given up for its bytes', tlsTruncated: 'closed without the end of TLS' };
  const socket = text(loss, 'socket') ?? 'unknown';
  return `was ${how[socket] ?? `lost (${socket})`}: ${text(loss, 'message') ?? ''}${code === null ? '' : ` [${code}]`}`;
}

function names(events: readonly ReportEvent[]): string {
  const subjects = [...new Set(events.map(({ subject }) => subject))];
  return subjects.length > 3 ? `${subjects.length} channels (${subjects.slice(0, 2).join(', ')}, …)` : subjects.join(', ') || `nothing else ${times(0)}`;
}
