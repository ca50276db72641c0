// A whole session that is lost, against the loopback server in virtual time: what is dialled when, what people are told in which
// order, what is kept and what begins anew, and what ends it for good.
import { describe, expect, test } from 'vitest';
import { fail, succeed } from '#app/cli/cli-problem.js';
import { connectionTarget, type ConnectionTarget } from '#app/cli/connection-target.js';
import { problemOf } from '#app/cli/outcome-problem.js';
import type { ReconnectOptions, RenewRequest } from '#app/cli/session-reconnect.js';
import { sampleSession } from '#app/cli/session-sample.js';
import { statsDocument } from '#app/cli/stats-document.js';
import type { LoopbackOptions } from '#app/loopback/server.js';
import type { Notification } from '#app/supervisor/notifications.js';
import { isStale, openSurface } from '#app/surface/shared-surface.js';
import { VirtualLoopback } from '../../support/virtual-loopback.ts';
import { upMs, virtualSessions, type VirtualSession } from '../../support/virtual-session.ts';

interface World extends VirtualSession {
  /** `Warn Connection lost — reconnecting…`, without the guest's agent and all that is not about the connection. */
  notices(): string[];
  /** Milliseconds after the loss at which main was dialled. */
  dials(sinceMs: number): number[];
}

const open = virtualSessions();
/** The others add nothing here but time. */
const filter = new Set(['main', 'display', 'cursor', 'inputs']);
const plain: ReconnectOptions = { holds: false, retryInitial: false, jitter: 0, renew: null, freshTickets: false };

interface Wishes {
  readonly reconnect?: Partial<ReconnectOptions> | null;
  readonly server?: Partial<LoopbackOptions>;
  readonly target?: (wallMs: number) => Partial<ConnectionTarget>;
  readonly password?: string;
}

/** What the reconnect policy has said. */
const ofConnection = (run: VirtualSession['run']): readonly Notification[] =>
  run.news.notifications.entries.filter(({ source, message }) => (source === 'Connection' || source === 'BugReport') && !message.startsWith('Guest agent'));

const noticesOf = ({ run }: VirtualSession): string[] => ofConnection(run).map(({ severity, message, count }) => `${severity} ${message}${count > 1 ? ` x${count}` : ''}`);

/** A session that has been up for a while. */
async function session({ reconnect = {}, server = {}, target = () => ({}), password = '' }: Wishes = {}): Promise<World> {
  const net = new VirtualLoopback(1, server);
  const dialledAt: number[] = [];
  const { dial } = net.host;
  Object.assign(net.host, { dial: (...args: Parameters<typeof dial>) => (dialledAt.push(net.host.clock.monotonicMs()), dial(...args)) });
  const made = await open(net, {
    filter, password, reconnect: reconnect === null ? null : { ...plain, ...reconnect },
    target: connectionTarget({ host: '127.0.0.1', port: 5900, ...target(net.host.clock.wallMs()) }),
  });
  return {
    ...made,
    notices: () => noticesOf(made),
    dials: (sinceMs) => net.dialled.flatMap(({ channel, isRefused }, index) => (channel === 'main/0' || isRefused ? [(dialledAt[index] ?? 0) - sinceMs] : [])).filter((at) => at >= 0).map(Math.round),
  };
}

const linked = ['main/0', 'display/0', 'cursor/0', 'inputs/0'];
const states = (world: World): string[] => linked.map((id) => `${id} ${world.channel(id).state}`);
const allLinked = linked.map((id) => `${id} linked`);
const lost = 'Warn Connection lost — reconnecting…';
const connected = 'Info Connected to 127.0.0.1:5900';
/** Said again within 30 s it is counted where it stands. */
const connectedTwice = `${connected} x2`;

