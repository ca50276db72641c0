// Actor causes: what became of this program's own actors: frozen and where, failed and with what, ended by whom; and of their mailboxes. Pure.

import type { MailboxBacklog, ReportEvent } from '../report/events-document.ts';
import type { ReportFacts } from '../report/report-facts.ts';
import { causeOf, inEvents, type Cause, type CauseName, type Evidence } from './causes.ts';
import { eventsOfKind, number, seconds, text } from './event-reading.ts';

/** A full lane of which nothing has been taken for so long. */
const abandonedMs = 2_000;

export function actorCauses(facts: ReportFacts): readonly Cause[] {
  return distinct([
    ...eventsOfKind(facts, 'frozen').filter((event) => text(event, 'outcome') === 'ended').map(ofFrozen),
    ...eventsOfKind(facts, 'actorStartsAgain', 'actorFailed', 'actorEnded', 'actorNotStarted').flatMap(ofEnd),
    ...eventsOfKind(facts, 'mainThreadFroze').map((event) => causeOf('mainThreadBlocked', 'main thread', 'certain', event.ts_secs, [
      inEvents(event.ts_secs, `it did nothing for ${seconds((number(event, 'silent_ms') ?? 0) / 1000)} or more, ${text(event, 'place') ?? 'nobody knows where'}`),
    ])),
    ...eventsOfKind(facts, 'clockJumped').map((event) => causeOf('machineSuspended', 'machine', 'likely', event.ts_secs, [
      inEvents(event.ts_secs, `nothing of this program ran for ${seconds((number(event, 'by_ms') ?? 0) / 1000)}`),
    ])),
  ]);
}

function ofFrozen(event: ReportEvent): Cause {
  const { subject, generation, ts_secs: at } = event;
  const state = text(event, 'thread_state');
  const call = text(event, 'system_call');
  const handler = text(event, 'handler');
  const evidence: Evidence[] = [
    inEvents(at, `${subject}#${generation ?? '?'} marked nothing for ${seconds((number(event, 'silent_ms') ?? 0) / 1000)} ${handler === null ? '' : `in '${handler}' `}with ${number(event, 'mailbox_depth') ?? 0} messages waiting`),
    inEvents(at, `it was ${text(event, 'place') ?? 'nobody knows where'}`),
    ...(state === null ? [] : [inEvents(at, `the system calls its thread ${state}${call === null ? '' : `, in ${call}`}`)]),
  ];
  return causeOf(frozenName(text(event, 'stack_kind'), state), subject, 'certain', at, evidence);
}

function frozenName(stack: string | null, state: string | null): CauseName {
  if (stack === 'native') return 'actorInSystemCall';
  if (stack !== 'stack') return 'actorFroze';
  return state === null || state === 'running' ? 'actorLoops' : 'actorWaits';
}

function ofEnd(event: ReportEvent): Cause[] {
  const { subject, generation, ts_secs: at } = event;
  const end = text(event, 'end');
  const who = `${subject}#${generation ?? '?'}`;
  if (event.kind === 'actorNotStarted') return [causeOf('actorNotStarted', subject, 'certain', at, [inEvents(at, `${subject} did not start: ${text(event, 'message') ?? ''}`)])];
  if (end === 'failed' || event.kind === 'actorFailed') {
    const name: CauseName = text(event, 'code') === 'ERR_WORKER_OUT_OF_MEMORY' ? 'actorOutOfMemory' : 'actorThrew';
    const stack = event.facts['stack'];
    const place = Array.isArray(stack) ? stack.find((line) => typeof line === 'string' && line.trim().startsWith('at ')) : undefined;
    return [causeOf(name, subject, 'certain', at, [
      inEvents(at, `${who} ended with ${text(event, 'error') ?? 'an error'}: ${text(event, 'message') ?? ''}`),
      ...(typeof place === 'string' ? [inEvents(at, place.trim())] : []),
    ])];
  }
  return end === 'killed' ? [causeOf('actorKilled', subject, 'certain', at, [inEvents(at, `${who} was ended from outside`)])] : [];
}

/** One end is heard several times: as an exit, as a restart. */
function distinct(found: readonly Cause[]): Cause[] {
  return found.filter((each, at) => found.findIndex(({ cause, subject }) => cause === each.cause && subject === each.subject) === at);
}

export function mailboxCauses(facts: ReportFacts): readonly Cause[] {
  const stuck = [...facts.mailboxes.filter(({ depth, bound, oldest_age_ms: age }) => depth >= bound && age >= abandonedMs), ...eventsOfKind(facts, 'mailboxStuck').map(backlogOf)];
  const found = stuck.map((mailbox): Cause => {
    const { receiver, receiver_generation: generation, sender, sender_generation: senderGeneration, lane, depth, bound, oldest_age_ms: age, dropped, doing } = mailbox;
    const at = eventsOfKind(facts, 'mailboxStuck').find(({ subject }) => subject === receiver)?.ts_secs ?? null;
    return causeOf('abandonedMailbox', receiver, 'certain', at, [
      inEvents(at, `the mailbox is the ${lane} lane of ${receiver}#${generation}: ${depth} of ${bound} messages wait, the first for ${seconds(age / 1000)}`),
      inEvents(at, `the sender is ${sender}#${senderGeneration}, of which ${dropped} messages were refused`),
      inEvents(at, `the receiver is ${receiver}#${generation}: ${doing}`),
    ]);
  });
  const waiting = [...facts.channels.values()].flatMap(({ sendTimeout }) => (sendTimeout === null ? [] : [sendTimeout])).filter(({ to }) => !found.some(({ subject }) => to.startsWith(`${subject}#`)));
  const timeouts = waiting.map(({ from, to, lane, depth, oldestAgeMs }) => causeOf('abandonedMailbox', to.replace(/#\d+$/, ''), 'certain', null, [
    inEvents(null, `the mailbox is the ${lane} lane of ${to}: ${depth} messages waited, the first for ${seconds(oldestAgeMs / 1000)}`),
    inEvents(null, `the sender is ${from}, whose message was given up at its deadline`),
    inEvents(null, `the receiver is ${to}, which did not read`),
  ]));
  const dropped = eventsOfKind(facts, 'eventsDropped').map(({ ts_secs: at }) => causeOf('newsDropped', 'hub', 'certain', at, [
    inEvents(at, `dropped by then: ${[...facts.channels.values()].filter(({ eventsDropped }) => (eventsDropped ?? 0) > 0).map(({ id, eventsDropped }) => `${eventsDropped} of ${id}`).join(', ')}`),
  ]));
  return distinct([...found, ...timeouts, ...dropped]);
}

function backlogOf({ subject, generation, facts }: ReportEvent): MailboxBacklog {
  const text = (name: string): string => (typeof facts[name] === 'string' ? facts[name] : 'unknown');
  const count = (name: string): number => (typeof facts[name] === 'number' ? facts[name] : 0);
  return {
    receiver: subject, receiver_generation: generation ?? 0, sender: text('sender'), sender_generation: count('sender_generation'), lane: text('lane'), depth: count('depth'), bound: count('bound'),
    oldest_age_ms: count('oldest_age_ms'), dropped: count('dropped'), doing: text('doing'),
  };
}
