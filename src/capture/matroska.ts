// A video as a Matroska file of JPEG pictures, as bytes: the head, one cluster for each picture, and at the end an index with the places in the head
// that say where it is and how long the video lasts. Pure; who stores it is actors/video-file.ts. A file without its end plays up to its last whole picture.

/** The elements that we write, by their numbers in RFC 9559. */
const Id = {
  ebml: 0x1a45dfa3, ebmlVersion: 0x4286, ebmlReadVersion: 0x42f7, ebmlMaxIdLength: 0x42f2, ebmlMaxSizeLength: 0x42f3, docType: 0x4282, docTypeVersion: 0x4287, docTypeReadVersion: 0x4285,
  void: 0xec, segment: 0x18538067, seekHead: 0x114d9b74, seek: 0x4dbb, seekId: 0x53ab, seekPosition: 0x53ac,
  info: 0x1549a966, timestampScale: 0x2ad7b1, duration: 0x4489, dateUtc: 0x4461, title: 0x7ba9, muxingApp: 0x4d80, writingApp: 0x5741,
  tracks: 0x1654ae6b, trackEntry: 0xae, trackNumber: 0xd7, trackUid: 0x73c5, trackType: 0x83, flagLacing: 0x9c, codecId: 0x86, video: 0xe0, pixelWidth: 0xb0, pixelHeight: 0xba,
  cluster: 0x1f43b675, timestamp: 0xe7, simpleBlock: 0xa3, cues: 0x1c53bb6b, cuePoint: 0xbb, cueTime: 0xb3, cueTrackPositions: 0xb7, cueTrack: 0xf7, cueClusterPosition: 0xf1,
} as const;

