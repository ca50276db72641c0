// Numbers of the protocol by name: channel types, capability bits, enumerations and flag bits. Numbers of messages are in
// catalog.ts. A number that is not here stays a number in the parsed value: servers are newer than clients.

export const ChannelType = {
  main: 1,
  display: 2,
  inputs: 3,
  cursor: 4,
  playback: 5,
  record: 6,
  smartcard: 8,
  usbredir: 9,
  port: 10,
  webdav: 11,
} as const;
export type ChannelName = keyof typeof ChannelType;
export type ChannelTypeNumber = (typeof ChannelType)[ChannelName];

const CHANNEL_NAMES: ReadonlyMap<number, ChannelName> = new Map(
  // Object.entries widens the keys to string; they are the keys of ChannelType.
  Object.entries(ChannelType).map(([name, type]) => [type, name as ChannelName]),
);

/** The name of a channel type, or `channel7` for one that nobody defines (7 is the obsolete tunnel). */
export function channelName(type: number): string {
  return CHANNEL_NAMES.get(type) ?? `channel${type}`;
}

/** Bits of the common capability words. */
export const CommonCapability = { protocolAuthSelection: 0, authSpice: 1, authSasl: 2, miniHeader: 3 } as const;

/** What this client says of itself on every channel: it selects the mechanism, takes tickets, and wants mini headers. */
export const clientCommonCapabilities: readonly number[] = [0b1011];

/** Numbers of the authentication mechanism selector: those of the matching common capabilities. */
export const AuthMechanism = { spice: 1, sasl: 2 } as const;

export const MainCapability = { semiSeamlessMigrate: 0, nameAndUuid: 1, agentConnectedTokens: 2, seamlessMigrate: 3 } as const;

export const DisplayCapability = {
  sizedStream: 0,
  monitorsConfig: 1,
  composite: 2,
  a8Surface: 3,
  streamReport: 4,
  lz4Compression: 5,
  prefCompression: 6,
  glScanout: 7,
  multiCodec: 8,
  codecMjpeg: 9,
  codecVp8: 10,
  codecH264: 11,
  prefVideoCodecType: 12,
  codecVp9: 13,
  codecH265: 14,
} as const;

export const InputsCapability = { keyScancode: 0 } as const;
export const PlaybackCapability = { celt051: 0, volume: 1, latency: 2, opus: 3 } as const;
export const RecordCapability = { celt051: 0, volume: 1, opus: 2 } as const;
export const SpiceVmcCapability = { dataCompressLz4: 0 } as const;

export const AgentCapability = {
  mouseState: 0,
  monitorsConfig: 1,
  reply: 2,
  clipboard: 3,
  displayConfig: 4,
  clipboardByDemand: 5,
  clipboardSelection: 6,
  sparseMonitorsConfig: 7,
  guestLineendLf: 8,
  guestLineendCrlf: 9,
  maxClipboard: 10,
  audioVolumeSync: 11,
  monitorsConfigPosition: 12,
  fileXferDisabled: 13,
  fileXferDetailedErrors: 14,
  graphicsDeviceInfo: 15,
  clipboardNoReleaseOnRegrab: 16,
  clipboardGrabSerial: 17,
} as const;

/** Whether capability `bit` is set; words that are missing read as zero. */
export function hasCapability(words: readonly number[], bit: number): boolean {
  return (((words[Math.floor(bit / 32)] ?? 0) >>> (bit % 32)) & 1) === 1;
}

/** The capability words with exactly `bits` set; no words when there are none. */
export function capabilityWords(bits: readonly number[]): number[] {
  const words: number[] = [];
  for (const bit of bits) {
    const index = Math.floor(bit / 32);
    while (words.length <= index) words.push(0);
    words[index] = ((words[index] ?? 0) | (1 << (bit % 32))) >>> 0;
  }
  return words;
}

export const MigrateFlag = { needFlush: 1, needDataTransfer: 2 } as const;
export const NotifySeverity = { info: 0, warn: 1, error: 2 } as const;
export const NotifyVisibility = { low: 0, medium: 1, high: 2 } as const;

export const MouseMode = { server: 1, client: 2 } as const;

export const SurfaceFormat = { alpha1: 1, alpha8: 8, rgb555: 16, rgb565: 80, xrgb: 32, argb: 96 } as const;
export const SurfaceFlag = { primary: 1, streamingMode: 2 } as const;

