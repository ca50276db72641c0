// The fields of flow control, which display and cursor channels have.

import { fieldsOf } from '../field.ts';
import { numberIn, objectIn } from '../observed.ts';
import { u32 } from '../shape.ts';
import { countIn, type ChannelSource } from '../state-sample.ts';

const field = fieldsOf<ChannelSource>();

export const flowFields = {
  ack_generation: field(u32, 'of the newest SET_ACK', ({ channel }) => numberIn(objectIn(channel.state, 'flow'), 'ackGeneration')),
  ack_window: field(u32, 'messages for each ACK; 0 = the server wants none', ({ channel }) => numberIn(objectIn(channel.state, 'flow'), 'ackWindow')),
  message_count: field(u32, 'messages received, by every connection of this channel', ({ channel }) => countIn(channel.counters, 'messages_in')),
  last_ack: field(u32, 'what `message_count` was when an ACK was sent last; 0 = none was', ({ channel }) => countIn(channel.counters, 'last_ack_at_message')),
};
