// The state of a usbredir channel. This client redirects no device: the link is kept healthy, and what the server sends on it is let go.

import { fieldsOf, type Fields } from '../field.ts';
import { f64, list, orNull, record, u16, u32, u64, u8 } from '../shape.ts';
import type { ChannelSource } from '../state-sample.ts';
import { transportFields } from './transport.ts';

const field = fieldsOf<ChannelSource>();
const none = 'no device is redirected';

const device = record('Device', { vendor_id: u16, product_id: u16, device_class: u8, attached_at_secs: f64, bytes_to_guest: u64, bytes_from_guest: u64 });

export const usbredirFields: Fields<ChannelSource> = {
  ...transportFields,
  redirected_devices: field(list(device), `always empty: ${none}`, () => []),
  device_connect_total: field(u64, `always 0: ${none}`, () => 0),
  device_disconnect_total: field(u64, `always 0: ${none}`, () => 0),
  last_device_event_ts_secs: field(orNull(f64), `always null: ${none}`, () => null),
  server_caps: field(u32, 'always 0: usbredir\'s own hello is not read', () => 0),
  client_caps: field(u32, 'always 0: none is sent', () => 0),
};
