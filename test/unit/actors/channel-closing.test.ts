// How a channel actor stops, in virtual time: when it closes its socket, and what it says about it. A display is the delicate one:
// spice-server 0.15.1 dies when a display socket closes within about 10 ms of its link result and before its first message.
import { afterEach, describe, expect, test } from 'vitest';
import type { ChildHandle } from '#app/actors/kernel/child-handle.js';
import { ChannelType } from '#app/protocol/constants.js';
import { ChannelWorld } from '../../support/channel-world.ts';
import type { RawPeer, RawScript } from '../../support/raw-server.ts';
import { createVirtualWorld, type VirtualWorld } from '../../support/virtual-network.ts';

const GRACE_MS = 20;
const PATIENCE_MS = 500;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

interface Stage {
  readonly net: VirtualWorld;
  readonly world: ChannelWorld;
  readonly child: ChildHandle;
  peer(): RawPeer;
  /** Lets time pass and says whether the client has closed by then. */
  closedAfter(ms: number): Promise<boolean>;
}

async function stage(type: number, script: RawScript = {}, delayMs = 0): Promise<Stage> {
  const net = createVirtualWorld(1, script, { delayMs: () => delayMs });
  const world = new ChannelWorld(net.host, { placement: 'local' });
  cleanUps.push(async () => {
    const stopped = world.system.stopAll();
    await net.host.advance(10_000);
    await stopped;
    expect(net.host.pending).toBe(0);
  });
  await world.startHub();
  const child = await world.start(type, 0);
  const peer = (): RawPeer => {
    const [first] = net.peers;
    if (first === undefined) throw new Error('nobody has dialled');
    return first;
  };
  return {
    net,
    world,
    child,
    peer,
    closedAfter: async (ms) => {
      await net.host.advance(ms);
      return peer().closedAfter !== null;
    },
  };
}

const setAck = (peer: RawPeer): void => peer.send(ChannelType.display, 'setAck', { generation: 1, window: 20 });

async function expectQuietShutdown({ child, world, net }: Stage, stopped: Promise<unknown>): Promise<void> {
  await net.host.advance(PATIENCE_MS);
  await stopped;
  expect((await child.exited).reason).toEqual({ kind: 'shutdown' });
  expect(world.events(child.id).filter(({ kind }) => kind === 'connectionLost' || kind === 'linkFailed')).toEqual([]);
}

describe('a display', () => {
  test('that has heard nothing yet waits for its first message', async () => {
    const display = await stage(ChannelType.display);
    await display.net.host.settle();
    expect(display.peer().kinds).toEqual(['init']);
    const stopped = display.child.stop();
    expect(await display.closedAfter(100)).toBe(false);
    setAck(display.peer());
    expect(await display.closedAfter(0)).toBe(true);
    await expectQuietShutdown(display, stopped);
  });

  test('whose first message came early is still open 19 ms after its link result, and closed at 20', async () => {
    const display = await stage(ChannelType.display, { linked: setAck });
    await display.net.host.settle();
    const stopped = display.child.stop();
    expect(await display.closedAfter(GRACE_MS - 1)).toBe(false);
    expect(await display.closedAfter(1)).toBe(true);
    await expectQuietShutdown(display, stopped);
  });

  test('that has lived longer closes at once', async () => {
    const display = await stage(ChannelType.display, { linked: setAck });
    await display.net.host.advance(GRACE_MS);
    const stopped = display.child.stop();
    expect(await display.closedAfter(0)).toBe(true);
    await expectQuietShutdown(display, stopped);
  });

  test('whose server never says a word waits half a second, not for ever', async () => {
    const display = await stage(ChannelType.display);
    await display.net.host.settle();
    const stopped = display.child.stop();
    expect(await display.closedAfter(PATIENCE_MS - 1)).toBe(false);
    expect(await display.closedAfter(1)).toBe(true);
    await expectQuietShutdown(display, stopped);
  });

  test('that is stopped while its ticket is under way waits for the link result, its first message and the 20 ms', async () => {
    const display = await stage(ChannelType.display, { holdResult: true });
    await display.net.host.settle();
    expect(display.peer().resultHeld).toBe(true);
    const stopped = display.child.stop();
    expect(await display.closedAfter(100)).toBe(false);
    display.peer().sendResult();
    expect(await display.closedAfter(5)).toBe(false);
    setAck(display.peer());
    expect(await display.closedAfter(GRACE_MS - 6)).toBe(false);
    expect(await display.closedAfter(1)).toBe(true);
    await expectQuietShutdown(display, stopped);
  });

  test('that the server leaves in the meantime is done at once, and that is no loss', async () => {
    const display = await stage(ChannelType.display);
    await display.net.host.settle();
    const stopped = display.child.stop();
    await display.net.host.advance(1);
    display.peer().end();
    await display.net.host.advance(1);
    expect((await stopped).reason).toEqual({ kind: 'shutdown' });
    await expectQuietShutdown(display, stopped);
  });
});

describe('every other channel', () => {
  test.each([ChannelType.main, ChannelType.cursor, ChannelType.inputs])('of type %i closes at once', async (type) => {
    const channel = await stage(type);
    await channel.net.host.settle();
    const stopped = channel.child.stop();
    expect(await channel.closedAfter(0)).toBe(true);
    await expectQuietShutdown(channel, stopped);
  });

  test('that is not linked yet is gone at once', async () => {
    const channel = await stage(ChannelType.main, { holdResult: true });
    await channel.net.host.settle();
    const stopped = channel.child.stop();
    expect(await channel.closedAfter(0)).toBe(true);
    await expectQuietShutdown(channel, stopped);
  });

  test('writes nothing behind its FIN, and still reads', async () => {
    const channel = await stage(ChannelType.main, {}, 5);
    await channel.net.host.advance(100);
    const stopped = channel.child.stop();
    await channel.net.host.advance(1);
    expect(channel.peer().closedAfter).toBeNull();
    channel.peer().send(ChannelType.main, 'ping', { id: 1, timestamp: 1n, padding: new Uint8Array(0) });
    await expectQuietShutdown(channel, stopped);
    expect(channel.peer().received).toEqual([]);
    expect(channel.world.counters(ChannelType.main, 0)).toMatchObject({ messages_in: 1, pong_send_count: 0, messages_out: 0 });
  });
});
