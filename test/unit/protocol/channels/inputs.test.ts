import { describe, expect, test } from 'vitest';
import { inputsBehavior, movementsUnderWayMax } from '#app/protocol/channels/inputs.js';
import { driveChannel } from '../../../support/driven-channel.ts';

const MOTION_ACK = 111;
const nudge = (dx: number, dy = 0) => ({ kind: 'nudgeMouse', dx, dy }) as const;
const moveTo = (x: number, y: number, displayId = 0) => ({ kind: 'moveMouse', x, y, displayId }) as const;

/** An inputs channel with eight movements under way. */
function full() {
  const inputs = driveChannel(inputsBehavior);
  for (let i = 0; i < movementsUnderWayMax; i++) expect(inputs.command(nudge(1)).sent).toHaveLength(1);
  return inputs;
}

describe('keys', () => {
  test.each([
    ['Esc', 0x01, '101 01000000', '102 81000000'],
    ['A', 0x1e, '101 1e000000', '102 9e000000'],
    ['left arrow, prefix in the low byte', 0xe04b, '101 e04b0000', '102 e0cb0000'],
    ['right Ctrl', 0xe01d, '101 e01d0000', '102 e09d0000'],
  ])('%s: down is the make code, up has bit 7 on the code and never on the prefix', (_name, scancode, down, up) => {
    const inputs = driveChannel(inputsBehavior);
    expect(inputs.command({ kind: 'pressKey', scancode }).sent).toEqual([down]);
    expect(inputs.command({ kind: 'releaseKey', scancode }).sent).toEqual([up]);
  });

  test('nothing is sent when the channel is linked', () => {
    expect(driveChannel(inputsBehavior).linked().effects).toEqual([]);
  });
});

describe('lock state', () => {
  test('INIT and KEY_MODIFIERS are adopted and answered with nothing', () => {
    const inputs = driveChannel(inputsBehavior);
    expect(inputs.describe()).toMatchObject({ initialised: false, modifiers: 0 });
    expect(inputs.message(101, '0200').sent).toEqual([]);
    expect(inputs.describe()).toMatchObject({ initialised: true, modifiers: 2 });
    expect(inputs.message(102, '0500').sent).toEqual([]);
    expect(inputs.describe()).toMatchObject({ modifiers: 5 });
  });
});

describe('movement', () => {
  test('MOUSE_MOTION is signed 32-bit deltas and the buttons; MOUSE_POSITION ends with the display', () => {
    const inputs = driveChannel(inputsBehavior);
    expect(inputs.command(nudge(-1, 2)).sent).toEqual(['111 ffffffff020000000000']);
    expect(inputs.command(moveTo(640, 400, 1)).sent).toEqual(['112 8002000090010000000001']);
  });

  test('at most eight are under way; from then on deltas are summed', () => {
    const inputs = full();
    expect(inputs.command(nudge(3, -1)).sent).toEqual([]);
    expect(inputs.command(nudge(4, -1)).sent).toEqual([]);
    expect(inputs.message(MOTION_ACK).sent).toEqual(['111 07000000feffffff0000']);
    expect(inputs.describe()).toMatchObject({ movementsUnderWay: 5 });
  });

  test('of positions the newest is kept', () => {
    const inputs = full();
    inputs.command(moveTo(1, 1));
    inputs.command(moveTo(2, 3));
    expect(inputs.message(MOTION_ACK).sent).toEqual(['112 0200000003000000000000']);
  });

  test('around a change of mouse mode neither the deltas nor the position are lost', () => {
    const inputs = full();
    inputs.command(nudge(5, 0));
    inputs.command(moveTo(2, 3));
    expect(inputs.message(MOTION_ACK).sent).toEqual(['111 05000000000000000000', '112 0200000003000000000000']);
  });

  test('MOUSE_MOTION_ACK stands for four movements and makes room for four', () => {
    const inputs = full();
    inputs.message(MOTION_ACK);
    expect(Array.from({ length: 6 }, () => inputs.command(nudge(1)).sent.length)).toEqual([1, 1, 1, 1, 0, 0]);
  });

  test('an acknowledgement that nobody is owed changes nothing', () => {
    const inputs = driveChannel(inputsBehavior);
    expect(inputs.message(MOTION_ACK).sent).toEqual([]);
    expect(inputs.describe()).toMatchObject({ movementsUnderWay: 0 });
  });

  test('an acknowledgement that makes no room yet sends nothing', () => {
    const inputs = full();
    for (let i = 0; i < 4; i++) {
      inputs.command(nudge(1));
      inputs.command({ kind: 'pressButton', button: 1 });
    }
    expect(inputs.describe()).toMatchObject({ movementsUnderWay: 12 });
    inputs.command(nudge(1));
    expect(inputs.message(MOTION_ACK).sent).toEqual([]);
    expect(inputs.message(MOTION_ACK).sent).toHaveLength(1);
  });
});

describe('buttons', () => {
  test('PRESS includes its button, RELEASE excludes it', () => {
    const inputs = driveChannel(inputsBehavior);
    expect(inputs.command({ kind: 'pressButton', button: 1 }).sent).toEqual(['113 010100']);
    expect(inputs.command({ kind: 'pressButton', button: 3 }).sent).toEqual(['113 030500']);
    expect(inputs.command({ kind: 'releaseButton', button: 1 }).sent).toEqual(['114 010400']);
    expect(inputs.command({ kind: 'releaseButton', button: 3 }).sent).toEqual(['114 030000']);
  });

  test.each([[1, '0100'], [2, '0200'], [3, '0400'], [4, '0800'], [5, '1000'], [6, '2000'], [7, '4000']])('button %i is bit %s', (button, mask) => {
    expect(driveChannel(inputsBehavior).command({ kind: 'pressButton', button }).sent).toEqual([`113 0${button}${mask}`]);
  });

  test('merged movement goes before the button, even past the eight, and with the buttons as they were', () => {
    const inputs = full();
    inputs.command(nudge(9));
    expect(inputs.command({ kind: 'pressButton', button: 1 }).sent).toEqual(['111 09000000000000000000', '113 010100']);
    inputs.command(nudge(2));
    expect(inputs.command({ kind: 'releaseButton', button: 1 }).sent).toEqual(['111 02000000000000000100', '114 010000']);
  });

  test('movement carries the buttons that are held', () => {
    const inputs = driveChannel(inputsBehavior);
    inputs.command({ kind: 'pressButton', button: 2 });
    expect(inputs.command(nudge(1)).sent).toEqual(['111 01000000000000000200']);
  });
});
