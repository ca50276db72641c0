// Invariants 2, 3 and 4 between two threads: no order of the sender's and the receiver's atomic operations loses a wake-up. Not
// random: at each atomic operation, post and take, all placements of up to three preemptions are tried. The thread that is preempted stands still until the
// other's operations are over.

import { describe, expect, test } from 'vitest';
import { LinkSender } from '#app/mailbox/link-sender.js';
import { createLinkMemory } from '#app/mailbox/link-words.js';
import { Mailbox } from '#app/mailbox/mailbox.js';
import type { LinkEvents, ReceiveTransport, SendTransport } from '#app/mailbox/transport.js';
import { ManualHost } from '../support/manual-host.js';
import { Choices, withPreemption } from '../support/preemption.js';

type Operation = 'tell' | 'send' | 'control';

/** Two ends whose news waits in the turns of the thread that it is for. */
function createTransports(senderHost: ManualHost, receiverHost: ManualHost, point: () => void) {
  const lanes: { control: unknown[]; data: unknown[] } = { control: [], data: [] };
  let senderEvents: LinkEvents | null = null, receiverEvents: LinkEvents | null = null;
  const send: SendTransport = {
    post: (lane, message) => {
      point();
      lanes[lane].push(message);
    },
    ring: () => void receiverHost.timers.soon(() => receiverEvents?.rung()),
    listen: (events) => void (senderEvents = events),
    close: () => undefined,
  };
  const receive: ReceiveTransport = {
    take: (lane) => {
      point();
      return lanes[lane].length > 0 ? { message: lanes[lane].shift() } : undefined;
    },
    ring: () => void senderHost.timers.soon(() => senderEvents?.rung()),
    listen: (events) => void (receiverEvents = events),
    close: () => undefined,
  };
  return { send, receive };
}

/** One run under the given choices; throws when something is left lying although both threads have nothing more to do. */
function run(choices: Choices, operations: readonly Operation[], bounds: { controlMax: number; dataMax: number }, preemptionsMax: number, asleep: boolean): void {
  const senderHost = new ManualHost(), receiverHost = new ManualHost();
  const { send, receive } = createTransports(senderHost, receiverHost, () => point());
  const memory = createLinkMemory(bounds);
  const delivered: unknown[] = [];
  const mailbox = new Mailbox({ clock: receiverHost.clock, timers: receiverHost.timers, deliver: (message) => delivered.push(message) > 0 });
  mailbox.attach('a', 1, memory, receive);
  const sender = new LinkSender({ from: 'a', to: 'b', memory, transport: send, clock: senderHost.clock, timers: senderHost.timers });
  mailbox.start();
  if (asleep) receiverHost.settle();

  let accepted = 0, waiting = 0;
  const script = operations.map((operation, number) => () => {
    if (operation !== 'send') return void (accepted += sender.tell(number, { lane: operation === 'control' ? 'control' : 'data' }) === 'accepted' ? 1 : 0);
    waiting++;
    void sender.send(number);
  });
  const threads = {
    sender: { idle: () => script.length === 0 && senderHost.turns.length === 0, step: () => void (senderHost.runTurn() || script.shift()?.()) },
    receiver: { idle: () => receiverHost.turns.length === 0, step: () => void receiverHost.runTurn() },
  };

  let running: 'sender' | 'receiver' | null = null;
  let nested = false, preemptions = 0;
  const point = (): void => {
    if (running === null || nested || preemptions >= preemptionsMax) return;
    const other = threads[running === 'sender' ? 'receiver' : 'sender'];
    if (other.idle() || choices.next(2) === 0) return;
    preemptions++;
    nested = true;
    // One step or all there is: a lost wake-up needs the other to be either just past its look or fast asleep.
    if (choices.next(2) === 0) other.step();
    else for (let steps = 0; !other.idle() && steps < 50; steps++) other.step();
    nested = false;
  };
  withPreemption(point, () => {
    for (let steps = 0; !threads.sender.idle() || !threads.receiver.idle(); steps++) {
      if (steps > 1_000) throw new Error('the two threads wake each other for ever');
      running = threads.sender.idle() ? 'receiver' : threads.receiver.idle() ? 'sender' : choices.next(2) === 0 ? 'sender' : 'receiver';
      threads[running].step();
    }
    running = null;
  });
  // Both sleep. No time has passed, so a send that still waits was forgotten although there is room for it.
  if (delivered.length !== accepted + waiting) throw new Error(`${delivered.length} of ${accepted + waiting} messages arrived before everybody slept`);
}

function runAll(operations: readonly Operation[], bounds: { controlMax: number; dataMax: number }, preemptionsMax: number): number {
  let runs = 0;
  for (const asleep of [false, true]) {
    const choices = new Choices();
    do run(choices, operations, bounds, preemptionsMax, asleep);
    while (choices.advance());
    runs += choices.runs;
  }
  return runs;
}

describe('two threads, every placement of up to three preemptions', () => {
  const roomy = { controlMax: 4, dataMax: 4 }, tight = { controlMax: 1, dataMax: 1 };
  const cases: [string, Operation[], typeof roomy, number][] = [
    ['one tell', ['tell'], roomy, 3],
    ['tells of both lanes', ['tell', 'control'], roomy, 3],
    ['sends that must wait for room', ['send', 'send'], tight, 3],
    ['a send behind a full lane, and control past it', ['tell', 'send', 'control'], tight, 2],
  ];
  test.each(cases)('no wake-up is lost: %s', (_name, operations, bounds, preemptionsMax) => {
    expect(runAll(operations, bounds, preemptionsMax)).toBeGreaterThan(20);
  });
});
