// What a capture file puts around frames, as an interface with two forms: classic pcap (pcap.ts) and pcapng (pcapng.ts). The frames
// themselves are the same in both, and so is everything that decides which of them are written.

/** By the extension of the file's name. */
export const captureFormats = ['pcapng', 'pcap'] as const;
export type CaptureFormatName = (typeof captureFormats)[number];

/** A file in the making: `used` bytes of `bytes` are filled. */
export interface PcapTarget {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  used: number;
}

export function pcapTarget(byteLength: number): PcapTarget {
  const bytes = new Uint8Array(byteLength);
  return { bytes, view: new DataView(bytes.buffer), used: 0 };
}

/** What a file says of itself. */
export interface CaptureFileFacts {
  /** `display/0`. */
  readonly channel: string;
  /** Name and version of the program. */
  readonly application: string;
  readonly system: string;
  /** From when on session time is counted, in milliseconds since 1970. */
  readonly sessionStartedWallMs: number;
}

/** What a file says at its end, in SPICE messages. */
export interface CaptureFileTotals {
  readonly wallMs: number;
  /** Seen on the channel. */
  readonly seen: number;
  readonly written: number;
  /** Missing from the file, for whatever reason. */
  readonly missing: number;
}

/** What is known of one packet. */
export interface PacketFacts {
  readonly frameBytes: number;
  /** Milliseconds since 1970, with fractions. */
  readonly wallMs: number;
  readonly received: boolean;
  /** ASCII, at most `COMMENT_BYTES_MAX`; what is longer is cut. Formats without comments leave it out. */
  readonly comment: string | undefined;
}

export const COMMENT_BYTES_MAX = 512;

export interface PacketFormat {
  readonly name: CaptureFormatName;
  fileHeader(facts: CaptureFileFacts): Uint8Array;
  /** The end of a complete file; empty where the format has none. A file without it is as readable. */
  fileTrailer(totals: CaptureFileTotals): Uint8Array;
  /** Bytes of a packet before its frame. */
  readonly packetHeadBytes: number;
  /** Bytes of a packet beside its frame: at most so many, and with a comment. */
  readonly packetOverheadBytes: number;
  readonly commentOverheadBytes: number;
  /**
   * Writes what stands around a frame of which the first byte is at `start + packetHeadBytes`.
   * @returns where the packet ends
   */
  wrap(target: PcapTarget, start: number, packet: PacketFacts): number;
}