describe('a server that dies', () => {
  test('and returns after 3 s is found by the second attempt: everything is linked again, and the picture is the new server’s', async () => {
    const world = await session();
    const { net, run } = world;
    const before = run.surfaces[0];
    const firstId = run.session.sessionId;
    const diedMs = net.host.clock.monotonicMs();
    net.stopServer();
    await net.host.advance(3_000);
    expect(run.connected).toBe(false);
    expect(run.surfaces[0]?.buffer).toBe(before?.buffer);
    expect(isStale(openSurface(before!.buffer))).toBe(true);
    net.startServer({ firstPicture: 7 });
    await net.host.advance(4_000);
    expect(world.dials(diedMs)).toEqual([1_000, 5_000]);
    expect(states(world)).toEqual(allLinked);
    expect(run.connected).toBe(true);
    expect(run.surfaces).toHaveLength(1);
    const shown = openSurface(run.surfaces[0]!.buffer);
    expect(isStale(shown)).toBe(false);
    expect(Buffer.from(shown.bytes).equals(Buffer.from(openSurface(before!.buffer).bytes))).toBe(false);
    expect(run.session.sessionId).not.toBe(firstId);
    expect(world.notices()).toEqual([connectedTwice, lost, 'Info Reconnect attempt 1/3…', 'Warn Reconnect attempt 1 failed: refused: closed: refused', 'Info Reconnect attempt 2/3…']);
    expect(net.server.observe()).toMatchObject({ sessions: 1, violations: {} });
    expect(world.outcome()).toBeNull();
  });

  test('and returns after 10 s is found by the third', async () => {
    const world = await session();
    const diedMs = world.net.host.clock.monotonicMs();
    world.net.stopServer();
    await world.net.host.advance(10_000);
    world.net.startServer();
    await world.net.host.advance(13_000);
    expect(world.dials(diedMs)).toEqual([1_000, 5_000, 21_000]);
    expect(states(world)).toEqual(allLinked);
    expect(world.run.reconnect.facts).toMatchObject({ phase: { kind: 'idle' }, autoReconnectCount: 3 });
  });

  test('and never returns ends the session: one loss, three attempts, three failures and one error, in this order', async () => {
    const world = await session();
    world.net.stopServer();
    await world.net.host.advance(30_000);
    expect(world.notices()).toEqual([
      connected, lost,
      'Info Reconnect attempt 1/3…', 'Warn Reconnect attempt 1 failed: refused: closed: refused',
      'Info Reconnect attempt 2/3…', 'Warn Reconnect attempt 2 failed: refused: closed: refused',
      'Info Reconnect attempt 3/3…', 'Warn Reconnect attempt 3 failed: refused: closed: refused',
      'Error Auto-reconnect failed after 3 attempts',
    ]);
    expect(new Set(ofConnection(world.run).map(({ source }) => source))).toEqual(new Set(['Connection']));
    const outcome = world.outcome();
    expect(outcome).toMatchObject({ kind: 'held', variant: { kind: 'generic', attempts: 3 }, cause: { kind: 'mainLost' } });
    expect(problemOf(outcome!, connectionTarget({ host: 'vm', port: 1 }), { text: '', origin: 'none' })).toMatchObject({
      code: 'reconnect.generic', exit: 'mainLost', message: expect.stringMatching(/^vm:1 closed the main channel.*Three automatic reconnect attempts failed: refused: closed: refused\.$/),
    });
    expect(world.lines.filter((line) => line.startsWith('session'))).toEqual(['session connected: 127.0.0.1:5900', 'session Reconnecting… (1/3)', 'session Reconnecting… (2/3)', 'session Reconnecting… (3/3)']);
    const document = statsDocument(world.run, 'mainLost', false, 'v', world.run.nowMs());
    expect(document).toMatchObject({
      reconnect: { state: 'held', attempt: null, next_at: null, variant: 'Generic', auto_reconnect_count: 3 }, ticket: null, notifications_dropped: 0,
    });
    expect(document.notifications.filter(({ source, message }) => source === 'Connection' && !message.startsWith('Guest agent'))).toMatchObject(
      world.notices().map((notice) => ({ severity: notice.split(' ')[0], source: 'Connection', read: false, visibility: null })),
    );
  });

  test('five times in a row, once every half minute, is found each time, and nothing grows', async () => {
    const world = await session();
    const channels = world.run.memory.channels.length;
    for (let time = 0; time < 5; time++) {
      world.net.stopServer();
      await world.net.host.advance(2_000);
      world.net.startServer();
      await world.net.host.advance(28_000);
      expect(states(world)).toEqual(allLinked);
    }
    expect(world.run.memory.channels).toHaveLength(channels);
    expect(world.run.surfaces).toHaveLength(1);
    expect(linked.map((id) => world.channel(id).generation)).toEqual([11, 6, 6, 6]);
  });

  test('with --no-reconnect is not dialled again', async () => {
    const world = await session({ reconnect: null });
    const dialled = world.net.dialled.length;
    world.net.stopServer();
    await world.net.host.advance(60_000);
    expect(world.net.dialled.length).toBe(dialled);
    expect(world.outcome()).toMatchObject({ kind: 'mainLost' });
    expect(world.notices()).toEqual([connected, 'Error Connection ended: Connection lost (main channel disconnected)']);
  });

  test('while the session is told to end: nothing is dialled and nothing is left', async () => {
    const world = await session();
    const dialled = world.net.dialled.length;
    world.net.stopServer();
    await world.net.host.advance(500);
    const stopped = world.run.stop();
    await world.net.host.advance(30_000);
    await stopped;
    expect(world.net.dialled.length).toBe(dialled);
    expect(world.outcome()).toBeNull();
  });
});

