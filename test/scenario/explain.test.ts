// `explain` on files: reports of sessions in virtual time, of the ancestor, and what is no report; as text and as JSON, with its exit codes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { explainCommand } from '#app/cli/explain-command.js';
import { sessionEvents } from '#app/cli/session-events.js';
import { VirtualLoopback } from '../support/virtual-loopback.ts';
import { virtualSessions } from '../support/virtual-session.ts';
import { writeZip } from '../support/write-zip.ts';

const folder = mkdtempSync(join(tmpdir(), 'ryll-explain-'));
afterAll(() => rmSync(folder, { recursive: true }));
const open = virtualSessions();

async function explained(path: string, json = false): Promise<{ readonly exit: string; readonly out: string; readonly error: string }> {
  const [out, error] = [new PassThrough(), new PassThrough()];
  const exit = await explainCommand({ path, json }, { out, error });
  return { exit, out: String(out.read() ?? ''), error: String(error.read() ?? '') };
}

async function report(name: string, members: Readonly<Record<string, unknown>>): Promise<string> {
  const path = join(folder, name);
  await writeZip(path, new Map(Object.entries(members).map(([member, value]) => [member, typeof value === 'string' ? value : JSON.stringify(value)])));
  return path;
}

const metadata = { ryll_version: '0.1.0', report_type: { Disconnect: { channel: 'display/0' } }, channel: 'display/0', description: 'auto: connection lost on display/0 (rst: closed: rst)', target: 'vm:5900', timestamp: '2026-05-18T20:37:42Z' };

describe('a report of a channel that was reset', () => {
  const made = async (): Promise<string> => {
    const net = new VirtualLoopback(1);
    const session = await open(net);
    net.cut('display/0', 'rst');
    await net.host.advance(3_000);
    return report('reset.zip', { 'metadata.json': metadata, 'events.json': sessionEvents(session.run, session.run.nowMs()) });
  };

  test('is explained in plain words, with the facts, what happened around it, and what to try', async () => {
    const { exit, out, error } = await explained(await made());
    expect(error).toBe('');
    expect(exit).toBe('ok');
    expect(out.split('\n').slice(0, 12)).toEqual([
      'Disconnect report of vm:5900 made 2026-05-18T20:37:42Z, 9.00 s into the session, version 0.1.0',
      'auto: connection lost on display/0 (rst: closed: rst)',
      '',
      'display/0: the connection was reset: the server ended abruptly, or something on the way forgot the connection (certain) [resetByPeer]',
      '  because',
      '     6.00 s  display/0#1 was reset (RST): closed: rst',
      '  try',
      expect.stringMatching(/^ {4}- Look at the server's own log/),
      expect.stringMatching(/^ {4}- Look at what lies between/),
      '',
      'What happened around it:',
      '     0.00 s  main/0#1      linked',
    ]);
    expect(out).toMatch(/^ {5}6\.00 s {2}display\/0#1 {3}lost its connection \(rst\): closed: rst$/m);
    expect(out).toMatch(/^ {5}6\.10 s {2}display\/0#2 {3}linked$/m);
  });

  test('is one document with --json', async () => {
    const { exit, out } = await explained(await made(), true);
    expect(exit).toBe('ok');
    expect(JSON.parse(out)).toMatchObject({
      format: 'ryll-actors-explain/1', report: { type: 'Disconnect', target: 'vm:5900' },
      verdict: { summary: expect.stringMatching(/^display\/0: the connection was reset/), causes: [{ cause: 'resetByPeer', subject: 'display/0', confidence: 'certain', at_secs: 6, evidence: [{ member: 'events.json' }] }] },
      timeline: expect.arrayContaining([{ at_secs: 6, subject: 'display/0#1', what: 'lost its connection (rst): closed: rst' }]),
    });
  });
});

test('a report of a session that is well says so', async () => {
  const session = await open(new VirtualLoopback(1));
  const { exit, out } = await explained(await report('well.zip', { 'events.json': sessionEvents(session.run, session.run.nowMs()) }));
  expect(exit).toBe('ok');
  expect(out).toMatch(/^No fault found\.$/m);
});

test('a report of the ancestor, without events, is judged by its cause file', async () => {
  const channel = { bytes_in: 9, bytes_out: 9, last_recv_ts_secs: 465, last_send_ts_secs: 465, ping_recv_count: 66, pong_send_count: 66, last_ping_recv_ts_secs: 465, client_keepalive_send_count: null, last_client_keepalive_send_ts_secs: null };
  const path = await report('ancestor.zip', {
    'metadata.json': { ...metadata, report_type: { Disconnect: { channel: 'inputs' } }, target: undefined, target_host: 'vm', target_port: 5900 },
    'disconnect-cause.json': { channel: 'inputs', error_message: 'inputs: read error', error_kind: null, keepalive_timeout_fired: false, session_uptime_secs: 510, per_channel: { main: channel, display: { ...channel, last_recv_ts_secs: 496 } } },
  });
  const { exit, out } = await explained(path);
  expect(exit).toBe('ok');
  expect(out).toContain('Disconnect report of vm:5900');
  expect(out).toMatch(/^main\/0: main stopped before the other channels did .* \[mainWedged\]$/m);
  expect(out).toMatch(/^Not judged: there is no events\.json/m);
});

test('what a report says does nothing to a terminal', async () => {
  const { out } = await explained(await report('hostile.zip', { 'metadata.json': { ...metadata, target: '\u001b]0;x\u0007vm', description: 'a\r\u202eb' } }));
  expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
});

test('a report with a member that is broken is judged by the rest, and says so', async () => {
  const { exit, out, error } = await explained(await report('broken.zip', { 'metadata.json': metadata, 'events.json': '{"events": [' }));
  expect(exit).toBe('incomplete');
  expect(out).toContain('Not judged: events.json cannot be read.');
  expect(error).toMatch(/broken\.zip is not whole: events\.json cannot be read; the verdict is made of the rest\. \[recording\.unreadable\]\n$/);
});

test('what is no report is refused with the reason and the next step', async () => {
  const text = join(folder, 'text.zip');
  writeFileSync(text, 'no zip at all');
  const cut = join(folder, 'cut.zip');
  writeFileSync(cut, readFileSync(await report('whole.zip', { 'metadata.json': metadata })).subarray(0, 60));
  for (const [path, code] of [[join(folder, 'missing.zip'), 'notAZip'], [text, 'notAZip'], [cut, 'notAZip'], [await report('other.zip', { 'readme.txt': 'x' }), 'notAReport']] as const) {
    const { exit, out, error } = await explained(path);
    expect([exit, out]).toEqual(['sourceInvalid', '']);
    expect(error).toMatch(new RegExp(`; .*\\. \\[recording\\.${code}\\]\\n$`));
    expect(error).not.toMatch(/\n.*\n/);
  }
});
