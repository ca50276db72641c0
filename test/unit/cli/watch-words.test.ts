import { expect, test } from 'vitest';
import type { StackReport } from '#app/actors/kernel/stack-probe.js';
import { wordWatchdogEvent } from '#app/cli/watch-words.js';
import type { Health } from '#app/supervisor/health.js';
import type { FrozenEvidence } from '#app/supervisor/watchdog.js';

const evidence: FrozenEvidence = {
  id: 'display/0', generation: 7, wallMs: 5, silentMs: 5_120, outcome: 'ended',
  progress: { iterations: 9, handler: 'received', blockedOn: null, blockedCalls: 0, blockedTotalMs: 0, blockedMaxMs: 0, busyTotalMs: 0, busyMaxMs: 0, markAgeMs: 5_120, receiveAgeMs: 5_200, sendAgeMs: null, unlinkedDrops: 0, osThreadId: 12 },
  mailbox: { depth: 3, highWater: 3, dropped: 0, oldestAgeMs: 4_000, accepted: 9, delivered: 6, deadLetters: 0 },
  stack: {
    kind: 'stack', osThread: null, framesLeftOut: 0,
    frames: [{ functionName: 'now', file: 'node:internal/perf', line: 1, column: 1 }, { functionName: 'decodeRow', file: 'src/decode/quic-rows.ts', line: 120, column: 9 }],
  },
};
const frozen = (changes: Partial<FrozenEvidence>): unknown => wordWatchdogEvent(5, { kind: 'frozen', evidence: { ...evidence, ...changes } });

test('a frozen actor is named with what it was doing and the first line that is not Node\'s', () => {
  expect(frozen({})).toEqual({
    kind: 'actorStateChanged', wallMs: 5, actor: 'display/0', generation: 7, state: 'frozen', restartInMs: null,
    reason: 'silent for 5.1 s in \'received\', in decodeRow (src/decode/quic-rows.ts:120)',
  });
});

test.each<[StackReport, string]>([
  [{ kind: 'idle' }, 'silent for 5.1 s with 3 messages waiting, its event loop turns and runs nothing'],
  [{ kind: 'native', osThread: { osThreadId: 12, state: 'waiting for a disk', systemCall: 'openat', waitsIn: null } }, 'silent for 5.1 s with 3 messages waiting, inside native code, waiting for a disk, in the system call openat'],
  [{ kind: 'native', osThread: null }, 'silent for 5.1 s with 3 messages waiting, inside native code'],
  [{ kind: 'unavailable', why: 'no thread 4 runs any more' }, 'silent for 5.1 s with 3 messages waiting, its stack could not be taken: no thread 4 runs any more'],
])('a stack of the kind %j is worded', (stack, reason) => {
  expect(frozen({ stack, progress: { ...evidence.progress, handler: null } })).toMatchObject({ reason });
});

test('one that went on by itself is a warning, not a state', () => {
  expect(frozen({ outcome: 'recovered' })).toMatchObject({ kind: 'noted', severity: 'warning', source: 'display/0#7', text: expect.stringMatching(/^was silent .*; it went on by itself$/) });
});

test.each<[Health, Health, unknown]>([
  ['alive', 'blockedOnDisk', { kind: 'actorStateChanged', actor: 'writer', state: 'blockedOnDisk' }],
  ['blockedOnDisk', 'alive', { kind: 'actorStateChanged', actor: 'writer', state: 'running' }],
  ['alive', 'blockedOnOutput', { kind: 'noted', severity: 'warning', text: 'nobody reads its output' }],
])('from %s to %s is news', (before, health, news) => {
  expect(wordWatchdogEvent(5, { kind: 'healthChanged', before, verdict: { id: 'writer', generation: 1, health, silentMs: 0 } })).toMatchObject(news as object);
});

test.each<[Health, Health]>([['alive', 'idle'], ['idle', 'alive'], ['alive', 'suspect'], ['suspect', 'frozen']])('from %s to %s is none', (before, health) => {
  expect(wordWatchdogEvent(5, { kind: 'healthChanged', before, verdict: { id: 'writer', generation: 1, health, silentMs: 0 } })).toBeNull();
});

test('a clock that jumped is named with its time', () => {
  expect(wordWatchdogEvent(5, { kind: 'clockJumped', byMs: 61_000 })).toMatchObject({ severity: 'warning', text: expect.stringContaining('nothing ran for 61.0 s') });
});
