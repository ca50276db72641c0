// A bare thread that appends numbered entries of changing sizes to a ring as fast as it can, and says when it is done.
import { parentPort, workerData } from 'node:worker_threads';
import { TapProducer } from '#app/mailbox/tap-producer.js';

const { ring, count, sizes } = workerData;
const producer = new TapProducer(ring, 1);
let wakes = 0;
for (let number = 0; number < count; number++) {
  const bytes = new Uint8Array(sizes[number % sizes.length]);
  for (let at = 0; at < bytes.length; at++) bytes[at] = (number >>> (8 * (at % 4))) & 0xff;
  if (producer.append(number % 3 === 0, number, bytes) === 'wake') wakes += 1;
}
parentPort.postMessage({ wakes });
