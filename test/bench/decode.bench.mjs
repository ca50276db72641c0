// Decoding: each image codec against a plain copy of as many pixels, in millions of pixels a second. The images come from this repository's
// own encoders and, where the name says so, from recordings of real servers. Each is decoded once before and compared with its source.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { createDecoderState, decodeImage } from '#app/decode/image-decoder.js';
import { createPixelBuffer } from '#app/decode/pixel-buffer.js';
import { encodeBitmap, encodeIndexedBitmap } from '#app/loopback/encode/bitmap-encoder.js';
import { GlzEncoder } from '#app/loopback/encode/glz-encoder.js';
import { encodeLz, encodeLzPlt } from '#app/loopback/encode/lz-encoder.js';
import { encodeQuic } from '#app/loopback/encode/quic-encoder.js';
import { indexed, interfacePicture, photoPicture } from './support/pictures.mjs';
import { compare, inThread, isQuick, rounded } from './support/ratios.mjs';
import { createByteBudget } from '#app/decode/byte-budget.js';

const WIDTH = isQuick ? 64 : 640;
const HEIGHT = isQuick ? 48 : 480;
/** Images that a GLZ image may copy from, and that are decoded for one operation. */
const GLZ_IMAGES = 4;

const inflate = (input, outputBytes) => inflateSync(input, { maxOutputLength: Math.max(1, outputBytes) });
const newState = () => createDecoderState({ inflate, glzWindowBytesMax: 64 * 1024 * 1024, firstGlzImageId: 0, decodeJpeg: null, budget: createByteBudget(2 ** 40) });
const imageOf = (body, { width, height } = { width: WIDTH, height: HEIGHT }) => ({ id: 1n, type: 0, flags: 0, width, height, body });
const bitmapBody = (encoded, palette = { kind: 'none' }) => ({ kind: 'bitmap', ...encoded, palette });
const inlinePalette = (entries) => ({ kind: 'inline', palette: { unique: 1n, entries } });

const screen = interfacePicture(WIDTH, HEIGHT);
const photo = photoPicture(WIDTH, HEIGHT);
const layered = photoPicture(WIDTH, HEIGHT, 2, true);
const few = indexed(screen);

const withoutAlpha = (words) => words.map((word) => word & 0xffffff);
const fiveBits = (words) => words.map((word) => { const wide = (shift) => { const five = (word >>> (shift + 3)) & 31; return (five << 3) | (five >> 2); }; return ((wide(16) << 16) | (wide(8) << 8) | wide(0)) >>> 0; });
const looked = Uint32Array.from(few.indexes, (index) => few.entries[index]);

/** Decodes the images one after the other, into memory that is there. GLZ needs a new window each time: its images have numbers. */
function decoderOf(images, needsWindow) {
  const target = createPixelBuffer(images[0].width, images[0].height);
  const state = newState();
  const run = () => {
    const own = needsWindow ? newState() : state;
    for (const image of images) if (decodeImage(own, image, target).kind !== 'decoded') throw new Error('no decoder');
  };
  return { run, target };
}

function contestant(name, images, wanted, needsWindow = false) {
  const { run, target } = decoderOf(images, needsWindow);
  run();
  const differs = target.words.findIndex((word, at) => word !== wanted[at]);
  if (differs >= 0) throw new Error(`${name}: pixel ${differs} is ${target.words[differs].toString(16)}, not ${wanted[differs].toString(16)}`);
  return [name, inThread(run, images.length * target.words.length)];
}

/** `run` is divided by its pixels, so that pictures of all sizes stand in one table. */
function copyOf(words, images = 1) {
  const target = new Uint32Array(words.length);
  return inThread(() => { for (let index = 0; index < images; index++) target.set(words); }, images * words.length);
}

const glzImages = (pictures, type) => {
  const encoder = new GlzEncoder(GLZ_IMAGES);
  return pictures.map((picture) => imageOf({ kind: 'glzRgb', data: encoder.encode(picture, type) }));
};
const scrolled = Array.from({ length: GLZ_IMAGES }, (_, index) => interfacePicture(WIDTH, HEIGHT, 13 * index));
const photos = Array.from({ length: 2 }, (_, index) => photoPicture(WIDTH, HEIGHT, index + 1));

const columns = { 'MPix/s': (ns) => rounded(1000 / ns), 'ns a pixel': (ns) => rounded(ns) };

