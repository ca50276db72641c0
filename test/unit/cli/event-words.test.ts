import { expect, test } from 'vitest';
import { wordEvent } from '#app/cli/event-words.js';
import type { ChannelEvent } from '#app/protocol/events.js';

const cause = { kind: 'fin', message: 'the peer closed the connection', code: null } as const;
const words = (event: ChannelEvent, verbose = false): string | null => {
  const line = wordEvent(5, 'main/0', event, verbose);
  if (line === null) return null;
  expect(line).toMatchObject({ kind: 'noted', wallMs: 5, source: 'main/0' });
  return line.kind === 'noted' ? `${line.severity}: ${line.text}` : null;
};

test.each<[ChannelEvent, string]>([
  [{ kind: 'linkPhaseChanged', phase: 'linked', secure: false }, 'info: linked'],
  [{ kind: 'linkPhaseChanged', phase: 'linked', secure: true }, 'info: linked (TLS)'],
  [{ kind: 'linkFailed', failure: { kind: 'noEndpoint', wanted: 'secure' } }, 'error: not linked (denied): the server wants TLS and no TLS port is known'],
  [{ kind: 'linkFailed', failure: { kind: 'noEndpoint', wanted: 'plain' } }, 'error: not linked (denied): the server refuses TLS and no plain port is known'],
  [{ kind: 'linkFailed', failure: { kind: 'deadline', phase: 'linking', secure: false, waitedMs: 10_000 } }, 'error: not linked (timeout): no answer within 10 s (linking)'],
  [{ kind: 'linkFailed', failure: { kind: 'connection', phase: 'dialing', secure: false, cause } }, 'error: not linked (eof): the peer closed the connection'],
  [{ kind: 'linkFailed', failure: { kind: 'handshake', phase: 'authenticating', secure: false, error: { kind: 'refused', code: 7, name: 'permissionDenied', phase: 'result' } } }, 'error: not linked (auth): the server answered permissionDenied'],
  [{ kind: 'linkFailed', failure: { kind: 'handshake', phase: 'authenticating', secure: false, error: { kind: 'refused', code: 77, name: null, phase: 'result' } } }, 'error: not linked (denied): the server answered 77'],
  [{ kind: 'linkFailed', failure: { kind: 'handshake', phase: 'linking', secure: false, error: { kind: 'saslOnly' } } }, 'error: not linked (auth): the server takes SASL logins only'],
  [{ kind: 'connectionLost', cause }, 'error: connection lost (eof: the peer closed the connection)'],
  [{ kind: 'sessionInitialised', sessionId: 9, displayChannelsHint: 1, ramHint: 64 * 1024 * 1024 }, 'info: session 9 initialised, video memory 67 MB'],
  [{ kind: 'channelsListed', channels: [{ type: 2, id: 0 }, { type: 7, id: 1 }] }, 'info: the server offers display/0, channel7/1'],
  [{ kind: 'mouseModeChanged', current: 2, supported: 3 }, 'info: mouse mode client (absolute)'],
  [{ kind: 'mouseModeChanged', current: 1, supported: 3 }, 'info: mouse mode server (relative)'],
  [{ kind: 'mouseModeChanged', current: 4, supported: 4 }, 'info: mouse mode 4'],
  [{ kind: 'agentChanged', connected: true }, 'info: guest agent connected'],
  [{ kind: 'agentChanged', connected: false }, 'info: guest agent disconnected'],
  [{ kind: 'serverNamed', name: 'vm' }, 'info: guest name vm'],
  [{ kind: 'serverIdentified', uuid: 'u' }, 'info: guest uuid u'],
  [{ kind: 'notified', severity: 0, visibility: 0, what: 0, text: 'hi' }, 'info: the server says: hi'],
  [{ kind: 'notified', severity: 1, visibility: 0, what: 0, text: 'hi' }, 'warning: the server says: hi'],
  [{ kind: 'notified', severity: 2, visibility: 0, what: 0, text: 'hi' }, 'error: the server says: hi'],
  [{ kind: 'notified', severity: 99, visibility: 0, what: 0, text: 'hi' }, 'info: the server says: hi'],
  [{ kind: 'serverDisconnecting', reason: 7 }, 'warning: the server is about to disconnect (reason 7)'],
  [{ kind: 'gapSeen', gap: { key: 'main:a:b', detail: 'what' } }, 'warning: gap main:a:b: what'],
  [{ kind: 'surfaceCreated', surfaceId: 0, width: 640, height: 480, format: 32, buffer: new SharedArrayBuffer(8), coverage: null }, 'info: screen 640x480'],
  [{ kind: 'headsConfigured', heads: [{ monitorId: 0, surfaceId: 0, x: 10, y: 20, width: 640, height: 480 }] }, 'info: heads 640x480+10+20'],
  [{ kind: 'playbackChanged', playing: true, channels: 2, frequencyHz: 48_000 }, 'info: sound plays, 2 channels at 48000 Hz'],
  [{ kind: 'playbackChanged', playing: false, channels: 2, frequencyHz: 48_000 }, 'info: sound stopped'],
  [{ kind: 'portOpened', name: 'com', opened: true }, "info: com is open on the guest's side"],
  [{ kind: 'portOpened', name: 'com', opened: false }, "info: com is closed on the guest's side"],
])('%j', (event, line) => {
  expect(words(event)).toBe(line);
});

test.each<[ChannelEvent, string]>([
  [{ kind: 'linkPhaseChanged', phase: 'dialing', secure: true }, 'info: dialing (TLS)'],
  [{ kind: 'surfaceDestroyed', surfaceId: 3 }, 'info: surface 3 destroyed'],
])('%j is worth a line only when asked for', (event, line) => {
  expect(words(event)).toBeNull();
  expect(words(event, true)).toBe(line);
});

test('a bell is nobody’s news', () => {
  expect(words({ kind: 'serialReached' }, true)).toBeNull();
});
