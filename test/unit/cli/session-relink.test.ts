// A whole session against the loopback server in virtual time: which channel is linked again when, what people are told of it, and
// what ends the session. The moments are exact, because the clock is the test's.
import { describe, expect, test } from 'vitest';
import type { SessionRunOptions } from '#app/cli/session-options.js';
import { problemOf } from '#app/cli/outcome-problem.js';
import { connectionTarget } from '#app/cli/connection-target.js';
import type { LoopbackOptions } from '#app/loopback/server.js';
import { isStale, openSurface } from '#app/surface/shared-surface.js';
import { VirtualLoopback } from '../../support/virtual-loopback.ts';
import { virtualSessions, type VirtualSession } from '../../support/virtual-session.ts';

const secondary = ['display/0', 'cursor/0', 'inputs/0', 'playback/0', 'record/0', 'port/0'];

const open = virtualSessions();

/** A session that has been up for a while, and has nothing more to say. */
async function session(options: Partial<LoopbackOptions> = {}, part: Partial<SessionRunOptions> = {}): Promise<VirtualSession> {
  const made = await open(new VirtualLoopback(1, options), part);
  made.lines.length = 0;
  return made;
}

describe('a secondary channel whose connection is cut', () => {
  test.each(secondary)('%s is linked again alone, with the session id, 100 ms later', async (channel) => {
    const { net, lines, ...world } = await session();
    const before = world.channel(channel);
    const others = [...secondary, 'main/0'].filter((id) => id !== channel);
    net.cut(channel);
    await net.host.advance(99);
    expect(net.of(channel)).toHaveLength(1);
    expect(world.channel(channel).state).toBe('waiting');
    await net.host.advance(51);
    expect(net.of(channel)).toHaveLength(2);
    expect(lines.filter((line) => line.startsWith(channel)).slice(0, 2)).toEqual([`${channel} lost its connection (eof: closed: fin), linking again now`, `${channel} linked`]);
    const after = world.channel(channel);
    expect(after).toMatchObject({ state: 'linked', generation: 2, restarts: 1 });
    expect(after.bytes_out).toBeGreaterThanOrEqual(before.bytes_out);
    expect(after.messages_in).toBeGreaterThanOrEqual(before.messages_in);
    expect(others.map((id) => [id, world.channel(id).generation, net.of(id).length])).toEqual(others.map((id) => [id, 1, 1]));
    expect(net.server.observe().sessions).toBe(1);
  });

  test('all of them at one moment come back, and main has not noticed', async () => {
    const { net, lines, ...world } = await session();
    for (const channel of secondary) net.cut(channel, 'rst');
    await net.host.advance(1_000);
    expect(secondary.map((id) => world.channel(id).state)).toEqual(secondary.map(() => 'linked'));
    expect(lines.filter((line) => line.includes('lost its connection'))).toHaveLength(secondary.length);
    expect(world.outcome()).toBeNull();
  });

  test('one that is still held by the server is given result 0 and closed, and the waits grow until the server lets go', async () => {
    const { net, lines, ...world } = await session();
    net.of('display/0')[0]?.closeClient('timeout');
    await net.host.advance(700);
    expect(lines.filter((line) => line.startsWith('display/0 lost'))).toEqual([
      'display/0 lost its connection (timeout: closed: timeout), linking again now',
      expect.stringMatching(/^display\/0 lost its connection \(eof: closed: fin\), linking again in [\d.]+ m?s$/),
      expect.stringMatching(/^display\/0 lost its connection \(eof: closed: fin\), linking again in [\d.]+ m?s$/),
    ]);
    net.of('display/0')[0]?.closeServer();
    await net.host.advance(6_000);
    expect(world.channel('display/0')).toMatchObject({ state: 'linked', generation: 4 });
    // It has lived for 5 s by now: the next loss is the first again.
    lines.length = 0;
    net.cut('display/0');
    await net.host.advance(200);
    expect(lines[0]).toBe('display/0 lost its connection (eof: closed: fin), linking again now');
    expect(world.channel('display/0')).toMatchObject({ state: 'linked', generation: 5 });
  });

  test('one that cannot be linked again in five tries costs the session, which says which and why', async () => {
    const { net, ...world } = await session();
    const linked = net.dialled.length;
    net.refuses = (number) => number >= linked;
    net.cut('inputs/0');
    await net.host.advance(30_000);
    expect(net.dialled.length - linked).toBe(5);
    const outcome = world.outcome();
    expect(outcome).toMatchObject({ kind: 'gaveUp', escalation: { supervisor: 'channels', child: 'inputs/0', spent: 'lostPeer' } });
    const problem = problemOf(outcome!, connectionTarget({ host: 'vm', port: 5900 }), { text: '', origin: 'none' });
    expect(problem).toMatchObject({ code: 'supervisor.lostPeer', exit: 'gaveUp', message: expect.stringContaining('inputs/0 lost its connection to vm:5900 again and again') });
    expect(world.run.actors.filter(({ exit }) => exit === null).map(({ id }) => id)).toEqual(['writer', 'hub']);
  });

  test('a ticket that is refused on the way back is the loss of the session, with that reason', async () => {
    const { net, ...world } = await session({ ticket: { password: 'once', validUntilMs: null } }, { password: 'once' });
    net.server.setTicket({ password: 'another', validUntilMs: null });
    net.cut('cursor/0');
    await net.host.advance(150);
    expect(world.outcome()).toBeNull();
    await net.host.advance(100);
    const outcome = world.outcome();
    expect(outcome).toMatchObject({ kind: 'relinkRefused', channel: 'cursor/0', failure: { kind: 'handshake', error: { name: 'permissionDenied' } } });
    expect(net.of('cursor/0')).toHaveLength(2);
    const problem = problemOf(outcome!, connectionTarget({ host: 'vm', port: 5900 }), { text: 'once', origin: 'environment' });
    expect(problem).toMatchObject({ exit: 'authFailed', message: expect.stringMatching(/^cursor\/0 was lost and could not be linked again: vm:5900 refused the password/) });
  });
});

