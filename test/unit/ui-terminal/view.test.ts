import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCellEncoder } from '#app/ui-terminal/cell-bytes.js';
import { createGrid } from '#app/ui-terminal/cells.js';
import { planLayout } from '#app/ui-terminal/layout.js';
import { placeFromBytes, placeToBytes } from '#app/ui-terminal/picture-place.js';
import { samplePicture } from '#app/ui-terminal/picture.js';
import { actorRowsMax, applyToView, createView } from '#app/ui-terminal/view-model.js';
import { drawView, layoutOf, picturePlaceOf } from '#app/ui-terminal/view.js';
import { sampleActor, sampleSnapshot, sampleView } from '../../support/sample-view.js';
import { createVirtualTerminal, gridDifference } from '../../support/virtual-terminal.js';
import { hostileText } from '../../support/hostile-text.js';
import type { Rect } from '#app/ui-terminal/cells.js';
import type { View } from '#app/ui-terminal/view-model.js';

const guest = { width: 640, height: 480 };
const blue = { ...guest, strideWords: 640, words: new Uint32Array(640 * 480).fill(0x3366cc) };

/** What a real terminal shows of a view. */
async function linesOf(view: View, columns: number, rows: number): Promise<string[]> {
  const grid = createGrid(columns, rows);
  const pane = layoutOf(view, columns, rows).picture;
  drawView(grid, view, pane === null ? null : samplePicture(blue, pane.columns, pane.rows), true);
  const terminal = createVirtualTerminal(columns, rows);
  await terminal.write(createCellEncoder('truecolor').encode(null, grid));
  expect(gridDifference(terminal.grid(), grid)).toBeNull();
  return terminal.text();
}

