import { expect, it } from 'vitest';
import fc from 'fast-check';
import { createMuxSplitter, pushMux, serializeMuxFrame } from '#app/protocol/webdav-mux.js';
import { hex } from '../../golden/hand-laid.mjs';

it('a frame is a 64-bit id, a 16-bit size and its bytes; no bytes close the connection', () => {
  expect(serializeMuxFrame({ clientId: 5n, data: hex('61 62') })).toEqual(hex('05 00 00 00 00 00 00 00', '02 00', '61 62'));
  expect(pushMux(createMuxSplitter(), hex('ff ff ff ff ff ff ff ff', '00 00'))).toEqual([{ clientId: -1n, data: hex() }]);
});

it('any chunking gives the same frames', () => {
  const frame = fc.record({ clientId: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), data: fc.uint8Array({ maxLength: 40 }) });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 10 }), (frames, cuts) => {
      const stream = Uint8Array.from(Buffer.concat(frames.map(serializeMuxFrame)));
      const places = [0, ...cuts.map((cut) => cut % (stream.byteLength + 1)), stream.byteLength].toSorted((a, b) => a - b);
      const splitter = createMuxSplitter();
      expect(places.slice(1).flatMap((end, index) => pushMux(splitter, stream.slice(places[index], end)))).toEqual(frames);
    }),
  );
});

it('more than a 16-bit size can say is our mistake', () => {
  expect(() => serializeMuxFrame({ clientId: 1n, data: new Uint8Array(0x10000) })).toThrowError(RangeError);
});
