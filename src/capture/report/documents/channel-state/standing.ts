// How a channel's actor stands: what the ancestor's channels, which are no actors, do not have. It follows the ancestor's fields in an object of its own.

import { fieldsOf, type Fields } from '../field.ts';
import { countsIn, flagOrNull } from '../observed.ts';
import { f64, flag, map, orNull, record, text, u32, u64 } from '../shape.ts';
import type { ChannelSource } from '../state-sample.ts';

const field = fieldsOf<ChannelSource>();

export const standingFields: Fields<ChannelSource> = {
  channel: field(text, 'its id, `display/0`', ({ channel }) => channel.id),
  phase: field(text, '`starting`, `dialing`, `linking`, `authenticating`, `linked`, `waiting` to be started again, `closed`; `absent` = the server offers none', ({ channel }) => channel.standing.phase),
  secure: field(flag, 'over TLS', ({ channel }) => flagOrNull(channel.state, 'secure') ?? false),
  generation: field(u32, 'how often it was started', ({ channel }) => channel.standing.generation),
  restarts: field(u32, 'how often it was started again', ({ channel }) => channel.standing.restarts),
  mailbox_depth: field(u32, 'messages that wait for it', ({ channel }) => channel.standing.mailboxDepth),
  mailbox_high_water: field(u32, 'the most that ever waited', ({ channel }) => channel.standing.mailboxHighWater),
  mailbox_dropped: field(u64, 'messages that it had no room for', ({ channel }) => channel.standing.mailboxDropped),
  gaps: field(map(u64), 'what was not fully honoured, by key (docs/troubleshooting.md)', ({ channel }) => countsIn(channel.state, 'gaps')),
  last_loss: field(orNull(record('Loss', { kind: text, detail: text, at_secs: f64 })), 'what took the channel last', ({ channel }) => {
    const loss = channel.standing.lastLoss;
    return loss === null ? null : { kind: loss.kind, detail: loss.detail, at_secs: loss.atSecs };
  }),
  traffic_retention_secs: field(orNull(f64), 'how far back the traffic ring reaches; null = it holds nothing', ({ channel }) => channel.trafficRetentionSecs),
};
