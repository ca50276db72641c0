// What a recording holds, channel by channel, as numbers. One pass, and memory that does not grow with the traffic.

import type { TapDirection } from '../tap.ts';
import type { RecordedMessage } from './recorded-message.ts';

interface Count {
  messages: number;
  bytes: number;
}

interface ChannelCount {
  readonly streams: Set<number>;
  readonly sent: Count;
  readonly received: Count;
  readonly link: Count;
  readonly names: Map<string, Count & { readonly direction: TapDirection }>;
  firstMs: number;
  lastMs: number;
  gaps: number;
  missingBytes: number;
  startMissing: boolean;
  skippedBytes: number;
}

/** Names of messages that are counted for each channel: the catalogue has fewer, and a peer's inventions must not fill the memory. */
const NAMES_MAX = 500;
const TOP_MAX = 10;

/** One channel. Bytes are whole messages with their headers; the parts of link exchanges count apart. */
export interface ChannelTraffic {
  readonly channel: string;
  readonly connections: number;
  readonly messages_in: number;
  readonly bytes_in: number;
  readonly messages_out: number;
  readonly bytes_out: number;
  readonly link_parts: number;
  /** Seconds since the recording's first message. */
  readonly first_secs: number;
  readonly last_secs: number;
  /** Over the time between the first and the last message; null where that is no time. */
  readonly messages_per_sec: number | null;
  readonly bytes_per_sec: number | null;
  /** Places where bytes are missing, and how many are; `start_missing` = besides, a connection begins somewhere in its middle. */
  readonly gaps: number;
  readonly missing_bytes: number;
  readonly start_missing: boolean;
  /** Bytes that are there and are no whole message. */
  readonly skipped_bytes: number;
  /** By bytes, the first ten. */
  readonly top: readonly { readonly name: string; readonly direction: TapDirection; readonly messages: number; readonly bytes: number }[];
}

export class TrafficStats {
  readonly #channels = new Map<string, ChannelCount>();
  #firstMs: number | null = null;

  count(message: RecordedMessage): void {
    const { atMs, direction, kind, name, bytes } = message;
    this.#firstMs = Math.min(this.#firstMs ?? atMs, atMs);
    const channel = this.#channel(message);
    channel.firstMs = Math.min(channel.firstMs, atMs);
    channel.lastMs = Math.max(channel.lastMs, atMs);
    channel.streams.add(message.stream);
    if (message.missingBefore === null) channel.startMissing = true;
    else if (message.missingBefore > 0) channel.gaps += 1;
    channel.missingBytes += message.missingBefore ?? 0;
    channel.skippedBytes += message.skippedBefore;
    add(kind === 'link' ? channel.link : channel[direction], bytes.byteLength);
    const key = `${direction} ${name}`;
    const named = channel.names.get(key) ?? { messages: 0, bytes: 0, direction };
    if (!channel.names.has(key) && channel.names.size < NAMES_MAX) channel.names.set(key, named);
    add(named, bytes.byteLength);
  }

  /** By channel. */
  get channels(): readonly ChannelTraffic[] {
    const startMs = this.#firstMs ?? 0;
    return Array.from(this.#channels, ([channel, count]) => channelTraffic(channel, count, startMs)).toSorted((a, b) => (a.channel < b.channel ? -1 : 1));
  }

  #channel({ channel, atMs }: RecordedMessage): ChannelCount {
    const known = this.#channels.get(channel);
    if (known !== undefined) return known;
    const zero = (): Count => ({ messages: 0, bytes: 0 });
    const made: ChannelCount = {
      streams: new Set(), sent: zero(), received: zero(), link: zero(), names: new Map(), firstMs: atMs, lastMs: atMs, gaps: 0, missingBytes: 0, startMissing: false, skippedBytes: 0,
    };
    this.#channels.set(channel, made);
    return made;
  }
}

function add(count: Count, bytes: number): void {
  count.messages += 1;
  count.bytes += bytes;
}

function channelTraffic(channel: string, count: ChannelCount, startMs: number): ChannelTraffic {
  const { sent, received } = count;
  const spanSecs = (count.lastMs - count.firstMs) / 1_000;
  const rate = (total: number): number | null => (spanSecs > 0 ? Math.round((total / spanSecs) * 10) / 10 : null);
  const seconds = (ms: number): number => Math.round((ms - startMs) * 1_000) / 1e6;
  return {
    channel,
    connections: count.streams.size,
    messages_in: received.messages,
    bytes_in: received.bytes,
    messages_out: sent.messages,
    bytes_out: sent.bytes,
    link_parts: count.link.messages,
    first_secs: seconds(count.firstMs),
    last_secs: seconds(count.lastMs),
    messages_per_sec: rate(sent.messages + received.messages),
    bytes_per_sec: rate(sent.bytes + received.bytes),
    gaps: count.gaps,
    missing_bytes: count.missingBytes,
    start_missing: count.startMissing,
    skipped_bytes: count.skippedBytes,
    top: Array.from(count.names, ([key, { direction, messages, bytes }]) => ({ name: key.slice(direction.length + 1), direction, messages, bytes }))
      .toSorted((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1))
      .slice(0, TOP_MAX),
  };
}

/** For people: a paragraph a channel. */
export function trafficText(channels: readonly ChannelTraffic[]): string {
  return channels.map(channelText).join('\n');
}

function channelText(traffic: ChannelTraffic): string {
  const { channel, connections, first_secs: first, last_secs: last } = traffic;
  const rates = traffic.messages_per_sec === null ? '' : `, ${traffic.messages_per_sec} messages/s, ${traffic.bytes_per_sec} bytes/s`;
  const lines = [
    `${channel}  ${connections} connection${connections === 1 ? '' : 's'}, from ${first.toFixed(3)} s to ${last.toFixed(3)} s${rates}`,
    `  received ${traffic.messages_in} messages, ${traffic.bytes_in} bytes; sent ${traffic.messages_out} messages, ${traffic.bytes_out} bytes; ${traffic.link_parts} parts of link exchanges`,
  ];
  if (traffic.gaps > 0) lines.push(`  gaps: ${traffic.gaps}, ${traffic.missing_bytes} bytes are missing`);
  if (traffic.start_missing) lines.push('  the beginning of a connection is missing');
  if (traffic.skipped_bytes > 0) lines.push(`  ${traffic.skipped_bytes} bytes are no whole message`);
  for (const { name, direction, messages, bytes } of traffic.top) lines.push(`    ${direction === 'sent' ? '->' : '<-'} ${name.padEnd(22)} ${String(messages).padStart(9)} messages ${String(bytes).padStart(12)} bytes`);
  return `${lines.join('\n')}\n`;
}
