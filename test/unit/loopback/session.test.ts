// Links and sessions of the loopback server, in virtual time: who gets in, with what, and what ends it.
import { afterEach, describe, expect, test } from 'vitest';
import { ChannelType } from '#app/protocol/constants.js';
import type { LinkErrorName } from '#app/protocol/link-error.js';
import { LoopbackWorld, displayInit } from '../../support/loopback-world.ts';
import type { BareClient } from '../../support/bare-client.ts';

const worlds: LoopbackWorld[] = [];
const open = (...options: ConstructorParameters<typeof LoopbackWorld>): LoopbackWorld => {
  const world = new LoopbackWorld(...options);
  worlds.push(world);
  return world;
};

// A closed server has nothing left to do: no timer of it is pending.
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    world.server.close();
    await world.host.settle();
    if (world.host.pending > 0) throw new Error(`${world.host.pending} timers outlive their server`);
  }
});

const refusalOf = ({ refused }: BareClient<1> | BareClient<2>): LinkErrorName | null => (refused?.kind === 'refused' ? refused.name : null);

describe('a ticket', () => {
  const ticket = { password: 'secret', validUntilMs: null };

  test('that is right opens a session', async () => {
    const main = await open({ ticket }).link(ChannelType.main, { password: 'secret' });
    expect([main.linked, main.refused]).toEqual([true, null]);
  });

  test.each(['', 'Secret', 'secret ', 'secre'])('that is %j is refused, and the connection closed', async (password) => {
    const main = await open({ ticket }).link(ChannelType.main, { password });
    expect([refusalOf(main), main.linked, main.closed]).toEqual(['permissionDenied', false, true]);
  });

  test('that has expired is refused', async () => {
    const world = open();
    world.server.setTicket({ password: 'secret', validUntilMs: world.host.clock.wallMs() + 1_000 });
    expect((await world.link(ChannelType.main, { password: 'secret' })).linked).toBe(true);
    await world.host.advance(1_000);
    expect(refusalOf(await world.link(ChannelType.main, { password: 'secret' }))).toBe('permissionDenied');
  });

  test('is asked for on every channel', async () => {
    const world = open({ ticket });
    const { connectionId } = await world.begin({ password: 'secret' });
    expect(refusalOf(await world.link(ChannelType.display, { connectionId, password: 'wrong' }))).toBe('permissionDenied');
    expect((await world.link(ChannelType.display, { connectionId, password: 'secret' })).linked).toBe(true);
  });

  test('of any kind is right where none is needed, but it must be one', async () => {
    const world = open();
    expect((await world.link(ChannelType.main, { password: 'whatever' })).linked).toBe(true);
    expect(world.server.observe().refusals).toEqual({});
  });
});

describe('a secondary channel', () => {
  test('needs the id of the session', async () => {
    const world = open();
    expect(refusalOf(await world.link(ChannelType.display, { connectionId: 1 }))).toBe('badConnectionId');
    const { connectionId } = await world.begin();
    expect(refusalOf(await world.link(ChannelType.display, { connectionId: (connectionId + 1) >>> 0 }))).toBe('badConnectionId');
    expect((await world.link(ChannelType.display, { connectionId })).linked).toBe(true);
  });

  test('must be one that is offered', async () => {
    const world = open({ displays: 2 });
    const { connectionId } = await world.begin();
    expect((await world.link(ChannelType.display, { connectionId, channelId: 1 })).linked).toBe(true);
    expect(refusalOf(await world.link(ChannelType.display, { connectionId, channelId: 2 }))).toBe('channelNotAvailable');
  });

  test('that is linked twice is let in and then closed, and the first goes on', async () => {
    const world = open();
    const { connectionId } = await world.begin();
    const first = await world.display(connectionId);
    const second = await world.link(ChannelType.display, { connectionId });
    expect([second.linked, second.closed, second.messages.length]).toEqual([true, true, 0]);
    const before = first.messages.length;
    await world.host.advance(1_000);
    expect([first.closed, first.messages.length > before]).toEqual([false, true]);
  });

  test('comes back alone, with the picture at which it was', async () => {
    const world = open();
    const { connectionId, main } = await world.begin();
    const first = await world.display(connectionId);
    await world.host.advance(2_000);
    first.close();
    await world.host.settle();
    const { picture } = world.server.observe().channels['display/0'] ?? {};
    expect(picture).toBeGreaterThan(10);
    const again = await world.display(connectionId);
    expect(again.messages.slice(0, 3).map(({ kind }) => kind)).toEqual(['setAck', 'invalAllPalettes', 'surfaceCreate']);
    expect([main.closed, world.server.observe().channels['display/0']]).toMatchObject([false, { picture, linked: true }]);
  });
});