describe('an attempt', () => {
  test('that reaches a server which says nothing fails after its deadline', async () => {
    const world = await session();
    world.net.stopServer();
    await world.net.host.advance(500);
    // Accepts, and is silent.
    world.net.startServer();
    world.net.server.accept = () => ({ received: () => undefined, drained: () => undefined, closed: () => undefined });
    await world.net.host.advance(12_000);
    expect(world.notices().at(-1)).toBe('Warn Reconnect attempt 1 failed: timeout: no answer within 10 s (linking)');
  });

  test('that brings a session of a second has failed: a server that drops everybody is not dialled for ever', async () => {
    const world = await session();
    world.net.stopServer();
    for (let time = 0; time < 4; time++) {
      world.net.startServer();
      while (!world.run.connected && world.outcome() === null) await world.net.host.advance(500);
      await world.net.host.advance(1_000);
      world.net.stopServer();
      await world.net.host.advance(200);
    }
    expect(world.run.reconnect.facts.autoReconnectCount).toBe(3);
    expect(world.outcome()).toMatchObject({ kind: 'held', variant: { kind: 'generic', attempts: 3 } });
    expect(world.notices().filter((notice) => /failed/.test(notice))).toEqual([
      'Warn Reconnect attempt 1 failed: Connection lost (main channel disconnected)', 'Warn Reconnect attempt 2 failed: Connection lost (main channel disconnected)',
      'Warn Reconnect attempt 3 failed: Connection lost (main channel disconnected)', 'Error Auto-reconnect failed after 3 attempts',
    ]);
  });

  test('finds a server that is another one, and says so once for each thing', async () => {
    const world = await session({ server: { name: 'blue' } });
    world.net.stopServer();
    world.net.startServer({ name: 'green' });
    await world.net.host.advance(3_000);
    expect(world.notices().filter((notice) => notice.includes('not the one before'))).toEqual(['Warn The server is not the one before: its guest name was blue and is green']);
    world.net.stopServer();
    world.net.startServer({ name: 'green' });
    await world.net.host.advance(9_000);
    expect(world.notices().filter((notice) => notice.includes('not the one before'))).toHaveLength(1);
  });
});

describe('what else costs a session', () => {
  test('a crash of main’s actor', async () => {
    const world = await session();
    world.poison('main/0');
    await world.net.host.advance(4_000);
    expect(states(world)).toEqual(allLinked);
    expect(world.notices()).toEqual([connectedTwice, lost, 'Info Reconnect attempt 1/3…']);
  });

  test('a channel that crashes again and again', async () => {
    const world = await session();
    for (let time = 0; time < 6; time++) {
      world.poison('cursor/0');
      await world.net.host.advance(3_000);
    }
    await world.net.host.advance(5_000);
    expect(states(world)).toEqual(allLinked);
    expect(world.notices()).toEqual([connectedTwice, expect.stringMatching(/^Info cursor\/0: linked again after: failed: .* x5$/), lost, 'Info Reconnect attempt 1/3…']);
  });

  test('a ticket that is refused when a channel is linked again; main, which still stands, is ended at once', async () => {
    const world = await session({ server: { ticket: { password: 'old', validUntilMs: null } }, password: 'old' });
    world.net.server.setTicket({ password: 'new', validUntilMs: null });
    world.net.cut('cursor/0');
    await world.net.host.advance(900);
    expect(world.run.actors.flatMap(({ id, exit }) => (exit === null ? [id] : []))).toEqual(['writer', 'hub']);
    await world.net.host.advance(30_000);
    expect(world.outcome()).toMatchObject({ kind: 'held', variant: { kind: 'generic', attempts: 3, latestError: 'auth: the server answered permissionDenied' }, cause: { kind: 'relinkRefused' } });
    expect(problemOf(world.outcome()!, connectionTarget({ host: 'vm', port: 1 }), { text: 'old', origin: 'environment' }).exit).toBe('authFailed');
  });

  test('all channels at one moment with main: the policy runs once', async () => {
    const world = await session();
    for (const channel of ['display/0', 'inputs/0', 'cursor/0']) world.net.cut(channel, 'rst');
    await world.net.host.advance(60);
    world.net.cut('main/0', 'rst');
    await world.net.host.advance(5_000);
    expect(world.notices()).toEqual([connectedTwice, lost, 'Info Reconnect attempt 1/3…']);
    expect(world.lines.filter((line) => line.includes('linking again'))).toEqual([]);
    expect(states(world)).toEqual(allLinked);
  });
});

