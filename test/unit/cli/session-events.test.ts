// The events document of whole sessions in virtual time: what happened to which channel, as data, with what stands at that moment.
import { expect, test } from 'vitest';
import { sessionEvents } from '#app/cli/session-events.js';
import { virtualSessions } from '../../support/virtual-session.ts';
import { VirtualLoopback } from '../../support/virtual-loopback.ts';

const open = virtualSessions();

test('a session that is lost and had again is in its record: links, the loss with its cause, and the silence before it', async () => {
  const net = new VirtualLoopback(1);
  const session = await open(net);
  net.cut('inputs/0', 'rst');
  await net.host.advance(3_000);
  const { events, standing } = sessionEvents(session.run, session.run.nowMs());
  const of = (kind: string, subject: string): unknown[] => events.filter((event) => event.kind === kind && event.subject === subject);
  expect(of('connectionLost', 'inputs/0')).toEqual([expect.objectContaining({ generation: 1, facts: { loss: 'rst', socket: 'rst', message: 'closed: rst', code: null, received_ms_ago: 6_000, sent_ms_ago: null, messages_in: 1, ack_window: 0, ack_left: 0 } })]);
  expect(of('linkPhase', 'inputs/0').filter((event) => (event as { facts: { phase: string } }).facts.phase === 'linked')).toHaveLength(2);
  expect(of('sessionInitialised', 'main/0')).toHaveLength(1);
  expect(standing).toMatchObject({ ts_secs: 9, connected: true, single_use_ticket: false, mailboxes: [] });
  expect(standing.channels.find((row) => row['channel'] === 'inputs/0')).toMatchObject({ state: 'linked', generation: 2, socket_reads: expect.any(Number) });
  expect(standing.actors.find((row) => row['actor'] === 'hub')).toMatchObject({ running: true, mailbox_depth: 0 });
});

test('no ticket is in it', async () => {
  const net = new VirtualLoopback(1);
  net.server.setTicket({ password: 'Tr0ub4dor', validUntilMs: null });
  const session = await open(net, { password: 'Tr0ub4dor' });
  net.cut('main/0', 'fin');
  await net.host.advance(2_000);
  const text = JSON.stringify(sessionEvents(session.run, session.run.nowMs()));
  expect(text).toContain('"sessionLost"');
  expect(text).not.toContain('Tr0ub4dor');
});
