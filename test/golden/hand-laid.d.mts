import type { AgentDialect } from '#app/protocol/agent.js';
import type { Direction } from '#app/protocol/catalog.js';
import type { ChannelTypeNumber } from '#app/protocol/constants.js';

interface HandLaid {
  readonly direction: Direction;
  readonly type: number;
  readonly kind: string;
  readonly body: Uint8Array;
  readonly value: unknown;
}

export const handLaidMessages: readonly (HandLaid & { readonly channelType: ChannelTypeNumber })[];
export const handLaidAgentMessages: readonly (HandLaid & { readonly dialect: AgentDialect })[];
export function hex(...pieces: readonly string[]): Uint8Array;
