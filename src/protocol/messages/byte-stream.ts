// Messages of the channels that carry a byte stream: SpiceVMC (usbredir), port and webdav. What the bytes mean is not
// their business; message borders carry no meaning.

import { at, bytes, openChoice, pointer, restBytes, struct, u32, u8 } from '../wire/layout.ts';
import { messageBodyBytesMax, portNameBytesMax } from '../limits.ts';

export const vmcData = struct({ data: restBytes(messageBodyBytesMax) });

/** `uncompressedSize` is a claim, to be checked before allocating; the block must inflate to exactly that. */
export const vmcCompressedData = struct({
  type: u8,
  block: openChoice('type', {
    none: at(0, { data: restBytes(messageBodyBytesMax) }),
    lz4: at(1, { uncompressedSize: u32, data: restBytes(messageBodyBytesMax) }),
  }),
});

/** The size counts the terminating NUL. */
export const portInit = struct({ nameSize: u32, name: pointer(bytes('nameSize', portNameBytesMax)), opened: u8 });
/** `PortEvent`. */
export const portEvent = struct({ event: u8 });
