// Pictures for the benchmarks, as functions of their size: a user interface (windows, flat areas, lines of text) and a photograph
// (smooth, with the noise of a sensor). Codecs cost very different times for the two. Words are 0xAARRGGBB.

/** xorshift32: the same picture each time. */
function randomWords(seed) {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** @param shift moves the text by so many pixels, as scrolling does */
export function interfacePicture(width, height, shift = 0) {
  const words = new Uint32Array(width * height).fill(0xff_2e_34_40);
  const fill = (left, top, right, bottom, colour) => {
    for (let y = Math.max(0, top); y < Math.min(height, bottom); y++) words.fill(colour, y * width + left, y * width + Math.min(width, right));
  };
  const windows = [[0.03, 0.05, 0.6, 0.7], [0.35, 0.3, 0.97, 0.95]];
  for (const [left, top, right, bottom] of windows) {
    const [x0, y0, x1, y1] = [Math.round(left * width), Math.round(top * height), Math.round(right * width), Math.round(bottom * height)];
    fill(x0, y0, x1, y1, 0xff_fa_fa_fa);
    fill(x0, y0, x1, y0 + 18, 0xff_3b_6e_a5);
    // Eight glyphs of 6 x 9 pixels, in lines of words: what a terminal or an editor looks like to a codec.
    for (let y = y0 + 24; y + 12 < y1; y += 13) {
      const random = randomWords(y + shift + 7);
      for (let x = x0 + 8; x + 8 < x1 - 8; x += 7) {
        const glyph = random();
        if ((glyph & 7) === 0) continue;
        for (let row = 0; row < 9; row++) for (let column = 0; column < 6; column++) if (((glyph >>> ((row * 6 + column) % 31)) & 1) === 1) words[(y + row) * width + x + column] = 0xff_20_20_28;
      }
    }
  }
  return { width, height, words };
}

/** @param alpha true: the fourth byte is a picture too, otherwise it is 255 */
export function photoPicture(width, height, seed = 1, alpha = false) {
  const random = randomWords(seed);
  const words = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const noise = random();
      const level = (at) => Math.max(0, Math.min(255, 127 + 60 * Math.sin(x / (90 + 30 * at) + y / 170 + seed) + 50 * Math.sin(y / (60 + 20 * at)) + ((noise >>> (at * 4)) & 7)));
      const fourth = alpha ? level(3) & 255 : 255;
      words[y * width + x] = ((fourth << 24) | ((level(0) & 255) << 16) | ((level(1) & 255) << 8) | (level(2) & 255)) >>> 0;
    }
  }
  return { width, height, words };
}

/** One byte a pixel and its palette: the picture in at most 256 colours (3 bits of red and green, 2 of blue). */
export function indexed({ width, height, words }) {
  const indexes = Uint8Array.from(words, (word) => ((word >>> 16) & 0xe0) | ((word >>> 11) & 0x1c) | ((word >>> 6) & 3));
  const entries = Array.from({ length: 256 }, (_, index) => ((index & 0xe0) << 16) | ((index & 0x1c) << 11) | ((index & 3) << 6));
  return { width, height, indexes, entries };
}