describe('a ticket', () => {
  test('that works once: not one connection is made after the loss', async () => {
    const world = await session({ target: () => ({ singleUse: true }) });
    const dialled = world.net.dialled.length;
    world.net.stopServer();
    world.net.startServer();
    await world.net.host.advance(60_000);
    expect(world.net.dialled.length).toBe(dialled);
    expect(world.outcome()).toMatchObject({ kind: 'held', variant: { kind: 'oneShotConsumed' } });
    expect(world.notices()).toEqual([connected, 'Error Connection ended — single-use ticket consumed']);
    expect(problemOf(world.outcome()!, connectionTarget({ host: 'vm', port: 1 }), { text: '', origin: 'none' })).toMatchObject({ code: 'reconnect.oneShotConsumed', exit: 'mainLost', message: expect.stringContaining('single-use ticket') });
    expect(world.lines.some((line) => line.includes('Reconnecting…'))).toBe(false);
  });

  test('that expires during the session changes nothing until the loss; people were warned once, 30 s before', async () => {
    const world = await session({ target: (wallMs) => ({ ticketValidUntilMs: wallMs + upMs + 84_000 }) });
    await world.net.host.advance(53_900);
    expect(world.notices()).toHaveLength(1);
    await world.net.host.advance(60_000);
    expect(world.run.connected).toBe(true);
    expect(ofConnection(world.run).slice(1)).toMatchObject([{ severity: 'Warn', source: 'BugReport', message: 'Session ticket expires in 30 seconds.', count: 1 }]);
    const dialled = world.net.dialled.length;
    world.net.stopServer();
    world.net.startServer();
    await world.net.host.advance(30_000);
    expect(world.net.dialled.length).toBe(dialled);
    expect(world.outcome()).toMatchObject({ kind: 'held', variant: { kind: 'ticketExpired' } });
  });

  test('that expires while an attempt waits ends the waiting', async () => {
    const world = await session({ target: (wallMs) => ({ ticketValidUntilMs: wallMs + upMs + 9_000 }) });
    world.net.stopServer();
    await world.net.host.advance(5_500);
    expect(world.outcome()).toBeNull();
    await world.net.host.advance(5_000);
    expect(world.outcome()).toMatchObject({ kind: 'held', variant: { kind: 'ticketExpired' } });
    expect(world.run.reconnect.facts.autoReconnectCount).toBe(2);
  });

  test('that should be good, and attempts that fail all the same: the log names the clock', async () => {
    const world = await session({ target: (wallMs) => ({ ticketValidUntilMs: wallMs + 86_400_000 }) });
    world.net.stopServer();
    await world.net.host.advance(30_000);
    expect(world.outcome()).toMatchObject({ kind: 'held', variant: { kind: 'generic' } });
    expect(world.lines.filter((line) => line.includes('ticket-valid-until'))).toEqual([
      expect.stringMatching(/^connection 3 reconnect attempts failed but ticket-valid-until is still in the future \(.*Z\); possible clock skew or server-side issue independent of ticket expiry$/),
    ]);
  });

  test('counts down in the status and in the statistics', async () => {
    const world = await session({ target: (wallMs) => ({ ticketValidUntilMs: wallMs + upMs + 84_000 }) });
    const { run, net } = world;
    expect(sampleSession(run, run.reconnect.connection.target, net.host.clock, []).session).toMatchObject({ state: 'connected', detail: 'ticket ends in 1 min 24 s', held: null });
    expect(statsDocument(run, 'ok', true, 'v', run.nowMs()).ticket).toEqual({ single_use: false, valid_until: expect.any(Number), remaining_secs: 84 });
    await net.host.advance(90_000);
    expect(sampleSession(run, run.reconnect.connection.target, net.host.clock, []).session.detail).toBe('ticket expired');
  });
});

