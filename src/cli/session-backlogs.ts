// Session backlogs: whose messages wait in which mailbox of a session, and what their receiver is doing, read from shared memory. It asks no actor.

import type { ChildHandle } from '../actors/kernel/child-handle.ts';
import type { MailboxBacklog } from '../capture/report/events-document.ts';
import type { MailboxReading } from '../supervisor/stuck-mailboxes.ts';

export function readBacklogs(children: readonly ChildHandle[]): readonly MailboxReading[] {
  return children.flatMap((handle) => {
    const backlogs = handle.backlogs();
    if (backlogs.length === 0) return [];
    const doing = doingOf(handle);
    return backlogs.map(({ sender, senderGeneration, lane, depth, bound, oldestAgeMs, dropped }) => (
      { receiver: handle.id, receiverGeneration: handle.generation, sender, senderGeneration, lane, depth, bound, oldestAgeMs, dropped, doing }
    ));
  });
}

/** In the names of the report. */
export function backlogRows(children: readonly ChildHandle[]): readonly MailboxBacklog[] {
  return readBacklogs(children).map((reading) => ({
    receiver: reading.receiver, receiver_generation: reading.receiverGeneration, sender: reading.sender, sender_generation: reading.senderGeneration, lane: reading.lane,
    depth: reading.depth, bound: reading.bound, oldest_age_ms: Math.round(reading.oldestAgeMs), dropped: reading.dropped, doing: reading.doing,
  }));
}

/** In a word or two: what it has announced to wait in, or the handler that it is inside of. */
function doingOf({ progress }: ChildHandle): string {
  const { handler, blockedOn, markAgeMs } = progress.read();
  if (blockedOn !== null) return `blocked on ${blockedOn}`;
  if (handler !== null) return `in '${handler}'`;
  return markAgeMs === null ? 'it never started' : 'idle';
}
