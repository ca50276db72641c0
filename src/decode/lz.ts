/**
 * LZ images whose units are pixels: RGB16, RGB24, RGB32, RGBA (two passes), XXXA (alpha over colours that are there) and
 * A8. Palette types are `lz-plt.ts`; matches into other images are `glz.ts`.
 */
import type { ByteBudget } from './byte-budget.ts';
import { requireWorking } from './byte-budget.ts';
import { DecodeError } from './decode-error.ts';
import type { DecodedInfo } from './decoded-info.ts';
import { alphaOnlyPixels, alphaPixels, opaquePixels } from './decoded-info.ts';
import { checkLzSize, lzHeaderBytes, lzType, readLzHeader } from './lz-header.ts';
import { decodeLzUnits, lzUnit } from './lz-units.ts';
import type { PixelBuffer } from './pixel-buffer.ts';
import { copyStreamOrder, flipRows, isPacked, readStreamOrder } from './stream-order.ts';

/**
 * Decodes one LZ stream of an RGB or alpha type. XXXA writes the fourth bytes and leaves the colours that the target has.
 * @throws DecodeError `truncated`, `badHeader`, `sizeMismatch`, `oversize`, `overrun`, `badDistance`, `overBudget`; the target's
 *   pixels are then some mixture of old and new
 */
export function decodeLz(bytes: Uint8Array, target: PixelBuffer, budget: ByteBudget): DecodedInfo {
  const header = readLzHeader(bytes);
  const count = target.width * target.height;
  checkLzSize(header, target, count, bytes.length);
  // The colours that XXXA keeps must lie in stream order, too, while alpha is laid over them.
  const keepsColours = header.type === lzType.xxxa;
  if (isPacked(target)) {
    if (keepsColours && !header.topDown) flipRows(target);
    const info = decodePasses(header.type, bytes, target.words, target.bytes, count);
    if (!header.topDown) flipRows(target);
    return info;
  }
  requireWorking(budget, count * 4, 'lz.words');
  const words = new Uint32Array(count);
  if (keepsColours) readStreamOrder(target, words, header.topDown);
  const info = decodePasses(header.type, bytes, words, new Uint8Array(words.buffer), count);
  copyStreamOrder(words, target, header.topDown);
  return info;
}

function decodePasses(type: number, input: Uint8Array, words: Uint32Array, bytes: Uint8Array, count: number): DecodedInfo {
  const output = { words, bytes, byteStep: 4, byteOffset: 3 };
  switch (type) {
    case lzType.rgb16:
      decodeLzUnits(lzUnit.colour555, input, lzHeaderBytes, output, count);
      return opaquePixels;
    case lzType.rgb24:
    case lzType.rgb32:
      decodeLzUnits(lzUnit.colour, input, lzHeaderBytes, output, count);
      return opaquePixels;
    case lzType.rgba: {
      const alphaStart = decodeLzUnits(lzUnit.colour, input, lzHeaderBytes, output, count);
      decodeLzUnits(lzUnit.byte, input, alphaStart, output, count);
      return alphaPixels;
    }
    case lzType.xxxa:
      decodeLzUnits(lzUnit.byte, input, lzHeaderBytes, output, count);
      return alphaPixels;
    case lzType.a8:
      words.fill(0);
      decodeLzUnits(lzUnit.byte, input, lzHeaderBytes, output, count);
      return alphaOnlyPixels;
    default:
      throw new DecodeError('badHeader', 'lz.type', type, lzType.a8);
  }
}
