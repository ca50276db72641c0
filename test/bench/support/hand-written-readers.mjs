// Three messages read by hand, as somebody would who writes a client without layouts and means it well: one DataView for the chunk, every
// length and pointer checked, the same values as the derived parsers give. For parse.bench.mjs only.

const NOTIFY_MAX = 64 * 1024;
const CLIP_RECTS_MAX = 65_536;
const DATA_MAX = 256 * 1024 * 1024;

function need(at, bytes, end, field) {
  if (at + bytes > end) throw new RangeError(`${field} ends at ${at + bytes}, after ${end}`);
}

export function pingByHand(view, body) {
  const at = body.byteOffset;
  need(at, 12, at + body.length, 'ping');
  return { id: view.getUint32(at, true), timestamp: view.getBigUint64(at + 4, true), padding: new Uint8Array(view.buffer, at + 12, body.length - 12) };
}

export function notifyByHand(view, body) {
  const at = body.byteOffset;
  const end = at + body.length;
  need(at, 24, end, 'notify');
  const length = view.getUint32(at + 20, true);
  if (length > NOTIFY_MAX) throw new RangeError(`a text of ${length} bytes`);
  need(at + 24, length, end, 'notify.message');
  return {
    timeStamp: view.getBigUint64(at, true), severity: view.getUint32(at + 8, true), visibility: view.getUint32(at + 12, true), what: view.getUint32(at + 16, true),
    message: new Uint8Array(view.buffer, at + 24, length),
  };
}

function rectAt(view, at) {
  return { top: view.getInt32(at, true), left: view.getInt32(at + 4, true), bottom: view.getInt32(at + 8, true), right: view.getInt32(at + 12, true) };
}

export function drawCopyByHand(view, body) {
  const start = body.byteOffset;
  const end = start + body.length;
  need(start, 21, end, 'drawCopy.base');
  const surfaceId = view.getUint32(start, true);
  const box = rectAt(view, start + 4);
  let at = start + 21;
  let clip = { kind: 'none' };
  const clipType = view.getUint8(start + 20);
  if (clipType === 1) {
    need(at, 4, end, 'drawCopy.clip');
    const count = view.getUint32(at, true);
    if (count > CLIP_RECTS_MAX) throw new RangeError(`${count} clip rectangles`);
    at += 4;
    need(at, count * 16, end, 'drawCopy.clip');
    const rects = [];
    for (let index = 0; index < count; index++, at += 16) rects.push(rectAt(view, at));
    clip = { kind: 'rects', rects };
  } else if (clipType !== 0) throw new RangeError(`clip type ${clipType}`);
  need(at, 36, end, 'drawCopy');
  const srcImage = imageAt(view, start, end, view.getUint32(at, true));
  const srcArea = rectAt(view, at + 4);
  const rop = view.getUint16(at + 20, true);
  const scaleMode = view.getUint8(at + 22);
  const mask = { flags: view.getUint8(at + 23), pos: { x: view.getInt32(at + 24, true), y: view.getInt32(at + 28, true) }, image: imageAt(view, start, end, view.getUint32(at + 32, true)) };
  return { base: { surfaceId, box, clip }, srcImage, srcArea, rop, scaleMode, mask };
}

function imageAt(view, start, end, offset) {
  if (offset === 0) return null;
  const at = start + offset;
  need(at, 18, end, 'image');
  const image = { id: view.getBigUint64(at, true), type: view.getUint8(at + 8), flags: view.getUint8(at + 9), width: view.getUint32(at + 10, true), height: view.getUint32(at + 14, true) };
  // The benchmark's messages have bitmaps; a whole reader would have twelve more cases here.
  if (image.type !== 0) throw new RangeError(`image type ${image.type}`);
  return { ...image, body: bitmapAt(view, start, end, at + 18) };
}

function bitmapAt(view, start, end, at) {
  need(at, 18, end, 'bitmap');
  const [format, flags] = [view.getUint8(at), view.getUint8(at + 1)];
  const [width, height, stride] = [view.getUint32(at + 2, true), view.getUint32(at + 6, true), view.getUint32(at + 10, true)];
  const [palette, dataAt] = paletteAt(view, start, end, at + 14, flags);
  const size = stride * height;
  if (size > DATA_MAX) throw new RangeError(`${size} bytes of pixels`);
  need(dataAt, size, end, 'bitmap.data');
  return { kind: 'bitmap', format, flags, width, height, stride, palette, data: new Uint8Array(view.buffer, dataAt, size) };
}

function paletteAt(view, start, end, at, flags) {
  if ((flags & 2) !== 0) {
    need(at, 8, end, 'palette.id');
    return [{ kind: 'cached', id: view.getBigUint64(at, true) }, at + 8];
  }
  const offset = view.getUint32(at, true);
  if (offset === 0) return [{ kind: 'none' }, at + 4];
  const from = start + offset;
  need(from, 10, end, 'palette');
  const count = view.getUint16(from + 8, true);
  need(from + 10, count * 4, end, 'palette.entries');
  const entries = Array.from({ length: count }, (_, index) => view.getUint32(from + 10 + index * 4, true));
  return [{ kind: 'inline', palette: { unique: view.getBigUint64(from, true), entries } }, at + 4];
}
