// A session that looks like a real one, for tests and pictures of the dashboard.
import { applyToView, createView } from '#app/ui-terminal/view-model.js';
import type { ActorSnapshot, StatsSnapshot, View } from '#app/ui-terminal/view-model.js';
import type { SessionEvent } from '#app/ui-terminal/session-event.js';

const wallMs = Date.UTC(2026, 10, 3, 12, 34, 56, 789);

export function sampleActor(id: string, parent: string | null, more: Partial<ActorSnapshot> = {}): ActorSnapshot {
  return {
    id, parent, state: 'running', generation: 1, restarts: 0, threadId: null, mailbox: null, traffic: null,
    pings: 0, pongs: 0, gaps: 0, drops: 0, lastActivityMs: null, ...more,
  };
}

export function sampleSnapshot(atMs: number, more: Partial<StatsSnapshot> = {}): StatsSnapshot {
  const seconds = atMs / 1000;
  const channel = (id: string, parent: string, threadId: number, rate: number, extra: Partial<ActorSnapshot> = {}): ActorSnapshot => sampleActor(id, parent, {
    threadId, mailbox: { depth: 0, highWater: 12, max: 1024 }, lastActivityMs: atMs - 400, pings: 7, pongs: 7,
    traffic: { bytesReceived: rate * seconds, bytesSent: (rate / 100) * seconds, messagesReceived: (rate / 1500) * seconds, messagesSent: seconds }, ...extra,
  });
  return {
    atMs,
    session: { label: '127.0.0.1:5900 (plain)', title: 'debian12', state: 'connected', detail: '', connectedAtMs: 1000 },
    actors: [
      sampleActor('root', null), sampleActor('writer', 'root', { threadId: 3, mailbox: { depth: 1, highWater: 3, max: 256 } }), sampleActor('hub', 'root'),
      sampleActor('session', 'root'), channel('main', 'session', 4, 300), sampleActor('channels', 'session'),
      channel('display/0', 'channels', 5, 2_345_678, { gaps: 2, mailbox: { depth: 412, highWater: 900, max: 1024 } }), channel('cursor/0', 'channels', 6, 900),
      channel('inputs/0', 'channels', 7, 60, { state: 'waiting', generation: 4, restarts: 3, pings: 8 }),
      channel('playback/0', 'channels', 8, 48_000, { drops: 17, generation: 2, restarts: 1 }),
      sampleActor('consumers', 'root'), sampleActor('dashboard', 'consumers', { threadId: 9, mailbox: { depth: 2, highWater: 8, max: 8 } }),
    ],
    ...more,
  };
}

export const sampleEvents: readonly SessionEvent[] = [
  { kind: 'sessionStateChanged', wallMs, state: 'connected', detail: 'QEMU 7.2, session 0x4c2a11e0' },
  { kind: 'actorStateChanged', wallMs: wallMs + 2100, actor: 'inputs/0', generation: 3, state: 'waiting', reason: 'connection reset by the server', restartInMs: 250 },
  { kind: 'actorStateChanged', wallMs: wallMs + 2370, actor: 'inputs/0', generation: 4, state: 'running', reason: null, restartInMs: null },
  { kind: 'noted', wallMs: wallMs + 4000, severity: 'warning', source: 'display/0#1', text: 'gap display:image:lz4: image left out' },
  { kind: 'noted', wallMs: wallMs + 4100, severity: 'warning', source: 'display/0#1', text: 'gap display:image:lz4: image left out' },
  { kind: 'actorStateChanged', wallMs: wallMs + 9000, actor: 'playback/0', generation: 1, state: 'frozen', reason: 'silent for 5.0 s with 40 messages waiting', restartInMs: 0 },
];

export function sampleView(columns: number, rows: number, picture: { width: number; height: number } | null = null): View {
  let view = createView(columns, rows, '127.0.0.1:5900 (plain)');
  for (const atMs of [123_000, 123_250, 123_500, 123_750, 124_000, 124_250]) view = applyToView(view, { kind: 'stats', snapshot: sampleSnapshot(atMs) });
  for (const event of sampleEvents) view = applyToView(view, { kind: 'event', event });
  return applyToView(view, { kind: 'picture', size: picture });
}
