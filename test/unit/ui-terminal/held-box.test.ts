import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCellEncoder } from '#app/ui-terminal/cell-bytes.js';
import { createGrid, wideTail, type Grid } from '#app/ui-terminal/cells.js';
import { isSendable, textColumns } from '#app/ui-terminal/display-text.js';
import { wrapText } from '#app/ui-terminal/held-box.js';
import { applyToView, type HeldBox } from '#app/ui-terminal/view-model.js';
import { drawView } from '#app/ui-terminal/view.js';
import { hostileText } from '../../support/hostile-text.js';
import { sampleSnapshot, sampleView } from '../../support/sample-view.js';
import { createVirtualTerminal, gridDifference } from '../../support/virtual-terminal.js';

const box: HeldBox = { title: 'Connection lost', body: 'Three automatic reconnect attempts failed: connect ECONNREFUSED 127.0.0.1:5900', keys: ['R reconnect', 'Q close'] };

function gridOf(columns: number, rows: number, held: HeldBox): Grid {
  const { session } = sampleSnapshot(2_000);
  const view = applyToView(sampleView(columns, rows), { kind: 'stats', snapshot: sampleSnapshot(3_000, { session: { ...session, state: 'held', detail: held.title, held } }) });
  const grid = createGrid(columns, rows);
  drawView(grid, view, null, true);
  return grid;
}

/** What a real terminal shows of a session that is held. */
async function linesOf(columns: number, rows: number, held: HeldBox): Promise<string[]> {
  const grid = gridOf(columns, rows, held);
  const terminal = createVirtualTerminal(columns, rows);
  await terminal.write(createCellEncoder('truecolor').encode(null, grid));
  expect(gridDifference(terminal.grid(), grid)).toBeNull();
  return terminal.text();
}

describe('the box of a session that is held', () => {
  test('stands in the middle, with title, body and keys', async () => {
    const lines = (await linesOf(80, 24, box)).slice(8, 16).map((line) => line.slice(8, 72).trim());
    expect(lines).toEqual(['', 'Connection lost', '', 'Three automatic reconnect attempts failed: connect ECONNREFUSED', '127.0.0.1:5900', '', '[R reconnect]  [Q close]', '']);
  });

  test.each([[20, 5], [12, 4], [300, 100]])('%i x %i: title and keys are there', async (columns, rows) => {
    const text = (await linesOf(columns, rows, box)).join('\n');
    expect(text).toContain('Connect');
    expect(text).toContain('[R reco');
  });

  test('any text in any terminal: nothing is drawn that a terminal would obey', () => {
    fc.assert(fc.property(hostileText(200), fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 40 }), (text, columns, rows) => {
      const { characters } = gridOf(columns, rows, { title: text, body: `${text}\n${text}`, keys: [text] });
      expect(characters.every((codePoint) => codePoint === wideTail || isSendable(codePoint))).toBe(true);
    }));
  });
});

test('lines are broken at spaces and never longer than there is room, but for a word that is', () => {
  expect(wrapText('one two three\n\nfour', 7)).toEqual(['one two', 'three', '', 'four']);
  fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: 40 }), (text, columns) => {
    const lines = wrapText(text, columns);
    expect(lines.every((line) => textColumns(line) <= columns || !line.includes(' '))).toBe(true);
    expect(lines.join(' ').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
  }));
});
