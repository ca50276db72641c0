// What the client is expected to recover from by itself once faults have stopped. Until it can, whoever uses it starts a fresh
// session, which is what the simulation then does in its place. Turning a switch on tightens every liveness run.

export const clientRecovers = {
  /** A secondary channel that was lost is linked again within its session. */
  channel: true,
  /** A writer that crashed is there again. */
  writer: true,
  /** A session that ended by itself is begun again. */
  session: false,
} as const;
