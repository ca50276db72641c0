/**
 * The surfaces of one display channel by id, within named maxima. It creates and destroys; drawing is in `draw.ts`.
 * At most one surface is primary: the one that is the screen, in shared memory.
 */
import type { ByteBudget } from '../decode/byte-budget.ts';
import { charge, credit } from '../decode/byte-budget.ts';
import { createSurface, surfaceByteLength } from './shared-surface.ts';
import type { Surface } from './shared-surface.ts';
import { isKnownFormat } from './surface-format.ts';

/** Maxima for what a server may have us hold. */
export interface SurfaceLimits {
  readonly surfacesMax: number;
  /** Longest width or height, in pixels. */
  readonly sideMax: number;
  /** All surfaces together, headers included. */
  readonly bytesMax: number;
}

/** The reference guest device has 1024 surfaces; sides and total as the protocol document suggests. */
export const defaultSurfaceLimits: SurfaceLimits = { surfacesMax: 1024, sideMax: 16_384, bytesMax: 256 * 1024 * 1024 };

/** A surface that exists for the server. `surface` is null when nobody knows its format: it is then known by id only, and what is drawn on it is a gap. */
export interface SurfaceEntry {
  readonly id: number;
  readonly format: number;
  readonly primary: boolean;
  readonly surface: Surface | null;
}

export interface SurfaceTable {
  readonly limits: SurfaceLimits;
  /** The channel's, to which surfaces are charged as well. */
  readonly budget: ByteBudget;
  readonly allocateShared: (bytes: number) => SharedArrayBuffer;
  readonly entries: Map<number, SurfaceEntry>;
  primary: SurfaceEntry | null;
  bytes: number;
}

/** What SURFACE_CREATE asks for. */
export interface SurfaceRequest {
  readonly id: number;
  readonly width: number;
  readonly height: number;
  readonly format: number;
  readonly primary: boolean;
}

/** Why a surface was refused: the middle part of a gap key. */
export type SurfaceRefusal = 'size' | 'count' | 'memory';

export function createSurfaceTable(limits: SurfaceLimits, budget: ByteBudget, allocateShared: (bytes: number) => SharedArrayBuffer): SurfaceTable {
  return { limits, budget, allocateShared, entries: new Map(), primary: null, bytes: 0 };
}

/**
 * Adds a zeroed surface; one with the same id must have been removed before. A refusal leaves the table as it was, and
 * nothing is allocated before all maxima are checked.
 */
export function addSurface(table: SurfaceTable, request: SurfaceRequest): SurfaceEntry | SurfaceRefusal {
  const { id, width, height, format, primary } = request;
  const { limits } = table;
  if (width < 1 || height < 1 || width > limits.sideMax || height > limits.sideMax) return 'size';
  if (table.entries.size >= limits.surfacesMax) return 'count';
  let surface: Surface | null = null;
  if (isKnownFormat(format)) {
    const bytes = surfaceByteLength(width, height);
    if (table.bytes + bytes > limits.bytesMax || !charge(table.budget, bytes)) return 'memory';
    surface = createSurface(primary ? table.allocateShared(bytes) : new ArrayBuffer(bytes), width, height, format);
    table.bytes += bytes;
  }
  const entry: SurfaceEntry = { id, format, primary, surface };
  table.entries.set(id, entry);
  if (primary) table.primary = entry;
  return entry;
}

/** Removes a surface; its memory lives on with whoever still reads it. Null when there is none. */
export function removeSurface(table: SurfaceTable, id: number): SurfaceEntry | null {
  const entry = table.entries.get(id);
  if (entry === undefined) return null;
  table.entries.delete(id);
  if (entry.surface !== null) {
    table.bytes -= entry.surface.buffer.byteLength;
    credit(table.budget, entry.surface.buffer.byteLength);
  }
  if (table.primary === entry) table.primary = null;
  return entry;
}
