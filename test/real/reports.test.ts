// Reports of real servers, one of each kind, each looked at with programs that are not ours: unzip finds it whole, jq every JSON member, tshark its traffic.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCli } from './support/cli.ts';
import { runTool } from './support/run.ts';
import { directOf, scratchFolder, withServer, type ServerKind } from './support/servers.ts';
import { startSession } from './support/session.ts';
import { until } from './support/still.ts';

const schemas = new URL('../../docs/report-schemas/', import.meta.url).pathname;
const always = ['metadata.json', 'session.json', 'channel-state.json', 'traffic.pcap', 'notifications.json', 'runtime-metrics.json', 'stacks.json', 'events.json', 'verdict.json', 'replay.txt'];

/** What jq must find true of the members that have no schema. */
const claims: Readonly<Record<string, string>> = {
  'metadata.json': '(.ryll_version | type == "string") and (.report_type != null) and (.channel | type == "string") and (.timestamp | test("^[0-9-]+T[0-9:]+Z$")) and (.session_uptime_secs >= .triggered_uptime_secs) and .redacted and (.traffic_channels | length > 0) and .traffic_incomplete == []',
  'notifications.json': 'type == "array" and all(.[]; (.id | type == "number") and (.when.secs_since_epoch > 0) and (.message | type == "string"))',
  'runtime-metrics.json': '.platform == "linux" and ((.available == false and (.reason | length > 10)) or ((.threads | length > 5) and .process.rss_kb > 0))',
  'stacks.json': '(.actors | length > 4) and all(.actors[]; (.wait_point | length > 0) and (.mailbox_depth >= 0))',
  'events.json': '(.events | length > 0) and (.standing.channels | length > 0)',
  'verdict.json': '.format == 1 and (.summary | length > 0)',
};

async function expectReadable(report: string, kind: string): Promise<void> {
  expect(await runTool('unzip', ['-tqq', report])).toBe('');
  const members = (await runTool('unzip', ['-Z1', report])).trim().split('\n');
  expect(members).toEqual(expect.arrayContaining(always));
  expect(members.includes('screenshot-region.png')).toBe(kind === 'bugreport');
  expect(members.includes('disconnect-cause.json')).toBe(kind.startsWith('disconnect'));
  const folder = scratchFolder('report');
  await runTool('unzip', ['-q', report, '-d', folder]);
  for (const [member, claim] of Object.entries(claims)) expect({ report, member, claim: (await runTool('jq', [claim, join(folder, member)])).trim() }).toEqual({ report, member, claim: 'true' });
  const schema = async (member: string, name: string): Promise<unknown> =>
    JSON.parse(await runTool('jq', ['--slurpfile', 'schema', join(schemas, `${name}.json`), '-f', join(schemas, 'check.jq'), join(folder, member)]));
  const channel = (await runTool('jq', ['-r', '.channel', join(folder, 'metadata.json')])).trim();
  expect(await schema('session.json', 'session')).toEqual([]);
  // The ancestor knows no port and no record channel, so there is nothing of its to keep.
  const isDescribed = existsSync(join(schemas, `channel-state-${channel}.json`));
  expect(isDescribed || channel === 'port' || channel === 'record').toBe(true);
  expect(isDescribed ? await schema('channel-state.json', `channel-state-${channel}`) : []).toEqual([]);
  expect(members.includes('disconnect-cause.json') ? await schema('disconnect-cause.json', 'disconnect-cause') : []).toEqual([]);
  const traffic = ['-r', join(folder, 'traffic.pcap'), '-d', 'tcp.port==5900,spice'];
  expect(await runTool('tshark', [...traffic, '-Y', '_ws.malformed || tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment', '-T', 'fields', '-e', 'frame.number'])).toBe('');
  expect((await runTool('tshark', [...traffic, '-Y', 'spice', '-T', 'fields', '-e', 'frame.number'])).split('\n').length).toBeGreaterThan(5);
}

const ask = async (socket: string, ...more: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await startCli(['report', '--socket', socket, ...more], { timeoutMs: 60_000 }).finished;
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('before you share it') as string });
  return stdout.trim();
};

const kindOf = (name: string): string => name.replace(/^ryll-/, '').replace(/-\d{4}-\d\d-.*$/, '');
/** Xspice sends nothing that is not honoured: it has no gap to report. */
const servers: readonly [ServerKind, Readonly<Record<string, string>>, readonly string[]][] = [
  ['qemu-bios', { AUDIO: '1', AGENT: '1', USBREDIR: '1', WEBDAV: '1', PORTCHAN: '1' }, ['bugreport', 'notification', 'pedantic']],
  ['xspice', {}, ['bugreport', 'notification']],
];

test.each(servers)('%s: a report of each kind is whole, and every reader reads it', async (server, variables, kinds) => {
  await withServer(server, variables, async (running) => {
    const folder = join(scratchFolder('reports'), 'r');
    const socket = join(scratchFolder('socket'), 's');
    const session = startSession({
      source: ['--direct', directOf(running)], env: { RYLL_TEST_FAULTS: '1' }, timeoutMs: 150_000,
      more: ['--bug-report-dir', folder, '--pedantic', '--auto-snapshot-interval', '8', '--control-socket', socket, '--frozen-after', '1',
        '--inject', 'cursor/0:throw@12s', '--inject', 'inputs/0:spin@14s', '--inject', 'writer:throw@16s'],
    });
    await until('the client shows the screen', 30_000, () => (session.said().includes('display/0 screen') ? true : null));
    await ask(socket, '--type', 'display', '--region', '10,20,110,70', '--description', 'is it green?');
    const refused = await startCli(['report', '--socket', socket, '--region', '5,5,5,9'], {}).finished;
    expect(refused).toMatchObject({ code: 17, stderr: expect.stringContaining('no area') as string });
    const files = (): string[] => (existsSync(folder) ? [folder, join(folder, 'auto-snapshots')].filter((each) => existsSync(each)).flatMap((each) => readdirSync(each).filter((name) => name.endsWith('.zip')).map((name) => join(each, name))) : []);
    const has = (prefix: string): boolean => files().some((path) => kindOf(path.split('/').at(-1) ?? '').startsWith(prefix));
    await until('a report of each kind', 60_000, () => (['disconnect-cursor', 'frozen-actor-inputs', 'failed-actor-writer', 'auto-snapshot'].every(has) ? true : null));
    const stats = JSON.parse((await startCli(['stats', '--socket', socket], {}).finished).stdout) as { readonly notifications: readonly { readonly id: number; readonly source: unknown }[] };
    const newest = stats.notifications.findLast(({ source }) => source !== 'BugReport');
    await ask(socket, '--notification', String(newest?.id));
    await session.end();
    for (const path of files()) await expectReadable(path, kindOf(path.split('/').at(-1) ?? ''));
    expect(kinds.filter((kind) => !has(kind))).toEqual([]);
  });
}, 240_000);
