import { expect, test } from 'vitest';
import { ServerIdentity } from '#app/cli/server-identity.js';

test('what is new or the same is no news; what is another is, once, with both', () => {
  const identity = new ServerIdentity();
  expect(identity.learn({ kind: 'serverNamed', name: 'blue' })).toBeNull();
  expect(identity.learn({ kind: 'serverNamed', name: 'blue' })).toBeNull();
  expect(identity.learn({ kind: 'serverNamed', name: 'green' })).toBe('The server is not the one before: its guest name was blue and is green');
  expect(identity.learn({ kind: 'serverNamed', name: 'green' })).toBeNull();
});

test('certificate, uuid and name are compared each with its own kind; other news is none', () => {
  const identity = new ServerIdentity();
  const all = (value: string) => [
    identity.learn({ kind: 'peerCertified', certificate: value }), identity.learn({ kind: 'serverIdentified', uuid: value }), identity.learn({ kind: 'serverNamed', name: value }),
    identity.learn({ kind: 'surfaceMarked' }),
  ];
  expect(all('a')).toEqual([null, null, null, null]);
  expect(all('b')).toEqual([expect.stringContaining('its certificate was a and is b'), expect.stringContaining('its guest uuid was a'), expect.stringContaining('its guest name was a'), null]);
});

test('a name without end is cut', () => {
  const identity = new ServerIdentity();
  identity.learn({ kind: 'serverNamed', name: 'x'.repeat(1e5) });
  expect(identity.learn({ kind: 'serverNamed', name: 'y'.repeat(1e5) })!.length).toBeLessThan(300);
});
