// The state of the inputs channel. It holds no key: which ones were pressed is never recorded.

import { fieldsOf, type Fields } from '../field.ts';
import { listIn, numberIn, numberOrNull, textIn, type Observed } from '../observed.ts';
import { f64, i32, list, oneOf, orNull, record, u32 } from '../shape.ts';
import { sinceStart, toSecs, type ChannelSource } from '../state-sample.ts';
import { keepaliveFields } from './keepalive.ts';
import { transportFields } from './transport.ts';

const field = fieldsOf<ChannelSource>();

const eventsMax = 50;
const eventTypes = ['KeyDown', 'KeyUp', 'MouseDown', 'MouseUp', 'MouseMove', 'MouseMotion'] as const;
const event = record('Input', { event_type: oneOf(...eventTypes), scancode: u32, x: i32, y: i32, button_mask: u32, timestamp_secs: f64 });

function eventOf({ sample }: ChannelSource, from: Observed) {
  const type = textIn(from, 'type');
  return {
    event_type: eventTypes.find((known) => known === type) ?? 'MouseMove',
    scancode: 0,
    x: numberIn(from, 'x'),
    y: numberIn(from, 'y'),
    button_mask: numberIn(from, 'buttons'),
    timestamp_secs: sinceStart(sample, numberOrNull(from, 'atMs') ?? sample.startedAtMs),
  };
}

export const inputsFields: Fields<ChannelSource> = {
  ...transportFields,
  button_state: field(u32, 'buttons that are pressed, a bit each', ({ channel }) => numberIn(channel.state, 'buttons')),
  motion_count: field(u32, 'pointer movements sent, of both kinds', ({ channel }) => numberIn(channel.state, 'movementsSent')),
  secs_since_last_key: field(orNull(f64), 'since a key was pressed or released last', ({ channel, sample }) => {
    const atMs = numberOrNull(channel.state, 'lastKeyMs');
    return atMs === null ? null : toSecs(Math.max(0, sample.atMs - atMs));
  }),
  recent_events: field(list(event, eventsMax), 'what was asked of the channel last, oldest first. `scancode` is always 0: keys are not recorded. `x` and `y` are a position, or of MouseMotion a way', (source) => (
    listIn(source.channel.state, 'recentInputs').map((each) => eventOf(source, each))
  )),
  ...keepaliveFields,
};
