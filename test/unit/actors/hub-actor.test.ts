// The hub in virtual time, in one thread with its consumers.
import { afterEach, describe, expect, test } from 'vitest';
import { ActorSystem } from '#app/actors/kernel/actor-system.js';
import { createVirtualHost } from '#app/actors/kernel/virtual-host.js';
import type { SharedFacts } from '#app/actors/control-mail.js';
import type { HubMail, HubNews, NewsKind, SessionReport, SubscriptionCount } from '#app/actors/hub-mail.js';
import { planOf } from '#app/cli/session-tree.js';
import type { SessionEvent } from '#app/ui-terminal/session-event.js';
import type { StatsSnapshot } from '#app/ui-terminal/view-model.js';
import { sharedFacts } from '../../support/control-facts.ts';

const LISTENER = new URL('../../support/actors/listener.mjs', import.meta.url).href;
const SAMPLE_MS = 250;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

interface Heard {
  readonly lane: string;
  readonly message: HubNews;
}

const note = (text: string): SessionEvent => ({ kind: 'noted', wallMs: 0, severity: 'info', source: 'test', text });
const said = (text: string): HubMail => ({ kind: 'tell', event: note(text) });
const texts = (heard: readonly Heard[]): string[] => heard.flatMap(({ message }) => (message.kind === 'event' && message.event.kind === 'noted' ? [`${message.sequence} ${message.event.text}`] : []));

async function stage() {
  const host = createVirtualHost({ seed: 1 });
  const system = new ActorSystem(host, { placement: 'local' });
  const reports: SessionReport[] = [];
  let samples = 0, ended = false;
  let facts: SharedFacts = sharedFacts({ connected: false });
  let counted: readonly SubscriptionCount[] = [];
  const sample = (subscriptions: readonly SubscriptionCount[]): StatsSnapshot => {
    counted = subscriptions;
    return { atMs: ++samples, session: { label: '', title: '', state: 'connecting', detail: '', connectedAtMs: null }, actors: [] };
  };
  const hub = await system.start({ ...planOf('hub'), args: { reports: { next: (report: SessionReport) => reports.push(report), error: () => undefined, complete: () => (ended = true) }, sample, facts: () => facts } });
  cleanUps.push(async () => {
    const stopped = system.stopAll();
    await host.advance(5_000);
    await stopped;
    expect([ended, host.pending]).toEqual([true, 0]);
  });
  const tell = async (...mail: readonly HubMail[]): Promise<void> => {
    for (const each of mail) expect(hub.address.tell(each)).toBe('accepted');
    await host.settle();
  };
  const consumer = async (id: 'log' | 'dashboard' | 'control', room = 100): Promise<Heard[]> => {
    const heard: Heard[] = [];
    await system.start({ id, module: LISTENER, args: { heard }, placement: 'local', restart: 'temporary', shutdown: 100, mailbox: { dataMax: room, controlMax: 16 }, links: [] });
    return heard;
  };
  const subscribe = (who: string, ...news: readonly NewsKind[]): Promise<void> => tell({ kind: 'subscribe', consumer: who, news });
  const change = (changed: Partial<SharedFacts>): void => void (facts = { ...facts, ...changed });
  return { host, hub, reports, tell, consumer, subscribe, change, samples: () => samples, counted: () => counted };
}

