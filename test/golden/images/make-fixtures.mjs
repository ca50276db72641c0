// Makes images.bin and images.json from the recordings of record.sh: node make-fixtures.mjs FOLDER
// Each fixture is an image as a real server sent it, with the SHA-256 of the pixels that it must become (rows top-down,
// bytes B, G, R, A; A is 0 without alpha). Those pixels never come from a decoder of this project:
//   'formula'       the lab's draw-server computes them so (test/real/lab/draw-server.c, pixel() and image())
//   'uncompressed'  the same server sent the same picture, by its image id, as a BITMAP, which is read here
//   'screendump'    QEMU wrote its framebuffer to a file with the guest stopped
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { imagesOf, messages } from './extract-images.mjs';

const folder = process.argv[2];
const recording = (name) => readFileSync(`${folder}/${name}.bin`);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const widen = (five) => (five << 3) | (five >> 2);

/** The pixels of a bitmap, read in the plainest way. */
function bitmapPixels(image) {
  const { format, width, height, stride, data, palette, bitmapFlags } = image;
  const pixels = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y++) {
    const row = data.subarray((bitmapFlags & 4 ? y : height - 1 - y) * stride);
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      const indexed = (index) => pixels.writeUInt32LE(palette.entries[index] & 0xffffff, at);
      switch (format) {
        case 1: indexed((row[x >> 3] >> (x & 7)) & 1); break;
        case 2: indexed((row[x >> 3] >> (7 - (x & 7))) & 1); break;
        case 3: indexed((row[x >> 1] >> (x & 1 ? 4 : 0)) & 15); break;
        case 4: indexed((row[x >> 1] >> (x & 1 ? 0 : 4)) & 15); break;
        case 5: indexed(row[x]); break;
        case 6: {
          const colour = row.readUInt16LE(x * 2);
          pixels.set([widen(colour & 31), widen((colour >> 5) & 31), widen((colour >> 10) & 31)], at);
          break;
        }
        case 7: pixels.set(row.subarray(x * 3, x * 3 + 3), at); break;
        case 8: pixels.set(row.subarray(x * 4, x * 4 + 3), at); break;
        case 9: pixels.set(row.subarray(x * 4, x * 4 + 4), at); break;
        case 10: pixels[at + 3] = row[x]; break;
      }
    }
  }
  return pixels;
}

/** The draw-server's GRADIENT, as each bitmap format shows it. */
function gradientPixels({ format, width, height }) {
  const pixels = Buffer.alloc(width * height * 4);
  const bits = { 1: 1, 2: 1, 3: 4, 4: 4, 5: 8 }[format];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [r, g, b, a] = [Math.floor((255 * x) / width), Math.floor((255 * y) / height), 128, 255 - Math.floor((255 * x) / width)];
      const over = (colour) => Math.floor((colour * a) / 255);
      const at = (y * width + x) * 4;
      if (bits !== undefined) {
        const index = bits === 1 ? Number(g > 127) : bits === 4 ? r >> 4 : r;
        const v = Math.floor((255 * index) / ((1 << bits) - 1));
        pixels.set([(v * 7) & 255, 255 - v, v], at);
      } else if (format === 6) pixels.set([widen(b >> 3), widen(g >> 3), widen(r >> 3)], at);
      else if (format === 9) pixels.set([over(b), over(g), over(r), a], at);
      else if (format === 10) pixels[at + 3] = a;
      else pixels.set([b, g, r], at);
    }
  }
  return pixels;
}

/** A P6 picture as pixels. */
function ppmPixels(bytes) {
  const [head, width, height] = /^P6\n(\d+) (\d+)\n255\n/.exec(bytes.toString('latin1', 0, 30));
  const pixels = Buffer.alloc(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) pixels[i * 4 + c] = bytes[head.length + i * 3 + 2 - c];
  }
  return pixels;
}

const key = (image) => `${image.id}/${image.width}x${image.height}`;
const all = (name) => [...messages(recording(name))].flatMap((message) => imagesOf(message));

