// Reports of whole sessions in virtual time: what becomes a report and when, of which moment it is, what is in it, and that nothing secret is.
import { describe, expect, test } from 'vitest';
import { Subject } from 'rxjs';
import type { SessionRequest } from '#app/actors/hub-mail.js';
import { emptyRegionText } from '#app/capture/report/report-region.js';
import { answerRequests } from '#app/cli/session-requests.js';
import type { Answer } from '#app/control/request.js';
import type { ReportWish } from '#app/control/session-command.js';
import { folderOf } from '#app/capture/report/report-kind.js';
import type { ReportPlan, ReportWritten } from '#app/capture/report/report-members.js';
import { writeTraffic } from '#app/capture/report/report-traffic.js';
import { connectionTarget } from '#app/cli/connection-target.js';
import { ReportFailed, type ReportWriter } from '#app/cli/report-pool.js';
import type { ReportOptions } from '#app/cli/session-reports.js';
import type { SessionRunOptions } from '#app/cli/session-options.js';
import { readTapPins } from '#app/mailbox/tap-snapshot.js';
import { VirtualLoopback } from '../../support/virtual-loopback.ts';
import { virtualSessions, type VirtualSession } from '../../support/virtual-session.ts';

const open = virtualSessions();

interface Kept {
  readonly plan: ReportPlan;
  readonly traffic: Buffer;
  json(name: string): Record<string, unknown>;
}

/** Keeps what is given to it, as a disk would. */
class KeepingWriter implements ReportWriter {
  readonly kept: Kept[] = [];
  failure: ReportFailed | null = null;
  hold: Promise<void> = Promise.resolve();

  async write(plan: ReportPlan): Promise<ReportWritten> {
    await this.hold;
    if (this.failure !== null) throw this.failure;
    const sources = (plan.traffic?.pins ?? []).map((pins) => ({ channel: pins.handle.channel, wallBaseMs: pins.handle.wallBaseMs, ...readTapPins(pins) }));
    const count = { messages: 0, bytes: 0 };
    const pieces: Buffer[] = [];
    for (const piece of writeTraffic(sources, { redacted: plan.traffic?.redacted ?? true }, count)) pieces.push(Buffer.from(piece));
    this.kept.push({
      plan,
      traffic: Buffer.concat(pieces),
      json: (name) => JSON.parse(plan.members.find((member) => member.name === name)?.text ?? 'null') as Record<string, unknown>,
    });
    return { path: plan.path, bytes: 1, messages: count.messages, pruned: 0 };
  }

  close(): Promise<boolean> {
    return Promise.resolve(true);
  }

