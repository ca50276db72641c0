// The PINGs that a server sent, as a capture file or a report's traffic has them.
import { readStreams } from './read-pcap.ts';

const ping = 4;
const linkResultBytes = 4;

/** Those in the one stream of a client port (`10001`: main), which must be without a gap. */
export function pingsIn(file: Uint8Array, clientPort = 10_001): number {
  const streams = readStreams(file).filter((stream) => stream.clientPort === clientPort);
  const [bytes] = streams[0]?.received ?? [];
  if (streams.length !== 1 || bytes === undefined || streams[0]?.received.length !== 1) throw new Error('not one stream without a gap');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let pings = 0;
  // The link reply says its own length; mini headers after the link result.
  for (let at = 16 + view.getUint32(12, true) + linkResultBytes; at < bytes.byteLength; at += 6 + view.getUint32(at + 2, true)) if (view.getUint16(at, true) === ping) pings += 1;
  return pings;
}