describe('a consumer', () => {
  test('that subscribes is given the present state first: what it missed, what it sees, how things stand', async () => {
    const { consumer, subscribe, tell } = await stage();
    const surface = new SharedArrayBuffer(64);
    await tell(said('before'), { kind: 'show', buffer: surface });
    const heard = await consumer('dashboard');
    await subscribe('dashboard', 'event', 'stats', 'surface');
    expect(heard.map(({ lane, message }) => `${lane} ${message.kind}`)).toEqual(['control surface', 'data event', 'data stats']);
    await tell(said('after'));
    expect(texts(heard)).toEqual(['1 before', '2 after']);
  });

  test('hears only what it subscribed to', async () => {
    const { consumer, subscribe, tell, host } = await stage();
    const heard = await consumer('log');
    await subscribe('log', 'event');
    await tell(said('one'), { kind: 'show', buffer: null });
    await host.advance(2 * SAMPLE_MS);
    expect(heard.map(({ message }) => message.kind)).toEqual(['event']);
  });

  test('that has no room loses that piece of news and sees the gap in the numbers; another loses nothing', async () => {
    const { consumer, subscribe, hub, host } = await stage();
    const small = await consumer('log', 3);
    const large = await consumer('dashboard');
    await subscribe('log', 'event');
    await subscribe('dashboard', 'event');
    for (let i = 1; i <= 5; i++) hub.address.tell(said(`${i}`));
    await host.settle();
    expect(texts(small)).toEqual(['1 1', '2 2', '3 3']);
    expect(texts(large)).toEqual(['1 1', '2 2', '3 3', '4 4', '5 5']);
    hub.address.tell(said('6'));
    await host.settle();
    expect(texts(small).at(-1)).toBe('6 6');
    const observed = hub.observe();
    await host.settle();
    expect(await observed).toEqual({ remembered: 6, subscriptions: [{ consumer: 'log', delivered: 4, dropped: 2 }, { consumer: 'dashboard', delivered: 6, dropped: 0 }] });
  });

  test('of facts is given them at once, after each report of a channel, and with every sample', async () => {
    const { consumer, subscribe, tell, change, host, samples } = await stage();
    const heard = await consumer('control');
    const agents = (): boolean[] => heard.map(({ message }) => message.kind === 'facts' && message.facts.agentConnected);
    await subscribe('control', 'facts');
    expect(agents()).toEqual([false]);
    // A change and its opposite between two samples are two pieces of news.
    for (const connected of [true, false]) {
      change({ agentConnected: connected });
      await tell({ kind: 'channelEvent', channel: 'main/0', atMs: 0, event: { kind: 'agentChanged', connected } });
    }
    expect(agents()).toEqual([false, true, false]);
    const before = samples();
    await host.advance(1_000);
    expect(heard).toHaveLength(3 + samples() - before);
  });

  test('may ask something of the session, which hears it at once', async () => {
    const { tell, reports } = await stage();
    await tell({ kind: 'sessionRequest', from: 'control', token: 1, command: { kind: 'disconnect' } });
    expect(reports).toEqual([{ kind: 'sessionRequest', from: 'control', token: 1, command: { kind: 'disconnect' } }]);
  });

  test('that unsubscribed hears nothing more, and may come back', async () => {
    const { consumer, subscribe, tell } = await stage();
    const heard = await consumer('log');
    await subscribe('log', 'event');
    await tell({ kind: 'unsubscribe', consumer: 'log' }, said('unheard'));
    expect(texts(heard)).toEqual([]);
    await subscribe('log', 'event');
    expect(texts(heard)).toEqual(['1 unheard']);
  });

  test('that comes late is given the last fifty events, oldest first', async () => {
    const { consumer, subscribe, tell } = await stage();
    await tell(...Array.from({ length: 60 }, (_, index) => said(`${index}`)));
    const heard = await consumer('log');
    await subscribe('log', 'event');
    expect(texts(heard).map((text) => text.split(' ')[1])).toEqual(Array.from({ length: 50 }, (_, index) => `${index + 10}`));
  });
});

test('samples are taken four times a second, with what every subscriber got and lost', async () => {
  const { host, samples, counted, consumer, subscribe, tell } = await stage();
  await consumer('log');
  await subscribe('log', 'event');
  await tell(said('one'));
  const before = samples();
  await host.advance(1_000);
  expect(samples() - before).toBe(4);
  expect(counted()).toEqual([{ consumer: 'log', delivered: 1, dropped: 0 }]);
});

test('reports of channels and of the writer go to the session at once, in order', async () => {
  const { tell, reports } = await stage();
  const mail: readonly SessionReport[] = [
    { kind: 'channelEvent', channel: 'main/0', atMs: 0, event: { kind: 'serialReached' } },
    { kind: 'cellChanged', channel: 'main/0', atMs: 0 },
    { kind: 'captureFellBehind', channel: 'display/0', dropped: 3 },
  ];
  await tell(...mail);
  expect(reports).toEqual(mail);
});
