// Regenerates test/golden/messages/*.json from captures of real sessions: small messages that real servers and the
// reference client sent, with the value that our parser reads in them. Read the difference before committing it: the
// values are a snapshot, and the golden test holds the parser to it.
//
//   test/real/lab/make-captures.sh qemu-bios xspice-agent-audio draw-stream ...   (records test/real/lab/captures/*.pcapng)
//   node test/golden/capture-goldens.mjs test/real/lab/captures                    (after `npm run build`)
//
// Reads pcapng of Ethernet and TCP, cuts the streams at message headers with code of its own (not the frame splitter
// under test) and keeps, for each server kind, message and combination of cases, the smallest body.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseAgentMessage } from '../../dist/protocol/agent.js';
import { channelName } from '../../dist/protocol/constants.js';
import { parseMessage } from '../../dist/protocol/message.js';
import { snapshotValue } from '../support/golden-snapshot.mjs';

const BODY_BYTES_MAX = 4096;
const CLIPBOARD_SELECTION = 6;
const GRAB_SERIAL = 17;

const folder = process.argv[2];
if (folder === undefined) {
  console.error('usage: node test/golden/capture-goldens.mjs CAPTURES_FOLDER');
  process.exit(1);
}

const goldens = new Map(); // server kind -> key -> golden
const links = new Map();
for (const file of readdirSync(folder).filter((name) => name.endsWith('.pcapng')).sort()) {
  const server = basename(file).split('-')[0].replace('draw', 'draw-server');
  if (!goldens.has(server)) goldens.set(server, new Map());
  for (const stream of sessionsIn(readFileSync(join(folder, file)))) collect(server, stream);
}
for (const [server, byKey] of goldens) {
  const sorted = [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, golden]) => golden);
  const text = { links: links.get(server) ?? [], messages: sorted };
  writeFileSync(new URL(`messages/${server}.json`, import.meta.url), `${JSON.stringify(text, null, 1)}\n`);
  console.log(`${server}: ${sorted.length} messages`);
}

/** Both byte streams of every TCP connection that starts with a SPICE link: `{ client, server }`. */
function* sessionsIn(data) {
  const first = new Map();
  const chunks = new Map();
  const clients = new Set();
  for (const { source, target, seq, payload, flags } of segmentsIn(data)) {
    const key = `${source}>${target}`;
    if (flags & 2) {
      first.set(key, (seq + 1) >>> 0);
      if (!(flags & 16)) clients.add(key);
    }
    if (payload.length === 0 || !first.has(key)) continue;
    const offset = (seq - first.get(key)) >>> 0;
    if (!chunks.has(key)) chunks.set(key, new Map());
    const known = chunks.get(key).get(offset);
    if (known === undefined || known.length < payload.length) chunks.get(key).set(offset, payload);
  }
  for (const key of clients) {
    const [source, target] = key.split('>');
    const client = join2(chunks.get(key));
    const server = join2(chunks.get(`${target}>${source}`));
    if (client.subarray(0, 4).toString() === 'REDQ' && server.subarray(0, 4).toString() === 'REDQ') yield { client, server };
  }
}

function* segmentsIn(data) {
  for (let at = 0; at + 12 <= data.length; at += data.readUInt32LE(at + 4)) {
    if (data.readUInt32LE(at) !== 6) continue; // enhanced packet block
    const captured = data.readUInt32LE(at + 20);
    const packet = data.subarray(at + 28, at + 28 + captured);
    if (packet.readUInt16BE(12) !== 0x0800 || packet[23] !== 6) continue; // IPv4, TCP
    const ip = 14 + (packet[14] & 15) * 4;
    const total = packet.readUInt16BE(16) || captured - 14; // 0: segmentation offload
    yield {
      source: packet.readUInt16BE(ip),
      target: packet.readUInt16BE(ip + 2),
      seq: packet.readUInt32BE(ip + 4),
      flags: packet[ip + 13],
      payload: packet.subarray(ip + (packet[ip + 12] >> 4) * 4, 14 + total),
    };
  }
}

/** The bytes of one direction, up to the first packet that the capture lost. */
function join2(chunks) {
  const parts = [];
  let length = 0;
  for (const [offset, payload] of [...(chunks ?? new Map())].sort(([a], [b]) => a - b)) {
    if (offset > length) break;
    if (offset + payload.length <= length) continue;
    parts.push(payload.subarray(length - offset));
    length = offset + payload.length;
  }
  return Buffer.concat(parts);
}