/** What the pictures of some recordings are: by key, the pixels and where the knowledge comes from. */
function truths(...names) {
  const known = new Map();
  for (const image of names.flatMap(all)) {
    if (image.kind !== 'bitmap') continue;
    const pixels = bitmapPixels(image);
    const formula = gradientPixels(image);
    known.set(key(image), { pixels, truth: pixels.equals(formula) ? 'formula' : 'uncompressed' });
  }
  return known;
}

const blobs = [];
let blobBytes = 0;
const fixtures = [];
function add(name, image, { pixels, truth }) {
  const { data, palette, id, kind, bitmapFlags, ...rest } = image;
  const fixture = { recording: name, kind, id: String(id), ...rest, truth, pixels: sha256(pixels), offset: blobBytes, length: data.length };
  if (bitmapFlags !== undefined) fixture.bitmapFlags = bitmapFlags;
  if (typeof palette === 'bigint') fixture.palette = String(palette);
  else if (palette) fixture.palette = { unique: String(palette.unique), entries: palette.entries };
  fixtures.push(fixture);
  blobs.push(data);
  blobBytes += data.length;
}

/** `wanted` thins out; GLZ recordings must stay whole, because each image may refer to any before it. */
function addRecording(name, known, wanted = () => true) {
  const seen = new Set();
  for (const image of all(name)) {
    const truth = known.get(key(image));
    const hash = `${sha256(image.data)}/${image.kind}/${image.bitmapFlags}`;
    const glz = image.kind === 'glzRgb' || image.kind === 'zlibGlzRgb';
    if (image.kind.startsWith('type') || (!glz && (seen.has(hash) || !wanted(image)))) continue;
    if (truth === undefined) {
      if (!glz) continue;
      throw new Error(`${name}: ${key(image)} was never sent uncompressed; record again`);
    }
    seen.add(hash);
    add(name, image, truth);
  }
}

const isWholeScreen = (image) => image.width > 640;
for (const steps of ['copy', 'big', 'composite']) {
  const offs = [1, 2, 3].map((again) => `${steps}-off.${again}`);
  const known = truths(...offs);
  // The server repaints the whole screen first, which is no step and is black.
  for (const compression of ['off.1', 'quic', 'lz', 'glz', 'lz4']) {
    if (steps === 'big' && compression !== 'quic') continue;
    const name = `${steps}-${compression}`;
    for (const image of all(name)) {
      if (isWholeScreen(image) && !known.has(key(image))) {
        known.set(key(image), { pixels: Buffer.alloc(image.width * image.height * 4), truth: 'formula' });
      }
    }
    const compressed = (image) => !isWholeScreen(image) && (compression === 'off.1' || image.kind !== 'bitmap');
    addRecording(name, known, compressed);
  }
  if (steps === 'copy') addRecording('zlib-glz', known, () => false);
}
for (const name of ['1le', '4le']) addRecording(name, truths(name), (image) => image.format === 1 || image.format === 3);
for (const compression of ['quic', 'lz']) {
  const name = `qemu-${compression}`;
  if (!existsSync(`${folder}/${name}.ppm`)) continue;
  const pixels = ppmPixels(readFileSync(`${folder}/${name}.ppm`));
  for (const image of all(name)) {
    if (image.width * image.height * 4 === pixels.length) add(name, image, { pixels, truth: 'screendump' });
  }
}
const here = new URL('.', import.meta.url).pathname;
writeFileSync(`${here}images.bin`, Buffer.concat(blobs));
writeFileSync(`${here}images.json`, `[\n${fixtures.map((fixture) => JSON.stringify(fixture)).join(',\n')}\n]\n`);
console.log(`${fixtures.length} images, ${blobBytes} bytes`);
const counts = {};
for (const { kind, format, truth } of fixtures) counts[`${kind} ${format ?? ''} ${truth}`] = (counts[`${kind} ${format ?? ''} ${truth}`] ?? 0) + 1;
console.log(counts);
