// What is used of the Opus package's WebAssembly half. The package's own types are of its main module, which would load native code.

declare module '@evan/opus/wasm/index.mjs' {
  export class Decoder {
    constructor(options: { readonly channels: 1 | 2; readonly sample_rate: 48000 });
    /** One packet to S16 little-endian samples in memory of their own. Throws for what is no packet. */
    decode(packet: Uint8Array): Uint8Array<ArrayBuffer>;
  }
}
