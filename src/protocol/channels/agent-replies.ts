// Agent replies: how long the guest's agent takes to answer what it answers with a REPLY, and since when messages for it wait. Pure counts for those who look;
// nothing is decided by them.

/** Requests without an answer that are remembered: an agent that never answers makes no list longer. */
const outstandingMax = 99;
const lagsMax = 16;

/** Moments are monotonic milliseconds. */
export interface AgentReplies {
  readonly requests: number;
  readonly replies: number;
  readonly replyErrors: number;
  readonly lastReplyMs: number | null;
  /** Of the last replies, microseconds, oldest first. */
  readonly replyLagsUs: readonly number[];
  /** When each request without an answer was made, oldest first: the agent answers in order. */
  readonly askedMs: readonly number[];
  /** How often messages began to wait for tokens, and since when they do; null = none waits. */
  readonly stalls: number;
  readonly starvedSinceMs: number | null;
}

export const noReplies: AgentReplies = { requests: 0, replies: 0, replyErrors: 0, lastReplyMs: null, replyLagsUs: [], askedMs: [], stalls: 0, starvedSinceMs: null };

export function noteRequest(replies: AgentReplies, nowMs: number): AgentReplies {
  return { ...replies, requests: replies.requests + 1, askedMs: [...replies.askedMs, nowMs].slice(-outstandingMax) };
}

export function noteReply(replies: AgentReplies, isRefusal: boolean, nowMs: number): AgentReplies {
  const [askedMs, ...later] = replies.askedMs;
  const lags = askedMs === undefined ? replies.replyLagsUs : [...replies.replyLagsUs, Math.max(0, Math.round((nowMs - askedMs) * 1000))].slice(-lagsMax);
  return { ...replies, replies: replies.replies + 1, replyErrors: replies.replyErrors + (isRefusal ? 1 : 0), lastReplyMs: nowMs, replyLagsUs: lags, askedMs: later };
}

/** The agent is gone, and its answers with it. */
export const forgetRequests = (replies: AgentReplies): AgentReplies => (replies.askedMs.length === 0 ? replies : { ...replies, askedMs: [] });

/** `waits` = there are messages for the agent and no token. */
export function noteWaiting(replies: AgentReplies, waits: boolean, nowMs: number): AgentReplies {
  if (waits === (replies.starvedSinceMs !== null)) return replies;
  return waits ? { ...replies, stalls: replies.stalls + 1, starvedSinceMs: nowMs } : { ...replies, starvedSinceMs: null };
}

/** As numbers, for observation. */
export function describeReplies({ askedMs, ...rest }: AgentReplies): Readonly<Record<string, unknown>> {
  return { ...rest, outstanding: askedMs.length };
}
