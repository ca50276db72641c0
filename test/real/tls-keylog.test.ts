// What something between client and server recorded of an encrypted session of QEMU: with the client's key log tshark reads it, and without it does not. The
// recorder is a relay of the test's own; the bytes are QEMU's.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { pcapTarget } from '#app/capture/packet-format.js';
import { classicPcap, writeHandshake, writeMessageFrame } from '#app/capture/pcap.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runTool } from './support/run.ts';
import { startServer, type Server } from './support/servers.ts';
import { runSession } from './support/session.ts';

interface Recorded {
  readonly connection: number;
  readonly received: boolean;
  readonly wallMs: number;
  readonly bytes: Buffer;
}

let server: Server;
beforeAll(async () => { server = await startServer('qemu-bios', { TLS: 'only' }); });
afterAll(async () => server.stop());

async function startRelay(port: number): Promise<{ readonly port: number; readonly recorded: Recorded[]; stop(): Promise<void> }> {
  const recorded: Recorded[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const relay = createServer((client) => {
    const connection = connections++;
    const target = connect(port, '127.0.0.1');
    for (const [from, to, received] of [[client, target, false], [target, client, true]] as const) {
      sockets.add(from);
      from.on('data', (bytes: Buffer) => {
        recorded.push({ connection, received, wallMs: Date.now(), bytes });
        to.write(bytes);
      });
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => void relay.listen(0, '127.0.0.1', resolve));
  const address = relay.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    recorded,
    stop: () => new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      relay.close(() => resolve());
    }),
  };
}

function pcapOf(recorded: readonly Recorded[]): Uint8Array {
  const target = pcapTarget(recorded.reduce((sum, { bytes }) => sum + bytes.byteLength + 4_096, 65_536));
  target.bytes.set(classicPcap.fileHeader({ channel: '', application: '', system: '', sessionStartedWallMs: 0 }));
  target.used = 24;
  const sides = new Map<number, { sent: number; received: number }>();
  for (const { connection, received, wallMs, bytes } of recorded) {
    const clientPort = 20_000 + connection;
    let at = sides.get(connection);
    if (at === undefined) {
      at = { sent: 0, received: 0 };
      sides.set(connection, at);
      writeHandshake(target, clientPort, wallMs);
    }
    // One read of a socket is at most 64 KiB, and so at most two frames.
    for (let from = 0; from < bytes.byteLength; from += 60_000) {
      const piece = bytes.subarray(from, from + 60_000);
      writeMessageFrame(target, { clientPort, received, sentBefore: at.sent, receivedBefore: at.received, wallMs, bytes: piece }, 0);
      if (received) at.received += piece.byteLength;
      else at.sent += piece.byteLength;
    }
  }
  return target.bytes.subarray(0, target.used);
}

test("tshark decrypts QEMU's TLS with the client's key log, every connection from its first byte, and nothing without it", async () => {
  const relay = await startRelay(Number(server.get('SPICE_TLS_PORT')));
  const folder = mkdtempSync(join(process.env['LAB_TMP'] ?? '', 'keylog-'));
  const keys = join(folder, 'keys.log');
  const ended = await runSession({ source: ['--direct', `127.0.0.1::${relay.port}`, '--ca-file', server.get('SPICE_CA'), '--host-subject', 'O=lab,CN=127.0.0.1'], more: ['--tls-keylog', keys] });
  await relay.stop();
  const channels = ended.stats().channels.length;
  expect(channels).toBeGreaterThanOrEqual(4);
  const file = join(folder, 'encrypted.pcap');
  writeFileSync(file, pcapOf(relay.recorded));
  writeFileSync(join(folder, 'none.log'), '');
  // Each connection is in the log.
  expect(new Set(readFileSync(keys, 'utf8').trim().split('\n').map((line) => line.split(' ')[1])).size).toBe(channels);
  // Decrypted data that begins with the link message's magic, REDQ, on both sides of each connection.
  const linkMessages = async (log: string): Promise<number> => {
    const read = ['-r', file, '-d', 'tcp.port==5900,tls', '-d', 'tls.port==5900,data', '-o', `tls.keylog_file:${log}`];
    const rows = await runTool('tshark', [...read, '-Y', 'data.data[0:4] == 52:45:44:51', '-T', 'fields', '-e', 'tcp.stream', '-e', 'tcp.srcport', '-e', 'frame.number'], { timeoutMs: 60_000 });
    return new Set(rows.split('\n').filter(Boolean).map((row) => row.split('\t', 2).join(' '))).size;
  };
  expect(await linkMessages(keys)).toBe(2 * channels);
  expect(await linkMessages(join(folder, 'none.log'))).toBe(0);
});