describe('when main is lost within 100 ms of a channel', () => {
  test.each([0, 1, 50, 99])('%i ms later: nothing is dialled, nothing is told of the channel, and the session ends once', async (ms) => {
    const { net, lines, ...world } = await session();
    const dialled = net.dialled.length;
    net.cut('display/0', 'rst');
    net.cut('inputs/0', 'rst');
    await net.host.advance(ms);
    net.cut('main/0', 'rst');
    await net.host.advance(60_000);
    expect(net.dialled.length).toBe(dialled);
    expect(lines.filter((line) => !line.startsWith('main/0'))).toEqual([]);
    expect(world.outcome()).toMatchObject({ kind: 'mainLost', cause: { kind: 'rst' } });
  });

  test('a server that dies takes all connections with it in any order, and none is dialled again', async () => {
    const { net, lines, ...world } = await session();
    const dialled = net.dialled.length;
    net.server.close();
    await net.host.advance(60_000);
    expect(net.dialled.length).toBe(dialled);
    expect(lines.filter((line) => line.includes('linking again'))).toEqual([]);
    expect(world.outcome()?.kind).toBe('mainLost');
  });

  test('101 ms later the channel was dialled already, which is the price', async () => {
    const { net, ...world } = await session();
    const dialled = net.dialled.length;
    net.cut('display/0');
    await net.host.advance(101);
    net.cut('main/0');
    await net.host.advance(60_000);
    expect(net.dialled.length).toBe(dialled + 1);
    expect(world.outcome()?.kind).toBe('mainLost');
  });
});

