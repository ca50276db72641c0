// What the client is expected to recover from by itself once faults have stopped. A session that was held, because the outage was
// longer than its three attempts, waits for a person, who presses R (world.ts).

export const clientRecovers = {
  /** A secondary channel that was lost is linked again within its session. */
  channel: true,
  /** A writer that crashed is there again. */
  writer: true,
  /** A session that was lost is connected again. */
  session: true,
} as const;
