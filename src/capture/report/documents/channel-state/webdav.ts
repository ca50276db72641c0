// The state of a webdav channel. This client shares no folder: the link is kept healthy, and what the server sends on it is let go.

import { fieldsOf, type Fields } from '../field.ts';
import { f64, orNull, u32, u64 } from '../shape.ts';
import type { ChannelSource } from '../state-sample.ts';
import { transportFields } from './transport.ts';

const field = fieldsOf<ChannelSource>();
const none = 'no folder is shared';

export const webdavFields: Fields<ChannelSource> = {
  ...transportFields,
  http_requests_received: field(u64, `always 0: ${none}`, () => 0),
  http_response_bytes_sent: field(u64, `always 0: ${none}`, () => 0),
  active_session_count: field(u32, `always 0: ${none}`, () => 0),
  last_request_ts_secs: field(orNull(f64), `always null: ${none}`, () => null),
  last_response_ts_secs: field(orNull(f64), `always null: ${none}`, () => null),
  decompressed_size_limit_exceeded_count: field(u64, 'always 0: compressed data is not inflated', () => 0),
};