export const ImageType = {
  bitmap: 0,
  quic: 1,
  lzPlt: 100,
  lzRgb: 101,
  glzRgb: 102,
  fromCache: 103,
  surface: 104,
  jpeg: 105,
  fromCacheLossless: 106,
  zlibGlzRgb: 107,
  jpegAlpha: 108,
  lz4: 109,
} as const;
export const ImageFlag = { cacheMe: 1, highBitsSet: 2, cacheReplaceMe: 4 } as const;
export const BitmapFormat = {
  invalid: 0,
  bit1Le: 1,
  bit1Be: 2,
  bit4Le: 3,
  bit4Be: 4,
  bit8: 5,
  bit16: 6,
  bit24: 7,
  bit32: 8,
  rgba: 9,
  bit8Alpha: 10,
} as const;
export const BitmapFlag = { paletteCacheMe: 1, paletteFromCache: 2, topDown: 4 } as const;
export const JpegAlphaFlag = { topDown: 1 } as const;
export const ImageCompression = { invalid: 0, off: 1, autoGlz: 2, autoLz: 3, quic: 4, glz: 5, lz: 6, lz4: 7 } as const;
/** Type of an INVAL_LIST entry. */
export const ResourceType = { pixmap: 1 } as const;

export const RopFlag = {
  inversSrc: 0x001,
  inversBrush: 0x002,
  inversDest: 0x004,
  opPut: 0x008,
  opOr: 0x010,
  opAnd: 0x020,
  opXor: 0x040,
  opBlackness: 0x080,
  opWhiteness: 0x100,
  opInvers: 0x200,
  inversRes: 0x400,
} as const;
export const ScaleMode = { interpolate: 0, nearest: 1 } as const;
export const MaskFlag = { invert: 1 } as const;
export const AlphaFlag = { destHasAlpha: 1, srcSurfaceHasAlpha: 2 } as const;
export const LineFlag = { startWithGap: 4, styled: 8 } as const;
export const PathFlag = { begin: 1, end: 2, close: 8, bezier: 16 } as const;
export const StringFlag = { rasterA1: 1, rasterA4: 2, rasterA8: 4, topDown: 8 } as const;
/** Single bits of DRAW_COMPOSITE's flags; bits 0-7 hold the operator, 8-17 filters and repeats. */
export const CompositeFlag = {
  componentAlpha: 1 << 18,
  hasMask: 1 << 19,
  hasSourceTransform: 1 << 20,
  hasMaskTransform: 1 << 21,
  sourceOpaque: 1 << 22,
  maskOpaque: 1 << 23,
  destOpaque: 1 << 24,
} as const;

export const StreamFlag = { topDown: 1 } as const;
export const VideoCodec = { mjpeg: 1, vp8: 2, h264: 3, vp9: 4, h265: 5 } as const;
/** A STREAM_REPORT with `numFrames` 0 and this many drops says "I cannot decode this stream". */
export const streamReportUnsupportedDrops = 0xffff_ffff;
export const GlScanoutFlag = { y0Top: 1 } as const;

export const KeyModifier = { scrollLock: 1, numLock: 2, capsLock: 4 } as const;
export const MouseButton = { left: 1, middle: 2, right: 3, up: 4, down: 5, side: 6, extra: 7 } as const;
export const MouseButtonMask = { left: 1, middle: 2, right: 4, up: 8, down: 16, side: 32, extra: 64 } as const;
/** The server acknowledges this many MOUSE_MOTION or MOUSE_POSITION messages at a time. */
export const mouseMotionsPerAck = 4;

export const CursorFlag = { none: 1, cacheMe: 2, fromCache: 4 } as const;
export const CursorType = { alpha: 0, mono: 1, color4: 2, color8: 3, color16: 4, color24: 5, color32: 6 } as const;

export const AudioMode = { raw: 1, celt051: 2, opus: 3 } as const;
export const AudioFormat = { s16: 1 } as const;

export const CompressionType = { none: 0, lz4: 1 } as const;
export const PortEvent = { opened: 0, closed: 1, break: 2 } as const;

export const ClipboardSelection = { clipboard: 0, primary: 1, secondary: 2 } as const;
export const ClipboardType = { none: 0, utf8Text: 1, imagePng: 2, imageBmp: 3, imageTiff: 4, imageJpg: 5, fileList: 6 } as const;
export const FileXferResult = {
  canSendData: 0,
  cancelled: 1,
  error: 2,
  success: 3,
  notEnoughSpace: 4,
  sessionLocked: 5,
  vdagentNotConnected: 6,
  disabled: 7,
} as const;
export const AgentReplyError = { success: 1, error: 2 } as const;
export const MonitorsConfigFlag = { usePosition: 1, physicalSize: 2 } as const;
export const DisplayConfigFlag = { disableWallpaper: 1, disableFontSmooth: 2, disableAnimation: 4, setColorDepth: 8 } as const;
