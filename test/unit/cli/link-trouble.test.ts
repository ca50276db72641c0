import { expect, test } from 'vitest';
import { socketClose, troubleOf, wasSecure } from '#app/cli/link-trouble.js';
import type { LinkFailure } from '#app/protocol/channel-link.js';

const refused = { kind: 'refused', message: 'refused', code: 'ECONNREFUSED' } as const;
const error = { kind: 'saslOnly' } as const;

test.each<[LinkFailure, unknown, boolean]>([
  [{ kind: 'connection', phase: 'dialing', secure: true, cause: refused }, { kind: 'socket', phase: 'dialing', cause: refused }, true],
  [{ kind: 'deadline', phase: 'linking', secure: false, waitedMs: 5 }, { kind: 'deadline', phase: 'linking', waitedMs: 5 }, false],
  [{ kind: 'handshake', phase: 'linking', secure: true, error }, { kind: 'link', error }, true],
  // The port that is missing is the other one than the attempt went to.
  [{ kind: 'noEndpoint', wanted: 'secure' }, { kind: 'noEndpoint', wanted: 'secure' }, false],
  [{ kind: 'noEndpoint', wanted: 'plain' }, { kind: 'noEndpoint', wanted: 'plain' }, true],
])('%j keeps what the sentences need', (failure, trouble, secure) => {
  expect(troubleOf(failure)).toEqual(trouble);
  expect(wasSecure(failure)).toBe(secure);
});

test('a loss that is no socket’s is an error, with its own words', () => {
  expect(socketClose({ kind: 'protocol', message: 'not messages any more', code: 'oversize' })).toEqual({ kind: 'error', message: 'not messages any more', code: 'oversize' });
  expect(socketClose({ kind: 'rst', message: 'reset', code: 'ECONNRESET' })).toEqual({ kind: 'rst', message: 'reset', code: 'ECONNRESET' });
});