/** Times are milliseconds since the first picture. */
const nanosecondsPerTick = 1_000_000;
const trackTypeVideo = 1;
/** Room for the places of info, tracks and cues; the rest stays void. */
const seekHeadBytes = 192;
/** "Not known yet", for an element whose size has eight bytes. */
const unknownSize = Uint8Array.of(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
/** Matroska's dates count from here. */
const datesFromMs = Date.UTC(2001, 0, 1);

export interface VideoFacts {
  readonly width: number;
  readonly height: number;
  /** What the video is of, such as `display/0`. */
  readonly title: string;
  /** Of the first picture, in milliseconds since 1970. */
  readonly startedWallMs: number;
}

/** The start of a file, and where in it things stand that are known only at the end. */
export interface VideoHead {
  readonly bytes: Uint8Array;
  readonly segmentSizeAt: number;
  /** Where the segment's content begins: places in the index count from here. */
  readonly segmentAt: number;
  readonly durationAt: number;
  readonly infoAt: number;
  readonly tracksAt: number;
}

/** One picture that a player may jump to. */
export interface CuePoint {
  readonly timeMs: number;
  /** From the start of the file. */
  readonly clusterAt: number;
}

export interface Patch {
  readonly position: number;
  readonly bytes: Uint8Array;
}

export function videoHead({ width, height, title, startedWallMs }: VideoFacts): VideoHead {
  const ebml = element(
    Id.ebml, number(Id.ebmlVersion, 1), number(Id.ebmlReadVersion, 1), number(Id.ebmlMaxIdLength, 4), number(Id.ebmlMaxSizeLength, 8),
    text(Id.docType, 'matroska'), number(Id.docTypeVersion, 4), number(Id.docTypeReadVersion, 2),
  );
  const segment = join([idBytes(Id.segment), unknownSize]);
  const duration = element(Id.duration, new Uint8Array(8));
  const beforeDuration = [number(Id.timestampScale, nanosecondsPerTick)];
  const info = element(
    Id.info, ...beforeDuration, duration, element(Id.dateUtc, signed64(BigInt(Math.round(startedWallMs - datesFromMs)) * 1_000_000n)),
    text(Id.title, title), text(Id.muxingApp, 'ryll-actors'), text(Id.writingApp, 'ryll-actors'),
  );
  const tracks = element(
    Id.tracks,
    element(
      Id.trackEntry, number(Id.trackNumber, 1), number(Id.trackUid, 1), number(Id.trackType, trackTypeVideo), number(Id.flagLacing, 0), text(Id.codecId, 'V_MJPEG'),
      element(Id.video, number(Id.pixelWidth, width), number(Id.pixelHeight, height)),
    ),
  );
  const segmentAt = ebml.length + segment.length;
  const infoAt = segmentAt + seekHeadBytes;
  const infoHeaderBytes = info.length - contentLength(info);
  return {
    bytes: join([ebml, segment, voidOf(seekHeadBytes), info, tracks]),
    segmentSizeAt: ebml.length + idBytes(Id.segment).length,
    segmentAt,
    // The eight bytes of the number itself, behind id and size.
    durationAt: infoAt + infoHeaderBytes + join(beforeDuration).length + duration.length - 8,
    infoAt,
    tracksAt: infoAt + info.length,
  };
}

/** What stands before the bytes of one JPEG picture; the picture follows as it is. */
export function clusterHead(timeMs: number, pictureBytes: number): Uint8Array {
  // Track 1, at the cluster's own time, a key frame.
  const block = join([idBytes(Id.simpleBlock), sizeBytes(pictureBytes + 4), Uint8Array.of(0x81, 0, 0, 0x80)]);
  const timestamp = number(Id.timestamp, timeMs);
  return join([idBytes(Id.cluster), sizeBytes(timestamp.length + block.length + pictureBytes), timestamp, block]);
}

/** The index at the end of the file, and what is then put right in its head. `endAt` = where the index goes. */
export function videoTail(head: VideoHead, cues: readonly CuePoint[], durationMs: number, endAt: number): { readonly bytes: Uint8Array; readonly patches: readonly Patch[] } {
  const bytes = element(
    Id.cues,
    ...cues.map(({ timeMs, clusterAt }) =>
      element(Id.cuePoint, number(Id.cueTime, timeMs), element(Id.cueTrackPositions, number(Id.cueTrack, 1), number(Id.cueClusterPosition, clusterAt - head.segmentAt)))),
  );
  const seek = (id: number, at: number): Uint8Array => element(Id.seek, element(Id.seekId, idBytes(id)), number(Id.seekPosition, at - head.segmentAt));
  const seekHead = element(Id.seekHead, seek(Id.info, head.infoAt), seek(Id.tracks, head.tracksAt), seek(Id.cues, endAt));
  const duration = new DataView(new ArrayBuffer(8));
  duration.setFloat64(0, durationMs);
  return {
    bytes,
    patches: [
      { position: head.segmentAt, bytes: join([seekHead, voidOf(seekHeadBytes - seekHead.length)]) },
      { position: head.durationAt, bytes: new Uint8Array(duration.buffer) },
      { position: head.segmentSizeAt, bytes: sizeBytes(endAt + bytes.length - head.segmentAt) },
    ],
  };
}

/** An id is stored as it is written. */
function idBytes(id: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = id; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Uint8Array.from(bytes);
}

/** Always eight bytes, so that a size can be put right in place. */
function sizeBytes(size: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, (1n << 56n) | BigInt(size));
  return new Uint8Array(view.buffer);
}

function element(id: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = join(parts);
  return join([idBytes(id), sizeBytes(content.length), content]);
}

const sizeLength = 8;
const contentLength = (whole: Uint8Array): number => whole.length - sizeLength - idLength(whole);
/** The position of the first set bit says how long an id is. */
const idLength = (whole: Uint8Array): number => Math.clz32(whole[0]!) - 24 + 1;

function number(id: number, value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(value));
  return element(id, new Uint8Array(view.buffer));
}

function signed64(value: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, value);
  return new Uint8Array(view.buffer);
}

/** ASCII only: titles are names of channels. */
function text(id: number, value: string): Uint8Array {
  return element(id, Uint8Array.from(value, (character) => character.charCodeAt(0) & 0x7f));
}

/** `length` bytes in all, at least nine. */
function voidOf(length: number): Uint8Array {
  return element(Id.void, new Uint8Array(length - 1 - sizeLength));
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