describe('a fresh ticket for each attempt', () => {
  const ticket = (password: string) => ({ ticket: { password, validUntilMs: null } });

  test('lets even a ticket that works once be followed by another', async () => {
    const asked: RenewRequest[] = [];
    const renew = (request: RenewRequest) => {
      asked.push(request);
      return Promise.resolve(succeed({ target: request.target, endpoints: [{ plain: { transport: 'tcp' as const, address: '127.0.0.1', port: 5900, tls: null }, secure: null }], password: 'second' }));
    };
    const world = await session({ reconnect: { renew, freshTickets: true }, target: () => ({ singleUse: true }), server: ticket('first'), password: 'first' });
    world.net.stopServer();
    world.net.startServer(ticket('second'));
    await world.net.host.advance(4_000);
    expect(states(world)).toEqual(allLinked);
    expect(asked.map(({ attempt, target }) => [attempt, target.label])).toEqual([[1, '127.0.0.1:5900']]);
  });

  test('that cannot be had is a failed attempt, with its reason', async () => {
    const renew = () => Promise.resolve(fail('ticketCommand.failed', 'connectFailed', 'the ticket command failed: no such machine'));
    const world = await session({ reconnect: { renew, freshTickets: true } });
    const dialled = world.net.dialled.length;
    world.net.stopServer();
    await world.net.host.advance(30_000);
    expect(world.net.dialled.length).toBe(dialled);
    expect(world.outcome()).toMatchObject({ kind: 'held', variant: { kind: 'generic', attempts: 3, latestError: 'the ticket command failed: no such machine' } });
  });

  test('that never comes is given up after a minute, and told to give up', async () => {
    const signals: AbortSignal[] = [];
    const renew = ({ signal }: RenewRequest) => {
      signals.push(signal);
      return new Promise<never>(() => undefined);
    };
    const world = await session({ reconnect: { renew, freshTickets: true } });
    world.net.stopServer();
    await world.net.host.advance(60_500);
    expect(signals[0]?.aborted).toBe(false);
    await world.net.host.advance(1_000);
    expect(signals[0]?.aborted).toBe(true);
    expect(world.notices().at(-1)).toBe('Warn Reconnect attempt 1 failed: no session within 60 s');
  });
});

describe('a session that is held for a person', () => {
  async function held(): Promise<World> {
    const world = await session({ reconnect: { holds: true } });
    world.net.stopServer();
    await world.net.host.advance(30_000);
    return world;
  }

  test('shows what happened, its last picture and the keys, and waits', async () => {
    const world = await held();
    const { run, net } = world;
    await net.host.advance(600_000);
    expect(world.outcome()).toBeNull();
    expect(sampleSession(run, run.reconnect.connection.target, net.host.clock, []).session).toMatchObject({
      state: 'held', detail: 'Connection lost', held: { title: 'Connection lost', body: 'Three automatic reconnect attempts failed: refused: closed: refused', keys: ['R reconnect', 'Q close'] },
    });
    expect(run.surfaces).toHaveLength(1);
    expect(run.reconnect.held).toMatchObject({ kind: 'held', variant: { kind: 'generic' } });
    expect(world.lines.at(-1)).toBe('session held: Connection lost');
  });

  test('is begun again by hand, with a fresh budget, also within the five minutes', async () => {
    const world = await held();
    world.net.startServer();
    expect(world.run.reconnect.byHand()).toBe(true);
    await world.net.host.advance(7_000);
    expect(states(world)).toEqual(allLinked);
    expect(world.notices().slice(-2)).toEqual(['Info Reconnecting (manual)…', connected]);
    const diedMs = world.net.host.clock.monotonicMs();
    world.net.stopServer();
    await world.net.host.advance(30_000);
    expect(world.dials(diedMs)).toEqual([1_000, 5_000, 21_000]);
    expect(world.outcome()).toBeNull();
  });

  test('says so when a try by hand fails, and can be tried again', async () => {
    const world = await held();
    world.run.reconnect.byHand();
    await world.net.host.advance(1_000);
    expect(world.run.reconnect.facts.phase).toMatchObject({ kind: 'held', variant: { kind: 'connectFailed', error: 'refused: closed: refused' } });
    world.net.startServer();
    world.run.reconnect.byHand();
    await world.net.host.advance(1_000);
    expect(states(world)).toEqual(allLinked);
  });

  test('cannot be begun by hand with a ticket that was used up', async () => {
    const world = await session({ reconnect: { holds: true }, target: () => ({ singleUse: true }) });
    expect(world.run.reconnect.refusal).toContain('single-use ticket');
    expect(world.run.reconnect.byHand()).toBe(false);
    expect(world.run.connected).toBe(true);
    world.net.stopServer();
    await world.net.host.advance(1_000);
    expect(world.outcome()).toBeNull();
    expect(sampleSession(world.run, world.run.reconnect.connection.target, world.net.host.clock, []).session.held?.keys).toEqual(['Q close']);
  });
});

