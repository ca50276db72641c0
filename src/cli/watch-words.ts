// Watch words: what the watchdog and the main thread's watch find, worded for people.

import type { MainFreeze } from '../actors/kernel/main-watch.ts';
import { placeOf } from '../actors/kernel/stack-text.ts';
import type { StuckMailbox } from '../supervisor/stuck-mailboxes.ts';
import type { WatchdogEvent } from '../supervisor/watchdog.ts';
import type { SessionEvent } from '../ui-terminal/session-event.ts';

/** Null for what is no news to people: an actor that goes from work to rest and back. */
export function wordWatchdogEvent(wallMs: number, event: WatchdogEvent): SessionEvent | null {
  switch (event.kind) {
    case 'frozen': {
      const { id, generation, silentMs, progress, stack, mailbox, outcome } = event.evidence;
      const doing = progress.handler === null ? `with ${mailbox.depth} messages waiting` : `in '${progress.handler}'`;
      const reason = `silent for ${(silentMs / 1000).toFixed(1)} s ${doing}, ${placeOf(stack)}`;
      if (outcome === 'recovered') return { kind: 'noted', wallMs, severity: 'warning', source: `${id}#${generation}`, text: `was ${reason}; it went on by itself` };
      return { kind: 'actorStateChanged', wallMs, actor: id, generation, state: 'frozen', reason, restartInMs: null };
    }
    case 'healthChanged': {
      const { id, generation, health } = event.verdict;
      if (health === 'blockedOnDisk') return { kind: 'actorStateChanged', wallMs, actor: id, generation, state: 'blockedOnDisk', reason: 'a file call does not return', restartInMs: null };
      if (event.before === 'blockedOnDisk') return { kind: 'actorStateChanged', wallMs, actor: id, generation, state: 'running', reason: 'the file call has returned', restartInMs: null };
      if (health === 'blockedOnOutput') return { kind: 'noted', wallMs, severity: 'warning', source: `${id}#${generation}`, text: 'nobody reads its output' };
      return null;
    }
    case 'clockJumped':
      return { kind: 'noted', wallMs, severity: 'warning', source: 'watchdog', text: `nothing ran for ${(event.byMs / 1000).toFixed(1)} s (the machine was suspended, or very busy): everything is asked for a sign of life` };
  }
}

/** The mailbox, who fills it, and who does not read it. */
export function wordStuckMailbox(wallMs: number, { receiver, receiverGeneration, sender, senderGeneration, lane, depth, oldestAgeMs, doing }: StuckMailbox): SessionEvent {
  const text = `its mailbox is full: ${depth} messages of ${sender}#${senderGeneration} wait in the ${lane} lane, the first for ${(oldestAgeMs / 1000).toFixed(1)} s, and it takes none (${doing})`;
  return { kind: 'noted', wallMs, severity: 'error', source: `${receiver}#${receiverGeneration}`, text };
}

export function wordMainFreeze(wallMs: number, { silentMs, place, path }: MainFreeze): SessionEvent {
  const where = path === null ? '' : `; its stack is in ${path}`;
  return { kind: 'noted', wallMs, severity: 'error', source: 'main thread', text: `did nothing for ${(silentMs / 1000).toFixed(1)} s or more, ${place}${where}` };
}
