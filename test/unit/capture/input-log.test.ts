// What a line of the input log says of each message that the client sends on an inputs channel, redacted and in full.
import { inputLine, missingLine, type InputLogDetail } from '#app/capture/input-log.js';
import { serializeMessage, type Header, type MessageKind } from '#app/protocol/message.js';
import type { TapEntry } from '#app/mailbox/tap-entry.js';
import { describe, expect, test } from 'vitest';

type Sent = readonly [kind: MessageKind<3, 'client'>, value: Record<string, unknown>, shown: Record<string, unknown>];

const inputs: readonly Sent[] = [
  ['keyDown', { code: 0x4be0 }, { code: 0x4be0 }],
  ['keyUp', { code: 0x9e }, { code: 0x9e }],
  ['keyScancode', { scancodes: Uint8Array.of(0xe0, 0x4b) }, { scancodes: [0xe0, 0x4b] }],
  ['keyModifiers', { modifiers: 6 }, { modifiers: 6 }],
  ['mouseMotion', { dx: -3, dy: 4, buttons: 1 }, { dx: -3, dy: 4, buttons: 1 }],
  ['mousePosition', { x: 640, y: 480, buttons: 0, displayId: 1 }, { x: 640, y: 480, buttons: 0, display: 1 }],
  ['mousePress', { button: 1, buttons: 1 }, { button: 1, buttons: 1 }],
  ['mouseRelease', { button: 3, buttons: 0 }, { button: 3, buttons: 0 }],
];

function entryOf(kind: Sent[0], value: Record<string, unknown>, header: Header, changes: Partial<TapEntry> = {}): TapEntry {
  // The table above pairs kinds with values of theirs.
  const bytes = serializeMessage(3, 'client', kind, value as never, header);
  return { received: false, head: false, note: header.header === 'full' ? 1 : 0, monotonicMs: 500.25, bytes, stream: 0, generation: 1, sequence: 0, sentBefore: 0, receivedBefore: 0, ...changes };
}

const mini: Header = { header: 'mini' };
const full: Header = { header: 'full', serial: 7 };
const options = (detail: InputLogDetail) => ({ detail, wallBaseMs: 10_000, sessionStartedWallMs: 9_000 });

describe.each([mini, full])('with a $header header', (header) => {
  test.each(inputs)('%s is its kind and time, and what it was only where that is asked for', (kind, value, shown) => {
    const entry = entryOf(kind, value, header);
    expect(inputLine(entry, options('redacted'))).toBe(`{"time_secs":1.50025,"kind":"${kind}"}\n`);
    expect(JSON.parse(inputLine(entry, options('intimate')) ?? '')).toEqual({ time_secs: 1.50025, kind, ...shown });
  });
});

test('what the user did not do is not in it', () => {
  expect(inputLine(entryOf('ackSync', { generation: 1 }, mini), options('intimate'))).toBeNull();
  expect(inputLine(entryOf('keyDown', { code: 1 }, mini, { received: true }), options('intimate'))).toBeNull();
  expect(inputLine(entryOf('keyDown', { code: 1 }, mini, { head: true }), options('intimate'))).toBeNull();
  expect(inputLine(entryOf('keyDown', { code: 1 }, mini, { bytes: Uint8Array.of(101, 0) }), options('intimate'))).toBeNull();
});

test('messages that are missing before one are counted in a line of their own', () => {
  expect(missingLine(entryOf('keyDown', { code: 1 }, mini), options('redacted'), 3)).toBe('{"time_secs":1.50025,"kind":"missing","messages":3}\n');
});
