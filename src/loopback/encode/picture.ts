/**
 * What the encoders of the test server take: a picture as the server would have drawn it. Only the encoders and their
 * callers see it; the client has pixel buffers of its own.
 */

/** Packed rows, top row first; each word 0xAARRGGBB, premultiplied where the encoding has alpha. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly words: Uint32Array;
}

/** A picture that is not painted yet, and may never have to be: whoever has its compressed form already asks for no pixel. */
export interface Painting {
  /** The same name is always the same pixels. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  paint(): Picture;
}

/** The words in the order in which an encoder visits them: bottom row first unless `topDown`. */
export function visitingOrder(picture: Picture, topDown: boolean): Uint32Array {
  if (topDown) return picture.words;
  const { width, height, words } = picture;
  const turned = new Uint32Array(words.length);
  for (let y = 0; y < height; y++) turned.set(words.subarray((height - 1 - y) * width, (height - y) * width), y * width);
  return turned;
}
