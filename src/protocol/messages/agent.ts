// Messages of the guest agent, as they stand inside AGENT_DATA behind a 20-byte header. Which clipboard layouts hold
// depends on capabilities that both sides announced: the dialect chooses a layout, layouts do not read capabilities.

import { array, bytes, i32, mapped, restArray, restBytes, struct, u16, u32, u64, u8, whenBit } from '../wire/layout.ts';
import type { Layout } from '../wire/layout.ts';
import { MonitorsConfigFlag } from '../constants.ts';
import {
  agentCapabilityWordsMax, agentClipboardTypesMax, agentGraphicsDevicesMax, agentMessageBytesMax, agentMonitorsMax,
} from '../limits.ts';

/** `opaque` is 0; `size` counts the payload after these 20 bytes. */
export const agentHeader = struct({ protocol: u32, type: u32, opaque: u64, size: u32 });

/** Buttons: `MouseButtonMask` shifted left by one. */
export const mouseState = struct({ x: u32, y: u32, buttons: u32, displayId: u8 });

/** Height comes before width, in pixels and in millimetres. Flags: `MonitorsConfigFlag`. */
export const monitorsConfig = struct({
  count: u32,
  flags: u32,
  monitors: array('count', struct({ height: u32, width: u32, depth: u32, x: i32, y: i32 }), agentMonitorsMax),
  physicalSizes: whenBit(
    'flags',
    MonitorsConfigFlag.physicalSize,
    array('count', struct({ heightMm: u16, widthMm: u16 }), agentMonitorsMax),
  ),
});

/** `type` is the message answered; error: `AgentReplyError`. */
export const reply = struct({ type: u32, error: u32 });
/** Flags: `DisplayConfigFlag`. */
export const displayConfig = struct({ flags: u32, depth: u32 });
/** Words of `AgentCapability` bits. `request` 1 asks the other side for its own. */
export const announceCapabilities = struct({ request: u32, capabilities: restArray(u32, agentCapabilityWordsMax) });

/** Key-file text with a NUL. */
export const fileXferStart = struct({ id: u32, text: restBytes(agentMessageBytesMax) });
/** Result: `FileXferResult`. What `detail` holds depends on the result, and is there only with detailed errors. */
export const fileXferStatus = struct({ id: u32, result: u32, detail: restBytes(agentMessageBytesMax) });
export const fileXferData = struct({ id: u32, size: u64, data: bytes('size', agentMessageBytesMax) });

/** In bytes, -1 for no limit. */
export const maxClipboard = struct({ bytesMax: i32 });
/** 0 to 65535 per channel. */
export const audioVolumeSync = struct({ isPlayback: u8, mute: u8, count: u8, volumes: array('count', u16, 255) });

const graphicsDevice = struct({
  channelId: u32,
  monitorId: u32,
  deviceDisplayId: u32,
  addressLength: u32,
  address: bytes('addressLength', 4096),
});
export const graphicsDeviceInfo = struct({ count: u32, devices: array('count', graphicsDevice, agentGraphicsDevicesMax) });

// A byte and three zero bytes: the low byte of a little-endian number.
const selection = mapped(u32, (value) => value & 0xff, (value) => value & 0xff);

export interface ClipboardRelease {
  /** `ClipboardSelection`; 0 when the dialect has no selections. */
  readonly selection: number;
}
/** Type: `ClipboardType`. */
export interface ClipboardRequest extends ClipboardRelease {
  readonly type: number;
}
export interface Clipboard extends ClipboardRequest {
  readonly data: Uint8Array;
}
export interface ClipboardGrab extends ClipboardRelease {
  /** Null when the dialect has no serials. */
  readonly serial: number | null;
  readonly types: readonly number[];
}

/** What both sides announced. */
export interface AgentDialect {
  readonly clipboardSelection: boolean;
  readonly clipboardGrabSerial: boolean;
}

export interface ClipboardLayouts {
  readonly clipboard: Layout<Clipboard>;
  readonly clipboardGrab: Layout<ClipboardGrab>;
  readonly clipboardRequest: Layout<ClipboardRequest>;
  readonly clipboardRelease: Layout<ClipboardRelease>;
}

const data = restBytes(agentMessageBytesMax);
const types = restArray(u32, agentClipboardTypesMax);

/** The clipboard layouts of a dialect. */
export function clipboardLayouts(dialect: AgentDialect): ClipboardLayouts {
  const serials = dialect.clipboardGrabSerial;
  if (dialect.clipboardSelection) {
    return {
      clipboard: struct({ selection, type: u32, data }),
      clipboardGrab: serials ? struct({ selection, serial: u32, types }) : withoutSerial(struct({ selection, types })),
      clipboardRequest: struct({ selection, type: u32 }),
      clipboardRelease: struct({ selection }),
    };
  }
  return {
    clipboard: mapped(struct({ type: u32, data }), onClipboard, ({ type, data: bytesOf }) => ({ type, data: bytesOf })),
    clipboardGrab: serials
      ? mapped(struct({ serial: u32, types }), onClipboard, (grab) => ({ serial: grab.serial ?? 0, types: grab.types }))
      : withoutSerial(mapped(struct({ types }), onClipboard, (grab) => ({ types: grab.types }))),
    clipboardRequest: mapped(struct({ type: u32 }), onClipboard, ({ type }) => ({ type })),
    clipboardRelease: mapped(struct({}), onClipboard, () => ({})),
  };
}

function onClipboard<T extends object>(value: T): T & ClipboardRelease {
  return { selection: 0, ...value };
}

function withoutSerial(inner: Layout<Omit<ClipboardGrab, 'serial'>>): Layout<ClipboardGrab> {
  return mapped(inner, (grab) => ({ selection: grab.selection, serial: null, types: grab.types }), (grab) => grab);
}
