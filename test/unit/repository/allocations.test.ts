// Nothing is sized by a peer before its bound is checked: one huge allocation ends the whole process, whatever thread asks for it. Every
// place in the pure folders that makes an array or a buffer of a length stands here with what bounds that length; a new
// one fails until somebody has said so. What a message's length prefixes may claim is bounded in its layout.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = new URL('../../../', import.meta.url).pathname;
const FOLDERS = ['protocol', 'decode', 'surface', 'control', 'capture', 'audio', 'proxy', 'metrics'];
const SIZED = /(?:new (?:Array|U?[Ii]nt(?:8|16|32)(?:Clamped)?Array|Uint8ClampedArray|Float(?:32|64)Array|Big(?:Ui|I)nt64Array|(?:Shared)?ArrayBuffer)(?:<[^>]*>)?\(|\bArray\(|\.from\(\{ length: )([^\n]*)/g;
/** A number, or a view of memory that is there already. */
const HARMLESS = /^(?:\d+(?: \}|[,)])|[\w.]*\.buffer\b|(?:buffer|memory|board)[,)])/;

/** `file: the start of the length`, and what bounds it. */
const BOUNDED: Readonly<Record<string, string>> = {
  'protocol/webdav-mux.ts: MUX_HEADER_BYTES + MUX_DATA_BYTES_MAX': 'constants',
  'protocol/link-acceptance.ts: publicKeyDerBytes': 'a constant',
  'protocol/sub-messages.ts: Math.min(count, Math.floor(reader.remaining / 4))': 'no more than the bytes that are there',
  'protocol/agent-reassembly.ts: agentHeaderBytes': 'a constant',
  'protocol/agent-reassembly.ts: Math.min(target, Math.max(needed * 2, FIRST_ALLOCATION_BYTES))': 'twice what has arrived; target is at most messageBytesMax',
  'protocol/frame-splitter.ts: headerBytes': 'one of two constants',
  'protocol/frame-splitter.ts: Math.min(target, Math.max(needed * 2, FIRST_ALLOCATION_BYTES))': 'twice what has arrived; target is at most bodyBytesMax',
  'protocol/serial-board.ts: 4 * (firstSlot + 2 * slots)': 'constants',
  'protocol/wire/writer.ts: FIRST_BYTES': 'a constant',
  'protocol/wire/writer.ts: Math.max(needed, this.buffer.byteLength * 2)': 'what this program writes',
  'protocol/link-codec.ts: first.byteLength + second.byteLength': 'bytes that are there',
  'protocol/link-codec.ts: count': 'capabilityWordsMax, checked by its caller',
  'decode/quic-bits.ts: wordCount': 'bytes that are there and one row of zeros, charged one line above',
  'proxy/ip-address.ts: missing': 'at most 16, checked one line above',
  'proxy/proxy-bytes.ts: parts.reduce((sum, { length }) => sum + length, 0)': 'bytes that are there',
  'decode/lz4.ts: outputBytes': 'what the bytes that are there can expand to, checked three lines above',
  'decode/lz-plt.ts: units': 'what the bytes that are there can expand to (checkLzSize)',
  'decode/lz.ts: count': 'the size of the target, checked by checkImageSize',
  'decode/mjpeg.ts: data.length + inserted': 'a frame that is there and its tables, of at most tableBytesMax each',
  'protocol/multi-media-clock.ts: clock': 'a view of the clock',
  'decode/jpeg.ts: width * height': 'the size of the target, checked by checkImageSize, charged one line above',
  'decode/glz.ts: count': 'the size of the target, checked by checkImageSize',
  'decode/quic-codes.ts: quicCodesMax': 'a constant',
  'decode/quic-codes.ts: values * quicCodesMax': 'two to the bits of a channel: at most 256 values',
  'decode/quic-codes.ts: values': 'two to the bits of a channel: at most 256',
  'decode/quic-codes.ts: quicCodesMax + 1': 'a constant',
  'decode/pixel-buffer.ts: width * height * 4': 'checkImageSize, one line above',
  'decode/quic-model.ts: width': 'the width of the target, checked by checkImageSize',
  'decode/quic-model.ts: codes.mask + 1': 'two to the bits of a channel: at most 256',
  'decode/quic-model.ts: quicCodesMax * quicCodesMax': 'a constant',
  'surface/scale.ts: to - from': 'a side of the painted part of a surface, which sideMax bounds',
  'surface/coverage.ts: width * height': 'a surface that addSurface has accepted',
  'surface/surface-table.ts: bytes': 'sideMax and bytesMax, checked above it',
  'surface/shared-surface.ts: rowBytes * height': 'a surface that addSurface has accepted',
  'surface/png-picture.ts: width * height * 4': 'pixelsMax, checked when the header is read',
  'surface/png-picture.ts: parts.reduce((sum, part) => sum + part.length, 0)': 'bytes that are there',
  'surface/pointer-cell.ts: headerWords * 4 + pixels.length': 'pixels that are there',
  'surface/png.ts: signature.length + 3 * chunkOverheadBytes + 13 + data.length': 'data that is there',
  'surface/png.ts: height * (1 + width * 3)': 'a surface that addSurface has accepted',
  'surface/cursor-shape.ts: width * height * 4': 'cursorSideMax, checked one line above',
  'surface/draw-composite.ts: width': 'the painted part of a surface, charged some lines above',
  'surface/image-source.ts: bytes': 'scratchBytesMax, checked one line above, or a surface that addSurface has accepted',
  'surface/draw-text.ts: count': 'the painted part of a surface, charged some lines above',
  "control/input-requests.ts: readInteger(params, 'steps', { min: 1, max: wheelStepsMax, fallback: 1 })": 'wheelStepsMax',
  'control/line-splitter.ts: firstCapacityBytes': 'a constant',
  'control/line-splitter.ts: capacity': 'twice a line under way, which bytesMax bounds',
  'capture/read/packet.ts: rest.byteLength + chunk.byteLength': 'a chunk of a file and the unread rest of those before it, of at most one packet: packetBytesMax',
  'surface/decode-log.ts: recentMax': 'a constant',
  'surface/decode-log.ts: total - first': 'at most recentMax',
  'capture/report/traffic-redaction.ts: bytes': 'a message that is there',
  'capture/report/traffic-redaction.ts: bytes.byteLength': 'a message that is there',
  'capture/matroska.ts: parts.reduce((sum, part) => sum + part.length, 0)': 'bytes that are there',
  'capture/matroska.ts: length - 1 - sizeLength': 'the room of the seek head, a constant',
  'capture/packet-format.ts: byteLength': 'a message that is there',
  'capture/pcapng.ts: OPTION_HEAD_BYTES + padTo4(value.byteLength)': 'a text of ours, cut to COMMENT_BYTES_MAX',
  'capture/pcapng.ts: OPTION_HEAD_BYTES': 'a constant',
  'capture/pcapng.ts: TRAILER_BYTES': 'a constant',
  'capture/pcapng.ts: parts.reduce((sum, { byteLength }) => sum + byteLength, 0)': 'parts that are there',
  'audio/wav.ts: wavHeaderBytes': 'a constant',
};

/** Up to the bracket or comma that ends the first argument. */
function lengthOf(rest: string): string {
  let depth = 0;
  for (let at = 0; at < rest.length; at++) {
    const one = rest[at] ?? '';
    if ('([{'.includes(one)) depth += 1;
    if (depth === 0 && ')},]'.includes(one)) return rest.slice(0, at).trim();
    if (')]}'.includes(one)) depth -= 1;
  }
  return rest.trim();
}

function places(): string[] {
  return FOLDERS.flatMap((folder) => readdirSync(join(ROOT, 'src', folder), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => `src/${folder}/${name}`)).flatMap((file) => {
    const lines = readFileSync(join(ROOT, file), 'utf8').split('\n').filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line));
    return [...lines.join('\n').matchAll(SIZED)].filter(([, rest = '']) => !HARMLESS.test(rest)).map(([, rest = '']) => `${file.slice('src/'.length)}: ${lengthOf(rest)}`);
  });
}

test('every length in the pure folders has a bound, and each bound is still of a length', () => {
  expect([...new Set(places())].toSorted()).toEqual(Object.keys(BOUNDED).toSorted());
});

test('every thread has an explicit heap limit', () => {
  const threads = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).flatMap((name) =>
    [...readFileSync(join(ROOT, 'src', name), 'utf8').matchAll(/new (?:Worker|Piscina)\b.*?\);\n/gs)].map(([made]) => ({ name, isLimited: made.includes('resourceLimits') })));
  expect(threads.filter(({ isLimited }) => !isLimited)).toEqual([]);
  expect(threads.length).toBeGreaterThanOrEqual(4);
});
