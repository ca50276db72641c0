// What the watchdog's judgement never does, whatever it sees: it never calls an actor frozen that has marked, waited or been watched for less than the
// time that freezing takes, and never one whose silence is somebody else's fault.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { initialHealth, stepHealth, type HealthReading } from '#app/supervisor/health.js';

const options = { frozenMs: 500, tickMs: 100 };

const seen = fc.record({
  passedMs: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 80, max: 400 }) }, { weight: 1, arbitrary: fc.integer({ min: 400, max: 1e7 }) }),
  wallExtraMs: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -1e7, max: 1e7 }) }),
  actors: fc.uniqueArray(
    fc.record<HealthReading>({
      id: fc.constantFrom('main/0', 'display/0', 'writer'),
      generation: fc.integer({ min: 1, max: 2 }),
      handler: fc.constantFrom(null, 'received', 'start', 'stop'),
      blockedOn: fc.constantFrom(null, null, null, 'disk', 'terminal', 'log', 'rest'),
      markAgeMs: fc.option(fc.integer({ min: 0, max: 5_000 })),
      depth: fc.integer({ min: 0, max: 3 }),
      oldestAgeMs: fc.integer({ min: 0, max: 5_000 }),
    }),
    { selector: ({ id }) => id },
  ),
});

test('frozen is said only of silence with work waiting, and only by who has watched it for so long', () => {
  fc.assert(
    fc.property(fc.array(seen, { maxLength: 40 }), (looks) => {
      let state = initialHealth;
      let now = { monotonicMs: 0, wallMs: 0 };
      let watchedSince = new Map<string, { generation: number; ms: number }>();
      for (const { passedMs, wallExtraMs, actors } of looks) {
        now = { monotonicMs: now.monotonicMs + passedMs, wallMs: now.wallMs + passedMs + wallExtraMs };
        const step = stepHealth(state, { ...now, actors }, options);
        state = step.state;
        watchedSince = new Map(actors.map(({ id, generation }) => {
          const known = watchedSince.get(id);
          return [id, known === undefined || known.generation !== generation || step.jumpedMs !== null ? { generation, ms: now.monotonicMs } : known];
        }));
        expect(step.verdicts.map(({ id }) => id)).toEqual(actors.map(({ id }) => id));
        for (const [index, { health, silentMs }] of step.verdicts.entries()) {
          const reading = actors[index]!;
          expect(silentMs).toBeGreaterThanOrEqual(0);
          expect(silentMs).toBeLessThanOrEqual(reading.markAgeMs ?? Infinity);
          if (health !== 'frozen') continue;
          expect(silentMs).toBeGreaterThanOrEqual(options.frozenMs);
          expect(now.monotonicMs - (watchedSince.get(reading.id)?.ms ?? now.monotonicMs)).toBeGreaterThanOrEqual(options.frozenMs);
          expect(reading.blockedOn).toBeNull();
          expect(['start', 'stop']).not.toContain(reading.handler);
          expect(reading.handler !== null || (reading.depth > 0 && reading.oldestAgeMs >= options.frozenMs)).toBe(true);
          expect(step.jumpedMs).toBeNull();
        }
      }
    }),
  );
});

test('a stuck thread is found within two intervals and two looks, whether or not it marks where it is stuck', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.integer({ min: 80, max: 200 }), (isMarked, everyMs) => {
      let state = initialHealth;
      let askedMs: number | null = null;
      for (let nowMs = 0; nowMs <= 2 * options.frozenMs + 3 * everyMs; nowMs += everyMs) {
        const reading: HealthReading = {
          id: 'display/0', generation: 1, handler: isMarked ? 'received' : null, blockedOn: null, markAgeMs: nowMs,
          depth: askedMs === null ? 0 : 1, oldestAgeMs: askedMs === null ? 0 : nowMs - askedMs,
        };
        const step = stepHealth(state, { monotonicMs: nowMs, wallMs: nowMs, actors: [reading] }, options);
        state = step.state;
        if (step.probes.length > 0) askedMs ??= nowMs;
        if (step.verdicts[0]?.health === 'frozen') return true;
      }
      return false;
    }),
  );
});
