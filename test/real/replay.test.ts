// `inspect` and `replay` on what real servers said: every message counted as in the session's own statistics, whichever program wrote the file anew, and
// a last picture that equals the session's own screenshot to the pixel, twice with the same state.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { captureFiles } from './support/captures.ts';
import { MAIN } from './support/cli.ts';
import { colourCount, comparePixels } from './support/picture.ts';
import { flushDrawing, stopGuest } from './support/qmp.ts';
import { readPng } from './support/read-png.ts';
import { runTool } from './support/run.ts';
import { directOf, scratchFolder, withServer, type Server, type ServerKind } from './support/servers.ts';
import { startSession, type Ended } from './support/session.ts';
import { awaitRest, until } from './support/still.ts';
import { holdScene, rootWindow } from './support/x-screen.ts';

interface Replayed {
  readonly state_hash: string;
  readonly exact: boolean;
  readonly messages: number;
  readonly missing: readonly string[];
  readonly pictures: readonly { readonly channel: string; readonly marked: boolean }[];
}

interface Inspected {
  readonly channels: readonly { readonly channel: string; readonly messages_in: number; readonly messages_out: number; readonly gaps: number; readonly skipped_bytes: number }[];
}

const lines: string[] = [];
afterAll(() => console.log(['recording: messages from the server, replay seconds', ...lines].join('\n')));

const run = async (command: string, ...args: string[]): Promise<unknown> => JSON.parse(await runTool(process.execPath, [MAIN, command, ...args, '--json'], { timeoutMs: 60_000 }));

const inspected = async (...paths: string[]): Promise<Inspected> => (await run('inspect', ...paths, '--stats')) as Inspected;

/** Replays to a picture of its own. */
const replayed = async (path: string): Promise<Replayed & { readonly screenshot: string }> => {
  const screenshot = join(scratchFolder('replay'), 'replayed.png');
  return { ...((await run('replay', path, '--screenshot', screenshot)) as Replayed), screenshot };
};

const expectSamePicture = async (ended: Ended, path: string): Promise<void> => {
  const startedMs = performance.now();
  const first = await replayed(path);
  expect(first.messages).toBeGreaterThan(30);
  lines.push(`  ${basename(path)}: ${first.messages}, ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
  const second = await replayed(path);
  expect(first.missing).toEqual([]);
  expect([first.exact, second.state_hash]).toEqual([true, first.state_hash]);
  expect(first.pictures.map(({ channel, marked }) => [channel, marked])).toEqual([['display/0', true]]);
  const picture = readPng(first.screenshot);
  expect(colourCount(picture)).toBeGreaterThan(1);
  expect(comparePixels(ended.screenshot(), picture)).toMatchObject({ equal: true, differing: 0 });
};

/** A report every so often, so that the last of them is of the still screen. */
const SNAPSHOT_SECONDS = 4;
const snapshots = (folder: string): readonly string[] => {
  const at = join(folder, 'reports/auto-snapshots');
  return existsSync(at) ? readdirSync(at).filter((name) => name.endsWith('.zip')).toSorted().map((name) => join(at, name)) : [];
};

interface Recorded extends Ended {
  /** Written when nothing moved any more. */
  readonly report: string;
}

const session = async (kind: ServerKind, variables: Readonly<Record<string, string>>, still: (server: Server) => Promise<unknown>): Promise<Recorded> =>
  withServer(kind, variables, async (server) => {
    const folder = scratchFolder('reports');
    const more = ['--bug-report-dir', join(folder, 'reports'), '--auto-snapshot-interval', String(SNAPSHOT_SECONDS)];
    const running = startSession({ source: ['--direct', directOf(server)], screenshot: true, capture: true, more });
    await until('the client shows the screen', 30_000, () => (running.said().includes('display/0 screen') ? true : null));
    await still(server);
    const before = snapshots(folder).length;
    // The next one may have begun before the screen was still.
    await until('two more reports', 30_000, () => (snapshots(folder).length >= before + 2 ? true : null));
    const ended = await running.end();
    return { ...ended, report: snapshots(folder)[before + 1]! };
  });

describe('QEMU', () => {
  let ended: Recorded;
  beforeAll(async () => {
    ended = await session('qemu-bios', { COMPRESSION: 'auto_glz', AUDIO: '1', AGENT: '1', USBREDIR: '1', WEBDAV: '1', PORTCHAN: '1' }, async (server) => {
      await awaitRest(server);
      await stopGuest(server);
      await flushDrawing(server);
    });
  });

  test('a capture is replayed to the pixels of the session', async () => {
    await expectSamePicture(ended, ended.captureFolder);
  });

  test('a report is replayed to the pixels of the session', async () => {
    await expectSamePicture(ended, ended.report);
  });

  test('every message is listed: as many as the session counted, each way', async () => {
    const ours = ended.stats().channels.map(({ channel, messages_in, messages_out }) => ({ channel, messages_in, messages_out, gaps: 0, skipped_bytes: 0 }));
    const { channels } = await inspected(ended.captureFolder);
    expect(channels.map(({ channel, messages_in, messages_out, gaps, skipped_bytes }) => ({ channel, messages_in, messages_out, gaps, skipped_bytes }))).toEqual(ours.toSorted((a, b) => (a.channel < b.channel ? -1 : 1)));
    const listed = await runTool(process.execPath, [MAIN, 'inspect', ended.captureFolder, '--channel', 'display/0', '--type', 'surfaceCreate', '--fields', '--limit', '1']);
    expect(listed).toMatch(/<- +surfaceCreate[^]*surfaceCreate\.width = \d+/);
  });

  test.each(['pcap', 'nsecpcap', 'pcapng'])('what mergecap and editcap make of it as %s holds the same, and replays to the same state', async (format) => {
    const folder = scratchFolder('converted');
    const [merged, file] = [join(folder, 'merged.pcapng'), join(folder, 'converted')];
    await runTool('mergecap', ['-w', merged, ...captureFiles(ended.captureFolder)]);
    await runTool('editcap', ['-F', format, merged, file]);
    expect((await inspected(file)).channels).toEqual((await inspected(ended.captureFolder)).channels);
    const [one, other] = [await replayed(file), await replayed(ended.captureFolder)];
    expect({ ...one, screenshot: '' }).toEqual({ ...other, screenshot: '' });
    expect(readFileSync(one.screenshot).equals(readFileSync(other.screenshot))).toBe(true);
  });
});

describe('Xspice', () => {
  test.each(['scroll', 'ops'])('a capture and a report of the scene %s are replayed to the pixels of the session', async (scene) => {
    const ended = await session('xspice', { SCENE: scene }, async (server) => {
      await until('the scene draws', 20_000, async () => (colourCount(await rootWindow(server)) > 1 ? true : null));
      await pause(3_000);
      await holdScene(server);
    });
    await expectSamePicture(ended, ended.captureFolder);
    await expectSamePicture(ended, ended.report);
  });
});
