// Pictures of the kinds that codecs treat differently, of any size: flat areas and runs, few colours in patterns, smooth
// photographs with noise, and plain noise.
import fc from 'fast-check';

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly words: Uint32Array;
}

export type PictureKind = 'flat' | 'runs' | 'chart' | 'photo' | 'noise';

/** xorshift32, so that a picture is a function of its seed. */
function randomWords(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Colours with alpha, not premultiplied: codecs do not care. */
export function drawPicture(kind: PictureKind, width: number, height: number, seed: number): Picture {
  const random = randomWords(seed);
  const words = new Uint32Array(width * height);
  const palette = Array.from({ length: 5 }, random);
  let run = 0;
  let colour = random();
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      switch (kind) {
        case 'flat':
          break;
        case 'runs':
          if (run-- <= 0) {
            run = random() % (random() % 4 === 0 ? 900 : 12);
            colour = palette[random() % 5]!;
          }
          break;
        case 'chart':
          colour = palette[(((x >> 3) ^ (y >> 2)) + (x % 7 === 0 ? 1 : 0)) % 5]!;
          break;
        case 'photo': {
          const level = (at: number) => (127 + 60 * Math.sin(x / (9 + at) + y / 29) + 50 * Math.sin(y / (5 + at)) + (random() % 9)) & 255;
          colour = (level(3) << 24) | (level(0) << 16) | (level(1) << 8) | level(2);
          break;
        }
        case 'noise':
          colour = random();
          break;
      }
      words[y * width + x] = colour;
    }
  }
  return { width, height, words };
}

/** Widths around what codecs treat specially (1, runs from 3 on, 32 literals, 2048 pixels of QUIC's schedule) and others. */
export const pictures: fc.Arbitrary<Picture> = fc
  .record({
    kind: fc.constantFrom<PictureKind>('flat', 'runs', 'chart', 'photo', 'noise'),
    size: fc.oneof(
      fc.record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ width: fc.integer({ min: 1, max: 130 }), height: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ width: fc.integer({ min: 2000, max: 2100 }), height: fc.integer({ min: 1, max: 3 }) }),
    ),
    seed: fc.nat(),
  })
  .map(({ kind, size, seed }) => drawPicture(kind, size.width, size.height, seed));

/** The picture's words without alpha, or as they are, in bytes. */
export function pictureBytes(words: Uint32Array, change: (word: number) => number = (word) => word): Uint8Array {
  return new Uint8Array(words.map(change).buffer);
}

/** A pixel after a journey through 5 bits a channel. */
export function through555(word: number): number {
  const five = (shift: number) => (word >>> (shift + 3)) & 31;
  const wide = (value: number) => (value << 3) | (value >> 2);
  return (wide(five(16)) << 16) | (wide(five(8)) << 8) | wide(five(0));
}

export const withoutAlpha = (word: number): number => word & 0xffffff;
