import fc from 'fast-check';
import { expect, it } from 'vitest';
import { noInputs, noteInput } from '#app/protocol/channels/recent-inputs.js';

it('pointer and buttons are remembered with where and when', () => {
  const moved = noteInput(noInputs, { kind: 'moveMouse', x: 3, y: 4, displayId: 0 }, 0, 10);
  const pressed = noteInput(noteInput(moved, { kind: 'nudgeMouse', dx: -5, dy: 6 }, 0, 20), { kind: 'pressButton', button: 1 }, 1, 30);
  expect(pressed).toEqual({
    lastKeyMs: null,
    list: [
      { type: 'MouseMove', x: 3, y: 4, buttons: 0, atMs: 10 },
      { type: 'MouseMotion', x: -5, y: 6, buttons: 0, atMs: 20 },
      { type: 'MouseDown', x: 0, y: 0, buttons: 1, atMs: 30 },
    ],
  });
});

it('of a key it is known that it was pressed and when, never which', () => {
  fc.assert(fc.property(fc.array(fc.record({ kind: fc.constantFrom('pressKey' as const, 'releaseKey' as const), scancode: fc.integer({ min: 1, max: 0xffff }) }), { maxLength: 60 }), (commands) => {
    const noted = (codes: (scancode: number) => number) => commands.reduce((recent, { kind, scancode }, index) => noteInput(recent, { kind, scancode: codes(scancode) }, 0, index), noInputs);
    expect(noted((scancode) => scancode)).toEqual(noted(() => 30));
  }));
});

it('the last 50 are kept, and what is no input is none', () => {
  let recent = noInputs;
  for (let key = 0; key < 120; key++) recent = noteInput(recent, { kind: 'pressKey', scancode: 30 }, 0, key);
  expect([recent.list.length, recent.list[0]?.atMs, recent.lastKeyMs]).toEqual([50, 70, 119]);
  expect(noteInput(recent, { kind: 'recheckWait' }, 0, 500)).toBe(recent);
});
