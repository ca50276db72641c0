// The images that real servers sent, as the display channel's parser would hand them on. What each is and where the
// knowledge of its pixels comes from is said in make-fixtures.mjs; README.md says how to make them anew.
import { readFileSync } from 'node:fs';
import type { Image, PaletteRef } from '#app/protocol/messages/image.js';

interface StoredFixture {
  readonly recording: string;
  readonly kind: 'bitmap' | 'lzPlt' | 'lzRgb' | 'glzRgb' | 'zlibGlzRgb' | 'quic' | 'lz4';
  readonly id: string;
  readonly type: number;
  readonly flags: number;
  readonly width: number;
  readonly height: number;
  readonly format?: number;
  readonly stride?: number;
  readonly bitmapFlags?: number;
  readonly palette?: { readonly unique: string; readonly entries: readonly number[] };
  readonly glzDataSize?: number;
  readonly truth: 'formula' | 'uncompressed' | 'screendump';
  readonly pixels: string;
  readonly offset: number;
  readonly length: number;
}

export interface ImageFixture {
  /** Fixtures of one recording were sent in this order on one channel and may depend on each other. */
  readonly recording: string;
  readonly name: string;
  readonly truth: StoredFixture['truth'];
  /** SHA-256 of the pixels: rows top-down, bytes B, G, R, A, where A is 0 without alpha. */
  readonly pixels: string;
  readonly image: Image;
  readonly data: Uint8Array;
}

function read(name: string): Buffer {
  return readFileSync(new URL(name, import.meta.url));
}

export function loadImageFixtures(): readonly ImageFixture[] {
  const blob = new Uint8Array(read('images.bin'));
  // The file is made by make-fixtures.mjs in this shape.
  const stored = JSON.parse(read('images.json').toString()) as StoredFixture[];
  return stored.map((fixture, index) => {
    const data = blob.subarray(fixture.offset, fixture.offset + fixture.length);
    const { recording, kind, truth, pixels, type, flags, width, height } = fixture;
    const image: Image = { id: BigInt(fixture.id), type, flags, width, height, body: bodyOf(fixture, data) };
    return { recording, name: `${index} ${kind} ${fixture.format ?? ''}`, truth, pixels, image, data };
  });
}

function bodyOf(fixture: StoredFixture, data: Uint8Array): Image['body'] {
  const { kind, width, height } = fixture;
  switch (kind) {
    case 'bitmap':
      return { kind, format: fixture.format ?? 0, flags: fixture.bitmapFlags ?? 0, width, height, stride: fixture.stride ?? 0, palette: paletteOf(fixture), data };
    case 'lzPlt': {
      const palette = paletteOf(fixture);
      if (palette.kind === 'none') throw new Error('an LZ_PLT fixture without a palette');
      return { kind, flags: fixture.bitmapFlags ?? 0, palette, data };
    }
    case 'zlibGlzRgb':
      return { kind, glzDataSize: fixture.glzDataSize ?? 0, data };
    case 'lzRgb':
    case 'glzRgb':
    case 'quic':
    case 'lz4':
      return { kind, data };
  }
}

function paletteOf({ palette }: StoredFixture): PaletteRef {
  if (palette === undefined) return { kind: 'none' };
  return { kind: 'inline', palette: { unique: BigInt(palette.unique), entries: [...palette.entries] } };
}
