import { describe, expect, it, vi } from 'vitest';
import { DisplayPainter } from '#app/actors/display-painter.js';
import { allChannelStates, channelStateDocument, reportedKinds } from '#app/capture/report/documents/channel-state-document.js';
import { disconnectCause } from '#app/capture/report/documents/disconnect-cause.js';
import { documentText } from '#app/capture/report/documents/document-text.js';
import { sessionDocument } from '#app/capture/report/documents/session-document.js';
import type { Json } from '#app/capture/report/documents/shape.js';
import type { Host } from '#app/actors/kernel/host.js';
import { sampleState } from '#app/cli/session-state.js';
import { reportSchema, schemaFaults } from '../../support/json-schema.ts';
import { VirtualLoopback } from '../../support/virtual-loopback.ts';
import { virtualSessions, type VirtualSession } from '../../support/virtual-session.ts';

const open = virtualSessions();
const noFiles = { videoDropCount: 0, autoSnapshotsSaved: 0, autoSnapshotsPruned: 0 };
const sampleOf = ({ run }: VirtualSession) => sampleState(run, noFiles, run.nowMs());
const written = (document: Json): unknown => JSON.parse(documentText(document));

describe('a session in virtual time', () => {
  it('has documents as their schemas say, with what really went over its channels', async () => {
    const session = await open(new VirtualLoopback(1), {}, 40_000);
    const sample = sampleOf(session);
    expect(schemaFaults(written(sessionDocument(sample)), reportSchema('session'))).toEqual([]);
    for (const kind of reportedKinds) expect(schemaFaults(written(channelStateDocument(sample, kind)), reportSchema(`channel-state-${kind}`))).toEqual([]);
    expect(schemaFaults(written(allChannelStates(sample)), reportSchema('channel-state-all'))).toEqual([]);
    expect(sessionDocument(sample)).toMatchObject({ connected: true, uptime_secs: 40, bandwidth_history: expect.any(Array), surfaces: [{ surface_id: 0 }] });
    const main = session.channel('main/0');
    expect(channelStateDocument(sample, 'main')).toMatchObject({ bytes_in: main.bytes_in, ping_recv_count: main.ping_recv_count, session_id: session.run.session.sessionId });
  });

  it('is said to have lost a connection with the state of every channel at that moment', async () => {
    const session = await open(new VirtualLoopback(1));
    const cause = written(disconnectCause(sampleOf(session), { channel: 'display', message: 'the server closed it', kind: 'fin' }));
    expect(schemaFaults(cause, reportSchema('disconnect-cause'))).toEqual([]);
    expect(cause).toMatchObject({ channel: 'display', error_kind: 'fin', keepalive_timeout_fired: false, per_channel: { main: { bytes_in: session.channel('main/0').bytes_in } } });
  });

  it('shows what was counted of each kind of channel, and of a key only that there was one', async () => {
    const session = await open(new VirtualLoopback(1));
    const { run, net } = session;
    run.command('inputs/0', { kind: 'pressKey', scancode: 0xe04b });
    run.command('inputs/0', { kind: 'pressButton', button: 1 });
    run.command('main/0', { kind: 'configureMonitors', monitors: [{ x: 0, y: 0, width: 800, height: 600 }] });
    await net.host.advance(2_000);
    const all = written(allChannelStates(sampleOf(session))) as Record<string, Record<string, unknown>>;
    expect(schemaFaults(all, reportSchema('channel-state-all'))).toEqual([]);
    expect(all['inputs']).toMatchObject({ button_state: 1, secs_since_last_key: 2, recent_events: [{ event_type: 'KeyDown', scancode: 0, timestamp_secs: 6 }, { event_type: 'MouseDown', button_mask: 1 }] });
    expect(JSON.stringify(all['inputs'])).not.toMatch(/57419|75\b/);
    expect(all['main']).toMatchObject({ mm_time_set_count: expect.any(Number), last_mm_time_set_ts_secs: expect.any(Number), messages_recv_by_opcode: { '103': 1, '104': 1 }, unknown_opcode_count: 0 });
    const display = all['display'] ?? {};
    expect(display).toMatchObject({ decode_failed_count: 0, glz_dictionary_cap_bytes: expect.any(Number), image_cache_cap_bytes: 80 * 1024 * 1024 });
    expect(display['decode_total_count']).toBeGreaterThan(0);
    expect(display['recent_decodes']).not.toEqual([]);
    const received = Object.values(display['messages_recv_by_opcode'] as Record<string, number>).reduce((sum, count) => sum + count, 0);
    expect(received).toBe(display['message_count']);
  });

  it('shows a slow main thread in the lags of news and a slow decoder in the times of decoding, each in no other number', async () => {
    const numbers = async (slow: { readonly newsMs?: number; readonly decodeMs?: number }) => {
      const net = new VirtualLoopback(1);
      let passedMs = 0;
      let isPainting = false;
      // What is slow takes its time while it looks at the clock, or at news; for everybody else that time has passed.
      const monotonicMs = (): number => net.host.clock.monotonicMs() + (isPainting ? (passedMs += slow.decodeMs ?? 0) : passedMs);
      const host: Host = { ...net.host, clock: { monotonicMs, wallMs: () => net.host.clock.wallMs() + passedMs } };
      const paint = Reflect.get(DisplayPainter.prototype, 'paint') as (this: DisplayPainter, ...args: Parameters<DisplayPainter['paint']>) => ReturnType<DisplayPainter['paint']>;
      const painting = vi.spyOn(DisplayPainter.prototype, 'paint').mockImplementation(function painted(this: DisplayPainter, message) {
        isPainting = true;
        try {
          return paint.call(this, message);
        } finally {
          isPainting = false;
        }
      });
      const { run } = await open(net, { host });
      run.events.subscribe(() => void (passedMs += slow.newsMs ?? 0));
      // Its next link brings much news at once.
      net.cut('display/0');
      await net.host.advance(6_000);
      painting.mockRestore();
      const sample = sampleState(run, noFiles, monotonicMs());
      const { decode_recent_max_us: decodeUs, writer_dropped_count: writerDropped } = channelStateDocument(sample, 'display');
      const { display_mark_lag_recent_max_us: markLagUs, image_ready_lag_recent_max_us: imageLagUs } = sessionDocument(sample);
      return { markLagUs, imageLagUs, decodeUs, writerDropped };
    };
    const quick = { markLagUs: 0, imageLagUs: 0, decodeUs: 0, writerDropped: 0 };
    expect(await numbers({})).toEqual(quick);
    expect(await numbers({ newsMs: 400 })).toEqual({ ...quick, markLagUs: 400_000 });
    expect(await numbers({ decodeMs: 30 })).toEqual({ ...quick, decodeUs: 30_000 });
  });
});
