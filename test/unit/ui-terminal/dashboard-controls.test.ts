import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChannelCommand } from '#app/protocol/commands.js';
import { noteCommand, nothingHeld } from '#app/protocol/held-input.js';
import { initialControls, stepControls, type ControlsEffect, type ControlsFacts, type ControlsInput, type ControlsState } from '#app/ui-terminal/dashboard-controls.js';
import { nothingUnread, readInput } from '#app/ui-terminal/terminal-input.js';

/** 40 x 10 cells in the terminal's column 20, row 5, for 800 x 400 pixels. */
const facts: ControlsFacts = { place: { left: 20, top: 5, columns: 40, rows: 10, width: 800, height: 400 }, displayId: 0, mouseMode: 'absolute', capsLock: false, notificationIds: [9, 7, 4] };

interface Run { readonly state: ControlsState; readonly effects: readonly ControlsEffect[] }

function steps(inputs: readonly ControlsInput[], more: Partial<ControlsFacts> = {}, from: ControlsState = initialControls): Run {
  return inputs.reduce<Run>(({ state, effects }, input) => {
    const step = stepControls(state, input, () => ({ ...facts, ...more }));
    return { state: step.state, effects: [...effects, ...step.effects] };
  }, { state: from, effects: [] });
}
const typed = (text: string): readonly ControlsInput[] => readInput(nothingUnread, new TextEncoder().encode(text), true).inputs;
const commandsOf = (effects: readonly ControlsEffect[]): readonly ChannelCommand[] => effects.flatMap((effect) => (effect.kind === 'input' ? effect.commands : []));
const worded = (commands: readonly ChannelCommand[]): string => commands.map((command) => {
  switch (command.kind) {
    case 'pressKey': return `+${command.scancode.toString(16)}`;
    case 'releaseKey': return `-${command.scancode.toString(16)}`;
    case 'pressButton': return `+b${command.button}`;
    case 'releaseButton': return `-b${command.button}`;
    case 'moveMouse': return `@${command.x},${command.y}`;
    case 'nudgeMouse': return `~${command.dx},${command.dy}`;
    default: return command.kind;
  }
}).join(' ');
/** What the guest gets of this, typed in passthrough. */
const guestGets = (text: string, more: Partial<ControlsFacts> = {}): string => worded(commandsOf(steps(typed(`\x1d${text}`), more).effects));

describe('the dashboard’s own keys', () => {
  test('q and Ctrl+C quit, Ctrl+L draws again, R reconnects; letters inside other keys’ sequences mean nothing', () => {
    const kinds = (text: string): readonly string[] => steps(typed(text)).effects.map(({ kind }) => kind);
    expect(kinds('q')).toEqual(['quit']);
    expect(kinds('x\x03\x0c')).toEqual(['quit', 'redraw']);
    expect(kinds('rR\x1bR')).toEqual(['reconnect', 'reconnect']);
    expect(kinds('\x1b[A\x1bOQ\x1b[1;5Q\x1bq\x1b[23~')).toEqual([]);
    expect(kinds('\x1b[Aq')).toEqual(['quit']);
  });

  test('the guest gets nothing of them, and nothing of the mouse or a paste', () => {
    expect(steps(typed('hello\x1b[<0;30;8M\x1b[200~rm\x1b[201~')).effects).toEqual([]);
  });
});

describe('panes', () => {
  const effects = (text: string): readonly ControlsEffect[] => steps(typed(text)).effects;

  test('each key opens its own, Esc closes it, and the dashboard’s other keys rest meanwhile', () => {
    for (const [key, kind] of [['?', 'help'], ['n', 'notifications'], ['g', 'gaps'], ['\x1b[24~', 'report']] as const) {
      const opened = steps(typed(`${key}r`));
      expect(opened.state.pane?.kind).toBe(kind);
      expect(opened.effects.every((effect) => effect.kind === 'pane')).toBe(true);
      expect(steps(typed(`${key}\x1b`)).state.pane).toBeNull();
      expect(effects(`${key}\x03`).at(-1)).toEqual({ kind: 'quit' });
    }
  });

  test('volume, mute and screenshot', () => {
    expect(effects('+-m\x1b[19~')).toEqual([{ kind: 'volume', change: 'up' }, { kind: 'volume', change: 'down' }, { kind: 'volume', change: 'mute' }, { kind: 'screenshot' }]);
  });

  test('notifications: arrows choose among those that there are, F files the chosen one, closing marks them read', () => {
    expect(effects('nf').at(-1)).toEqual({ kind: 'fileNotification', id: 9 });
    expect(effects('n\x1b[Bf').at(-1)).toEqual({ kind: 'fileNotification', id: 7 });
    expect(effects('n\x1b[B\x1b[B\x1b[B\x1b[Af').at(-1)).toEqual({ kind: 'fileNotification', id: 7 });
    expect(effects('nn').map(({ kind }) => kind)).toEqual(['pane', 'markRead', 'pane']);
    expect(steps(typed('nf'), { notificationIds: [] }).effects).toHaveLength(1);
  });

  test('the report: arrows choose the type in a circle, letters are its description, Enter asks for it, Esc for nothing', () => {
    expect(effects('\x1b[24~it q\x7fhangs \x1b[B\r').at(-1)).toEqual({ kind: 'report', type: 'input', description: 'it hangs' });
    expect(effects('\x1b[24~\x1b[A\r').at(-1)).toEqual({ kind: 'report', type: 'audio', description: '' });
    expect(effects('\x1b[24~\x1b[A\x1b[B\r').at(-1)).toMatchObject({ type: 'display' });
    expect(effects('\x1b[24~q\x1b').map(({ kind }) => kind)).toEqual(['pane', 'pane', 'pane']);
  });

  test('Ctrl+] closes what is open before keys go to the guest', () => {
    expect(steps(typed('?\x1da')).state).toMatchObject({ pane: null, passthrough: true });
  });
});