  get names(): string[] {
    return this.kept.map(({ plan }) => plan.path.replace(/^.*\//, '').replace(/-\d{4}-.*$/, ''));
  }
}

const build = { version: '1', gitSha: null, platform: 'linux', architecture: 'x64', node: 'v20', packages: {} };
const folders = { bugReportDir: 'r', pedanticDir: null, captureFolder: null };

async function reported(part: Partial<ReportOptions> = {}, more: Partial<SessionRunOptions> = {}): Promise<VirtualSession & { readonly writer: KeepingWriter }> {
  const writer = new KeepingWriter();
  const reports: ReportOptions = { folders, automatic: true, pedantic: false, autoSnapshot: null, redacted: true, build, seed: 1, writer, ...part };
  return { ...(await open(new VirtualLoopback(1), { reports, ...more })), writer };
}

test('a channel that is lost is one report, with all channels\' traffic and what was known then', async () => {
  const { net, writer } = await reported();
  net.cut('cursor/0');
  await net.host.advance(49);
  expect(writer.kept).toEqual([]);
  await net.host.advance(10);
  expect(writer.names).toEqual(['ryll-disconnect-cursor']);
  const [report] = writer.kept;
  expect(report?.json('metadata.json')).toMatchObject({ report_type: { Disconnect: { channel: 'cursor' } }, channel: 'cursor', redacted: true, seed: 1, format: 'ryll-actors-report/1', traffic_incomplete: [] });
  expect(report?.json('disconnect-cause.json')).toMatchObject({ channel: 'cursor', error_kind: expect.any(String) as string });
  expect(report?.plan.members.map(({ name }) => name).toSorted()).toEqual([
    'channel-state.json', 'disconnect-cause.json', 'events.json', 'metadata.json', 'notifications.json', 'replay.txt', 'runtime-metrics.json', 'session.json', 'stacks.json', 'verdict.json',
  ]);
  expect(report?.json('verdict.json')).toMatchObject({ format: 1, causes: [{ subject: 'cursor/0' }] });
  expect((report!.json('metadata.json')['traffic_channels'] as string[]).length).toBeGreaterThan(4);
});

test('channels that go together are one report, of main when it is among them', async () => {
  const { net, writer } = await reported();
  for (const channel of ['cursor/0', 'display/0', 'main/0', 'inputs/0']) net.cut(channel);
  await net.host.advance(1_000);
  expect(writer.names).toEqual(['ryll-disconnect-main']);
});

test('a session that ends because a lost channel is refused has a report that says so, after that of the loss', async () => {
  const { net, writer } = await reported({}, { password: 'once' });
  net.server.setTicket({ password: 'another', validUntilMs: null });
  net.cut('cursor/0');
  await net.host.advance(1_000);
  expect(writer.names).toEqual(['ryll-disconnect-cursor', 'ryll-disconnect-session']);
  expect(writer.kept[1]?.json('disconnect-cause.json')).toMatchObject({ channel: 'session', error_kind: 'auth', error_message: expect.stringContaining('cursor/0 could not be linked again') as string });
});

test('a noisy channel has one report in a minute and hides no other', async () => {
  const { net, writer } = await reported();
  net.cut('cursor/0');
  await net.host.advance(10_000);
  net.cut('cursor/0');
  net.cut('inputs/0');
  await net.host.advance(1_000);
  expect(writer.names).toEqual(['ryll-disconnect-cursor', 'ryll-disconnect-inputs']);
  await net.host.advance(60_000);
  net.cut('cursor/0');
  await net.host.advance(1_000);
  expect(writer.names).toHaveLength(3);
});

test('what is not asked for is not made: no reports of their own accord, none without a folder', async () => {
  const { net, writer, run } = await reported({ automatic: false });
  net.cut('cursor/0');
  await net.host.advance(1_000);
  expect(writer.kept).toEqual([]);
  expect(run.reports.counts).toMatchObject({ written: 0, failed: 0 });
});

test('a report that cannot be written is told and counted, and a loss after a minute tries again', async () => {
  const { net, writer, run } = await reported();
  writer.failure = new ReportFailed('notWritten', 'ENOSPC: no space left on device');
  net.cut('cursor/0');
  await net.host.advance(1_000);
  expect(run.reports.counts).toMatchObject({ written: 0, failed: 1 });
  expect(run.news.notifications.entries.findLast(({ source }) => source === 'BugReport')).toMatchObject({ severity: 'Error', message: expect.stringContaining('ENOSPC') as string });
});

test('auto-snapshots come so long after each other, into a folder of their own, and the state counts them', async () => {
  const { net, writer } = await reported({ autoSnapshot: { intervalMs: 10_000, filesMax: 3 } });
  // Their runtime metrics take two seconds of either clock.
  await net.host.advance(40_000);
  await expect.poll(async () => { await net.host.advance(3_000); return writer.names.length; }, { timeout: 10_000 }).toBeGreaterThan(1);
  expect(writer.kept[1]?.plan.path).toMatch(new RegExp(`^${folderOf('autoSnapshot', folders)}/ryll-auto-snapshot-.*-T\\+[0-9.]+s\\.zip$`));
  expect(writer.kept[1]?.json('session.json')).toMatchObject({ auto_snapshots_saved: 1 });
  expect(Object.keys(writer.kept[1]!.json('channel-state.json'))).toEqual(expect.arrayContaining(['display', 'inputs', 'cursor', 'main', 'playback', 'usbredir', 'webdav']));
});

describe('a report of a notification', () => {
  const lossNotice = ({ run }: VirtualSession): number => run.news.notifications.entries.find(({ message }) => message.startsWith('cursor/0: lost'))!.id;

  test('shows what was known when it was said: state, session and traffic', async () => {
    const session = await reported({ automatic: false });
    session.net.cut('cursor/0');
    await session.net.host.advance(30_000);
    const outcome = session.run.reports.fileNotification(lossNotice(session));
    await session.net.host.settle();
    expect((await outcome).ok).toBe(true);
    const [report] = session.writer.kept;
    const [metadata, state] = [report!.json('metadata.json'), report!.json('session.json')];
    expect(metadata).toMatchObject({ report_type: { Notification: { snapshot_state: 'AtFire' } }, channel: 'main' });
    expect(state['uptime_secs']).toBe(metadata['triggered_uptime_secs']);
    expect(metadata['session_uptime_secs'] as number).toBeGreaterThan((metadata['triggered_uptime_secs'] as number) + 29);
    // The second time it has been filed.
    const again = session.run.reports.fileNotification(lossNotice(session));
    await session.net.host.settle();
    await again;
    expect(session.writer.kept[1]?.json('metadata.json')).toMatchObject({ report_type: { Notification: { snapshot_state: 'PostEventOnly' } } });
    expect(session.writer.kept[1]!.traffic.length).toBeGreaterThan(report!.traffic.length);
  });

  test('after a minute shows what is known now', async () => {
    const session = await reported({ automatic: false });
    session.net.cut('cursor/0');
    await session.net.host.advance(61_000);
    const outcome = session.run.reports.fileNotification(lossNotice(session));
    await session.net.host.settle();
    expect((await outcome).ok).toBe(true);
    expect(session.writer.kept[0]?.json('metadata.json')).toMatchObject({ report_type: { Notification: { snapshot_state: 'PostEventOnly' } } });
  });

  test('that there is not is refused', async () => {
    const session = await reported();
    expect(await session.run.reports.fileNotification(999)).toEqual({ ok: false, message: 'there is no notification 999' });
  });
});

describe('a person who asks through the control socket', () => {
  async function ask(session: VirtualSession, report: ReportWish): Promise<Answer> {
    const asked = new Subject<SessionRequest>();
    const answered = new Promise<Answer>((resolve) => {
      answerRequests({
        requests: asked, reconnect: session.run.reconnect, news: session.run.news, reports: session.run.reports, command: () => true, answer: (_, answer) => resolve(answer),
      }, { end: () => undefined, stats: () => ({}) });
    });
    asked.next({ kind: 'sessionRequest', from: 'control', token: 1, command: { kind: 'report', report } });
    let isAnswered = false;
    void answered.then(() => (isAnswered = true));
    await expect.poll(async () => { await session.net.host.advance(500); return isAnswered; }, { timeout: 10_000 }).toBe(true);
    return answered;
  }

  test('for the screen gets a file with the picture, the region that is meant and the traffic of the display', async () => {
    const session = await reported({ automatic: false });
    const answer = await ask(session, { kind: 'session', type: 'display', description: 'stripes', region: { left: 30, top: 20, right: 10, bottom: 5 } });
    expect(answer).toMatchObject({ ok: true, result: { path: expect.stringMatching(/\/r\/ryll-bugreport-.*\.zip$/) as string, privacy: expect.stringContaining('Look through it') as string } });
    const [report] = session.writer.kept;
    expect(report!.json('metadata.json')).toMatchObject({ report_type: 'Display', description: 'stripes', channel: 'display', region: { left: 10, top: 5, right: 30, bottom: 20 }, traffic_channels: ['display/0'] });
    expect(report!.plan.pictures.map(({ name, region }) => [name, region])).toEqual([['screenshot.png', null], ['screenshot-region.png', { left: 10, top: 5, right: 30, bottom: 20 }]]);
    expect(report!.json('runtime-metrics.json')).toHaveProperty('platform');
  });

  test('for a region without area is refused, told why, and there is no file', async () => {
    const session = await reported({ automatic: false });
    const answer = await ask(session, { kind: 'session', type: 'display', description: '', region: { left: 1948, top: 1152, right: 1948, bottom: 1152 } });
    expect(answer).toEqual({ ok: false, error: { code: 'bad_params', message: emptyRegionText } });
    expect(session.run.news.notifications.entries.at(-1)).toMatchObject({ severity: 'Warn', source: 'BugReport', message: emptyRegionText });
    expect(session.writer.kept).toEqual([]);
  });
});

describe('secrets', () => {
  const ticket = 'tick3t-s3cret';
  const proxyPassword = 'proxy-s3cret';
  /** KEY_DOWN with its header, of scancodes that nothing else types. */
  const keys = [0x5a, 0x5b, 0x5c].map((scancode) => `\x65\0\x04\0\0\0${String.fromCharCode(scancode)}`);

  /** Everything in every member of every kind of report of a session with secrets. */
  async function everything(redacted: boolean): Promise<string> {
    const proxy = { kind: 'http', host: 'proxy', port: 1, username: 'u', password: proxyPassword } as const;
    const target = connectionTarget({ host: '127.0.0.1', port: 5900, proxy, title: `console ${ticket}` });
    const session = await reported({ pedantic: true, redacted, autoSnapshot: { intervalMs: 5_000, filesMax: 3 } }, { target, password: ticket });
    for (const scancode of [0x5a, 0x5b, 0x5c]) for (const kind of ['pressKey', 'releaseKey'] as const) session.run.command('inputs/0', { kind, scancode });
    session.run.news.remember({ severity: 'Warn', source: 'Internal', message: `somebody wrote ${ticket} and ${proxyPassword} here`, visibility: null });
    const { id } = session.run.news.notifications.entries.at(-1)!;
    session.run.news.note({ kind: 'actorEnded', exit: { id: 'writer', generation: 1, abandoned: false, reason: { kind: 'failed', error: { name: 'Error', message: `no ${ticket}`, stack: '', code: null } } } });
    session.run.news.note({ kind: 'mainThreadFroze', freeze: { silentMs: 6_000, place: `in ${proxyPassword}`, path: null } });
    session.run.news.note({ kind: 'channelEvent', channel: 'display/0', event: { kind: 'gapSeen', gap: { key: `display:${ticket}`, detail: '' } } });
    await session.net.host.advance(200);
    const asked = [session.run.reports.fileNotification(id), session.run.reports.request({ type: 'Input', description: `my ticket is ${ticket}`, region: null })];
    session.net.cut('main/0');
    let answered = false;
    void Promise.all(asked).then(() => (answered = true));
    // Runtime metrics read the real system and wait by the session's clock.
    await expect.poll(async () => { await session.net.host.advance(500); return answered && session.writer.names.includes('ryll-auto-snapshot'); }, { timeout: 15_000 }).toBe(true);
    expect(new Set(session.writer.names)).toEqual(new Set([
      'ryll-notification-' + id + '-atfire', 'ryll-bugreport', 'ryll-disconnect-main', 'ryll-failed-actor-writer', 'ryll-frozen-actor-main-thread', 'ryll-auto-snapshot',
      ...session.writer.names.filter((name) => name.startsWith('ryll-pedantic-')),
    ]));
    return session.writer.kept.map(({ plan, traffic }) => plan.members.map(({ text }) => text).join('\n') + plan.path + traffic.toString('latin1')).join('\n');
  }

  test('are in no member of any kind, and not in a file\'s name', async () => {
    const found = await everything(true);
    expect([ticket, proxyPassword, ...keys].filter((secret) => found.includes(secret))).toEqual([]);
  });

  test('of the traffic stay in when that is asked for', async () => {
    const found = await everything(false);
    expect([ticket, proxyPassword, ...keys].filter((secret) => found.includes(secret))).toEqual(keys);
  });
});
