// What a server sends during a link, laid by hand: header, error, key, capability words; link result.
import { hex } from '../golden/hand-laid.mjs';

const u32 = (value: number): string => Buffer.from(Uint32Array.of(value).buffer).toString('hex');
const KEY = '30'.repeat(162);

/** `common`: bits of the common capabilities; 0b1011 = selector, tickets, mini headers. */
export function linkReply({ error = 0, common = 0b1011, channel = 0 } = {}): Uint8Array {
  return hex('52454451', u32(2), u32(2), u32(186), u32(error), error === 0 ? KEY : '00'.repeat(162), u32(1), u32(1), u32(178), u32(common), u32(channel));
}

export const linkResult = (code = 0): Uint8Array => hex(u32(code));
