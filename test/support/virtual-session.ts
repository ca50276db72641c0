// Whole sessions against the loopback server in virtual time, for the tests of one file: each is up and at rest when it is handed over, and when its test is
// over it is stopped and looked over: an actor, a timer or a broken rule of the protocol that is left fails the test.
import { afterEach, beforeAll } from 'vitest';
import { loadJpegDecoder } from '#app/actors/jpeg-decoder.js';
import type { SessionOutcome } from '#app/cli/session-outcome.js';
import type { SessionRunOptions } from '#app/cli/session-options.js';
import { testSession, type TestSession } from './session-fixture.ts';
import type { VirtualLoopback } from './virtual-loopback.ts';

export interface VirtualSession extends TestSession {
  readonly net: VirtualLoopback;
  /** Null while the session has not ended by itself. */
  outcome(): SessionOutcome | null;
}

/** A session is linked, and every link has proved itself, after so long. */
export const upMs = 6_000;
const stopMs = 20_000;
const actors = ['channel-actor', 'display-painter', 'pointer-painter', 'writer-actor', 'hub-actor', 'faulty-actor'];

/** Loading takes real time, of which the virtual clock knows nothing. */
export async function loadActors(): Promise<void> {
  await loadJpegDecoder();
  for (const name of actors) await import(new URL(`../../dist/actors/${name}.js`, import.meta.url).href);
}

/** @returns opens a session; called once in a test file, outside of its tests */
export function virtualSessions(): (net: VirtualLoopback, part?: Partial<SessionRunOptions>, advanceMs?: number) => Promise<VirtualSession> {
  const sessions: VirtualSession[] = [];

  beforeAll(loadActors);

  afterEach(async () => {
    for (const { run, net } of sessions.splice(0)) {
      const stopped = run.stop();
      await net.host.advance(stopMs);
      await stopped;
      net.server.close();
      await net.host.settle();
      const left = run.actors.filter(({ exit }) => exit === null).map(({ id }) => id);
      const broken = Object.keys(net.server.observe().violations);
      if (left.length + net.host.pending + broken.length > 0) throw new Error(`left behind: ${left.join(', ')}, ${net.host.pending} timers; broken: ${broken.join(', ')}`);
    }
  });

  return async (net, part = {}, advanceMs = upMs) => {
    const made = testSession(net.host, 5900, { singleThread: true, ...part });
    let outcome: SessionOutcome | null = null;
    void made.run.ended.then((ended) => (outcome = ended));
    const session: VirtualSession = { ...made, net, outcome: () => outcome };
    sessions.push(session);
    const started = made.run.start();
    await net.host.advance(advanceMs);
    await started;
    return session;
  };
}
