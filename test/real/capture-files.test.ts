// The flight recorder's files, judged by programs that are not ours: written by the writer on a real disk, counted by
// lab/pcap-spice.py, dissected by tshark. No server: what a real session's captures hold is in stats-capture.test.ts.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createTap } from '#app/capture/tap.js';
import type { Tap } from '#app/capture/tap.js';
import { captureFormats, type CaptureFormatName } from '#app/capture/packet-format.js';
import type { WriterArgs } from '#app/capture/writer-message.js';
import { ActorSystem } from '#app/actors/kernel/actor-system.js';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { TapProducer } from '#app/mailbox/tap-producer.js';
import { createTapRing } from '#app/mailbox/tap-ring.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPcapng } from '../support/read-pcapng.ts';
import { linkExchange, ping, pong, streamData } from '../support/spice-bytes.ts';
import { FACTS } from '../support/writer-harness.ts';
import { dissect, countMessages } from './support/captures.ts';
import { runTool } from './support/run.ts';
import { LAB } from './support/servers.ts';

const MIB = 1024 * 1024;
/** Around the ancestor's frame limit of 65,481, around ours of 65,495, and what large pictures need. */
const VECTORS = [65_481, 65_482, 65_494, 65_495, 65_496, 100_000, Math.floor(2.2 * MIB), 20 * MIB];

