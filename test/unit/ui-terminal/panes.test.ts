import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCellEncoder } from '#app/ui-terminal/cell-bytes.js';
import { createGrid } from '#app/ui-terminal/cells.js';
import type { Pane } from '#app/ui-terminal/pane.js';
import { gapsPane, helpPane, notificationsPane, reportPane, type ShownNotification } from '#app/ui-terminal/panes.js';
import { applyToView } from '#app/ui-terminal/view-model.js';
import { drawView } from '#app/ui-terminal/view.js';
import { hostileText } from '../../support/hostile-text.js';
import { sampleView } from '../../support/sample-view.js';
import { createVirtualTerminal, gridDifference } from '../../support/virtual-terminal.js';

/** What a real terminal shows of a dashboard with this pane. */
async function textOf(pane: Pane | null, columns = 80, rows = 24): Promise<string> {
  const grid = createGrid(columns, rows);
  drawView(grid, applyToView(sampleView(columns, rows), { kind: 'pane', pane }), null, true);
  const terminal = createVirtualTerminal(columns, rows);
  await terminal.write(createCellEncoder('truecolor').encode(null, grid));
  expect(gridDifference(terminal.grid(), grid)).toBeNull();
  return terminal.text().join('\n');
}

const note = (id: number, more: Partial<ShownNotification> = {}): ShownNotification => ({ id, wallMs: 1_000 * id, severity: 'Info', message: `message ${id}`, count: 1, read: false, ...more });

describe('panes', () => {
  test('the header says how to get help, and help names every key and how it is closed', async () => {
    expect(await textOf(null)).toContain('? for keys');
    const text = await textOf(helpPane);
    for (const key of ['Ctrl+]', 'F8', 'F12', 'N ', 'G ', '+ -', 'M ', 'R ', 'Ctrl+L', 'Q Ctrl+C', '[Esc close]']) expect(text).toContain(key);
  });

  test('notifications: newest first, what is new has a dot, what was said again a count, trouble a sign', async () => {
    const text = await textOf(notificationsPane([note(3, { severity: 'Error', count: 4 }), note(2, { severity: 'Warn' }), note(1, { read: true })], null));
    expect(text).toContain('Notifications, 2 unread');
    expect(text).toMatch(/• 00:00:03 × message 3 \(4 times\)[^]*• 00:00:02 ! message 2[^]* {3}00:00:01 {3}message 1/);
    expect(await textOf(notificationsPane([], null))).toContain('Notifications: none yet');
  });

  test('a list that is longer than the terminal shows the part around what is chosen', async () => {
    const many = Array.from({ length: 200 }, (_, index) => note(200 - index));
    const text = await textOf(notificationsPane(many, 100));
    expect(text).toContain('message 100');
    expect(text).not.toContain('message 200');
    expect(text).toMatch(/\(\d+ to \d+ of 200\)/);
    expect(notificationsPane(many, 100).lines.filter(({ chosen }) => chosen).map(({ text: line }) => line)).toEqual(['• 00:01:40   message 100']);
    // One that has given way to newer ones is no choice.
    expect(notificationsPane(many, 999).lines[0]?.chosen).toBe(true);
  });

  test('gaps and the report', async () => {
    expect(await textOf(gapsPane([{ channel: 'display/0', key: 'display:image:lz4', count: 12_345 }]))).toMatch(/12k {2}display\/0 {4}display:image:lz4/);
    expect(await textOf(gapsPane([]))).toContain('Gaps: none');
    const text = await textOf(reportPane('cursor', 'it is gone'));
    expect(text).toMatch(/● cursor[^]*○ connection[^]*Description: it is gone▏[^]*before you share it/);
  });

  test('any pane draws on any terminal, and no peer’s text reaches it as a command', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 40 }), fc.array(hostileText(60), { maxLength: 30 }), fc.nat(40), (columns, rows, messages, chosen) => {
      const grid = createGrid(columns, rows);
      const pane = notificationsPane(messages.map((message, index) => note(index, { message })), chosen);
      drawView(grid, applyToView(sampleView(columns, rows), { kind: 'pane', pane }), null, true);
      // eslint-disable-next-line no-control-regex
      expect(String.fromCodePoint(...grid.characters.filter((code) => code !== 0))).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    }));
  });
});
