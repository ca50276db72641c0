// The scene that the loopback server shows: a screen whose every picture is known. `sceneFrame(n)` says from formulas alone what each
// pixel of picture n is; it knows nothing of the drawing commands (`scene-update.ts`) that lead there, so that each can be tested
// against the other. The picture's number stands in its top rows, to be read back from a screenshot.

import type { Painting, Picture } from './encode/picture.ts';

export const sceneWidth = 640;
export const sceneHeight = 400;

export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const area = (left: number, top: number, width: number, height: number): Area => ({ left, top, right: left + width, bottom: top + height });

/** The picture's number: 32 blocks of 4 x 4 pixels, bit 0 first, white for 1. */
export const codeArea = area(0, 0, 128, 4);
/** One colour that wanders through the hues. */
export const bandArea = area(40, 24, 560, 32);
export const lampSide = 20;
/** Five lamps: black or white, inverted, combined, tiled, clipped. */
export const lampAreas = [0, 1, 2, 3, 4].map((index) => area(40 + index * 28, 72, lampSide, lampSide));
export const plasmaArea = area(40, 112, 112, 80);
export const counterArea = area(40, 212, 112, 40);
/** The field in which the ball bounces. */
const fieldArea = area(180, 72, 420, 240);
export const ballSide = 56;
export const tickerArea = area(0, 340, sceneWidth, 40);
export const tickerStep = 4;

const rgb = (red: number, green: number, blue: number): number => ((red & 255) << 16) | ((green & 255) << 8) | (blue & 255);

const fieldColor = rgb(16, 20, 36);
const lampBaseColor = rgb(51, 102, 204);
const digitColor = rgb(255, 200, 64);
const digitGround = rgb(12, 12, 12);

/** A hue as a colour, `turn` of 1536 steps a circle. */
function hue(turn: number): number {
  const step = ((turn % 1536) + 1536) % 1536;
  const rise = step & 255;
  switch (step >> 8) {
    case 0: return rgb(255, rise, 0);
    case 1: return rgb(255 - rise, 255, 0);
    case 2: return rgb(0, 255, rise);
    case 3: return rgb(0, 255 - rise, 255);
    case 4: return rgb(rise, 0, 255);
    default: return rgb(255, 0, 255 - rise);
  }
}

export const bandColor = (n: number): number => hue(n * 12);
export const lampColor = (n: number): number => hue(n * 40 + 512);
/** Whether the first lamp is white in picture n. */
export const isLampWhite = (n: number): boolean => (n >> 1) % 2 === 1;

/** The still checkerboard that the third lamp is made from. */
export const checkerColor = (x: number, y: number): number => (((x >> 2) + (y >> 2)) % 2 === 0 ? rgb(230, 230, 230) : rgb(40, 40, 40));
/** The tile of the fourth lamp, which moves. */
export const tileColor = (x: number, y: number, n: number): number => rgb((x * 12 + n * 5) & 255, (y * 12) & 255, 128);

/** What runs through the ticker: column `column` of an endless band. */
export function tickerColor(column: number, y: number): number {
  const wave = Math.round(12 * Math.sin(column / 23)) + 20;
  if (y === wave || y === wave + 1) return rgb(255, 255, 255);
  return y > wave ? hue(column * 2) : rgb(20, 24, (column >> 2) & 63);
}

/** Something like a photograph: smooth, and never twice the same. */
export function plasmaColor(x: number, y: number, n: number): number {
  const a = Math.sin(x / 11 + n / 5) + Math.sin(y / 7 - n / 9);
  const b = Math.sin((x + y) / 13 + n / 7) + Math.cos((x - y) / 9);
  const noise = ((x * 7919 + y * 104_729 + n * 31) >>> 3) & 7;
  return rgb(Math.round(128 + 60 * a) + noise, Math.round(128 + 60 * b) + noise, Math.round(128 + 40 * (a - b)) + noise);
}

/** Where the ball's upper left corner is in picture n. */
export function ballPosition(n: number): { readonly x: number; readonly y: number } {
  const bounce = (step: number, range: number): number => {
    const at = step % (2 * range);
    return at < range ? at : 2 * range - at;
  };
  return {
    x: fieldArea.left + bounce(n * 5, fieldArea.right - fieldArea.left - ballSide),
    y: fieldArea.top + bounce(n * 3, fieldArea.bottom - fieldArea.top - ballSide),
  };
}

