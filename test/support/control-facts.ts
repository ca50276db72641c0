// What the control socket's tests say of a session when they care about one thing of it.
import type { SharedFacts } from '#app/actors/control-mail.js';
import { nothingKnown, type SessionFacts, type SessionIdentity } from '#app/control/session-facts.js';

export const testIdentity: SessionIdentity = { name: 'guest', target: 'vm:5900', pid: 42, startedAt: '2026-01-01T00:00:00.000Z', version: 'ryll-actors 0.0.0' };

/** A session that is up, whose guest takes keys and positions. */
export function testFacts(part: Partial<SessionFacts> = {}): SessionFacts {
  return { ...nothingKnown, connected: true, inputsReady: true, mouseMode: 'absolute', state: 'connected', ...part };
}

export function sharedFacts(part: Partial<SharedFacts> = {}): SharedFacts {
  return { ...testFacts(), surfaces: [], mainCounters: null, pointer: null, channels: [], ...part };
}
