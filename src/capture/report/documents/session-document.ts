// Session document: `session.json` of a report: the session as a whole, in the ancestor's names.

import { documentOf, fieldsOf, type Document, type Fields } from './field.ts';
import { flagOrNull, numberIn, type Observed } from './observed.ts';
import { f64, flag, list, orNull, record, tuple, u16, u32, u64, u8 } from './shape.ts';
import { channelOfKind, countIn, uptimeSecs, type StateSample } from './state-sample.ts';

const field = fieldsOf<StateSample>();

const bandwidthSecs = 60;
const u16Max = 0xffff;
const surface = record('Surface', { surface_id: u32, width: u32, height: u32 });

const stateOf = (sample: StateSample, kind: string): Observed => channelOfKind(sample, kind)?.state ?? {};
/** Negative where a pointer leaves the screen, which the ancestor's reader cannot take. */
const coordinate = (value: number): number => Math.min(u16Max, Math.max(0, value));

export const sessionFields: Fields<StateSample> = {
  fps: field(f64, 'MARKs a second over the last 120 of them. Servers send few: QEMU one for each new surface', ({ session }) => session.history.fps),
  bandwidth_history: field(list(f64, bandwidthSecs), 'bytes received in each of the last 60 whole seconds, all channels together, oldest first', ({ session }) => session.history.bandwidth),
  bandwidth_current: field(f64, 'the last of them', ({ session }) => session.history.bandwidth.at(-1) ?? 0),
  last_latency_ms: field(orNull(f64), 'the time between the last two PINGs of main', (sample) => {
    const counters = channelOfKind(sample, 'main')?.counters ?? {};
    return countIn(counters, 'ping_interval_count') === 0 ? null : countIn(counters, 'ping_interval_us') / 1000;
  }),
  frames_received: field(u64, 'draw operations of every display', ({ channels }) => channels.filter(({ kind }) => kind === 'display').reduce((sum, { counters }) => sum + countIn(counters, 'draws'), 0)),
  surfaces: field(list(surface), 'primary surfaces: the screens', ({ session }) => session.surfaces.map(({ surfaceId, width, height }) => ({ surface_id: surfaceId, width, height }))),
  cursor_pos: field(tuple(u16, 2), 'of the guest\'s pointer, as its channel says: x, y', (sample) => [coordinate(numberIn(stateOf(sample, 'cursor'), 'x')), coordinate(numberIn(stateOf(sample, 'cursor'), 'y'))]),
  cursor_visible: field(flag, 'it is to be shown', (sample) => flagOrNull(stateOf(sample, 'cursor'), 'visible') ?? false),
  mouse_mode: field(u32, '0 unknown, 1 server, 2 client', (sample) => numberIn(stateOf(sample, 'main'), 'mouseMode')),
  connected: field(flag, 'the session is up', ({ session }) => session.connected),
  uptime_secs: field(f64, 'seconds since the session began; all moments in a report count from there', uptimeSecs),
  auto_reconnect_count: field(u32, 'how often a lost session was to be had again without being asked', ({ session }) => session.autoReconnectCount),
  video_drop_count: field(u64, 'pictures that are missing in a recorded video', ({ session }) => session.videoDropCount),
  image_ready_lag_recent_min_us: field(u32, 'from the moment at which a display says that its picture has changed until the main thread hears of it: the shortest of the last 32', ({ session }) => session.history.imageReadyLagUs.min),
  image_ready_lag_recent_max_us: field(u32, 'the longest', ({ session }) => session.history.imageReadyLagUs.max),
  image_ready_lag_recent_mean_us: field(u32, 'the mean', ({ session }) => session.history.imageReadyLagUs.mean),
  display_mark_lag_recent_min_us: field(u32, 'the same for MARKs', ({ session }) => session.history.displayMarkLagUs.min),
  display_mark_lag_recent_max_us: field(u32, 'the same', ({ session }) => session.history.displayMarkLagUs.max),
  display_mark_lag_recent_mean_us: field(u32, 'the same', ({ session }) => session.history.displayMarkLagUs.mean),
  auto_snapshots_saved: field(u64, 'automatic snapshots written', ({ session }) => session.autoSnapshotsSaved),
  auto_snapshots_pruned: field(u64, 'of them, those that gave way to newer ones', ({ session }) => session.autoSnapshotsPruned),
  audio_volume_percent: field(orNull(u8), 'the user\'s volume', ({ session }) => session.volumePercent),
  audio_muted: field(orNull(flag), 'the user\'s mute', ({ session }) => session.muted),
};

export const sessionDocument = (sample: StateSample): Document => documentOf(sessionFields, sample);