/** A pixel of the field: the ball where it is, with its light side up, and the ground elsewhere. */
export function fieldPixel(x: number, y: number, n: number): number {
  const { x: left, y: top } = ballPosition(n);
  const dx = x - left - ballSide / 2 + 0.5;
  const dy = y - top - ballSide / 2 + 0.5;
  const distance = dx * dx + dy * dy;
  const radius = ballSide / 2;
  if (distance > radius * radius) return fieldColor;
  const stripe = (((x - left) >> 3) + ((y - top) >> 3)) % 2 === 0;
  const light = 255 - Math.min(160, Math.round(Math.sqrt((dx + 9) ** 2 + (dy + 9) ** 2) * 5));
  return stripe ? rgb(light, light >> 2, light >> 2) : rgb(light, light, light);
}

const digitRows = ['777', '717', '717', '717', '777'];
const digitShapes = ['7 5 5 5 7', '2 6 2 2 7', '7 1 7 4 7', '7 1 7 1 7', '5 5 7 1 1', '7 4 7 1 7', '7 4 7 5 7', '7 1 2 2 2', '7 5 7 5 7', '7 5 7 1 7'].map((rows) => rows.split(' ').map(Number));
const digitsShown = 6;
const digitScale = 5;
const digitCell = 18;

/** Whether a pixel of the counter is lit: six digits of 3 x 5 blocks. */
export function isCounterLit(x: number, y: number, n: number): boolean {
  const index = Math.floor((x - 3) / digitCell);
  const column = Math.floor((x - 3 - index * digitCell) / digitScale);
  const row = Math.floor((y - 7) / digitScale);
  if (x < 3 || y < 7 || index >= digitsShown || column > 2 || row >= digitRows.length) return false;
  const digit = Math.floor(n / 10 ** (digitsShown - 1 - index)) % 10;
  return (((digitShapes[digit]?.[row] ?? 0) >> (2 - column)) & 1) === 1;
}

export const counterPalette = [digitGround, digitColor];

/** The ground under everything: a still slope of dark blues. */
const groundColor = (x: number, y: number): number => rgb(8 + ((x >> 6) & 31), 12 + ((y >> 5) & 31), 28 + (((x + y) >> 4) & 127));

function lampPixel(index: number, x: number, y: number, n: number): number {
  switch (index) {
    case 0: return isLampWhite(n) ? 0xffffff : 0;
    case 1: return n % 2 === 0 ? lampBaseColor : lampBaseColor ^ 0xffffff;
    case 2: return checkerColor(x, y) ^ lampColor(n);
    case 3: return tileColor(x, y, n);
    // Outer thirds change, the middle stays.
    default: return x < 7 || x >= 13 ? lampColor(n) : lampBaseColor;
  }
}

interface Part {
  readonly area: Area;
  /** From coordinates of the whole screen. */
  readonly color: (x: number, y: number) => number;
}

/** What stands on the ground in picture n; no two of them overlap. */
const scenePartsOf = (n: number): readonly Part[] => [
  { area: codeArea, color: (x) => (((n >>> (x >> 2)) & 1) === 1 ? 0xffffff : 0) },
  { area: bandArea, color: () => bandColor(n) },
  ...lampAreas.map((area, index): Part => ({ area, color: (x, y) => lampPixel(index, x - area.left, y - area.top, n) })),
  { area: plasmaArea, color: (x, y) => plasmaColor(x - plasmaArea.left, y - plasmaArea.top, n) },
  { area: counterArea, color: (x, y) => (isCounterLit(x - counterArea.left, y - counterArea.top, n) ? digitColor : digitGround) },
  { area: fieldArea, color: (x, y) => fieldPixel(x, y, n) },
  { area: tickerArea, color: (x, y) => tickerColor(x + n * tickerStep, y - tickerArea.top) },
];

/** Picture n, top row first, 0x00RRGGBB a pixel. A screen larger than the scene shows more of its ground, right and below. */
export function sceneFrame(n: number, width: number = sceneWidth, height: number = sceneHeight): Picture {
  const words = new Uint32Array(width * height);
  const paint = ({ area, color }: Part): void => {
    const [right, bottom] = [Math.min(width, area.right), Math.min(height, area.bottom)];
    for (let y = area.top; y < bottom; y++) for (let x = area.left; x < right; x++) words[y * width + x] = color(x, y);
  };
  paint({ area: area(0, 0, width, height), color: groundColor });
  scenePartsOf(n).forEach(paint);
  return { width, height, words };
}

/** Picture n, painted when it is needed. */
export function scenePainting(n: number, width: number, height: number): Painting {
  return { name: `scene ${n} ${width}x${height}`, width, height, paint: () => sceneFrame(n, width, height) };
}

/** The number of the picture that a screenshot shows, from 0x00RRGGBB pixels with `strideWords` a row. */
export function readSceneNumber(words: ArrayLike<number>, strideWords: number): number {
  let n = 0;
  for (let bit = 0; bit < 32; bit++) if (((words[strideWords + bit * 4 + 1] ?? 0) & 0xffffff) !== 0) n |= 1 << bit;
  return n >>> 0;
}
