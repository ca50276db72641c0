// `inspect` as a program: folders with parts, files that are cut off, what is no capture, readers that leave; and the memory that a large file needs.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { inspectCommand } from '#app/cli/inspect-command.js';
import type { InspectOptions } from '#app/cli/reading-arguments.js';
import { laidPcap, laidPcapng, tcpFrame } from '../support/capture-bytes.ts';
import { linkExchange, ping, pong, streamData } from '../support/spice-bytes.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ryll-inspect-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function inspect(paths: readonly string[], part: Partial<InspectOptions> = {}): Promise<{ exit: string; lines: string[]; said: string }> {
  const out = new PassThrough();
  const chunks: Buffer[] = [];
  out.on('data', (chunk: Buffer) => chunks.push(chunk));
  let said = '';
  const exit = await inspectCommand({ paths, fields: false, stats: false, json: false, ...part }, { out, error: { write: (text) => (said += text) } });
  return { exit, lines: Buffer.concat(chunks).toString('utf8').split('\n').filter((line) => line !== ''), said };
}

/** A connection with its link exchange, at these moments. */
function frames(channelType: number, clientPort: number, startMs: number, said: readonly ['sent' | 'received', Uint8Array][]): { atMs: number; bytes: Uint8Array }[] {
  const next = { sent: 1_000, received: 2_000 };
  return [...linkExchange(channelType, 0, 7), ...said].map(([direction, payload], index) => {
    const bytes = tcpFrame({ clientPort, received: direction === 'received', sequence: next[direction], payload });
    next[direction] += payload.length;
    return { atMs: startMs + index * 10, bytes };
  });
}

const write = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

const main = frames(1, 10_001, 1_000_000, [['received', ping(1)], ['sent', pong(1)], ['received', ping(2)]]);
const display = frames(2, 10_002, 1_000_005, [['received', streamData(300)], ['received', ping(9)]]);

describe('a folder', () => {
  const capture = join(folder, 'capture');
  mkdirSync(capture);
  writeFileSync(join(capture, 'main-0.pcapng'), laidPcapng([{ interfaces: [{ name: 'main/0' }], frames: main.slice(0, 5) }]));
  // The writer was started again: the rest of the same connection, behind the exchange once more.
  writeFileSync(join(capture, 'main-0.part-2.pcapng'), laidPcapng([{ interfaces: [{ name: 'main/0' }], frames: [...main.slice(0, 4), ...main.slice(5)] }]));
  writeFileSync(join(capture, 'display-0.pcap'), laidPcap(display));
  writeFileSync(join(capture, 'notes.txt'), 'not a capture');

  test('is listed in the order of its times, with the parts of a file as one', async () => {
    const { exit, lines, said } = await inspect([capture]);
    expect(exit).toBe('ok');
    expect(said).toBe('ryll-actors: 15 messages.\n');
    expect(lines.slice(1).map((line) => line.trim().split(/ {2,}/).slice(0, 4).join(' '))).toEqual([
      '0.000000 main/0 -> linkMessage', '0.005000 display/0 -> linkMessage', '0.010000 main/0 <- linkReply', '0.015000 display/0 <- linkReply',
      '0.020000 main/0 -> linkMechanism', '0.020000 main/0 -> linkTicket', '0.025000 display/0 -> linkMechanism', '0.025000 display/0 -> linkTicket',
      '0.030000 main/0 <- linkResult', '0.035000 display/0 <- linkResult', '0.040000 main/0 <- ping', '0.045000 display/0 <- streamData',
      '0.050000 main/0 -> pong', '0.055000 display/0 <- ping', '0.060000 main/0 <- ping',
    ]);
  });

  test('is filtered by channel, type, direction, time and text, and ends at a limit', async () => {
    const names = async (part: Partial<InspectOptions>): Promise<string[]> =>
      (await inspect([capture], { ...part, json: true })).lines.map((line) => {
        const { channel, direction, name } = JSON.parse(line) as Record<string, string>;
        return `${channel} ${direction} ${name}`;
      });
    expect(await names({ channel: ['display'], type: ['PING', '123'] })).toEqual(['display/0 received streamData', 'display/0 received ping']);
    expect(await names({ direction: 'sent', from: 0.03 })).toEqual(['main/0 sent pong']);
    expect(await names({ from: 0.04, to: 0.05, channel: ['main/0'] })).toEqual(['main/0 received ping']);
    expect(await names({ grep: 'id = 9' })).toEqual(['display/0 received ping']);
    expect(await names({ limit: 2 })).toEqual(['main/0 sent linkMessage', 'display/0 sent linkMessage']);
  });

  test('shows fields with their bytes, as lines and as JSON', async () => {
    const { lines } = await inspect([capture], { fields: true, type: ['pong'] });
    expect(lines.slice(2).map((line) => line.trim())).toEqual(['000000  01 00 00 00  pong.id = 1', '000004  00 00 00 00 00 00 00 00  pong.timestamp = 0']);
    const json = await inspect([capture], { fields: true, json: true, type: ['streamData'] });
    expect(JSON.parse(json.lines[0]!)).toMatchObject({ wire_bytes: 300, payload_bytes: 294, missing_before: 0, fields: { data: { bytes: 282 } } });
  });

  test('as statistics says what each channel holds', async () => {
    const { exit, lines } = await inspect([capture], { stats: true, json: true });
    expect(exit).toBe('ok');
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      recording: { kind: 'directory', members: null }, other_packets: 0, faults: [],
      channels: [{ channel: 'display/0', connections: 1, messages_in: 2, bytes_in: 318, messages_out: 0, link_parts: 5, gaps: 0 }, { channel: 'main/0', connections: 1, messages_in: 2, messages_out: 1, link_parts: 5, missing_bytes: 0 }],
    });
    expect((await inspect([capture], { stats: true })).lines.join('\n')).toMatch(/display\/0 {2}1 connection, from 0\.005 s to 0\.055 s/);
  });
});

