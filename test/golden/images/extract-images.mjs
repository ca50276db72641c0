// The images in a recording of the display channel, as they lay in the messages. No line of src/: this reads the wire on
// its own, so that fixtures cannot inherit a mistake of the parser under test.

/** All messages of a recording; one made from a capture (it begins with the link reply) is fine, too. */
export function* messages(recording) {
  let at = 0;
  if (recording.toString('latin1', 0, 4) === 'REDQ') at = 16 + recording.readUInt32LE(12) + 4;
  while (at + 6 <= recording.length) {
    const size = recording.readUInt32LE(at + 2);
    if (at + 6 + size > recording.length) return;
    yield { type: recording.readUInt16LE(at), body: recording.subarray(at + 6, at + 6 + size) };
    at += 6 + size;
  }
}

/** A pattern brush points to an image, after its type. */
const brush = (body, at) => (body[at] === 2 ? [body.readUInt32LE(at + 1)] : []);
const brushBytes = (body, at) => 1 + (body[at] === 1 ? 4 : body[at] === 2 ? 12 : 0);
const source = (body, at) => [body.readUInt32LE(at)];
const sourceAndBrush = (body, at) => [body.readUInt32LE(at), ...brush(body, at + 20)];

/** The pointers to images after the draw base, by message type. Masks are left out: they are not compressed. */
const imagePointers = {
  302: brush, // FILL
  303: sourceAndBrush, // OPAQUE
  304: source, // COPY
  305: source, // BLEND
  309: sourceAndBrush, // ROP3
  310: (body, at) => brush(body, at + 4 + (body[at + 4] & 8 ? 6 : 1)), // STROKE: path, line attributes, brush
  311: (body, at) => [...brush(body, at + 20), ...brush(body, at + 20 + brushBytes(body, at + 20))], // TEXT
  312: source, // TRANSPARENT
  313: (body, at) => [body.readUInt32LE(at + 2)], // ALPHA_BLEND
  318: (body, at) => [body.readUInt32LE(at + 4), ...(body.readUInt32LE(at) & (1 << 19) ? [body.readUInt32LE(at + 8)] : [])], // COMPOSITE
};

/** @returns the images of one message: descriptor fields, the data of their type, and the palette if there is one */
export function imagesOf({ type, body }) {
  const pointers = imagePointers[type];
  if (pointers === undefined) return [];
  const afterBase = 21 + (body[20] === 1 ? 4 + 16 * body.readUInt32LE(21) : 0);
  return pointers(body, afterBase).filter((offset) => offset !== 0).map((offset) => imageAt(body, offset));
}

function imageAt(body, offset) {
  const image = {
    id: body.readBigUInt64LE(offset), type: body[offset + 8], flags: body[offset + 9],
    width: body.readUInt32LE(offset + 10), height: body.readUInt32LE(offset + 14),
  };
  const at = offset + 18;
  const sized = (from) => body.subarray(from + 4, from + 4 + body.readUInt32LE(from));
  switch (image.type) {
    case 0: {
      const flags = body[at + 1];
      const height = body.readUInt32LE(at + 6);
      const stride = body.readUInt32LE(at + 10);
      const data = at + 14 + (flags & 2 ? 8 : 4);
      return {
        ...image, kind: 'bitmap', format: body[at], bitmapFlags: flags, stride,
        palette: flags & 2 ? body.readBigUInt64LE(at + 14) : paletteAt(body, body.readUInt32LE(at + 14)),
        data: body.subarray(data, data + stride * height),
      };
    }
    case 1: return { ...image, kind: 'quic', data: sized(at) };
    case 100: {
      const flags = body[at];
      const palette = flags & 2 ? body.readBigUInt64LE(at + 5) : paletteAt(body, body.readUInt32LE(at + 5));
      const data = at + 5 + (flags & 2 ? 8 : 4);
      return { ...image, kind: 'lzPlt', bitmapFlags: flags, palette, data: body.subarray(data, data + body.readUInt32LE(at + 1)) };
    }
    case 101: return { ...image, kind: 'lzRgb', data: sized(at) };
    case 102: return { ...image, kind: 'glzRgb', data: sized(at) };
    case 107: return { ...image, kind: 'zlibGlzRgb', glzDataSize: body.readUInt32LE(at), data: sized(at + 4) };
    case 109: return { ...image, kind: 'lz4', data: sized(at) };
    default: return { ...image, kind: `type${image.type}`, data: Buffer.alloc(0) };
  }
}

function paletteAt(body, offset) {
  if (offset === 0) return null;
  const entries = [];
  for (let i = 0; i < body.readUInt16LE(offset + 8); i++) entries.push(body.readUInt32LE(offset + 10 + i * 4));
  return { unique: body.readBigUInt64LE(offset), entries };
}