describe('an actor that throws', () => {
  test.each(secondary)('%s is started again at once and alone', async (channel) => {
    const { net, lines, ...world } = await session();
    world.poison(channel);
    await net.host.advance(50);
    expect(world.channel(channel)).toMatchObject({ state: 'linked', generation: 2 });
    expect(lines[0]).toMatch(new RegExp(`^${channel}#1 failed: .*, starting again now$`));
    expect(world.channel('main/0').generation).toBe(1);
  });

  test('one that throws six times is too much, and the supervisor says so once', async () => {
    const { net, lines, ...world } = await session();
    for (let i = 0; i < 6; i++) {
      world.poison('cursor/0');
      await net.host.advance(3_000);
    }
    expect(lines.filter((line) => line.includes('cursor/0#') && line.includes('starting again'))).toHaveLength(5);
    expect(world.outcome()).toMatchObject({ kind: 'gaveUp', escalation: { child: 'cursor/0', spent: 'crash' } });
  });

  test('main ends the session, and its last reason is kept', async () => {
    const { net, ...world } = await session();
    world.poison('main/0');
    await net.host.advance(2_000);
    expect(world.outcome()).toMatchObject({ kind: 'mainCrashed', reason: { kind: 'failed', error: { name: 'TypeError' } } });
  });

  test('the hub comes back, knows what is shown, and no channel has noticed', async () => {
    const { net, lines, ...world } = await session();
    world.run.actors.find(({ id }) => id === 'hub')?.handle.address.tell({ kind: 'subscribe', consumer: 'nobody', news: null });
    await net.host.advance(100);
    expect(world.run.actors.find(({ id }) => id === 'hub')).toMatchObject({ exit: null, handle: { generation: 2 } });
    expect(lines.filter((line) => line.startsWith('hub'))).toEqual([expect.stringMatching(/^hub#1 failed: .*, starting again now$/)]);
    expect(world.run.actors.filter(({ handle }) => handle.generation > 1).map(({ id }) => id)).toEqual(['hub']);
    net.cut('display/0');
    await net.host.advance(1_000);
    expect(lines).toContain('display/0 linked');
  });
});

describe('while a display is away', () => {
  test('its last picture stays, marked stale, until the whole new one is there', async () => {
    const { net, ...world } = await session();
    const [before] = world.run.surfaces;
    net.cut('display/0');
    await net.host.advance(50);
    expect(world.run.surfaces).toEqual([before]);
    expect(isStale(openSurface(before!.buffer))).toBe(true);
    await net.host.advance(200);
    const [after] = world.run.surfaces;
    expect(after?.buffer).not.toBe(before?.buffer);
    expect(isStale(openSurface(after!.buffer))).toBe(false);
    expect(Buffer.from(openSurface(after!.buffer).bytes).equals(Buffer.from(openSurface(before!.buffer).bytes))).toBe(true);
  });
});

describe('after inputs came back', () => {
  const pressedA = 0x1e;
  test('what was held is released on the new link, and only that', async () => {
    const { net, ...world } = await session();
    world.run.command('inputs/0', { kind: 'pressKey', scancode: pressedA });
    world.run.command('inputs/0', { kind: 'pressKey', scancode: 0x1f });
    world.run.command('inputs/0', { kind: 'releaseKey', scancode: 0x1f });
    world.run.command('inputs/0', { kind: 'pressButton', button: 1 });
    await net.host.advance(10);
    net.cut('inputs/0');
    await net.host.advance(20);
    // Nobody is there to hear that the key goes up: it is still held as far as the server knows.
    world.run.command('inputs/0', { kind: 'releaseKey', scancode: pressedA });
    await net.host.advance(500);
    expect(net.server.observe().channels['inputs/0']).toMatchObject({ actions: [{ kind: 'keyUp', value: { code: pressedA | 0x80 } }, { kind: 'mouseRelease', value: { button: 1, buttons: 0 } }] });
    net.cut('inputs/0');
    await net.host.advance(500);
    expect(net.server.observe().channels['inputs/0']).toMatchObject({ actions: [] });
  });
});