const folder = mkdtempSync(join(tmpdir(), 'ryll-capture-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const host = createNodeHost();
const WRITER = pathToFileURL(join(import.meta.dirname, '../../dist/actors/writer-actor.js')).href;

async function capture(name: string, ringBytes: number, append: (link: (generation: number) => Tap) => void, format: CaptureFormatName = 'pcapng'): Promise<string> {
  const ring = createTapRing({ channel: 'display/0', ringBytes }, host.clock);
  const directory = join(folder, name);
  const args: WriterArgs = { rings: [ring], capture: { directory, facts: { ...FACTS, format } }, eventsTo: null };
  const system = new ActorSystem(host);
  // Everything is appended before the writer starts: what the ring cannot keep is missing, the same way each time.
  append((generation) => {
    const tap = createTap(new TapProducer(ring, generation), host.clock);
    for (const [direction, bytes] of linkExchange(2, 0, generation)) tap.linkExchange(direction, bytes);
    return tap;
  });
  const writer = await system.start({
    id: 'writer', module: WRITER, args, placement: 'thread', restart: 'permanent', shutdown: 60_000, mailbox: { dataMax: 64, controlMax: 8 }, links: [],
  });
  expect((await writer.stop()).reason).toEqual({ kind: 'shutdown' });
  return join(directory, `display-0.${format}`);
}

describe.each(captureFormats)('messages of every length around the limits, as %s,', (format) => {
  let file = '';
  beforeAll(async () => {
    file = await capture(`vectors-${format}`, 32 * MIB, (link) => {
      const tap = link(1);
      for (const [index, byteLength] of VECTORS.entries()) {
        tap.append('received', streamData(byteLength));
        tap.append('received', ping(index));
        tap.append('sent', pong(index));
      }
    }, format);
  });

  test('are counted by an independent reader, byte for byte', async () => {
    const { kinds } = await countMessages(file);
    expect(kinds).toEqual(expect.arrayContaining([
      { side: 'server', name: 'STREAM_DATA', count: VECTORS.length, bytes: VECTORS.reduce((sum, each) => sum + each - 6, 0) },
      { side: 'server', name: 'PING', count: VECTORS.length, bytes: VECTORS.length * 12 },
      { side: 'client', name: 'PONG', count: VECTORS.length, bytes: VECTORS.length * 12 },
    ]));
    expect(kinds).toHaveLength(3);
    await runTool('python3', [join(LAB, 'pcap-spice.py'), file, '5900', '--dump', join(folder, `dump-${format}`)]);
    const expected = Buffer.concat([
      ...linkExchange(2, 0, 1).filter(([direction]) => direction === 'received').map(([, bytes]) => bytes),
      ...VECTORS.flatMap((byteLength, index) => [streamData(byteLength), ping(index)]),
    ]);
    const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    expect(sha(readFileSync(join(folder, `dump-${format}/display-0.server.bin`)))).toBe(sha(expected));
  });

  test('are dissected by tshark without a complaint, with valid checksums', async () => {
    expect(await dissect(file)).toMatchObject({ faulty: 0, fromServer: VECTORS.length * 2 });
    const bad = await runTool('tshark', ['-r', file, '-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE', '-Y', 'tcp.checksum.status == "Bad" || ip.checksum.status == "Bad" || tcp.analysis.flags', '-T', 'fields', '-e', 'frame.number']);
    expect(bad.trim()).toBe('');
  });
});

test('each generation of a channel is a stream of its own, on a port of its own', async () => {
  const file = await capture('generations', 32 * MIB, (link) => {
    for (let generation = 1; generation <= 5; generation++) {
      const tap = link(generation);
      for (let id = 0; id < generation; id++) tap.append('received', ping(id));
    }
  });
  expect(await countMessages(file)).toMatchObject({ fromServer: 15, fromClient: 0 });
  expect(await dissect(file)).toMatchObject({ faulty: 0, fromServer: 15 });
  const ports = await runTool('tshark', ['-r', file, '-Y', 'tcp.flags.syn == 1 && tcp.flags.ack == 0', '-T', 'fields', '-e', 'tcp.srcport']);
  expect(ports.trim().split('\n')).toEqual(['10002', '10502', '11002', '11502', '12002']);
});

test('messages that were dropped are a hole in the stream, and all others are counted and dissected', async () => {
  const file = await capture('dropped', 4 * MIB, (link) => {
    const tap = link(1);
    for (let id = 0; id < 400; id++) tap.append('received', streamData(20_000 + id));
  });
  const { fromServer } = await countMessages(file);
  expect(fromServer).toBeGreaterThan(150);
  expect(fromServer).toBeLessThan(250);
  const dissected = await dissect(file);
  expect(dissected.fromServer).toBe(fromServer);
  const metadata = JSON.parse(readFileSync(join(folder, 'dropped/metadata.json'), 'utf8')) as { files: { messages: number; gaps: { received_bytes: number }[] }[] };
  const missing = 400 - fromServer;
  expect(metadata.files[0]).toMatchObject({ messages: fromServer, gaps: [{ received_bytes: Array.from({ length: missing }, (_, id) => 20_000 + id).reduce((sum, each) => sum + each, 0) }] });
});

describe('a pcapng file', () => {
  test('says in tshark whose channel it is, when each link begins, what is missing where, and which way each packet went', async () => {
    const file = await capture('comments', 4 * MIB, (link) => {
      const tap = link(1);
      for (let id = 0; id < 400; id++) tap.append('received', streamData(20_000 + id));
      tap.append('sent', pong(1));
    });
    const rows = (fields: readonly string[], filter: string): Promise<string> => runTool('tshark', ['-r', file, '-Y', filter, '-T', 'fields', '-E', 'separator=|', ...fields.flatMap((field) => ['-e', field])]);
    const lines = (await rows(['frame.interface_name', 'frame.comment'], 'frame.comment')).trim().split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^display\/0\|display\/0#1: this link begins -?\d+\.\d{3} s into the session$/),
      expect.stringMatching(/^display\/0\|messages are missing before this one, 0 bytes sent and \d+ bytes received$/),
    ]);
    const directions = async (filter: string): Promise<Set<string>> => new Set((await rows(['frame.packet_flags_direction'], filter)).trim().split('\n'));
    expect(await directions('tcp.srcport == 5900')).toEqual(new Set(['0x00000001']));
    expect(await directions('tcp.dstport == 5900')).toEqual(new Set(['0x00000002']));
    const about = await runTool('capinfos', ['-M', file]);
    expect(about).toMatch(/Capture application:\s+ryll-actors 0\.1\.0/);
    expect(about).toMatch(/Capture oper-sys:\s+linux x64/);
    expect(about).toMatch(/Name = display\/0/);
    expect(about).toMatch(/Time resolution:? = ?0x06|Time ticks per second = 1000000/);
  });

  test('that is cut off anywhere is read up to the last whole block', async () => {
    const file = await capture('cut', 4 * MIB, (link) => {
      const tap = link(1);
      for (let id = 0; id < 8; id++) tap.append('received', ping(id));
    });
    const whole = readFileSync(file);
    const { blockEnds } = readPcapng(whole);
    const packetsOf = async (bytes: Uint8Array): Promise<number> => {
      const path = join(folder, 'cut-off.pcapng');
      writeFileSync(path, bytes);
      // It exits with 2 for a file that was cut off, after all that is whole.
      const { stdout } = spawnSync('tshark', ['-r', path, '-T', 'fields', '-e', 'frame.number'], { encoding: 'utf8' });
      return stdout.split('\n').filter(Boolean).length;
    };
    // The first two blocks name the section and the interface, the last one counts.
    for (const index of [2, 5, 9, blockEnds.length - 2]) {
      const end = blockEnds[index]!;
      const packets = index - 1;
      expect([index, await packetsOf(whole.subarray(0, end - 1)), await packetsOf(whole.subarray(0, end)), await packetsOf(whole.subarray(0, end + 1))]).toEqual([index, packets - 1, packets, packets]);
    }
  });
});
