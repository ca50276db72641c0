// The state members of reports about real servers: every field of the ancestor's is there with its type (jq and the schemas of the documentation say so), and
// what is counted agrees with itself.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runTool } from './support/run.ts';
import { directOf, scratchFolder, withServer, type ServerKind } from './support/servers.ts';
import { startSession } from './support/session.ts';
import { until } from './support/still.ts';

const schemas = new URL('../../docs/report-schemas/', import.meta.url).pathname;

interface ChannelState {
  readonly bytes_in: number;
  readonly messages_recv_by_opcode: Readonly<Record<string, number>>;
  readonly unknown_opcode_count: number;
  readonly message_count?: number;
  readonly decode_total_count?: number;
  readonly decode_failed_count?: number;
  readonly recent_decodes?: readonly { readonly success: boolean; readonly image_type: string }[];
  readonly actor: { readonly phase: string; readonly traffic_retention_secs: number | null };
}

/** The member's text, after jq has found nothing wrong with it. */
async function checked(report: string, member: string, schema: string): Promise<unknown> {
  const text = await runTool('unzip', ['-p', report, member]);
  const file = join(scratchFolder('state'), member);
  writeFileSync(file, text);
  expect(JSON.parse(await runTool('jq', ['--slurpfile', 'schema', join(schemas, `${schema}.json`), '-f', join(schemas, 'check.jq'), file]))).toEqual([]);
  return JSON.parse(text);
}

const cases: readonly [ServerKind, Readonly<Record<string, string>>][] = [
  ['qemu-bios', { COMPRESSION: 'auto_glz', AUDIO: '1', AGENT: '1', USBREDIR: '1', WEBDAV: '1' }],
  ['xspice', {}],
];

test.each(cases)('%s: the state of every channel has all fields, and its counts agree', async (kind, variables) => {
  await withServer(kind, variables, async (server) => {
    const folder = join(scratchFolder('reports'), 'reports');
    const snapshots = join(folder, 'auto-snapshots');
    const running = startSession({ source: ['--direct', directOf(server)], more: ['--bug-report-dir', folder, '--auto-snapshot-interval', '4'] });
    await until('the client shows the screen', 30_000, () => (running.said().includes('display/0 screen') ? true : null));
    const report = await until('a report', 30_000, () => (existsSync(snapshots) ? (readdirSync(snapshots).find((name) => name.endsWith('.zip')) ?? null) : null));
    await running.end();
    const session = (await checked(join(snapshots, report), 'session.json', 'session')) as { readonly connected: boolean; readonly frames_received: number; readonly surfaces: readonly object[] };
    expect(session.connected).toBe(true);
    expect(session.frames_received).toBeGreaterThan(0);
    expect(session.surfaces).toHaveLength(1);
    const { main, display } = (await checked(join(snapshots, report), 'channel-state.json', 'channel-state-all')) as Readonly<Record<'main' | 'display', ChannelState>>;
    expect([main.actor.phase, main.messages_recv_by_opcode['103'], main.unknown_opcode_count, display.unknown_opcode_count]).toEqual(['linked', 1, 0, 0]);
    expect(Object.values(display.messages_recv_by_opcode).reduce((sum, count) => sum + count, 0)).toBe(display.message_count);
    expect(display.decode_failed_count).toBe(0);
    expect(display.decode_total_count).toBeGreaterThanOrEqual(display.recent_decodes?.length ?? 0);
    expect(display.recent_decodes?.every(({ success, image_type: type }) => success && type !== 'Unknown')).toBe(true);
    expect(display.actor.traffic_retention_secs).toBeGreaterThan(0);
  });
});