test('a file that is cut off is shown as far as it goes, and the exit code says that this is not all', async () => {
  const whole = laidPcap(display);
  const { exit, lines, said } = await inspect([write('cut.pcap', whole.subarray(0, whole.length - 3))]);
  expect(exit).toBe('incomplete');
  expect(lines.at(-1)).toContain('streamData');
  expect(said).toMatch(/cut\.pcap is not whole: it ends inside a packet, after \d+ bytes of it at byte \d+; what came before is shown.*\[recording\.truncated\]/);
});

test('what cannot be read at all is a sentence with the next step, and an exit code', async () => {
  mkdirSync(join(folder, 'empty'), { recursive: true });
  for (const [path, code] of [[join(folder, 'missing.pcap'), 'unreadable'], [join(folder, 'empty'), 'empty'], [write('text.pcap', Buffer.from('no capture at all, only words')), 'notACapture'], [write('bad.zip', Buffer.from('PK\u0003\u0004 and then nothing')), 'notAZip']] as const) {
    const { exit, lines, said } = await inspect([path]);
    expect([exit, lines.filter((line) => !line.includes('seconds'))]).toEqual(['sourceInvalid', []]);
    expect(said).toMatch(new RegExp(`^ryll-actors: .*\\[recording\\.${code}\\]\n$`));
  }
});

test('a gap is a line of its own, and counted', async () => {
  const path = write('gap.pcap', laidPcap([...display.slice(0, 4), display[5]!]));
  expect((await inspect([path])).lines.join('\n')).toMatch(/display\/0 +<- +-- 300 bytes are missing\n.*ping/);
  expect((await inspect([path], { stats: true })).lines.join('\n')).toContain('gaps: 1, 300 bytes are missing');
});

test('comments of a file are lines before the message that follows them, and none of them acts on a terminal', async () => {
  const [first, second, ...rest] = main;
  const path = write('comments.pcapng', laidPcapng([{ interfaces: [{ name: 'main/0' }], frames: [{ ...first!, comment: 'link generation 1\u001b[2J' }, { ...second!, comment: 'two' }, ...rest] }]));
  const { lines } = await inspect([path]);
  expect(lines.slice(1, 4).map((line) => line.trim().replaceAll(/ {2,}/g, ' '))).toEqual(['0.000000 main/0 # link generation 1 [2J', '0.000000 main/0 -> linkMessage 38', '0.010000 main/0 # two']);
  expect(JSON.parse((await inspect([path], { json: true, limit: 1 })).lines[0]!)).toMatchObject({ name: 'linkMessage', comments: ['link generation 1\u001b[2J'] });
});

test('a reader that leaves ends the command without a word', () => {
  const many = write('many.pcap', laidPcap(Array.from({ length: 30_000 }, (_, index) => ({ atMs: index, bytes: tcpFrame({ clientPort: 10_001, received: true, sequence: 2_000 + index * 18, payload: ping(index) }) }))));
  const { stdout, stderr, status } = spawnSync('/bin/sh', ['-c', `"$0" "$1" inspect "$2" | head -2; exit 0`, process.execPath, PROGRAM, many], { encoding: 'utf8' });
  expect([stdout.split('\n').length, stderr, status]).toEqual([3, '', 0]);
});

test('a file of 200 MB is listed in less memory than it has', async () => {
  const path = join(folder, 'large.pcap');
  const file = openSync(path, 'w');
  const head = laidPcap([]);
  writeSync(file, head);
  const payload = streamData(60_000);
  const piece = Buffer.concat(Array.from({ length: 100 }, (_, index) => laidPcap([{ atMs: index, bytes: tcpFrame({ clientPort: 10_002, received: true, sequence: 2_000 + index * 60_000, payload }) }]).subarray(24)));
  // The same hundred packets again and again: the sequence numbers must go on.
  const packetBytes = piece.length / 100;
  for (let round = 0; round < 34; round++) {
    for (let index = 0; index < 100; index++) piece.writeUInt32BE((2_000 + (round * 100 + index) * 60_000) >>> 0, index * packetBytes + 16 + 38);
    writeSync(file, piece);
  }
  closeSync(file);
  const preload = write('peak.cjs', Buffer.from("process.on('exit', () => console.error('peak ' + process.resourceUsage().maxRSS));"));
  const child = spawn(process.execPath, ['--require', preload, PROGRAM, 'inspect', path, '--stats', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let error = '';
  child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (error += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  expect(JSON.parse(out)).toMatchObject({ channels: [{ messages_in: 3_400, bytes_in: 3_400 * 60_000, gaps: 0 }] });
  expect(Number(/peak (\d+)/.exec(error)?.[1])).toBeLessThan(190_000);
}, 60_000);
