// Where fuzzing starts: what real servers and clients sent, as recorded in test/golden, and what was laid by hand for the rest.
import { readFileSync } from 'node:fs';
import type { AgentDialect } from '#app/protocol/agent.js';
import { handLaidAgentMessages, handLaidMessages, hex } from '../golden/hand-laid.mjs';

interface StoredMessage {
  readonly channel: string;
  readonly channelType: number;
  readonly dialect?: AgentDialect;
  readonly direction: 'server' | 'client';
  readonly type: number;
  readonly hex: string;
}

interface StoredLink {
  readonly linkMessage: string;
  readonly linkReply: string;
  readonly linkResult: string;
}

export interface GoldenMessage {
  readonly type: number;
  readonly body: Uint8Array;
}

const servers = ['qemu', 'xspice', 'draw-server'] as const;

// The files are made by capture-goldens.mjs, in this shape.
const stored = servers.map((server) => JSON.parse(readFileSync(new URL(`../golden/messages/${server}.json`, import.meta.url), 'utf8')) as { readonly messages: readonly StoredMessage[]; readonly links?: readonly StoredLink[] });
const messages = stored.flatMap((file) => file.messages);

/** Server messages of one channel type. */
export function serverMessagesOf(channelType: number): readonly GoldenMessage[] {
  const recorded = messages.filter((one) => one.channel !== 'agent' && one.channelType === channelType && one.direction === 'server').map((one) => ({ type: one.type, body: hex(one.hex) }));
  const laid = handLaidMessages.filter((one) => one.channelType === channelType && one.direction === 'server').map(({ type, body }) => ({ type, body }));
  return [...recorded, ...laid];
}

export function agentMessages(): readonly GoldenMessage[] {
  const recorded = messages.filter((one) => one.channel === 'agent').map((one) => ({ type: one.type, body: hex(one.hex) }));
  return [...recorded, ...handLaidAgentMessages.map(({ type, body }) => ({ type, body }))];
}

/** What a server, and what a client, says until the link result. */
export function linkExchanges(): { readonly server: readonly Uint8Array[]; readonly client: readonly Uint8Array[] } {
  const links = stored.flatMap((file) => file.links ?? []);
  const ticket = '01000000' + '5a'.repeat(128);
  return { server: links.map((one) => hex(one.linkReply, one.linkResult)), client: links.map((one) => hex(one.linkMessage, ticket)) };
}