describe('passthrough', () => {
  test('Ctrl+] begins and ends it; in between q and Ctrl+C are the guest’s', () => {
    const { state, effects } = steps(typed('\x1dq\x03\x1dq'));
    expect(state.passthrough).toBe(false);
    expect(effects.map((effect) => (effect.kind === 'passthrough' ? effect.on : effect.kind))).toEqual([true, 'input', 'input', false, 'quit']);
    expect(worded(commandsOf(effects))).toBe('+10 -10 +1d +2e -2e -1d');
  });

  test('where the terminal tells of no release each key is let go at once, with the modifiers that it needs', () => {
    expect(guestGets('aA!')).toBe('+1e -1e +2a +1e -1e -2a +2a +2 -2 -2a');
    expect(guestGets('\x1b[A\x1b[1;5D\x1bx')).toBe('+e048 -e048 +1d +e04b -e04b -1d +38 +2d -2d -38');
    expect(guestGets('\x1b\x1b[24~\r\x7f\t ')).toBe('+1 -1 +58 -58 +1c -1c +e -e +f -f +39 -39');
  });

  test('under the guest’s caps lock a letter still comes out as it was typed', () => {
    expect(guestGets('aB1', { capsLock: true })).toBe('+2a +1e -1e -2a +30 -30 +2 -2');
  });

  test('what no US keyboard has is counted and pressed as nothing', () => {
    const { state, effects } = steps(typed('\x1dé'));
    expect(commandsOf(effects)).toEqual([]);
    expect(state.guest.untypable).toBe(1);
  });

  test('where the terminal tells of releases keys are held as they are, and repeat as a keyboard’s do', () => {
    expect(guestGets('\x1b[?15u\x1b[57441;2u\x1b[97:65;2u\x1b[97;2:2u\x1b[97;2:3u\x1b[57441;1:3u')).toBe('+2a +1e +1e -1e -2a');
    // A German keyboard’s ö is where a US keyboard has the semicolon.
    expect(guestGets('\x1b[?15u\x1b[246::59u\x1b[246::59;1:3u')).toBe('+27 -27');
    // Its Ctrl was pressed elsewhere: the chord is whole all the same.
    expect(guestGets('\x1b[?15u\x1b[99;5u\x1b[99;5:3u')).toBe('+1d +2e -2e -1d');
  });

  test('what is held is let go on leaving, when the terminal loses the focus, and when nobody sits there any more', () => {
    const held = '\x1b[?15u\x1b[57443;3u\x1b[97;3u\x1b[<0;41;11M';
    const leaving = guestGets(`${held}\x1b[93;5u`);
    expect(leaving.split(' ').slice(-3).toSorted()).toEqual(['-1e', '-38', '-b1']);
    expect(guestGets(`${held}\x1b[O`)).toBe(leaving);
    expect(worded(commandsOf(steps([...typed(`\x1d${held}`), { kind: 'letGo' }]).effects))).toBe(leaving);
  });

  test('a paste is to be typed', () => {
    expect(steps(typed('\x1d\x1b[200~ls\n\x1b[201~')).effects.at(-1)).toEqual({ kind: 'type', text: 'ls\n' });
  });

  test('the mouse: a cell’s middle as the guest’s pixels, buttons, wheel; beside the picture nothing, but a drag stays at its edge', () => {
    expect(guestGets('\x1b[<0;21;6M\x1b[<0;21;6m')).toBe('@10,20 +b1 -b1');
    expect(guestGets('\x1b[<35;60;15M\x1b[<64;60;15M\x1b[<2;60;15M\x1b[<2;60;15m')).toBe('@790,380 +b4 -b4 +b3 -b3');
    expect(guestGets('\x1b[<0;20;6M\x1b[<0;20;6m\x1b[<35;1;1M')).toBe('');
    expect(guestGets('\x1b[<0;21;6M\x1b[<32;1;1M\x1b[<32;80;24M\x1b[<0;80;24m')).toBe('@10,20 +b1 @790,380 -b1');
    expect(guestGets('\x1b[<0;21;6M', { place: null })).toBe('');
  });

  test('a relative mouse goes as far as the terminal’s pointer', () => {
    expect(guestGets('\x1b[<35;21;6M\x1b[<35;23;7M\x1b[<0;23;7M', { mouseMode: 'relative' })).toBe('~40,40 +b1');
  });
});

test('after any input nothing stays pressed once it is let go of', () => {
  const piece = fc.constantFrom('\x1d', 'a', 'B', '\x1b[?15u', '\x1b[?0u', '\x1b[97u', '\x1b[97;1:3u', '\x1b[57441;2u', '\x1b[57442;5u', '\x1b[98;6u', '\x1b[<0;30;8M', '\x1b[<2;30;8M', '\x1b[<0;1;1m', '\x1b[<32;90;9M', '\x1b[O', '\x1b[A');
  fc.assert(fc.property(fc.array(piece, { maxLength: 40 }), fc.constantFrom('absolute', 'relative', null), (pieces, mouseMode) => {
    const { effects } = steps([...pieces.flatMap(typed), { kind: 'letGo' }], { mouseMode });
    const held = commandsOf(effects).reduce(noteCommand, nothingHeld);
    expect([...held.scancodes, ...held.buttons]).toEqual([]);
  }));
});
