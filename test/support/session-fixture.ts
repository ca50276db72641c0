// A whole session for one test, as `connect` runs it, with what it says to people kept as lines. Where it dials and on which clock is
// the test's.
import { vi } from 'vitest';
import type { Host } from '#app/actors/kernel/host.js';
import { connectionTarget } from '#app/cli/connection-target.js';
import type { SessionRunOptions } from '#app/cli/session-options.js';
import { SessionRun } from '#app/cli/session-run.js';
import { sampleChannel, type ChannelSample } from '#app/cli/session-sample.js';
import { eventSeverity, eventSource, eventText } from '#app/ui-terminal/session-event.js';
import { tcp } from './dialled.ts';
import { noSound } from './sound.ts';

export interface TestSession {
  readonly run: SessionRun;
  /** `display/0 lost its connection (…), linking again in 250 ms`, without those about a channel's ordinary life. */
  readonly lines: string[];
  /** Those of them that want attention: warnings and errors. */
  readonly troubles: string[];
  readonly channel: (id: string) => ChannelSample;
  /** Tells a channel's actor what no actor can bear: it throws. */
  readonly poison: (id: string) => void;
}

export function testSession(host: Host, port: number, part: Partial<SessionRunOptions> = {}): TestSession {
  const run = new SessionRun({
    host,
    target: connectionTarget({ host: '127.0.0.1', port }),
    endpoints: [{ plain: tcp(port), secure: null }],
    password: '', filter: null, disabled: new Set(), frozenMs: 5_000, keepaliveIdleMs: 10_000, faults: [], singleThread: false, captureFolder: null,
    version: { version: '0.0.0', commit: null, dirty: false }, reconnect: null, monitors: 1, trackCoverage: false, verbose: false, dashboard: null, log: null, control: null, sound: noSound(),
    ...part,
  });
  const lines: string[] = [];
  const troubles: string[] = [];
  const say = run.say.bind(run);
  vi.spyOn(run, 'say').mockImplementation((event) => {
    const line = `${eventSource(event)} ${eventText(event)}`;
    lines.push(line);
    if (eventSeverity(event) !== 'info') troubles.push(line);
    say(event);
  });
  return {
    run,
    lines,
    troubles,
    channel: (id) => {
      const memory = run.memory.channels.find((each) => each.id === id);
      if (memory === undefined) throw new Error(`there is no ${id}`);
      return sampleChannel(run, memory);
    },
    poison: (id) => {
      const actor = run.actors.find((each) => each.id === id);
      if (actor === undefined) throw new Error(`${id} was never started`);
      actor.handle.address.tell({ kind: 'command', command: null });
    },
  };
}
