// Messages of the smartcard channel: one envelope both ways. The payload stays bytes.

import { bytes, struct, u32 } from '../wire/layout.ts';
import { smartcardDataBytesMax } from '../limits.ts';

/** Type: `SmartcardType`. Reader 0xFFFFFFFF is "none yet". */
export const smartcard = struct({ type: u32, readerId: u32, length: u32, data: bytes('length', smartcardDataBytesMax) });
