// usage: node test/bench/mailbox.bench.mjs [messages] [repetitions] | --quick
// What a bounded, counted, two-lane `tell` costs next to a bare `postMessage` between the same two threads. See README.md in this folder.
import { Worker, isMainThread, MessageChannel, parentPort, workerData } from 'node:worker_threads';

const mailbox = (name) => import(new URL(`../../dist/mailbox/${name}.js`, import.meta.url).href);
const { createNodeBase } = await import(new URL('../../dist/actors/kernel/node-base.js', import.meta.url).href);
const message = (number) => ({ kind: 'note', number, text: 'what a statistics message looks like', rect: { top: 0, left: 0, bottom: 768, right: 1024 } });
/** Messages in one turn of the producer: less than the mailbox holds, so that neither side of the comparison is refused anything. */
const BURST = 256;
const LANE_MAX = 4_096;

if (isMainThread) {
  const [count, repetitions] = process.argv[2] === '--quick' ? [2_000, 1] : [Number(process.argv[2] ?? 100_000), Number(process.argv[3] ?? 9)];
  const times = { bare: [], mailbox: [] };
  for (let i = 0; i < repetitions + 1; i++) {
    // Interleaved, so that whatever else the machine does meets both; the first pair only warms up.
    for (const way of i % 2 === 0 ? ['bare', 'mailbox'] : ['mailbox', 'bare']) {
      const result = await measure(way, count);
      if (i > 0) times[way].push(result);
    }
  }
  const median = (list, key) => list.map((entry) => entry[key]).sort((a, b) => a - b)[list.length >> 1];
  const ratios = (key) => times.bare.map((bare, i) => times.mailbox[i][key] / bare[key]).sort((a, b) => a - b);
  for (const key of ['producerNs', 'throughNs']) {
    const all = ratios(key);
    console.log(`${key.padEnd(11)} bare ${median(times.bare, key).toFixed(0)} ns, mailbox ${median(times.mailbox, key).toFixed(0)} ns a message; `
      + `ratio ${all[all.length >> 1].toFixed(2)} (${all[0].toFixed(2)} to ${all.at(-1).toFixed(2)} in ${repetitions} pairs)`);
  }
} else {
  await consume(workerData);
}

/** Main thread produces, a worker consumes. `producerNs`: inside the calls; `throughNs`: until the last message was handled. */
async function measure(way, count) {
  const { createThreadLink, openSendEnd, portsOf } = await mailbox('link');
  const { LinkSender } = await mailbox('link-sender');
  const link = createThreadLink({ controlMax: 16, dataMax: LANE_MAX }), bare = new MessageChannel();
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { way, count, end: link.receive, port: bare.port2 }, transferList: [...portsOf(link.receive), bare.port2],
  });
  await new Promise((resolve) => worker.once('message', resolve));
  const { clock, timers } = createNodeBase();
  const sender = new LinkSender({ from: 'bench', to: 'bench', memory: link.memory, transport: openSendEnd(link.send), clock, timers });
  const done = new Promise((resolve) => worker.once('message', resolve));
  const post = way === 'bare' ? (what) => bare.port1.postMessage(what) : (what) => (sender.tell(what) === 'accepted' ? undefined : sender.send(what));
  const begun = performance.now();
  let insideMs = 0;
  for (let number = 0; number < count; ) {
    const start = performance.now();
    let waiting;
    for (let k = 0; k < BURST && number < count && waiting === undefined; k++) waiting = post(message(number++));
    insideMs += performance.now() - start;
    await (waiting ?? new Promise(setImmediate));
  }
  await done;
  const throughMs = performance.now() - begun;
  sender.close();
  bare.port1.close();
  await worker.terminate();
  return { producerNs: (insideMs * 1e6) / count, throughNs: (throughMs * 1e6) / count };
}

async function consume({ way, count, end, port }) {
  let handled = 0;
  const handle = (what) => {
    if (what.kind === 'note' && ++handled === count) parentPort.postMessage('done');
  };
  if (way === 'bare') {
    port.on('message', handle);
  } else {
    const { openReceiveEnd } = await mailbox('link');
    const { Mailbox } = await mailbox('mailbox');
    const receiver = new Mailbox({ ...createNodeBase(), deliver: (what) => (handle(what), true) });
    receiver.attach('bench', 1, end.memory, openReceiveEnd(end));
    receiver.start();
  }
  parentPort.postMessage('ready');
}