describe('layouts', () => {
  test('1 row: what it is connected to and how it is', async () => {
    expect(await linesOf(sampleView(80, 1), 80, 1)).toEqual([' ryll-actors debian12 · 127.0.0.… in 2.4 MB/s  out 24 kB/s connected 2 min 03 s ']);
  });

  test('20 x 5: state and the actors that want attention', async () => {
    const lines = await linesOf(sampleView(20, 5, guest), 20, 5);
    expect(lines[0]).toContain('connected');
    expect(lines.some((line) => /inputs\/0 +↻/.test(line))).toBe(true);
    expect(lines[4]).toMatch(/^… 10 more/);
  });

  test('40 x 12: header, some of the tree with its mailboxes, the newest events', async () => {
    const lines = await linesOf(sampleView(40, 12, guest), 40, 12);
    expect(lines[0]).toMatch(/^ debian12 · 127\.… {2}connected 2 min 03 s $/);
    expect(lines[2]).toMatch(/^actor +state +gen mailbox/);
    expect(lines.join('\n')).toMatch(/inputs\/0 +↻ waiting +#4/);
    expect(lines[9]).toMatch(/^events \(6\)/);
    expect(lines[11]).toMatch(/^12:35:05 × playback\/0#1 frozen: silent/);
  });

  test('80 x 24: the whole tree beside the picture, with state, generation and mailbox', async () => {
    const lines = await linesOf(sampleView(80, 24, guest), 80, 24);
    expect(lines[2]).toMatch(/^actor +state +gen mailbox/);
    expect(lines[9]).toMatch(/^│   ├─display\/0 +● running +#1 ███▎···│/);
    expect(lines[9]).toMatch(/▀{30,}/);
    expect(lines[14]).toMatch(/^ {2}└─dashboard +● running/);
    expect(lines[19]).toMatch(/^12:34:56 session connected: QEMU 7\.2/);
    expect(lines[22]).toMatch(/gap display:image:lz4: image left out \(2 times\)/);
  });

  test('80 x 24 without a picture: rates, restarts, gaps and drops too', async () => {
    const lines = await linesOf(sampleView(80, 24), 80, 24);
    expect(lines[2]).toMatch(/^actor +state +gen +rst mailbox +in +out +gaps drops/);
    expect(lines[9]).toMatch(/display\/0 .* 2\.3 MB\/s +23 kB\/s +2 +0/);
    expect(lines[12]).toMatch(/playback\/0 ● running +#2 +1 .* 48 kB\/s +480 B\/s +0 +17/);
  });

  test('160 x 48 and 300 x 100: everything, and a large picture of the right shape', async () => {
    for (const [columns, rows] of [[160, 48], [300, 100]] as const) {
      const lines = await linesOf(sampleView(columns, rows, guest), columns, rows);
      const pictureLines = lines.filter((line) => line.includes('▀'));
      const width = /▀+/.exec(pictureLines[0] ?? '')?.[0].length ?? 0;
      expect(width).toBeGreaterThan(columns / 2);
      expect(Math.abs(width / (pictureLines.length * 2) - 4 / 3)).toBeLessThan(0.05);
      expect(lines.filter((line) => /● |↻ /.test(line))).toHaveLength(12);
    }
    const wide = (await linesOf(sampleView(160, 48), 160, 48))[2];
    expect(wide).toMatch(/actor +state +gen +rst mailbox +now\/high +in +out +msg\/s +sent\/s +ping\/pong +gaps drops +idle +thr/);
  });

  test('in passthrough the way out of it is seen at every size', async () => {
    for (const [columns, rows] of [[20, 1], [20, 5], [40, 12], [80, 24], [160, 48]] as const) {
      const view = applyToView(sampleView(columns, rows, guest), { kind: 'passthrough', on: true });
      expect((await linesOf(view, columns, rows)).join('\n')).toContain('Ctrl+] leaves');
      expect((await linesOf(applyToView(view, { kind: 'passthrough', on: false }), columns, rows)).join('\n')).not.toContain('leaves');
    }
  });

  test('the place that is published is where the picture is drawn, and comes back from its bytes', async () => {
    for (const [columns, rows] of [[80, 24], [60, 60], [160, 48]] as const) {
      const view = sampleView(columns, rows, guest);
      const place = picturePlaceOf(view);
      const lines = await linesOf(view, columns, rows);
      const top = lines.findIndex((line) => line.includes('▀'));
      expect(place).toEqual({ left: lines[top]?.indexOf('▀'), top, columns: /▀+/.exec(lines[top] ?? '')?.[0].length, rows: lines.filter((line) => line.includes('▀')).length, ...guest });
      expect(placeFromBytes(placeToBytes(place))).toEqual(place);
    }
    expect(picturePlaceOf(sampleView(20, 5, guest))).toBeNull();
    expect(placeFromBytes(placeToBytes(null))).toBeNull();
  });

  test('a tall terminal has the picture below the table', async () => {
    const lines = await linesOf(sampleView(60, 60, guest), 60, 60);
    expect(lines.findIndex((line) => line.includes('▀'))).toBeGreaterThan(lines.findIndex((line) => line.includes('dashboard')));
  });

  test('no panes overlap or leave the terminal, at any size and shape', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 320 }), fc.integer({ min: 1, max: 120 }), fc.integer({ min: 0, max: 40 }), fc.option(fc.record({ width: fc.integer({ min: 1, max: 4000 }), height: fc.integer({ min: 1, max: 4000 }) })), (columns, rows, actorLines, picture) => {
      const layout = planLayout(columns, rows, { actorLines, picture });
      const panes = [layout.header, layout.actors, layout.picture, layout.events].filter((pane): pane is Rect => pane !== null);
      const owners = new Uint8Array(columns * rows);
      for (const pane of panes) {
        expect(pane.left >= 0 && pane.top >= 0 && pane.columns >= 1 && pane.rows >= 1).toBe(true);
        expect(pane.left + pane.columns <= columns && pane.top + pane.rows <= rows).toBe(true);
        for (let row = pane.top; row < pane.top + pane.rows; row++) {
          for (let column = pane.left; column < pane.left + pane.columns; column++) owners[row * columns + column]! += 1;
        }
      }
      expect(owners.every((count) => count <= 1)).toBe(true);
    }));
  });

  test('any view draws on any terminal', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 60 }), hostileText(60), fc.array(hostileText(30), { maxLength: 20 }), (columns, rows, text, names) => {
      let view = createView(columns, rows, text);
      view = applyToView(view, { kind: 'stats', snapshot: sampleSnapshot(1000, { session: { label: text, title: text, detail: text, state: 'held', connectedAtMs: null }, actors: names.map((name, index) => sampleActor(name, names[index % 3] ?? null, { mailbox: { depth: index, highWater: 99, max: index } })) }) });
      view = applyToView(view, { kind: 'event', event: { kind: 'noted', wallMs: Number.NaN, severity: 'error', source: text, text } });
      const grid = createGrid(columns, rows);
      drawView(grid, view, null, true);
      // eslint-disable-next-line no-control-regex
      expect(String.fromCodePoint(...grid.characters.filter((code) => code !== 0))).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    }));
  });

  test('more actors than lines: the ones in trouble stay, the rest is counted', async () => {
    const actors = Array.from({ length: 300 }, (_, index) => sampleActor(`display/${index}`, null, index === 250 ? { state: 'frozen' } : {}));
    const view = applyToView(sampleView(80, 24), { kind: 'stats', snapshot: sampleSnapshot(200_000, { actors }) });
    expect(view.actors).toHaveLength(actorRowsMax);
    const lines = await linesOf(view, 80, 24);
    expect(lines[16]).toMatch(/display\/250 +■ frozen/);
    expect(lines[17]).toMatch(/^… 286 more/);
  });
});
