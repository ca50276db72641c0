// AGENT_DATA bodies to agent messages: a server may split them anywhere, inside the header too, and may put several in
// one body. Mutable data plane with one owner; the messages' contents are agent.ts's business.

import { Reader } from './wire/reader.ts';
import { agentHeaderBytes } from './agent.ts';

export type AgentPiece =
  /** One whole message. `payload` is a copy: it outlives the body. */
  | { readonly kind: 'message'; readonly protocol: number; readonly type: number; readonly payload: Uint8Array }
  /** A message larger than the cap begins here; its bytes are passed over. */
  | { readonly kind: 'oversize'; readonly protocol: number; readonly type: number; readonly size: number };

export interface AgentReassembly {
  readonly messageBytesMax: number;
  /** Header and payload of the message under way: the first `filled` bytes are there. */
  partial: Uint8Array;
  filled: number;
  /** Payload bytes of an oversize message that are still to be passed over. */
  skipping: number;
}

/** At first no more than this is allocated for a payload that has only been announced. */
const FIRST_ALLOCATION_BYTES = 64 * 1024;

export function createAgentReassembly(messageBytesMax: number): AgentReassembly {
  return { messageBytesMax, partial: new Uint8Array(agentHeaderBytes), filled: 0, skipping: 0 };
}

/** Forgets the message under way: the agent disconnected. */
export function resetAgentReassembly(reassembly: AgentReassembly): void {
  reassembly.partial = new Uint8Array(agentHeaderBytes);
  reassembly.filled = 0;
  reassembly.skipping = 0;
}

/** The messages that `body` completes, in order. */
export function pushAgentData(reassembly: AgentReassembly, body: Uint8Array): AgentPiece[] {
  const pieces: AgentPiece[] = [];
  let at = 0;
  for (;;) {
    const skipped = Math.min(reassembly.skipping, body.byteLength - at);
    reassembly.skipping -= skipped;
    at += skipped;
    if (reassembly.filled < agentHeaderBytes) at += fill(reassembly, body, at, agentHeaderBytes);
    if (reassembly.filled < agentHeaderBytes) return pieces;
    const header = new Reader(reassembly.partial);
    const protocol = header.u32('agentHeader.protocol');
    const type = header.u32('agentHeader.type');
    header.u64('agentHeader.opaque');
    const size = header.u32('agentHeader.size');
    if (size > reassembly.messageBytesMax) {
      pieces.push({ kind: 'oversize', protocol, type, size });
      resetAgentReassembly(reassembly);
      reassembly.skipping = size;
      continue;
    }
    at += fill(reassembly, body, at, agentHeaderBytes + size);
    if (reassembly.filled < agentHeaderBytes + size) return pieces;
    pieces.push({ kind: 'message', protocol, type, payload: reassembly.partial.subarray(agentHeaderBytes, reassembly.filled) });
    resetAgentReassembly(reassembly);
  }
}

/** Copies from `body` at `at` until `target` bytes are there or the body ends; returns how many were copied. */
function fill(reassembly: AgentReassembly, body: Uint8Array, at: number, target: number): number {
  const count = Math.min(target - reassembly.filled, body.byteLength - at);
  const needed = reassembly.filled + count;
  if (needed > reassembly.partial.byteLength) {
    const grown = new Uint8Array(Math.min(target, Math.max(needed * 2, FIRST_ALLOCATION_BYTES)));
    grown.set(reassembly.partial.subarray(0, reassembly.filled));
    reassembly.partial = grown;
  }
  reassembly.partial.set(body.subarray(at, at + count), reassembly.filled);
  reassembly.filled = needed;
  return count;
}
