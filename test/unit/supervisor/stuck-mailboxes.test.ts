// Mailboxes that are full and not read: named once with both ends, and again only after they have been read.
import { describe, expect, test } from 'vitest';
import { lookForStuckMailboxes, noneStuck, stuckMs, type MailboxReading } from '#app/supervisor/stuck-mailboxes.js';

const reading = (part: Partial<MailboxReading> = {}): MailboxReading => ({
  receiver: 'audio', receiverGeneration: 1, sender: 'playback/0', senderGeneration: 1, lane: 'data', depth: 64, bound: 64, oldestAgeMs: stuckMs, dropped: 3, doing: "in 'receive'", ...part,
});

describe('a look at the mailboxes', () => {
  test('names one that is full with a message that nobody has taken for 5 s', () => {
    expect(lookForStuckMailboxes(noneStuck, [reading()]).found).toEqual([reading()]);
  });

  test.each([['that has room', { depth: 63 }], ['that is read, however slowly', { oldestAgeMs: stuckMs - 1 }]])('does not name one %s', (_, part) => {
    expect(lookForStuckMailboxes(noneStuck, [reading(part)]).found).toEqual([]);
  });

  test('names it once, and again when it was read in between', () => {
    const first = lookForStuckMailboxes(noneStuck, [reading()]);
    const second = lookForStuckMailboxes(first.state, [reading({ oldestAgeMs: 9_000 })]);
    expect(second.found).toEqual([]);
    const read = lookForStuckMailboxes(second.state, [reading({ depth: 1 })]);
    expect(lookForStuckMailboxes(read.state, [reading()]).found).toHaveLength(1);
  });

  test('names each sender of one receiver, and each generation of the receiver', () => {
    const first = lookForStuckMailboxes(noneStuck, [reading(), reading({ sender: 'playback/1' })]);
    expect(first.found).toHaveLength(2);
    expect(lookForStuckMailboxes(first.state, [reading({ receiverGeneration: 2 })]).found).toHaveLength(1);
  });
});
