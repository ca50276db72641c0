import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createGrid, putText } from '#app/ui-terminal/cells.js';
import { displayCharacter, isSendable, safeText, textColumns } from '#app/ui-terminal/display-text.js';
import { hostileText } from '../../support/hostile-text.js';

// eslint-disable-next-line no-control-regex
const controls = /[\u0000-\u001f\u007f-\u009f]/;

describe('text that is safe to show', () => {
  test('no string of any peer keeps a control character, and its width is never more than asked for', () => {
    fc.assert(fc.property(hostileText(40), fc.integer({ min: 0, max: 30 }), (text, columns) => {
      const shown = safeText(text, columns);
      expect(shown).not.toMatch(controls);
      expect(shown).not.toMatch(/\p{Cs}/u); // no half of a surrogate pair
      expect(textColumns(shown)).toBeLessThanOrEqual(columns);
    }));
  });
  test('what fits stays as it is, what does not ends in an ellipsis', () => {
    expect(safeText('display/0', 9)).toBe('display/0');
    expect(safeText('display/0', 8)).toBe('display…');
    expect(safeText('漢字漢字', 8)).toBe('漢字漢字');
    expect(safeText('漢字漢字', 7)).toBe('漢字漢…');
    expect(safeText('漢字漢字', 6)).toBe('漢字…');
    expect(safeText('ab', 1)).toBe('…');
    expect(safeText('ab', 0)).toBe('');
  });
  test('accents sent in two parts stay, loose marks and direction marks go, controls show as question marks', () => {
    expect(safeText('e\u0301te\u0301', 10)).toBe('été');
    expect(safeText('x\u0335\u202e\u200by', 10)).toBe('xy');
    expect(safeText('\u001b[31m\u009bK\ud800\ue000', 20)).toBe('?[31m?K??');
    expect(safeText('a\tb\r\nc', 10)).toBe('a b  c');
  });
  test('everything that is shown may be sent', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0x10ffff }), (codePoint) => {
      expect(isSendable(displayCharacter(codePoint).codePoint) || displayCharacter(codePoint).width === 0).toBe(true);
    }), { numRuns: 2000 });
  });
  test('no grid ever holds half of a wide character', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 7 }), fc.constantFrom('a', '漢', '漢字漢字', 'a漢', ' ')), { maxLength: 20 }), (pieces) => {
      const grid = createGrid(8, 1);
      for (const [column, text] of pieces) putText(grid, column, 0, text, {});
      for (let at = 0; at < 8; at++) {
        const isTail = grid.characters[at] === 0;
        const followsWide = at > 0 && displayCharacter(grid.characters[at - 1] ?? 0).width === 2;
        expect(isTail).toBe(followsWide && (grid.characters[at - 1] ?? 0) > 0x1100);
      }
    }));
  });
});
