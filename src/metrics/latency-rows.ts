// The latency file as text: one row a sample, in the columns that the ancestor documents and one of our own. Moments are UTC in ISO 8601 with milliseconds.

/**
 * `latency_ms` is the time between two PINGs of the server on main, the ancestor's figure under the ancestor's name: SPICE has no round trip that a client could measure.
 * `input_to_paint_ms` is the time from a press that was sent until the first drawing after it. Each row has one of them.
 */
export const latencyHeader = 'timestamp,latency_ms,input_to_paint_ms\n';

export function pingRow(wallMs: number, intervalMs: number): string {
  return `${new Date(wallMs).toISOString()},${intervalMs.toFixed(3)},\n`;
}

export function inputRow(wallMs: number, lagMs: number): string {
  return `${new Date(wallMs).toISOString()},,${lagMs.toFixed(3)}\n`;
}
