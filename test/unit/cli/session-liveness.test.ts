// Connections that idle, fall silent or are held half open, in a whole session against the loopback server in virtual time: what is sent to keep them, what
// is given up when, and that a day of it costs no channel.
import { describe, expect, test } from 'vitest';
import type { HubArgs } from '#app/actors/hub-mail.js';
import { ActorSystem } from '#app/actors/kernel/actor-system.js';
import type { ChildHandle } from '#app/actors/kernel/child-handle.js';
import type { ChildSpec } from '#app/actors/kernel/child-spec.js';
import type { Host } from '#app/actors/kernel/host.js';
import type { SessionRunOptions } from '#app/cli/session-options.js';
import type { LoopbackFault } from '#app/loopback/fault-script.js';
import type { LoopbackOptions } from '#app/loopback/server.js';
import { VirtualLoopback } from '../../support/virtual-loopback.ts';
import { virtualSessions, type VirtualSession } from '../../support/virtual-session.ts';

const channels = ['main/0', 'display/0', 'cursor/0', 'inputs/0', 'playback/0', 'record/0', 'usbredir/0', 'port/0', 'webdav/0'];
const hourMs = 3_600_000;
/** Hours of virtual time take seconds of a busy machine's. */
const DAY_PATIENCE_MS = 120_000;

/** A hub that looks once a minute: nothing else in an idle day happens four times a second. */
class CalmSystem extends ActorSystem {
  override start(spec: ChildSpec): Promise<ChildHandle> {
    return super.start(spec.id === 'hub' ? { ...spec, args: { ...(spec.args as HubArgs), sampleEveryMs: 60_000 } } : spec);
  }
}

const calm = { createSystem: (host: Host) => new CalmSystem(host, { placement: 'local' }) };

/** A proxy in front of every channel that cuts what is idle for a minute. */
const idleLimit: LoopbackFault = { channelType: null, channelId: null, action: { kind: 'idle', ms: 60_000, cut: 'rst' }, moment: { kind: 'time', ms: 0 }, links: { first: 1, last: Infinity } };

const open = virtualSessions();

/** An idle session that has been up for a while, and has nothing more to say. */
async function session(options: Partial<LoopbackOptions> = {}, part: Partial<SessionRunOptions> = {}): Promise<VirtualSession> {
  const made = await open(new VirtualLoopback(1, { scene: 'idle', ...options }), part);
  made.lines.length = 0;
  return made;
}

describe('an idle connection', () => {
  test('is given a sign of life every 10 s, on each channel, and the server takes it', async () => {
    const world = await session({ pingEveryMs: null, quietPingEveryMs: null });
    await world.net.host.advance(60_000);
    for (const id of channels) {
      const { client_keepalive_send_count: sent, last_client_keepalive_send_ts_secs: last } = world.channel(id);
      expect([id, sent]).toEqual([id, 6]);
      expect(last).toBeGreaterThan(55);
    }
    expect(world.net.server.observe().violations).toEqual({});
    expect(world.lines).toEqual([]);
  });

  test('with traffic in either direction is left alone: PINGs more often than 10 s leave nothing to say', async () => {
    const world = await session({ pingEveryMs: 5_000, quietPingEveryMs: 5_000 });
    await world.net.host.advance(120_000);
    for (const id of channels) expect([id, world.channel(id).client_keepalive_send_count]).toEqual([id, 0]);
  });

  test('is given none where none is wanted', async () => {
    const world = await session({ pingEveryMs: null, quietPingEveryMs: null }, { keepaliveIdleMs: null });
    await world.net.host.advance(60_000);
    for (const id of channels) expect([id, world.channel(id).client_keepalive_send_count]).toEqual([id, 0]);
  });

  test('of inputs is told the lock state that the server told, which changes nothing at the guest', async () => {
    const world = await session();
    const before = world.net.server.observe().channels['inputs/0']?.['modifiers'];
    await world.net.host.advance(300_000);
    expect(world.channel('inputs/0').client_keepalive_send_count).toBeGreaterThan(20);
    expect(world.net.server.observe().channels['inputs/0']?.['modifiers']).toBe(before);
    expect(before).toBeDefined();
  });
});

describe('a proxy that cuts what is idle for 60 s', () => {
  test('cuts no channel in 24 hours, and the guest keeps its lock state', async () => {
    const world = await session({ faults: [idleLimit] }, calm);
    const before = world.net.server.observe().channels['inputs/0']?.['modifiers'];
    await world.net.host.advance(24 * hourMs);
    for (const id of channels) expect([id, world.channel(id).generation, world.net.of(id).length]).toEqual([id, 1, 1]);
    expect(world.net.server.observe().channels['inputs/0']?.['modifiers']).toBe(before);
    expect(world.outcome()).toBeNull();
    expect(world.lines).toEqual([]);
  }, DAY_PATIENCE_MS);

  test('without signs of life cuts the quiet ones, each comes back alone every time, and six hours of it escalate to nothing', async () => {
    const world = await session({ faults: [idleLimit] }, { ...calm, keepaliveIdleMs: null });
    await world.net.host.advance(6 * hourMs);
    expect(world.channel('main/0').generation).toBe(1);
    expect(world.channel('cursor/0').generation).toBeGreaterThan(250);
    expect(channels.map((id) => world.channel(id).state)).toEqual(channels.map(() => 'linked'));
    expect(world.outcome()).toBeNull();
  }, DAY_PATIENCE_MS);
});

describe('a server that is heard of no more', () => {
  test('on main is given up after 90 s, with the flag set before the loss is told', async () => {
    const world = await session({ checkEveryMs: null });
    world.net.freeze('main/0');
    const flags: (boolean | null)[] = [];
    world.run.events.subscribe(({ channel, event }) => {
      if (channel === 'main/0' && event.kind === 'connectionLost') flags.push(world.channel('main/0').keepalive_timeout_fired);
    });
    await world.net.host.advance(80_000);
    expect(world.outcome()).toBeNull();
    expect(world.channel('main/0').keepalive_timeout_fired).toBe(false);
    await world.net.host.advance(11_000);
    expect(flags).toEqual([true]);
    expect(world.channel('main/0').keepalive_timeout_fired).toBe(true);
    expect(JSON.stringify(world.outcome())).toContain('nothing was received for 90 s');
  });

  test('on a display alone is named, probed and linked again, and main has not noticed', async () => {
    const world = await session();
    await world.net.host.advance(120_000);
    world.net.freeze('display/0');
    await world.net.host.advance(70_000);
    expect(world.lines).toEqual([
      expect.stringMatching(/^display\/0 silent for \d\d s, where a PING came every 15 s before: probing its connection$/),
      expect.stringMatching(/^display\/0 lost its connection \(timeout: nothing was received for \d\d s, where a PING came every 15 s before\), linking again now$/),
      expect.stringMatching(/^display\/0 linked$/),
      'display/0 screen 640x400',
      'display/0 heads 640x400+0+0',
    ]);
    expect(world.channel('display/0')).toMatchObject({ state: 'linked', generation: 2, keepalive_timeout_fired: null });
    expect(world.channel('main/0').generation).toBe(1);
  });
});
