// Agent messages waiting for tokens: cut into chunks of at most 2048 bytes, one token each, never two messages in one
// chunk and never interleaved. The server shuts the main channel down on a violation. Pure: state in, state out.

import { agentHeaderBytes } from './agent.ts';

/** One AGENT_DATA body holds at most this much from a client. The first chunk so holds the whole 20-byte header. */
export const agentChunkBytesMax = 2048;

export interface AgentOutbox {
  /** AGENT_DATA messages that the server will still take. */
  readonly tokens: number;
  /** Whole messages, header included; of the first one, `firstSentBytes` are gone already. */
  readonly messages: readonly Uint8Array[];
  readonly firstSentBytes: number;
  /** What is still to be sent. */
  readonly queuedBytes: number;
  readonly queuedBytesMax: number;
}

export interface AgentOutboxStep {
  readonly outbox: AgentOutbox;
  /** Bodies to send now, each in an AGENT_DATA of its own, in this order: views of the messages. */
  readonly send: readonly Uint8Array[];
  /** False when the message did not fit `queuedBytesMax`; nothing of it is queued. */
  readonly accepted: boolean;
}

export function createAgentOutbox(tokens: number, queuedBytesMax: number): AgentOutbox {
  return { tokens, messages: [], firstSentBytes: 0, queuedBytes: 0, queuedBytesMax };
}

/**
 * Queues one message, header included, and sends what tokens allow.
 * @throws RangeError when the bytes are shorter than a header: then they are no agent message.
 */
export function offerAgentMessage(outbox: AgentOutbox, message: Uint8Array): AgentOutboxStep {
  if (message.byteLength < agentHeaderBytes) throw new RangeError(`${message.byteLength} bytes are no agent message`);
  const queuedBytes = outbox.queuedBytes + message.byteLength;
  if (queuedBytes > outbox.queuedBytesMax) return { outbox, send: [], accepted: false };
  return drain({ ...outbox, messages: [...outbox.messages, message], queuedBytes });
}

/** The server gave more tokens. */
export function grantAgentTokens(outbox: AgentOutbox, tokens: number): AgentOutboxStep {
  return drain({ ...outbox, tokens: outbox.tokens + tokens });
}

/** The agent is gone: what was queued was for it. Tokens start anew with the next agent. */
export function resetAgentOutbox(outbox: AgentOutbox, tokens: number): AgentOutbox {
  return createAgentOutbox(tokens, outbox.queuedBytesMax);
}

// Chunks are cut when they are sent: a clipboard of 100 MiB is one message in the queue, not 51,200 chunks.
function drain(outbox: AgentOutbox): AgentOutboxStep {
  const send: Uint8Array[] = [];
  let { tokens, firstSentBytes, queuedBytes } = outbox;
  let done = 0;
  for (let message = outbox.messages[0]; message !== undefined && tokens > 0; message = outbox.messages[done]) {
    const chunk = message.subarray(firstSentBytes, firstSentBytes + agentChunkBytesMax);
    send.push(chunk);
    tokens -= 1;
    queuedBytes -= chunk.byteLength;
    firstSentBytes += chunk.byteLength;
    if (firstSentBytes < message.byteLength) continue;
    done += 1;
    firstSentBytes = 0;
  }
  return { outbox: { ...outbox, tokens, messages: outbox.messages.slice(done), firstSentBytes, queuedBytes }, send, accepted: true };
}
