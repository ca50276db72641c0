// JPEG decoder: the one place that knows the package behind it, which is libjpeg-turbo as native code. It is given only what
// passed the check of its header (`decode/jpeg.ts`), and writes where it is told to.

import type { DecodeJpeg } from '../decode/jpeg.ts';

/**
 * The decoder; null where the package has no build for this platform. The session's own thread loads it before any other does:
 * native code that is first loaded in a worker may take the process with it when that worker ends.
 */
export async function loadJpegDecoder(): Promise<DecodeJpeg | null> {
  try {
    const { default: library } = await import('@julusian/jpeg-turbo');
    return (jpeg, output) => {
      try {
        const decoded = library.decompressSync(bufferOver(jpeg), bufferOver(output), { format: library.FORMAT_BGRX });
        return decoded.size === output.length;
      } catch {
        return false;
      }
    };
  } catch {
    return null;
  }
}

const bufferOver = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