await compare(`bitmaps of ${WIDTH}x${HEIGHT}`, Object.fromEntries([
  ['plain copy', copyOf(photo.words)],
  contestant('BITMAP 32 bits', [imageOf(bitmapBody(encodeBitmap(photo, 'bit32')))], withoutAlpha(photo.words)),
  contestant('BITMAP 32 bits with alpha', [imageOf(bitmapBody(encodeBitmap(layered, 'rgba')))], layered.words),
  contestant('BITMAP 24 bits', [imageOf(bitmapBody(encodeBitmap(photo, 'bit24')))], withoutAlpha(photo.words)),
  contestant('BITMAP 16 bits', [imageOf(bitmapBody(encodeBitmap(photo, 'bit16')))], fiveBits(photo.words)),
  contestant('BITMAP 8 bits, palette', [imageOf(bitmapBody(encodeIndexedBitmap(few.indexes, WIDTH, HEIGHT, 'bit8'), inlinePalette(few.entries)))], looked),
]), { columns });

await compare(`a user interface of ${WIDTH}x${HEIGHT}`, Object.fromEntries([
  ['plain copy', copyOf(screen.words)],
  contestant('LZ RGB32', [imageOf({ kind: 'lzRgb', data: encodeLz(screen, 'rgb32') })], withoutAlpha(screen.words)),
  contestant('LZ RGBA', [imageOf({ kind: 'lzRgb', data: encodeLz(screen, 'rgba') })], screen.words),
  contestant('LZ_PLT, 8 bits', [imageOf({ kind: 'lzPlt', flags: 0, palette: inlinePalette(few.entries), data: encodeLzPlt(few.indexes, 'plt8', WIDTH, HEIGHT, WIDTH) })], looked),
  contestant(`GLZ RGB32, ${GLZ_IMAGES} images that scroll`, glzImages(scrolled, 'rgb32'), withoutAlpha(scrolled.at(-1).words), true),
  contestant('QUIC RGB32', [imageOf({ kind: 'quic', data: encodeQuic(screen, 'rgb32') })], withoutAlpha(screen.words)),
  contestant('QUIC RGBA', [imageOf({ kind: 'quic', data: encodeQuic(screen, 'rgba') })], screen.words),
]), { columns });

await compare(`a photograph of ${WIDTH}x${HEIGHT}`, Object.fromEntries([
  ['plain copy', copyOf(photo.words)],
  contestant('LZ RGB32', [imageOf({ kind: 'lzRgb', data: encodeLz(photo, 'rgb32') })], withoutAlpha(photo.words)),
  contestant('LZ RGBA', [imageOf({ kind: 'lzRgb', data: encodeLz(layered, 'rgba') })], layered.words),
  contestant('GLZ RGB32, 2 images', glzImages(photos, 'rgb32'), withoutAlpha(photos.at(-1).words), true),
  contestant('QUIC RGB32', [imageOf({ kind: 'quic', data: encodeQuic(photo, 'rgb32') })], withoutAlpha(photo.words)),
  contestant('QUIC RGBA', [imageOf({ kind: 'quic', data: encodeQuic(layered, 'rgba') })], layered.words),
]), { columns });

// What real servers sent (test/golden/images): there is no LZ4 encoder here, and other people's encoders make other bytes.
const folder = new URL('../golden/images/', import.meta.url);
const blob = new Uint8Array(readFileSync(new URL('images.bin', folder)));
const stored = JSON.parse(readFileSync(new URL('images.json', folder), 'utf8'));

function recorded(name, recording, kind, which = 0) {
  const found = stored.filter((one) => one.recording === recording && one.kind === kind).toSorted((a, b) => b.length - a.length)[which];
  const body = { kind, data: blob.subarray(found.offset, found.offset + found.length) };
  const { run, target } = decoderOf([imageOf(body, found)], kind === 'glzRgb');
  run();
  const seen = createHash('sha256').update(target.bytes).digest('hex');
  if (seen !== found.pixels) throw new Error(`${name}: the pixels are ${seen}, not ${found.pixels}`);
  return [`${name}, ${found.width}x${found.height}`, inThread(run, target.words.length)];
}

const [firmware, firmwareSize] = [new Uint32Array(720 * 400), '720x400'];
await compare('images that real servers sent', Object.fromEntries([
  [`plain copy, ${firmwareSize}`, copyOf(firmware)],
  recorded("QEMU's firmware screen, LZ RGB32", 'qemu-lz', 'lzRgb'),
  recorded("QEMU's firmware screen, QUIC RGB32", 'qemu-quic', 'quic'),
  recorded("spice-server's QUIC of a photograph", 'big-quic', 'quic'),
  recorded("spice-server's LZ4", 'copy-lz4', 'lz4'),
  recorded("spice-server's GLZ RGB32", 'composite-glz', 'glzRgb'),
]), { columns });
