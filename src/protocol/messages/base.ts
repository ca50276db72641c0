// Messages that every channel has, both ways. The numbers are in catalog.ts.

import { array, bytes, restBytes, struct, u16, u32, u64, u8 } from '../wire/layout.ts';
import { messageBodyBytesMax, notifyMessageBytesMax, subMessagesMax } from '../limits.ts';

export const empty = struct({});

/** Flags: `MigrateFlag`. */
export const migrate = struct({ flags: u32 });

/** Opaque state of a migrating channel; it is handed to the destination unread. */
export const migrateData = struct({ data: restBytes(messageBodyBytesMax) });

export const setAck = struct({ generation: u32, window: u32 });

/** Padding is what the server's bandwidth test measures with: 250 KiB in the third PING of a session. Never echo it. */
export const ping = struct({ id: u32, timestamp: u64, padding: restBytes(messageBodyBytesMax) });

export const waitForChannels = struct({
  count: u8,
  waits: array('count', struct({ channelType: u8, channelId: u8, messageSerial: u64 }), 255),
});

/** `reason` is a link error code. */
export const disconnecting = struct({ timeStamp: u64, reason: u32 });

/** The reference server writes one NUL after the message which the length does not count: a trailing byte. */
export const notify = struct({
  timeStamp: u64,
  severity: u32,
  visibility: u32,
  what: u32,
  messageLength: u32,
  message: bytes('messageLength', notifyMessageBytesMax),
});

/** Offsets of the sub-messages from the body's start; frame-splitter.ts reads the sub-messages themselves. */
export const list = struct({
  count: u16,
  offsets: array('count', u32, subMessagesMax),
  subMessages: restBytes(messageBodyBytesMax),
});

export const ackSync = struct({ generation: u32 });

export const pong = struct({ id: u32, timestamp: u64 });