function collect(server, { client, server: reply }) {
  const channelType = client[20];
  const linkSize = client.readUInt32LE(12);
  const replySize = reply.readUInt32LE(12);
  if (reply.readUInt32LE(16) !== 0) return;
  const clientCaps = client.readUInt32LE(16 + 18);
  const mini = (clientCaps & 8) !== 0;
  const selector = clientCaps & 1 ? 4 : 0;
  if (!mini) throw new Error('the goldens are made from sessions with mini headers');
  const known = links.get(server) ?? [];
  links.set(server, known);
  if (!known.some((one) => one.channel === channelName(channelType))) {
    known.push({
      channel: channelName(channelType),
      linkMessage: client.subarray(0, 16 + linkSize).toString('hex'),
      linkReply: reply.subarray(0, 16 + replySize).toString('hex'),
      linkResult: reply.subarray(16 + replySize, 20 + replySize).toString('hex'),
    });
  }
  const agent = { server: [], client: [] };
  for (const [direction, bytes, start] of [['client', client, 16 + linkSize + selector + 128], ['server', reply, 20 + replySize]]) {
    for (let at = start; at + 6 <= bytes.length; ) {
      const type = bytes.readUInt16LE(at);
      const size = bytes.readUInt32LE(at + 2);
      const body = bytes.subarray(at + 6, at + 6 + size);
      at += 6 + size;
      if (body.length < size) break; // the capture ends inside this message
      if (channelType === 1 && type === (direction === 'server' ? 109 : 107)) agent[direction].push(body);
      keep(server, channelType, direction, type, body);
    }
  }
  collectAgent(server, agent);
}

function keep(server, channelType, direction, type, body) {
  if (body.length > BODY_BYTES_MAX) return;
  const message = parseMessage(channelType, direction, { type, body });
  if (message.kind === 'unknown' || message.kind === 'malformed') {
    throw new Error(`${channelName(channelType)} ${direction} ${type}: ${message.kind} ${message.error ?? ''} ${body.toString('hex')}`);
  }
  put(server, {
    channel: channelName(channelType),
    channelType,
    direction,
    type,
    kind: message.kind,
    cases: casesIn(message.value),
    hex: body.toString('hex'),
    trailingBytes: message.trailingBytes,
    expected: snapshotValue(message.value, body),
  });
}

function collectAgent(server, chunks) {
  const messages = { server: cutAgent(chunks.server), client: cutAgent(chunks.client) };
  const announced = (direction, bit) =>
    messages[direction].some(({ type, payload }) => type === 6 && payload.length >= 8 && (payload.readUInt32LE(4) >>> bit) & 1);
  const both = (bit) => Boolean(announced('server', bit) && announced('client', bit));
  const dialect = { clipboardSelection: both(CLIPBOARD_SELECTION), clipboardGrabSerial: both(GRAB_SERIAL) };
  for (const direction of ['server', 'client']) {
    for (const { type, payload } of messages[direction]) {
      if (payload.length > BODY_BYTES_MAX) continue;
      const message = parseAgentMessage(dialect, type, payload);
      if (message.kind === 'unknown' || message.kind === 'malformed') throw new Error(`agent ${direction} ${type}: ${message.kind}`);
      put(server, {
        channel: 'agent',
        dialect,
        direction,
        type,
        kind: message.kind,
        cases: casesIn(message.value),
        hex: payload.toString('hex'),
        trailingBytes: message.trailingBytes,
        expected: snapshotValue(message.value, payload),
      });
    }
  }
}

function cutAgent(chunks) {
  const bytes = Buffer.concat(chunks);
  const messages = [];
  for (let at = 0; at + 20 <= bytes.length; ) {
    const size = bytes.readUInt32LE(at + 16);
    messages.push({ type: bytes.readUInt32LE(at + 4), payload: bytes.subarray(at + 20, at + 20 + size) });
    at += 20 + size;
  }
  return messages;
}

function put(server, golden) {
  const key = [golden.channel, golden.direction, String(golden.type).padStart(4, '0'), golden.cases].join(' ');
  const known = goldens.get(server).get(key);
  if (known === undefined || golden.hex.length < known.hex.length) goldens.get(server).set(key, golden);
}

/** The cases that a value takes, `rects solid lzRgb`: messages that differ in them are goldens of their own. */
function casesIn(value) {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return '';
  const parts = Array.isArray(value) ? value.slice(0, 1) : Object.values(value);
  return [value.kind ?? [], ...parts.map(casesIn)].flat().filter((part) => part !== '').join(' ');
}
