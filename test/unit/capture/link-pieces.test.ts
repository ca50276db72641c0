// Where a link exchange is cut for the capture file.
import { linkPieces } from '#app/capture/link-pieces.js';
import { expect, test } from 'vitest';
import { linkExchange } from '../../support/spice-bytes.ts';

const [[, message], [, reply], [, authentication], [, result]] = linkExchange(2, 0, 7) as [[string, Uint8Array], [string, Uint8Array], [string, Uint8Array], [string, Uint8Array]];

test.each([
  ['the client in one write', Buffer.concat([message, authentication]), [message.length, 4, 128]],
  ['the server in one read', Buffer.concat([reply, result]), [reply.length, 4]],
  ['mechanism and ticket', authentication, [4, 128]],
  ['a ticket alone, from before mechanisms', authentication.subarray(4), [128]],
  ['a result', result, [4]],
  ['half a header', message.subarray(0, 10), [10]],
  ['half a message', message.subarray(0, 30), [30]],
  ['nothing', new Uint8Array(0), [0]],
])('%s', (_, bytes, lengths) => {
  expect(linkPieces(bytes).map((piece) => piece.byteLength)).toEqual(lengths);
  expect(Buffer.concat(linkPieces(bytes)).equals(bytes)).toBe(true);
});

test('a length that a server invents cuts nothing off', () => {
  const bytes = Buffer.concat([message.subarray(0, 12), new Uint8Array([0xff, 0xff, 0xff, 0xff]), message.subarray(16)]);
  expect(linkPieces(bytes)).toEqual([bytes]);
});
