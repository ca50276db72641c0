// Reports: what holding a channel's traffic still costs the main thread, by how many bytes there are; and what a pool's thread needs to write a report of it.
import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { ReportPool } from '#app/cli/report-pool.js';
import { TapProducer } from '#app/mailbox/tap-producer.js';
import { createTapRing } from '#app/mailbox/tap-ring.js';
import { pinTapRing, releaseTapPins } from '#app/mailbox/tap-snapshot.js';
import { compare, inThread, isQuick } from './support/ratios.mjs';

const MIB = 1024 * 1024;
const FULL_MIB = isQuick ? 4 : 50;
const SEGMENTS = 25;
const host = createNodeHost();

/** A ring with so much in it: half of what is compressed already, half of what is not. */
function recorded(mib) {
  const ring = createTapRing({ channel: 'display/0', ringBytes: FULL_MIB * MIB }, host.clock);
  const producer = new TapProducer(ring, 1);
  const noise = new Uint8Array(32 * 1024).map((_, at) => (Math.imul(at, 2_654_435_761) >>> 13) & 0xff);
  const plain = new Uint8Array(32 * 1024).fill(0x20);
  for (let written = 0; written < mib * MIB; written += 64 * 1024) {
    producer.append(true, written, noise);
    producer.append(true, written, plain);
  }
  return ring;
}

/** As many segments, each with so many KiB. */
function segmented(kib) {
  const ring = createTapRing({ channel: 'display/0', ringBytes: SEGMENTS * kib * 1024, segmentBytes: kib * 1024, lagBytes: SEGMENTS * kib * 1024 }, host.clock);
  const producer = new TapProducer(ring, 1);
  const bytes = new Uint8Array(kib * 1024 - 64);
  for (let index = 0; index < SEGMENTS; index++) producer.append(true, index, bytes);
  return ring;
}

const hold = (ring) => inThread(() => { for (let index = 0; index < 20; index++) releaseTapPins(pinTapRing(ring)); }, 20);
const largeKib = isQuick ? 256 : 2048;
await compare(`holding ${SEGMENTS} segments of a ring still, and letting them go`, { 'of 64 KiB each': hold(segmented(64)), [`of ${largeKib} KiB each`]: hold(segmented(largeKib)) });

const [little, full] = [recorded(1), recorded(FULL_MIB)];
const folder = mkdtempSync(join(tmpdir(), 'ryll-report-bench-'));
const pool = new ReportPool(host.timers);
let number = 0;
const write = (ring) => async () => {
  const pins = pinTapRing(ring);
  const begun = performance.now();
  await pool.write({ path: join(folder, `${number++}.zip`), members: [{ name: 'metadata.json', text: '{}' }], traffic: { pins: [pins], redacted: true }, pictures: [], rolling: { prefix: '', filesMax: 2, bytesMax: 1e12 } });
  releaseTapPins(pins);
  return (performance.now() - begun) * 1e6;
};
await compare('writing a report, in a thread of its own', { 'of 1 MiB': write(little), [`of ${FULL_MIB} MiB`]: write(full) });
await pool.close(5_000);
rmSync(folder, { recursive: true, force: true });
