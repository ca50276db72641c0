// Numbers for people: bytes, rates, counts and durations in a bounded number of columns. It formats only; what is measured and over
// which time is decided by its callers. Decimal units (kB = 1000 B), because link speeds are given in them.

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;
const countUnits = ['', 'k', 'M', 'G', 'T', 'P'] as const;

/** Bytes in at most 7 columns for anything below an exabyte: `0 B`, `999 B`, `1.2 kB`, `46 MB`. */
export function formatBytes(bytes: number): string {
  const { digits, unit } = scale(bytes);
  return `${digits} ${byteUnits[unit] ?? ''}`;
}

/** Bytes a second in at most 9 columns. */
export const formatRate = (bytesPerSecond: number): string => `${formatBytes(bytesPerSecond)}/s`;

/** A count in at most 5 columns for anything below 10^18: `0`, `999`, `1.2k`, `46M`. */
export function formatCount(count: number): string {
  const { digits, unit } = scale(count);
  return `${digits}${countUnits[unit] ?? ''}`;
}

/** A duration for a sentence: `250 ms`, `12.3 s`, `4 min 03 s`, `2 h 05 min`, `3 d 04 h`. */
export function formatDuration(durationMs: number): string {
  const ms = Number.isFinite(durationMs) ? Math.max(0, durationMs) : 0;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)} d ${twoDigits(hours % 24)} h`;
}

/** A duration in at most 4 columns for a table, below 1000 days: `0s`, `59s`, `3m`, `2h`, `5d`. */
export function formatAge(durationMs: number): string {
  const seconds = Number.isFinite(durationMs) ? Math.max(0, Math.floor(durationMs / 1000)) : 0;
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** The time of day in UTC, `12:34:56`. @param wallMs milliseconds since 1970 */
export function formatTimeOfDay(wallMs: number): string {
  const seconds = Number.isFinite(wallMs) ? Math.floor(wallMs / 1000) % 86_400 : 0;
  const ofDay = seconds < 0 ? seconds + 86_400 : seconds;
  return `${twoDigits(Math.floor(ofDay / 3600))}:${twoDigits(Math.floor(ofDay / 60) % 60)}:${twoDigits(ofDay % 60)}`;
}

/** Two or three significant digits, and how many thousands were divided out. What is not a number at all counts as 0. */
function scale(value: number): { digits: string; unit: number } {
  let rest = Number.isFinite(value) ? Math.max(0, value) : 0;
  let unit = 0;
  // 999.5 would be shown as 1000.
  while (rest >= 999.5 && unit < byteUnits.length - 1) { rest /= 1000; unit += 1; }
  return { digits: unit > 0 && rest < 9.95 ? rest.toFixed(1) : String(Math.round(rest)), unit };
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');
