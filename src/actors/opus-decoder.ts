// Opus decoder: the one place that knows the package behind it. It is given packets whose framing was checked, decodes each in the turn
// in which it came, and counts on nothing that the decoder says about them. Only WebAssembly: whatever a packet does to it stays
// in its own memory.

import { Decoder } from '@evan/opus/wasm/index.mjs';
import { opusFrequencyHz, opusPacketSamples, type OpusPacketFault } from '../audio/opus-packet.ts';
import { blockBytes, type SoundFormat } from '../audio/sound-format.ts';

/** What servers send; a packet of one channel comes out on both. */
export const opusFormat: SoundFormat = { channels: 2, frequencyHz: opusFrequencyHz };

/** The samples of a packet, or the code of what is wrong with it. */
export type OpusResult = ArrayBuffer | OpusPacketFault | 'refused';

export class OpusDecoder {
  readonly #decoder = new Decoder({ channels: 2, sample_rate: opusFrequencyHz });

  /** Never throws for what a server sends. The packet may be a view; the result is of its own. */
  decode(packet: Uint8Array): OpusResult {
    const expected = opusPacketSamples(packet);
    if (typeof expected === 'string') return expected;
    try {
      const pcm = this.#decoder.decode(packet);
      return pcm.length === expected * blockBytes(opusFormat) && pcm.length === pcm.buffer.byteLength ? pcm.buffer : 'refused';
    } catch {
      // Well framed, and not to be decoded all the same: nothing that a test has found, and no reason to end a channel.
      return 'refused';
    }
  }
}
