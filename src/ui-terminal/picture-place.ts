// Picture place: where the guest's picture lies on the terminal, and which of its pixels a cell shows. The dashboard publishes it for those who
// turn clicks into positions, in a latest-value cell: the words here are its bytes.

/** In cells from 0; `width` and `height` are the guest's pixels. */
export interface PicturePlace { readonly left: number; readonly top: number; readonly columns: number; readonly rows: number; readonly width: number; readonly height: number }

/** Of one place. */
export const placeBytes = 24;

/** Nowhere is a place without columns. */
export function placeToBytes(place: PicturePlace | null): Uint8Array {
  const { left, top, columns, rows, width, height } = place ?? { left: 0, top: 0, columns: 0, rows: 0, width: 0, height: 0 };
  return new Uint8Array(Uint32Array.of(left, top, columns, rows, width, height).buffer);
}

export function placeFromBytes(bytes: Uint8Array): PicturePlace | null {
  if (bytes.length !== placeBytes) return null;
  const [left = 0, top = 0, columns = 0, rows = 0, width = 0, height = 0] = new Uint32Array(bytes.slice().buffer);
  return columns === 0 ? null : { left, top, columns, rows, width, height };
}

/** The pixel in the middle of what a cell shows. Beside the picture null, or with `clamped` the pixel at the nearest edge. */
export function guestPositionOf(place: PicturePlace, column: number, row: number, clamped: boolean): { readonly x: number; readonly y: number } | null {
  const isInside = column >= place.left && column < place.left + place.columns && row >= place.top && row < place.top + place.rows;
  if (!isInside && !clamped) return null;
  const scaled = (cell: number, cells: number, pixels: number): number => Math.min(pixels - 1, Math.floor(((Math.max(0, Math.min(cells - 1, cell)) + 0.5) * pixels) / cells));
  return { x: scaled(column - place.left, place.columns, place.width), y: scaled(row - place.top, place.rows, place.height) };
}
