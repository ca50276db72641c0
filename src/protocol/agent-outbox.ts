// Agent messages waiting for tokens: cut into chunks of at most 2048 bytes, one token each, never two messages in one
// chunk and never interleaved. The server shuts the main channel down on a violation. Pure: state in, state out.

import { agentHeaderBytes } from './agent.ts';

/** One AGENT_DATA body holds at most this much from a client. The first chunk so holds the whole 20-byte header. */
export const agentChunkBytesMax = 2048;

export interface AgentOutbox {
  /** AGENT_DATA messages that the server will still take. */
  readonly tokens: number;
  readonly chunks: readonly Uint8Array[];
  readonly queuedBytes: number;
  readonly queuedBytesMax: number;
}

export interface AgentOutboxStep {
  readonly outbox: AgentOutbox;
  /** Bodies to send now, each in an AGENT_DATA of its own, in this order. */
  readonly send: readonly Uint8Array[];
  /** False when the message did not fit `queuedBytesMax`; nothing of it is queued. */
  readonly accepted: boolean;
}

export function createAgentOutbox(tokens: number, queuedBytesMax: number): AgentOutbox {
  return { tokens, chunks: [], queuedBytes: 0, queuedBytesMax };
}

/** Cuts one agent message, header included, into chunks: views of `message`. */
export function chunkAgentMessage(message: Uint8Array): Uint8Array[] {
  if (message.byteLength < agentHeaderBytes) throw new RangeError(`${message.byteLength} bytes are no agent message`);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < message.byteLength; at += agentChunkBytesMax) chunks.push(message.subarray(at, at + agentChunkBytesMax));
  return chunks;
}

/** Queues a message, header included, and sends what tokens allow. */
export function offerAgentMessage(outbox: AgentOutbox, message: Uint8Array): AgentOutboxStep {
  const queuedBytes = outbox.queuedBytes + message.byteLength;
  if (queuedBytes > outbox.queuedBytesMax) return { outbox, send: [], accepted: false };
  return drain({ ...outbox, chunks: [...outbox.chunks, ...chunkAgentMessage(message)], queuedBytes });
}

/** The server gave more tokens. */
export function grantAgentTokens(outbox: AgentOutbox, tokens: number): AgentOutboxStep {
  return drain({ ...outbox, tokens: outbox.tokens + tokens });
}

/** The agent is gone: what was queued was for it. Tokens start anew with the next agent. */
export function resetAgentOutbox(outbox: AgentOutbox, tokens: number): AgentOutbox {
  return createAgentOutbox(tokens, outbox.queuedBytesMax);
}

function drain(outbox: AgentOutbox): AgentOutboxStep {
  const count = Math.min(outbox.tokens, outbox.chunks.length);
  const send = outbox.chunks.slice(0, count);
  const sentBytes = send.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  return {
    outbox: {
      ...outbox,
      tokens: outbox.tokens - count,
      chunks: outbox.chunks.slice(count),
      queuedBytes: outbox.queuedBytes - sentBytes,
    },
    send,
    accepted: true,
  };
}