describe('a session', () => {
  test('lists its channels when it is asked, and not before', async () => {
    const world = open();
    const { main } = await world.begin();
    expect(main.all('channelsList')).toEqual([]);
    main.send('attachChannels', {});
    await world.host.settle();
    expect(main.first('channelsList').value.channels.map(({ type }) => type)).toEqual([2, 3, 4, 5, 6, 9, 10, 11]);
  });

  test('begins with two small PINGs and one of 250 KiB, except on a unix socket', async () => {
    const world = open();
    const { main } = await world.begin();
    expect(main.all('ping').map(({ value }) => value.padding.byteLength)).toEqual([0, 0, 256_000]);
    expect(world.server.observe().channels['main/0']).toMatchObject({ pongsReceived: 3, pingsOutstanding: 0 });
    expect((await world.begin({}, { secure: false, local: true })).main.all('ping')).toEqual([]);
  });

  test('says name and UUID to who knows of them', async () => {
    const world = open();
    expect((await world.begin()).main.all('name')).toHaveLength(1);
    expect((await world.begin({ channelCaps: [] })).main.all('uuid')).toEqual([]);
  });

  test('ends when another client comes, and its id with it', async () => {
    const world = open();
    const first = await world.begin();
    const display = await world.display(first.connectionId);
    const second = await world.begin();
    expect([first.main.closed, display.closed, second.main.closed]).toEqual([true, true, false]);
    expect(second.connectionId).not.toBe(first.connectionId);
    expect(refusalOf(await world.link(ChannelType.display, { connectionId: first.connectionId }))).toBe('badConnectionId');
  });

  test('ends with its main channel', async () => {
    const world = open();
    const { main, connectionId } = await world.begin();
    const display = await world.display(connectionId);
    main.close();
    await world.host.settle();
    expect(display.closed).toBe(true);
  });

  test('warns of unencrypted keys on a plain connection only', async () => {
    const world = open();
    const { main, connectionId } = await world.begin();
    await world.link(ChannelType.inputs, { connectionId }, { secure: true, local: false });
    expect(main.all('notify')).toEqual([]);
    const inputs = await world.link(ChannelType.playback, { connectionId });
    inputs.close();
    const again = await world.begin();
    await world.link(ChannelType.inputs, { connectionId: again.connectionId });
    expect(Buffer.from(again.main.first('notify').value.message).toString()).toBe('keyboard channel is insecure');
  });

  test('works with full headers too', async () => {
    const world = open();
    const { main } = await world.begin({ miniHeader: false });
    main.send('attachChannels', {});
    await world.host.settle();
    expect(main.all('channelsList')).toHaveLength(1);
    expect(world.server.observe().violations).toEqual({});
  });
});

test('a channel that must be encrypted is refused on a plain connection, and on no other', async () => {
  const world = open({ securedTypes: [ChannelType.main] });
  expect(refusalOf(await world.link(ChannelType.main))).toBe('needSecured');
  expect((await world.link(ChannelType.main, {}, { secure: true, local: false })).linked).toBe(true);
  expect((await world.link(ChannelType.main, {}, { secure: false, local: true })).linked).toBe(true);
});

