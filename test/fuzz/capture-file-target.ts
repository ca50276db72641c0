// Capture files with bytes changed: whatever they are, they give packets, messages and at most one fault, and every message can be listed with its fields. 100,000
// by command: npm run fuzz -- --target capture-file --messages 100000

import { ClassicPcapReader, isClassicPcap } from '#app/capture/read/classic-pcap.js';
import { commentLines, fieldLines, gapLine, messageDocument, messageLine } from '#app/capture/read/message-view.js';
import { TrafficReader } from '#app/capture/read/traffic-reader.js';
import { TrafficStats, trafficText } from '#app/capture/read/traffic-stats.js';
import { PcapngReader } from '#app/evidence/pcapng-packets.js';
import type { Seeded } from '../simulation/seeded.ts';
import { laidPcap, laidPcapng, tcpFrame, type LaidFrame } from '../support/capture-bytes.ts';
import { linkExchange, ping, pong, streamData } from '../support/spice-bytes.ts';
import { mutate } from './mutate.ts';
import { mib, type FuzzTarget } from './target.ts';

function connection(channelType: number, clientPort: number, hasSyn: boolean): LaidFrame[] {
  const next = { sent: 1_000, received: 2_000 };
  const syn = hasSyn ? [tcpFrame({ clientPort, received: false, sequence: 999, payload: new Uint8Array(0), flags: 0x02 })] : [];
  const said: ['sent' | 'received', Uint8Array][] = [...linkExchange(channelType, 0, 7), ['received', ping(1)], ['sent', pong(1)], ['received', streamData(300)], ['received', ping(2)]];
  const frames = said.map(([direction, payload]) => {
    const bytes = tcpFrame({ clientPort, received: direction === 'received', sequence: next[direction], payload });
    next[direction] += payload.length;
    return bytes;
  });
  return [...syn, ...frames].map((bytes, index) => ({ atMs: 1_000 + index, bytes }));
}

const frames = [...connection(2, 10_002, true), ...connection(1, 10_001, false)];
// Arrays of their own: a Buffer's slice is a view, and mutations would pile up in the seeds.
const seeds: readonly Uint8Array[] = [
  laidPcap(frames), laidPcap(frames.slice(6), { little: true, nanoseconds: true }), laidPcap(frames.slice(0, 4)),
  laidPcapng([{ interfaces: [{ name: 'display/0', resolution: 9 }], frames: frames.slice(0, 9) }]),
  laidPcapng([{ little: false, interfaces: [{}], frames: frames.slice(9, 12) }, { interfaces: [{ name: 'main/0' }], frames: frames.slice(12), simple: true }]),
].map((bytes) => new Uint8Array(bytes));

export const captureFileTarget: FuzzTarget = {
  name: 'capture-file',
  kind: 'message',
  // Each message that begins may have a first buffer of 1 MiB, and there are at most a few hundred packets in an input.
  bytesMax: 512 * mib,
  make: (random: Seeded) => mutate(random.pick(seeds), random, seeds),
  run(input) {
    const magic = input.byteLength < 4 ? 0 : new DataView(input.buffer, input.byteOffset).getUint32(0);
    const packets = isClassicPcap(magic) ? new ClassicPcapReader() : new PcapngReader();
    const traffic = new TrafficReader({ channel: 'display/0' });
    const stats = new TrafficStats();
    const tokens = new Set<string>();
    const middle = input.byteLength >> 1;
    for (const piece of [input.subarray(0, middle), input.subarray(middle)]) {
      for (const packet of packets.push(piece)) {
        for (const message of traffic.take(packet)) {
          stats.count(message);
          const lines = [...commentLines(message, 0), messageLine(message, 0), ...fieldLines(message), JSON.stringify(messageDocument(message, 0, true))];
          if (lines.some((line) => line.includes('\n'))) throw new Error('a line of the listing is more than one');
          tokens.add(message.kind === 'link' ? message.name : `message ${message.header}`);
          if (gapLine(message, 0) !== null) tokens.add(message.missingBefore === null ? 'start missing' : message.missingBefore > 0 ? 'gap' : 'skipped');
        }
      }
    }
    packets.end();
    trafficText(stats.channels);
    tokens.add(packets.fault === null ? 'whole' : `fault ${packets.fault.code}`);
    return [...tokens];
  },
};
