/**
 * What a decoder says about the pixels that it wrote. It is not about where they came from: after decoding nobody needs
 * to know the codec any more.
 */

/** What the fourth byte of the decoded pixels means. */
export interface DecodedInfo {
  /** The fourth byte is alpha and the colour is premultiplied with it. Otherwise the fourth byte is 0 and means nothing. */
  readonly hasAlpha: boolean;
  /** The image is nothing but alpha (A8): its colour bytes are 0. */
  readonly alphaOnly: boolean;
}

export const opaquePixels: DecodedInfo = { hasAlpha: false, alphaOnly: false };
export const alphaPixels: DecodedInfo = { hasAlpha: true, alphaOnly: false };
export const alphaOnlyPixels: DecodedInfo = { hasAlpha: true, alphaOnly: true };
