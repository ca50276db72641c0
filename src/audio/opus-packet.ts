// Opus packet: whether bytes are framed as an Opus packet, and how long its sound is (RFC 6716, section 3). It is looked at before the
// decoder is: what comes out is then known beforehand, and bytes that are no packet never reach it. What the frames hold is
// the decoder's business.

/** Opus counts in 48 kHz whatever the source was. */
export const opusFrequencyHz = 48_000;
const samplesMax = (opusFrequencyHz * 120) / 1000;
const frameBytesMax = 1_275;
/** A length byte from here on has a second one, which counts fourfold. */
const longLength = 252;

export type OpusPacketFault = 'empty' | 'oversize' | 'truncated' | 'uneven' | 'noFrames' | 'tooLong';

/** The samples of each channel that this packet decodes to, or what is wrong with its framing. */
export function opusPacketSamples(packet: Uint8Array): number | OpusPacketFault {
  const toc = packet[0];
  if (toc === undefined) return 'empty';
  const frameSamples = samplesOfFrame(toc >> 3);
  switch (toc & 3) {
    case 0:
      return packet.length - 1 > frameBytesMax ? 'oversize' : frameSamples;
    case 1:
      return sizeFault(packet.length - 1, 2) ?? 2 * frameSamples;
    case 2:
      return variableFault(packet, 1, packet.length, 2) ?? 2 * frameSamples;
    default:
      return countedSamples(packet, frameSamples);
  }
}

/** The 32 configurations: SILK in 10 to 60 ms, hybrid in 10 and 20 ms, CELT in 2.5 to 20 ms. */
function samplesOfFrame(configuration: number): number {
  if (configuration < 12) return [480, 960, 1_920, 2_880][configuration & 3] ?? 0;
  if (configuration < 16) return [480, 960][configuration & 1] ?? 0;
  return [120, 240, 480, 960][configuration & 3] ?? 0;
}

/** Code 3: the second byte says how many frames, whether their sizes differ, and whether padding follows them. */
function countedSamples(packet: Uint8Array, frameSamples: number): number | OpusPacketFault {
  const counts = packet[1];
  if (counts === undefined) return 'truncated';
  const frames = counts & 0x3f;
  if (frames === 0) return 'noFrames';
  if (frames * frameSamples > samplesMax) return 'tooLong';
  let [at, end] = [2, packet.length];
  if ((counts & 0x40) !== 0) {
    for (let more = true; more; ) {
      const padding = packet[at];
      if (padding === undefined) return 'truncated';
      at += 1;
      more = padding === 255;
      end -= more ? 254 : padding;
    }
    if (end < at) return 'truncated';
  }
  const fault = (counts & 0x80) === 0 ? sizeFault(end - at, frames) : variableFault(packet, at, end, frames);
  return fault ?? frames * frameSamples;
}

/** `bytes` are `frames` frames of one size. */
function sizeFault(bytes: number, frames: number): OpusPacketFault | null {
  if (bytes % frames !== 0) return 'uneven';
  return bytes / frames > frameBytesMax ? 'oversize' : null;
}

/** From `at` on: the sizes of all frames but the last, then the frames, up to `end`. */
function variableFault(packet: Uint8Array, at: number, end: number, frames: number): OpusPacketFault | null {
  let next = at;
  let taken = 0;
  for (let frame = 1; frame < frames; frame++) {
    const first = next < end ? packet[next] : undefined;
    if (first === undefined) return 'truncated';
    const isLong = first >= longLength;
    const second = isLong && next + 1 < end ? packet[next + 1] : undefined;
    if (isLong && second === undefined) return 'truncated';
    taken += first + 4 * (second ?? 0);
    next += isLong ? 2 : 1;
  }
  const last = end - next - taken;
  if (last < 0) return 'truncated';
  return last > frameBytesMax ? 'oversize' : null;
}
