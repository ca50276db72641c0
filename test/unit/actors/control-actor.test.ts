// The control socket's actor with streams that the test plays: what happens when one of them, or the actor itself, goes wrong.
import { expect, test } from 'vitest';
import { createControl } from '#app/actors/control-actor.js';
import type { ControlStream, ControlStreamEvents } from '#app/actors/control-listener.js';
import type { HubNews } from '#app/actors/hub-mail.js';
import type { ActorContext } from '#app/actors/kernel/actor.js';
import type { ExitReason } from '#app/actors/kernel/exit-reason.js';
import { createVirtualHost } from '#app/actors/kernel/virtual-host.js';
import type { TellResult } from '#app/mailbox/address.js';
import { sharedFacts, testIdentity } from '../../support/control-facts.ts';

const HELLO = '{"id":0,"method":"hello","params":{"client_name":"x","protocol_version":"1.2"}}\n';
const facts = (agentConnected: boolean): HubNews => ({ kind: 'facts', facts: sharedFacts({ agentConnected }) });

async function stage(hubSays: TellResult = 'accepted') {
  const host = createVirtualHost({ seed: 1 });
  const exits: ExitReason[] = [];
  const log: string[] = [];
  const context: ActorContext = {
    id: 'control', generation: 1, host,
    address: (to) => ({ from: 'control', to, tell: () => hubSays, send: () => Promise.resolve() }),
    progress: { enter: () => undefined, leave: () => undefined, beat: () => undefined, blockedOn: () => undefined },
    exit: (reason) => exits.push(reason),
  };
  let accept: (stream: ControlStream) => ControlStreamEvents = () => { throw new Error('nobody listens'); };
  const actor = await createControl((_path, accepting) => {
    accept = accepting;
    return Promise.resolve({ close: () => log.push('listener closed') });
  }).start(context, { path: '/run/c', singleClient: false, sessionStartMs: 0, identity: testIdentity });

  const client = (write: (text: string, taken: () => void) => void = (_text, taken) => taken()) => {
    const said: string[] = [];
    const number = log.filter((line) => line.startsWith('client')).length + 1;
    log.push(`client ${number}`);
    const events = accept({
      write: (text, taken) => {
        said.push(...text.split('\n').slice(0, -1));
        write(text, taken);
      },
      setReading: (reading) => log.push(`${number} ${reading ? 'read' : 'paused'}`),
      finish: () => log.push(`${number} finished`),
      destroy: () => log.push(`${number} destroyed`),
    });
    return { said, events, send: (text: string) => events.chunk(Buffer.from(text)) };
  };
  return { host, actor, exits, log, client };
}

test('a fault of its own ends the actor, its socket and its clients, and throws at nobody', async () => {
  const { client, exits, log, actor, host } = await stage();
  const good = client();
  good.send(HELLO);
  good.send('{"id":1,"method":"subscribe","params":{"events":["latency"]}}\n');
  expect(host.pending).toBe(1);
  const bad = client(() => { throw new Error('planted'); });
  bad.send(HELLO);
  expect(exits).toMatchObject([{ kind: 'failed', error: { message: 'planted' } }]);
  expect(log).toEqual(['client 1', 'client 2', 'listener closed', '1 destroyed', '2 destroyed']);
  expect(host.pending).toBe(0);
  expect(() => actor.receive(facts(true), { sender: 'hub', generation: 1, lane: 'data' })).not.toThrow();
});

test('a command that the hub has no room for is told so to its client and counted', async () => {
  const { client, actor } = await stage('full');
  const asking = client();
  asking.send(`${HELLO}{"id":7,"method":"disconnect","params":{}}\n`);
  expect(JSON.parse(asking.said.at(-1) ?? '')).toMatchObject({ id: 7, ok: false, error: { code: 'internal_error' } });
  expect(actor.observe()).toMatchObject({ commands: 0, commandsRefused: 1 });
});

test('what a client that has gone had lost stays in the count', async () => {
  const { client, actor } = await stage();
  const deaf = client((text, taken) => { if (text.includes('"ok"')) taken(); });
  deaf.send(`${HELLO}{"id":1,"method":"subscribe","params":{"events":["agent_connected"]}}\n`);
  for (let count = 0; count < 300; count++) actor.receive(facts(count % 2 === 0), { sender: 'hub', generation: 1, lane: 'data' });
  // One event was handed over, 256 wait, and the others are gone.
  expect(actor.observe()).toMatchObject({ eventsDropped: 43, clients: [{ waiting: 256, eventsOffered: 300 }] });
  deaf.events.closed();
  expect(actor.observe()).toMatchObject({ eventsDropped: 43, clients: [] });
});

test('a client that does not read its last words is given five seconds after it closed its side, and then no more', async () => {
  const { client, host, log } = await stage();
  const deaf = client(() => undefined);
  deaf.send(HELLO);
  deaf.events.ended();
  await host.advance(4_999);
  expect(log).toEqual(['client 1', '1 paused']);
  await host.advance(1);
  expect(log).toEqual(['client 1', '1 paused', '1 destroyed']);
});

test('the end of the session waits half a second for clients that read slowly, and leaves no timer', async () => {
  const { client, host, log, actor } = await stage();
  client(() => undefined).send(HELLO);
  const stopping = Promise.resolve(actor.stop({ kind: 'shutdown' }));
  await host.advance(499);
  expect(log).toEqual(['client 1', 'listener closed']);
  await host.advance(1);
  await stopping;
  expect(log).toEqual(['client 1', 'listener closed', '1 destroyed']);
  expect(host.pending).toBe(0);
});
