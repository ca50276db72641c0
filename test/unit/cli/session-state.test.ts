import { describe, expect, it } from 'vitest';
import { allChannelStates, channelStateDocument, reportedKinds } from '#app/capture/report/documents/channel-state-document.js';
import { disconnectCause } from '#app/capture/report/documents/disconnect-cause.js';
import { documentText } from '#app/capture/report/documents/document-text.js';
import { sessionDocument } from '#app/capture/report/documents/session-document.js';
import type { Json } from '#app/capture/report/documents/shape.js';
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
});
