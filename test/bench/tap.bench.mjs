// Evidence: appending a message to the tap ring in shared memory against posting a copy of it, between the same kinds of threads. Both
// consumers look at every message and keep none; whoever produces is held back by the same window of unhandled messages.
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { createNodeBase } from '#app/actors/kernel/node-base.js';
import { createTap } from '#app/capture/tap.js';
import { TapProducer } from '#app/mailbox/tap-producer.js';
import { TapDiskReader } from '#app/mailbox/tap-reader.js';
import { createTapRing, readTapCounters } from '#app/mailbox/tap-ring.js';
import { compare, inThread, isQuick, rounded } from './support/ratios.mjs';

/** Bytes and messages that may wait unhandled: both ways keep this, so that neither loses one. */
const WINDOW_BYTES = 8 * 1024 * 1024;
const WINDOW_MESSAGES = 16_384;
/** After a wake-up the ring's reader lets traffic gather this long, as the writer does (it takes 100 ms). */
const GATHER_MS = 5;
/** What the writer takes at once. */
const BATCH_BYTES = 256 * 1024;
const RING_BYTES = 32 * 1024 * 1024;
const HANDLED = 0;

if (isMainThread) await produce();
else consume(workerData);

async function produce() {
  for (const [bytes, count] of [[64, 100_000], [1_400, 25_000], [65_536, 1_000]]) {
    const messages = isQuick ? 200 : count;
    const inFlight = Math.min(WINDOW_MESSAGES, Math.floor(WINDOW_BYTES / bytes));
    const ways = await Promise.all(['post', 'ring'].map((way) => startWay(way, bytes)));
    const [post, ring] = ways;
    await compare(`${bytes} bytes a message: inside the producer's call`, {
      'post a copy': () => send(post, messages, inFlight).then(({ insideNs }) => insideNs),
      'append to the ring': () => send(ring, messages, inFlight).then(({ insideNs }) => insideNs),
    });
    await compare(`${bytes} bytes a message: until the other thread has had it`, {
      'post a copy': () => send(post, messages, inFlight).then(({ throughNs }) => throughNs),
      'append to the ring': () => send(ring, messages, inFlight).then(({ throughNs }) => throughNs),
    }, { columns: { 'ns each': rounded, 'messages/s': (ns) => Math.round(1e9 / ns).toString() } });
    for (const way of ways) await way.end();
  }
  const { clock } = createNodeBase();
  const alone = createTap(new TapProducer(createTapRing({ channel: 'bench/1', ringBytes: RING_BYTES }, clock), 1), clock);
  const small = new Uint8Array(64);
  let noted = 0;
  await compare('64 bytes a message, nobody reads the ring: the flight recorder alone', {
    'copy the bytes': inThread(() => { for (let index = 0; index < 1000; index++) noted += small.slice().length; }, 1000),
    'append to the ring': inThread(() => { for (let index = 0; index < 1000; index++) alone.append('received', small); }, 1000),
  });
  if (noted === 0) throw new Error('nothing was copied');
}

/** One way with its consumer, and how to hand it a message. */
async function startWay(way, bytes) {
  const { clock } = createNodeBase();
  const ring = createTapRing({ channel: 'bench/0', ringBytes: RING_BYTES }, clock);
  const words = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL(import.meta.url), { workerData: { way, ring, words } });
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  const source = new Uint8Array(bytes).fill(7);
  const tap = createTap(new TapProducer(ring, 1), clock);
  const hand = way === 'post'
    ? () => worker.postMessage({ kind: 'received', monotonicMs: clock.monotonicMs(), bytes: source })
    : () => { if (tap.append('received', source)) worker.postMessage(null); };
  return {
    words, hand,
    async end() {
      const { dropped, unrecorded } = readTapCounters(ring)();
      await worker.terminate();
      if (dropped + unrecorded > 0) throw new Error(`the ring lost ${dropped + unrecorded} messages: the ways did not do the same work`);
    },
  };
}

async function send({ words, hand }, count, inFlight) {
  const before = Atomics.load(words, HANDLED);
  const begun = performance.now();
  let insideMs = 0;
  for (let sent = 0; sent < count; ) {
    const room = Math.min(count, Atomics.load(words, HANDLED) - before + inFlight);
    const start = performance.now();
    while (sent < room) {
      hand();
      sent += 1;
    }
    insideMs += performance.now() - start;
    await new Promise(setImmediate);
  }
  while (Atomics.load(words, HANDLED) - before < count) await new Promise(setImmediate);
  return { insideNs: (insideMs * 1e6) / count, throughNs: ((performance.now() - begun) * 1e6) / count };
}

function consume({ way, ring, words }) {
  let seen = 0;
  if (way === 'post') {
    parentPort.on('message', (message) => {
      seen += message.bytes[0];
      Atomics.add(words, HANDLED, 1);
    });
  } else {
    const reader = new TapDiskReader(ring);
    const drain = () => {
      for (;;) {
        let entries = 0;
        const any = reader.take(BATCH_BYTES, (entry) => {
          seen += entry.bytes[0];
          entries += 1;
        });
        if (any) reader.commit();
        Atomics.add(words, HANDLED, entries);
        if (!any && reader.sleep()) return;
      }
    };
    parentPort.on('message', () => setTimeout(drain, GATHER_MS));
    drain();
  }
  process.once('exit', () => { if (seen < 0) throw new Error('never'); });
  parentPort.postMessage('ready');
}
