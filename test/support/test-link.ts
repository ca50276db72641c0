// One sender and one receiver joined by a local link on a manual host: the smallest world in which the mailbox's promises can
// be broken. Tests look at its numbers through the same shared words that a supervisor reads.

import type { Envelope, MailboxStats } from '#app/mailbox/address.js';
import { LinkSender } from '#app/mailbox/link-sender.js';
import { LinkStats } from '#app/mailbox/link-stats.js';
import type { LinkBounds } from '#app/mailbox/link.js';
import { createSameThreadLink, openReceiveEnd, openSendEnd } from '#app/mailbox/link.js';
import { Mailbox } from '#app/mailbox/mailbox.js';
import { ManualHost } from './manual-host.js';

export interface TestMailbox {
  readonly host: ManualHost;
  readonly mailbox: Mailbox;
  readonly delivered: { readonly message: unknown; readonly envelope: Envelope }[];
}

export function createTestMailbox(onDeliver?: (message: unknown, envelope: Envelope) => void, host = new ManualHost()): TestMailbox {
  const delivered: { message: unknown; envelope: Envelope }[] = [];
  const mailbox = new Mailbox({
    clock: host.clock,
    timers: host.timers,
    deliver: (message, envelope) => {
      delivered.push({ message, envelope });
      onDeliver?.(message, envelope);
      return true;
    },
  });
  return { host, mailbox, delivered };
}

export interface TestSender {
  readonly sender: LinkSender;
  readonly stats: () => MailboxStats;
}

/** Links a new sender to the mailbox, in place of an older one of the same name. */
export function linkSender({ host, mailbox }: TestMailbox, name: string, bounds: LinkBounds, generation = 1): TestSender {
  const link = createSameThreadLink(bounds, host.timers);
  mailbox.attach(name, generation, link.memory, openReceiveEnd(link.receive));
  const sender = new LinkSender({
    from: `${name}#${generation}`,
    to: 'receiver#1',
    memory: link.memory,
    transport: openSendEnd(link.send),
    clock: host.clock,
    timers: host.timers,
  });
  const stats = new LinkStats(link.memory);
  return { sender, stats: () => stats.read(host.nowMs) };
}
