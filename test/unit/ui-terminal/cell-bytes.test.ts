import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCellEncoder, paletteIndex } from '#app/ui-terminal/cell-bytes.js';
import { cellAttribute, createGrid, putText, rgbColor } from '#app/ui-terminal/cells.js';
import { terminalRestoreSequence, terminalSetUpSequence } from '#app/ui-terminal/terminal-modes.js';
import { createVirtualTerminal, gridDifference, paletteFlag } from '../../support/virtual-terminal.js';
import type { Grid } from '#app/ui-terminal/cells.js';

const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** Pieces of text with styles at random places: overlapping ones cut each other's wide characters. */
const pieces = fc.array(fc.record({
  column: fc.integer({ min: 0, max: 19 }), row: fc.integer({ min: 0, max: 5 }),
  text: fc.array(fc.constantFrom('a', 'Z', ' ', 'ä', 'ß', '▀', '漢', '字', '한', 'e\u0301', '\u001b', '\u0007', '\u202e'), { maxLength: 12 }).map((characters) => characters.join('')),
  foreground: fc.constantFrom(0, rgbColor(0), rgbColor(0xff8000), rgbColor(0xffffff)), background: fc.constantFrom(0, rgbColor(0x0000ff), rgbColor(0x123456)),
  attributes: fc.integer({ min: 0, max: 15 }),
}), { maxLength: 30 });

type Piece = (typeof pieces) extends fc.Arbitrary<(infer P)[]> ? P : never;

function gridOf(drawn: readonly Piece[]): Grid {
  const grid = createGrid(20, 6);
  for (const { column, row, text, ...style } of drawn) putText(grid, column, row, text, style);
  return grid;
}

describe('the difference of two grids', () => {
  test('turns a terminal that shows the first into one that shows the second, whatever they are', async () => {
    await fc.assert(fc.asyncProperty(pieces, pieces, async (first, second) => {
      const terminal = createVirtualTerminal(20, 6);
      const encoder = createCellEncoder('truecolor');
      const shown = gridOf(first), wanted = gridOf(second);
      await terminal.write(encoder.encode(null, shown).slice());
      expect(gridDifference(terminal.grid(), shown)).toBeNull();
      await terminal.write(encoder.encode(shown, wanted).slice());
      expect(gridDifference(terminal.grid(), wanted)).toBeNull();
    }), { numRuns: 150 });
  });

  test('is nothing for equal grids, and only the changed cells for others', () => {
    const encoder = createCellEncoder('truecolor');
    const first = createGrid(80, 24), second = createGrid(80, 24);
    expect(encoder.encode(first, second)).toHaveLength(0);
    putText(second, 10, 3, 'x', { foreground: rgbColor(0x010203) });
    putText(second, 13, 3, 'y', { foreground: rgbColor(0x010203) });
    expect(latin(encoder.encode(first, second))).toBe('\x1b[?2026h\x1b[4;11H\x1b[38;2;1;2;3mx\x1b[2Cy\x1b[0m\x1b[?2026l');
  });

  test('a terminal of unknown contents is cleared first, also when only the size is unknown', async () => {
    const terminal = createVirtualTerminal(10, 2);
    await terminal.write('\x1b[41mrubbish everywhere');
    const wanted = createGrid(10, 2);
    putText(wanted, 0, 0, 'ok', {});
    await terminal.write(createCellEncoder('truecolor').encode(createGrid(11, 2), wanted));
    expect(gridDifference(terminal.grid(), wanted)).toBeNull();
  });

  test('nothing wraps or scrolls when the last column of the last row is written', async () => {
    const terminal = createVirtualTerminal(5, 2);
    const wanted = createGrid(5, 2);
    putText(wanted, 0, 0, 'abcde', {});
    putText(wanted, 0, 1, 'fg漢字', {}); // The second wide character has one cell only, and becomes a space.
    await terminal.write(createCellEncoder('none').encode(null, wanted));
    expect(terminal.text()).toEqual(['abcde', 'fg漢 ']);
  });
});

