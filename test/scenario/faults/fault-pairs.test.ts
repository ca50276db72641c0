// Two faults in one session, drawn by seed: a report names both, and nothing else. And sessions without a fault, of which it names none.
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { noFault } from '#app/capture/verdict.js';
import { loadActors } from '../../support/virtual-session.ts';
import { namedFaults, strangers } from './fault-verdicts.ts';
import { playSession, type SessionEntry } from './session-entry.ts';

beforeAll(loadActors);

/** Each shows within the time of a pair, also beside another. */
const faults = [
  'display/0:fin@1s', 'display/0:rst@message:12', 'display/0:halfOpen@1s', 'display/0:garbage@2s', 'display/0:oversize@2s', 'display/0:truncate@message:4', 'display/0:message=304/0102@2s', 'display/0:delay=300ms',
  'inputs/0:rst@3s', 'inputs/0:idle=10s/rstxall', 'inputs/0:stopWriting@linkxall', 'inputs/0:message=101@2s', 'inputs/0:split@link', 'inputs/0:refuse=needSecured',
  'cursor/0:halfOpen@3s', 'cursor/0:garbage@message:2', 'cursor/0:split@link', 'cursor/0:message=5/0102003f420f0000000000@2s', 'cursor/0:fin@6s', 'cursor/0:truncate@2s',
  'playback/0:rst@4s', 'playback/0:refuse=channelNotAvailable', 'playback/0:truncate@ticketx2', 'playback/0:message=103/01@2s', 'usbredir/0:garbage@linkxall', 'usbredir/0:message=250/00@2s', 'port/0:fin@5s', 'webdav/0:message=202@2s', 'record/0:rst@6s',
  'main/0:stopPings@3s', 'main/0:message=105@2s', 'main/0:message=8/ffff@2s', 'main/0:delay=2s@link', 'main/0:fin@94s', 'main/0:rst@94s', 'main/0:garbage@94s', 'main/0:halfOpen@94s',
];
const seconds = 110;
const pairs = 14;
const seed = 20_261_128;
/** Reports are files that wait for a real disk. */
const patienceMs = 60_000;

const channelOf = (fault: string): string => fault.split(':', 1)[0] ?? '';
const drawn = fc.sample(fc.tuple(fc.constantFrom(...faults), fc.constantFrom(...faults)).filter(([a, b]) => channelOf(a) !== channelOf(b)), { seed, numRuns: pairs });

const session = (name: string, part: Partial<SessionEntry>): SessionEntry => ({ name, faults: [], seconds, troubles: [], ...part });

describe(`pairs of faults, drawn with seed ${seed}`, () => {
  test.each(drawn)('%s and %s are both named, and nothing else', async (...pair) => {
    const { verdicts: { last } } = await playSession(session('a pair', { faults: pair, server: { scene: 'idle' } }));
    expect(namedFaults(pair, last).filter(({ by }) => by === null)).toEqual([]);
    expect(strangers(pair, last)).toEqual([]);
  }, patienceMs);
});

describe('a session without a fault', () => {
  const scenes: readonly [string, Partial<SessionEntry>][] = [
    ['of a still screen', { server: { scene: 'still' }, seconds: 60 }],
    ['that moves', { server: { scene: 'default' }, seconds: 30 }],
    ['that moves and then rests', { server: { scene: 'default', lastPicture: 80 }, seconds: 90 }],
    ['that idles for ten minutes', { server: { scene: 'idle' }, seconds: 600 }],
    ['with PINGs every half second', { server: { scene: 'idle', pingEveryMs: 500 } }],
    ['with a ticket', { ticket: {}, seconds: 20 }],
    ['with two screens', { server: { displays: 2 }, seconds: 20 }],
    ['of a second', { seconds: 1 }],
  ];
  test.each(scenes)('%s has no fault', async (name, part) => {
    const { verdicts } = await playSession(session(name, part));
    expect(verdicts.automatic).toBeNull();
    expect(verdicts.last).toMatchObject({ summary: noFault, causes: [] });
  }, patienceMs);
});
