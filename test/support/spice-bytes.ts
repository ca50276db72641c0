// SPICE bytes laid by hand, so that captures can be judged by other programs without a server: a link exchange that tshark
// recognises, and messages of any length. Not the protocol's own writer, on purpose.

const STREAM_DATA = 123;
const PING = 4;
const PONG = 3;

const COMMON_CAPABILITIES = 0b1011; // authentication selection, SPICE tickets, mini header

function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  for (const [index, value] of values.entries()) new DataView(bytes.buffer).setUint32(index * 4, value, true);
  return bytes;
}

const MAGIC = new TextEncoder().encode('REDQ');

/** The four pieces of a link exchange in order. */
export function linkExchange(channelType: number, channelId: number, connectionId: number): ['sent' | 'received', Uint8Array][] {
  const message = Buffer.concat([words(connectionId), new Uint8Array([channelType, channelId]), words(1, 0, 18, COMMON_CAPABILITIES)]);
  const reply = Buffer.concat([words(0), new Uint8Array(162), words(1, 0, 178, COMMON_CAPABILITIES)]);
  return [
    ['sent', Buffer.concat([MAGIC, words(2, 2, message.length), message])],
    ['received', Buffer.concat([MAGIC, words(2, 2, reply.length), reply])],
    ['sent', Buffer.concat([words(1), new Uint8Array(128).fill(0x5a)])],
    ['received', words(0)],
  ];
}

/** A message with a mini header and `totalBytes` bytes in all. */
export function streamData(totalBytes: number): Uint8Array {
  const data = new Uint8Array(totalBytes - 18);
  for (let at = 0; at < data.length; at++) data[at] = (at * 7 + (at >> 9)) & 0xff;
  return Buffer.concat([mini(STREAM_DATA, totalBytes - 6), words(0, 1234, data.length), data]);
}

export function ping(id: number): Uint8Array {
  return Buffer.concat([mini(PING, 12), words(id, 0, 0)]);
}

export function pong(id: number): Uint8Array {
  return Buffer.concat([mini(PONG, 12), words(id, 0, 0)]);
}

function mini(type: number, bodyBytes: number): Uint8Array {
  return Buffer.concat([new Uint8Array([type & 0xff, type >> 8]), words(bodyBytes)]);
}
