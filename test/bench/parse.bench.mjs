// Parsing: the parser that is derived from a message's layout against a reader written by hand for that message, on the same bytes,
// with the same checks and the same values. The layout is the one declaration of a message; this says what that costs.
import { deepStrictEqual } from 'node:assert';
import { createFrameSplitter, push } from '#app/protocol/frame-splitter.js';
import { parseMessage, serializeMessage } from '#app/protocol/message.js';
import { drawCopyByHand, notifyByHand, pingByHand } from './support/hand-written-readers.mjs';
import { compare, inThread } from './support/ratios.mjs';

const COMMON = 1, DISPLAY = 2;
/** What a socket hands over at once. */
const CHUNK_BYTES = 64 * 1024;

const text = new TextEncoder().encode('keyboard channel is insecure');
const box = { top: 100, left: 200, bottom: 124, right: 222 };
const messages = [
  { name: 'PING', channel: COMMON, kind: 'ping', byHand: pingByHand, value: { id: 7, timestamp: 123_456_789_012n, padding: new Uint8Array(0) } },
  { name: 'NOTIFY', channel: COMMON, kind: 'notify', byHand: notifyByHand, value: { timeStamp: 123_456_789_012n, severity: 1, visibility: 2, what: 0, message: text } },
  {
    name: 'DRAW_COPY', channel: DISPLAY, kind: 'drawCopy', byHand: drawCopyByHand,
    value: {
      base: { surfaceId: 0, box, clip: { kind: 'none' } },
      srcImage: { id: 12_884_901_889n, flags: 1, width: 22, height: 24, body: { kind: 'bitmap', format: 8, flags: 4, width: 22, height: 24, stride: 88, palette: { kind: 'none' }, data: new Uint8Array(88 * 24).fill(0x5a) } },
      srcArea: { top: 0, left: 0, bottom: 24, right: 22 }, rop: 8, scaleMode: 0, mask: { flags: 0, pos: { x: 0, y: 0 }, image: null },
    },
  },
];

for (const { name, channel, kind, byHand, value } of messages) {
  const one = serializeMessage(channel, 'server', kind, value);
  const count = Math.floor(CHUNK_BYTES / one.length);
  const chunk = new Uint8Array(count * one.length);
  for (let index = 0; index < count; index++) chunk.set(one, index * one.length);
  const splitter = createFrameSplitter({ header: 'mini', bodyBytesMax: CHUNK_BYTES });
  const frames = push(splitter, chunk);
  const view = new DataView(chunk.buffer);

  const parsed = parseMessage(channel, 'server', frames[0]);
  deepStrictEqual(parsed.trailingBytes, 0);
  deepStrictEqual(parsed.value, byHand(view, frames[0].body));

  let last = null;
  await compare(`${name}, ${frames[0].body.length} bytes of body, ${count} of them in a chunk of ${chunk.length} bytes`, {
    'by hand': inThread(() => { for (const frame of frames) last = byHand(view, frame.body); }, count),
    'from the layout': inThread(() => { for (const frame of frames) last = parseMessage(channel, 'server', frame); }, count),
    'cut and from the layout': inThread(() => { for (const frame of push(splitter, chunk)) last = parseMessage(channel, 'server', frame); }, count),
  });
  if (last === null) throw new Error('nothing was parsed');
}