describe('a writer that dies again and again', () => {
  /** Its supervisor is the root: with it everything ends. */
  const dies = async (world: World): Promise<void> => {
    for (let time = 0; time < 6; time++) {
      void world.run.actors.find(({ id }) => id === 'writer')?.handle.kill();
      await world.net.host.advance(100);
    }
    await world.net.host.advance(20_000);
  };

  test.each([
    ['up', { holds: true }, 0],
    ['waiting for its next attempt', { holds: false }, 2_000],
    ['held for a person', { holds: true }, 30_000],
  ])('ends a session that is %s: there is nothing left in which one could begin', async (_state, reconnect, deadMs) => {
    const world = await session({ reconnect });
    if (deadMs > 0) {
      world.net.stopServer();
      await world.net.host.advance(deadMs);
    }
    expect(world.outcome()).toBeNull();
    await dies(world);
    expect(world.outcome()).toMatchObject({ kind: 'gaveUp', escalation: { supervisor: 'root', child: 'writer' } });
    expect(world.run.reconnect.byHand()).toBe(false);
  });
});

describe('by hand', () => {
  test('a session that is up is given up for a new one', async () => {
    const world = await session();
    const firstId = world.run.session.sessionId;
    expect(world.run.reconnect.byHand()).toBe(true);
    await world.net.host.advance(2_000);
    expect(states(world)).toEqual(allLinked);
    expect(world.run.session.sessionId).not.toBe(firstId);
    expect(world.net.server.observe()).toMatchObject({ sessions: 2, violations: {} });
    expect(world.notices()).toEqual([connectedTwice, 'Info Reconnecting (manual)…']);
  });

  test('many times at one moment is one new session', async () => {
    const world = await session();
    for (let time = 0; time < 20; time++) world.run.reconnect.byHand();
    await world.net.host.advance(5_000);
    expect(states(world)).toEqual(allLinked);
    expect(world.net.server.observe().sessions).toBe(2);
    expect(world.net.of('main/0')).toHaveLength(2);
  });
});

describe('the first connection', () => {
  async function refused(reconnect: Partial<ReconnectOptions>, returnsAfterMs: number | null = null): Promise<World> {
    const net = new VirtualLoopback(1);
    net.stopServer();
    const made = await open(net, { filter, reconnect: { ...plain, ...reconnect } }, 100);
    if (returnsAfterMs !== null) {
      await net.host.advance(returnsAfterMs);
      net.startServer();
    }
    await net.host.advance(30_000);
    return { ...made, notices: () => noticesOf(made), dials: () => [] };
  }

  test.each([false, true])('that fails is not tried again, and the answer is why (holds: %s)', async (holds) => {
    const world = await refused({ holds });
    expect(world.net.dialled).toHaveLength(1);
    expect(world.outcome()).toMatchObject({ kind: 'connectFailed' });
    expect(world.notices()).toEqual(['Error Connection attempt failed: refused: closed: refused', 'Error Connection attempt failed']);
  });

  test('with --retry-initial is tried three times more, and its last failure is the answer', async () => {
    const world = await refused({ retryInitial: true, holds: true });
    expect(world.net.dialled).toHaveLength(4);
    expect(world.outcome()).toMatchObject({ kind: 'connectFailed' });
  });

  test('with --retry-initial finds a server that comes later', async () => {
    const world = await refused({ retryInitial: true }, 3_000);
    expect(world.run.connected).toBe(true);
    expect(states(world)).toEqual(allLinked);
  });
});
