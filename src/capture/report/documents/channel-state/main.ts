// The state of the main channel.

import { fieldsOf, type Fields } from '../field.ts';
import { countsIn, numberIn, numberOrNull, numbersIn, objectIn, type Observed } from '../observed.ts';
import { f64, flag, list, map, orNull, u32, u64 } from '../shape.ts';
import { countIn, momentIn, sinceStart, type ChannelSource } from '../state-sample.ts';
import { transportFields } from './transport.ts';

const field = fieldsOf<ChannelSource>();

const lagsMax = 16;
/** The multimedia clock wraps here. */
const clockWrapMs = 2 ** 32;

const agent = ({ channel }: ChannelSource): Observed => objectIn(channel.state, 'agent');

function momentOf({ sample }: ChannelSource, from: Observed, name: string): number | null {
  const atMs = numberOrNull(from, name);
  return atMs === null ? null : sinceStart(sample, atMs);
}

function multiMediaNow({ channel, sample }: ChannelSource): number {
  const clock = objectIn(channel.state, 'multiMediaTime');
  const atMs = numberOrNull(clock, 'atMs');
  return atMs === null ? 0 : Math.floor(numberIn(clock, 'serverMs') + Math.max(0, sample.atMs - atMs)) % clockWrapMs;
}

export const mainFields: Fields<ChannelSource> = {
  ...transportFields,
  session_id: field(orNull(u32), 'of the session; null before INIT', ({ channel }) => numberOrNull(channel.state, 'sessionId')),
  mm_time_now: field(u32, 'the server\'s multimedia clock at the time of the sample, in milliseconds; wraps at 2^32', multiMediaNow),
  mm_time_set_count: field(u64, 'how often the server set it: INIT and MULTI_MEDIA_TIME', ({ channel }) => numberIn(channel.state, 'multiMediaTimeSets')),
  last_mm_time_set_ts_secs: field(orNull(f64), 'when it was set last', (source) => momentOf(source, objectIn(source.channel.state, 'multiMediaTime'), 'atMs')),
  keepalive_timeout_fired: field(flag, 'the newest connection was given up because nothing was received', ({ channel }) => countIn(channel.counters, 'keepalive_timeout_fired') === 1),
  events_dropped_count: field(u64, 'events that found no room at the hub within 5 s', ({ channel }) => countIn(channel.counters, 'events_dropped')),
  events_dropped_by_kind: field(map(u64), 'the same by kind of event', ({ channel }) => countsIn(channel.state, 'eventsDropped')),
  last_event_drop_ts_secs: field(orNull(f64), 'when one was dropped last', ({ channel }) => momentIn(channel.counters, 'last_event_drop_ms')),
  server_mouse_mode: field(orNull(u32), '1 server, 2 client; null before INIT', ({ channel }) => {
    const mode = numberIn(channel.state, 'mouseMode');
    return mode === 0 ? null : mode;
  }),
  agent_request_count: field(u32, 'messages to the guest\'s agent that it answers with a REPLY', (source) => numberIn(agent(source), 'requests')),
  agent_reply_count: field(u32, 'REPLYs', (source) => numberIn(agent(source), 'replies')),
  agent_reply_error_count: field(u32, 'of them, those that say no', (source) => numberIn(agent(source), 'replyErrors')),
  last_agent_reply_ts_secs: field(orNull(f64), 'when one came last', (source) => momentOf(source, agent(source), 'lastReplyMs')),
  last_agent_reply_lag_us: field(orNull(u32), 'how long it took', (source) => numbersIn(agent(source), 'replyLagsUs').at(-1) ?? null),
  recent_agent_reply_lag_us: field(list(u32, lagsMax), 'how long the last took, oldest first', (source) => numbersIn(agent(source), 'replyLagsUs')),
  outstanding_agent_request_count: field(u32, 'requests without a REPLY, at most 99', (source) => numberIn(agent(source), 'outstanding')),
  agent_stall_count: field(u32, 'how often messages for the agent began to wait for its tokens', (source) => numberIn(agent(source), 'stalls')),
  agent_tokens: field(u32, 'messages that the agent takes now', ({ channel }) => numberIn(channel.state, 'agentTokens')),
  agent_queued_bytes: field(u64, 'bytes that wait for its tokens', ({ channel }) => numberIn(channel.state, 'agentQueuedBytes')),
  agent_starved_since_ts_secs: field(orNull(f64), 'since when they wait', (source) => momentOf(source, agent(source), 'starvedSinceMs')),
};