describe('the connectivity check', () => {
  const answersPings = false;

  test('ends the session of a client that answers no PING and says nothing else', async () => {
    const world = open({ scene: 'still' });
    const { main, connectionId } = await world.begin({ answersPings });
    const display = await world.display(connectionId);
    await world.host.advance(59_000);
    expect(main.closed).toBe(false);
    await world.host.advance(2_000);
    expect([main.closed, display.closed, world.server.observe().ended]).toEqual([true, true, ['unresponsive for more than 30000 ms']]);
  });

  test('leaves a client alone that answers, for hours', async () => {
    const world = open({ scene: 'idle' });
    const { main } = await world.begin();
    await world.host.advance(3 * 3_600_000);
    expect(main.closed).toBe(false);
    expect(world.server.observe().channels['main/0']).toMatchObject({ pongsReceived: 3 + 3 * 240, pingsOutstanding: 0 });
  });

  test('takes any message for a sign of life', async () => {
    const world = open();
    const { main } = await world.begin({ answersPings });
    for (let seconds = 0; seconds < 200; seconds += 20) {
      main.send('pong', { id: 0xffff, timestamp: 0n });
      await world.host.advance(20_000);
    }
    expect([main.closed, world.server.observe().channels['main/0']]).toMatchObject([false, { unaskedPongs: 10 }]);
  });
});

test('PINGs come as often as they are asked for, and each is answered', async () => {
  const world = open({ pingEveryMs: 5 });
  const { main } = await world.begin();
  await world.host.advance(9_003);
  expect(main.all('ping')).toHaveLength(3 + 1_800);
  expect(world.server.observe().channels['main/0']).toMatchObject({ pongsReceived: 1_803, pingsOutstanding: 0, pongMs: { max: 0 } });
});

describe('what a client must not send closes its channel, under a name', () => {
  test('an unknown message', async () => {
    const world = open();
    const { main, connectionId } = await world.begin();
    const inputs = await world.link(ChannelType.inputs, { connectionId });
    inputs.write(Uint8Array.of(250, 0, 0, 0, 0, 0));
    await world.host.settle();
    expect([inputs.closed, main.closed, world.server.observe().violations]).toEqual([true, false, { 'inputs:unknown-250': 1 }]);
  });

  test('a flush mark that nobody asked for', async () => {
    const world = open();
    const { main } = await world.begin();
    main.send('migrateFlushMark', {});
    await world.host.settle();
    expect([main.closed, world.server.observe().violations]).toEqual([true, { 'main:unasked-migrateFlushMark': 1 }]);
  });

  test('a body of more than a server takes', async () => {
    const world = open();
    const { main } = await world.begin();
    main.write(Uint8Array.of(1, 0, 0xff, 0xff, 0xff, 0x7f));
    await world.host.settle();
    expect([main.closed, world.server.observe().violations]).toEqual([true, { 'main:framing-oversize': 1 }]);
  });

  test('agent data without AGENT_START, which ends the session', async () => {
    const world = open();
    const { main } = await world.begin();
    main.send('agentData', { data: new Uint8Array(20) });
    await world.host.settle();
    expect([main.closed, world.server.observe().violations]).toEqual([true, { 'main:agent-data-before-start': 1 }]);
  });

  test('anything before INIT on display, and a second INIT', async () => {
    const world = open();
    const { connectionId } = await world.begin();
    const early = await world.link(ChannelType.display, { connectionId });
    early.send('preferredCompression', { imageCompression: 1 });
    await world.host.settle();
    const twice = await world.display(connectionId);
    twice.send('init', displayInit);
    await world.host.settle();
    expect([early.closed, twice.closed]).toEqual([true, true]);
    expect(world.server.observe().violations).toEqual({ 'display:message-before-init': 1, 'display:init-twice': 1 });
  });
});
