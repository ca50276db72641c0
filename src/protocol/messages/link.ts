// The fixed parts of the link handshake, before the message stream begins. The capability words behind them lie at an
// offset and are read by link-handshake.ts.

import { fixedBytes, struct, u32, u8 } from '../wire/layout.ts';
import type { Of } from '../wire/layout.ts';

/** `magic` is ASCII `REDQ`; `size` counts the bytes after this header. */
export const linkHeader = struct({ magic: u32, major: u32, minor: u32, size: u32 });

/** Counts are in 32-bit words; the offset counts from this structure's start. */
export const linkMessage = struct({
  connectionId: u32,
  channelType: u8,
  channelId: u8,
  commonWords: u32,
  channelWords: u32,
  capsOffset: u32,
});

/** The key is a DER SubjectPublicKeyInfo of 1024 bits, all zero when SASL will be used. */
export const linkReply = struct({
  error: u32,
  publicKeyDer: fixedBytes(162),
  commonWords: u32,
  channelWords: u32,
  capsOffset: u32,
});

export type LinkHeader = Of<typeof linkHeader>;