describe('what may reach a terminal', () => {
  const own = /\x1b\[(\?2026[hl]|2J|[0-9;]*[HCm])/g; // eslint-disable-line no-control-regex

  test('only the encoder\'s own sequences hold control bytes, whatever a grid holds', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 4 * 60, maxLength: 4 * 60 }), fc.constantFrom('truecolor' as const, 'palette256' as const, 'none' as const), (junk, depth) => {
      const grid = createGrid(10, 6);
      grid.characters.set(new Uint32Array(junk.slice().buffer));
      grid.characters.set([0x1b, 0x9b, 0x07, 0x7f, 0xd800, 0xffffffff, 0, 0x0a, 0x90, 0x18]);
      const rest = Buffer.from(createCellEncoder(depth).encode(null, grid)).toString('utf8').replace(own, '');
      // eslint-disable-next-line no-control-regex
      expect(rest).not.toMatch(/[\u0000-\u001f\u007f-\u009f\ufffd]/);
    }));
  });

  test('a server\'s text shows as text: escape sequences, bells and direction marks do nothing', async () => {
    const terminal = createVirtualTerminal(40, 2);
    const grid = createGrid(40, 2);
    putText(grid, 0, 0, '\x1b]0;owned\x07\x1b[2J\u009b31mevil\u202e\nnext\ttab\u0000', {});
    await terminal.write(createCellEncoder('truecolor').encode(null, grid));
    expect(terminal.text()[0]?.trimEnd()).toBe('?]0;owned??[2J?31mevil next tab?');
    expect(gridDifference(terminal.grid(), grid)).toBeNull();
  });
});

describe('colour depths', () => {
  const picture = createGrid(2, 1);
  putText(picture, 0, 0, 'ab', { foreground: rgbColor(0xff0000), background: rgbColor(0x808080), attributes: cellAttribute.bold });

  test('256 colours: the nearest entries of the palette', async () => {
    const terminal = createVirtualTerminal(2, 1);
    await terminal.write(createCellEncoder('palette256').encode(null, picture));
    expect([...terminal.grid().foregrounds]).toEqual([paletteFlag + 196, paletteFlag + 196]);
    expect([...terminal.grid().backgrounds]).toEqual([paletteFlag + 244, paletteFlag + 244]);
  });

  test('256 colours: a change that the palette does not show costs no bytes', () => {
    const other = createGrid(2, 1);
    putText(other, 0, 0, 'ab', { foreground: rgbColor(0xfe0101), background: rgbColor(0x818081), attributes: cellAttribute.bold });
    expect(createCellEncoder('palette256').encode(picture, other)).toHaveLength(0);
    expect(createCellEncoder('truecolor').encode(picture, other).length).toBeGreaterThan(0);
  });

  test('none: attributes only', async () => {
    const bytes = createCellEncoder('none').encode(null, picture);
    expect(latin(bytes)).toBe('\x1b[?2026h\x1b[0m\x1b[2J\x1b[1;1H\x1b[0;1mab\x1b[0m\x1b[?2026l');
  });

  test('every entry of the cube and every grey is its own nearest colour', () => {
    const level = (step: number): number => (step === 0 ? 0 : 55 + 40 * step);
    for (let index = 16; index < 232; index++) {
      const cube = index - 16;
      expect(paletteIndex(rgbColor((level(Math.floor(cube / 36)) << 16) | (level(Math.floor(cube / 6) % 6) << 8) | level(cube % 6)))).toBe(index);
    }
    for (let grey = 0; grey < 24; grey++) expect(paletteIndex(rgbColor((8 + 10 * grey) * 0x010101))).toBe(232 + grey);
  });
});

describe('set-up and restore', () => {
  test('restore undoes set-up, also when a frame was cut off inside a sequence or a character', async () => {
    const cuts = ['\x1b[?2026h\x1b[4;1', '\x1b', '\x1b[?2026h\x1b[38;2;255', Buffer.from([0xe2, 0x96])];
    for (const cut of cuts) {
      const terminal = createVirtualTerminal(20, 2, false);
      await terminal.write('shell$ ');
      await terminal.write(terminalSetUpSequence);
      expect(terminal.isAlternate).toBe(true);
      await terminal.write(cut);
      await terminal.write(terminalRestoreSequence);
      expect(terminal.isAlternate).toBe(false);
      await terminal.write('x');
      expect(terminal.text()[0]?.trimEnd()).toBe('shell$ x');
    }
  });
});
