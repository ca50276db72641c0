/**
 * LZ images whose units are bytes of palette indexes: PLT1, PLT4 and PLT8. The stream gives the rows as they lay in the
 * server's memory, padding and all; the indexes then become pixels just as those of an uncompressed bitmap do.
 */
import type { ByteBudget } from './byte-budget.ts';
import { requireWorking } from './byte-budget.ts';
import { DecodeError } from './decode-error.ts';
import type { DecodedInfo } from './decoded-info.ts';
import { opaquePixels } from './decoded-info.ts';
import type { IndexPacking } from './indexed-pixels.ts';
import { expandIndexes, indexedRowBytes } from './indexed-pixels.ts';
import { checkLzSize, lzHeaderBytes, lzType, readLzHeader } from './lz-header.ts';
import { decodeLzUnits, lzUnit } from './lz-units.ts';
import type { PixelBuffer } from './pixel-buffer.ts';
import { imagePixelsMax } from './pixel-buffer.ts';

const packings: Readonly<Record<number, IndexPacking>> = {
  [lzType.plt1Le]: 'bit1Le',
  [lzType.plt1Be]: 'bit1Be',
  [lzType.plt4Le]: 'bit4Le',
  [lzType.plt4Be]: 'bit4Be',
  [lzType.plt8]: 'bit8',
};

const noWords = new Uint32Array(0);

/**
 * Decodes one LZ stream of a palette type. The stream's own `top_down` decides about the rows.
 * @param table the image's palette as 256 pixels
 * @throws DecodeError `truncated`, `badHeader`, `sizeMismatch`, `badStride`, `oversize`, `overrun`, `badDistance`, `overBudget`
 */
export function decodeLzPlt(bytes: Uint8Array, table: Uint32Array, target: PixelBuffer, budget: ByteBudget): DecodedInfo {
  const header = readLzHeader(bytes);
  const packing = packings[header.type];
  if (packing === undefined) throw new DecodeError('badHeader', 'lzPlt.type', header.type, lzType.plt8);
  const rowBytes = indexedRowBytes(packing, target.width);
  if (header.stride < rowBytes) throw new DecodeError('badStride', 'lz.stride', header.stride, rowBytes);
  const units = header.stride * target.height;
  checkLzSize(header, target, units, bytes.length);
  if (units > imagePixelsMax) throw new DecodeError('oversize', 'lz.stride * height', units, imagePixelsMax);
  requireWorking(budget, units, 'lzPlt.indexes');
  const indexes = new Uint8Array(units);
  decodeLzUnits(lzUnit.byte, bytes, lzHeaderBytes, { words: noWords, bytes: indexes, byteStep: 1, byteOffset: 0 }, units);
  expandIndexes(packing, indexes, header.stride, table, target, header.topDown);
  return opaquePixels;
}
