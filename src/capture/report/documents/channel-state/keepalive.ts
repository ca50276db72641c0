// The fields of signs of life that the client sends on its own.

import { fieldsOf } from '../field.ts';
import { f64, orNull, u32 } from '../shape.ts';
import { countIn, momentIn, type ChannelSource } from '../state-sample.ts';

const field = fieldsOf<ChannelSource>();

export const keepaliveFields = {
  client_keepalive_send_count: field(u32, 'signs of life sent on an idle connection', ({ channel }) => countIn(channel.counters, 'client_keepalive_send_count')),
  last_client_keepalive_send_ts_secs: field(orNull(f64), 'when the last one was sent', ({ channel }) => momentIn(channel.counters, 'last_client_keepalive_send_ms')),
};
