// Makes a picture of a terminal for the documentation: feeds a recorded byte stream to a real terminal emulator and draws the cells
// that it then shows as an SVG. Usage: node scripts/terminal-picture.mjs RECORDING COLUMNS ROWS OUTPUT.svg
// A recording is what the dashboard wrote, for example with `script -q -c 'ryll-actors connect …' RECORDING`.
import { readFileSync, writeFileSync } from 'node:fs';
import xterm from '@xterm/headless';

const cellWidth = 8;
const cellHeight = 16;
const margin = 10;
const colors = { background: '#101418', foreground: '#d8dee4' };
/** The palette's first 16 entries; the others are computed. */
const ansi = ['#1c2127', '#d55e00', '#009e73', '#e69f00', '#0072b2', '#cc79a7', '#56b4e9', '#d8dee4', '#5b6672', '#ff8a3d', '#2fd0a2', '#ffc247', '#4aa8e0', '#e6a3c6', '#8fd0f5', '#ffffff'];

/** Everything that the terminal shows, as an SVG document. */
export function terminalSvg(terminal) {
  const { cols, rows } = terminal;
  const width = cols * cellWidth + 2 * margin;
  const height = rows * cellHeight + 2 * margin;
  const rects = [];
  const texts = [];
  for (let row = 0; row < rows; row++) {
    const cells = readRow(terminal, row);
    const top = margin + row * cellHeight;
    // The halves of a picture's cells are drawn as areas, not as characters: no font draws them without seams.
    appendRuns(rects, cells, (cell) => cell.upper ?? cell.background, top, cellHeight / 2);
    appendRuns(rects, cells, (cell) => cell.lower ?? cell.background, top + cellHeight / 2, cellHeight / 2);
    for (const cell of cells) if (cell.eighths > 0) rects.push(rect(margin + cell.column * cellWidth, top, (cellWidth * cell.eighths) / 8, cellHeight, cell.foreground));
    appendTexts(texts, cells, top);
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" rx="6" fill="${colors.background}"/>`,
    `<g shape-rendering="crispEdges">${rects.join('')}</g>`,
    `<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13" xml:space="preserve">${texts.join('')}</g>`,
    '</svg>', '',
  ].join('\n');
}

/** Feeds bytes to a terminal of this size, up to where the recorded program leaves the alternate screen for the last time. */
export async function playRecording(recorded, cols, rows) {
  const end = Buffer.from(recorded).lastIndexOf('\x1b[?1049l');
  const bytes = end < 0 ? recorded : recorded.subarray(0, end);
  const terminal = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 0 });
  await new Promise((resolve) => { terminal.write(bytes, resolve); });
  return terminal;
}

function readRow(terminal, row) {
  const line = terminal.buffer.active.getLine(row);
  const cells = [];
  for (let column = 0; column < terminal.cols; column++) {
    const cell = line?.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const plainForeground = colorOf(cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor(), colors.foreground);
    const plainBackground = colorOf(cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor(), colors.background);
    const [foreground, background] = cell.isInverse() ? [plainBackground, plainForeground] : [plainForeground, plainBackground];
    const text = cell.getChars() === '' ? ' ' : cell.getChars();
    const isHalf = text === '\u2580';
    const code = text.codePointAt(0);
    cells.push({
      column, width: cell.getWidth(), foreground, background, bold: cell.isBold() !== 0, dim: cell.isDim() !== 0, underline: cell.isUnderline() !== 0,
      ...(isHalf ? { upper: foreground, lower: background } : {}),
      eighths: code >= 0x2588 && code <= 0x258f ? 0x2590 - code : 0,
      text: isHalf || (code >= 0x2588 && code <= 0x258f) ? ' ' : text,
    });
  }
  return cells;
}

function appendRuns(rects, cells, fillOf, top, height) {
  let start = 0;
  while (start < cells.length) {
    const fill = fillOf(cells[start]);
    let end = start;
    while (end < cells.length && fillOf(cells[end]) === fill) end++;
    const first = cells[start].column;
    const last = cells[end - 1];
    if (fill !== colors.background) rects.push(rect(margin + first * cellWidth, top, (last.column + last.width - first) * cellWidth, height, fill));
    start = end;
  }
}

/** One element for neighbours of one style; its length in cells is given, so that another font cannot shift the columns. */
function appendTexts(texts, cells, top) {
  const styleOf = (cell) => `${cell.foreground} ${cell.bold} ${cell.dim} ${cell.underline}`;
  let start = 0;
  while (start < cells.length) {
    if (cells[start].text === ' ') { start++; continue; }
    let end = start;
    while (end < cells.length && cells[end].text !== ' ' && styleOf(cells[end]) === styleOf(cells[start])) end++;
    const first = cells[start];
    const last = cells[end - 1];
    const length = (last.column + last.width - first.column) * cellWidth;
    const style = `${first.bold ? ' font-weight="bold"' : ''}${first.dim ? ' fill-opacity="0.55"' : ''}${first.underline ? ' text-decoration="underline"' : ''}`;
    const content = cells.slice(start, end).map((cell) => cell.text).join('');
    texts.push(`<text x="${margin + first.column * cellWidth}" y="${top + 12}" fill="${first.foreground}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${style}>${escapeXml(content)}</text>`);
    start = end;
  }
}

function colorOf(isRgb, isPalette, value, otherwise) {
  if (isRgb) return `#${value.toString(16).padStart(6, '0')}`;
  if (!isPalette) return otherwise;
  if (value < 16) return ansi[value];
  if (value >= 232) { const level = 8 + (value - 232) * 10; return `rgb(${level},${level},${level})`; }
  const level = (step) => (step === 0 ? 0 : 55 + 40 * step);
  const cube = value - 16;
  return `rgb(${level(Math.floor(cube / 36))},${level(Math.floor(cube / 6) % 6)},${level(cube % 6)})`;
}

const rect = (x, y, width, height, fill) => `<path d="M${x} ${y}h${width}v${height}h-${width}z" fill="${fill}"/>`;
const escapeXml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

if (import.meta.url === `file://${process.argv[1]}`) {
  const [recording, columns, rows, output] = process.argv.slice(2);
  if (output === undefined || !(Number(columns) > 0) || !(Number(rows) > 0)) {
    console.error('usage: node scripts/terminal-picture.mjs RECORDING COLUMNS ROWS OUTPUT.svg');
    process.exit(2);
  }
  const terminal = await playRecording(readFileSync(recording), Number(columns), Number(rows));
  writeFileSync(output, terminalSvg(terminal));
}
