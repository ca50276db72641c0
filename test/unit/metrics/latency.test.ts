import { expect, test } from 'vitest';
import { inputRow, latencyHeader, pingRow } from '#app/metrics/latency-rows.js';
import { latencyLine, summariseLatency } from '#app/metrics/latency-summary.js';

test('each row has one of the two columns, after a moment in UTC', () => {
  expect(`${latencyHeader}${pingRow(1_795_846_405_109, 338.23249)}${inputRow(1_795_846_405_500.4, 12)}`).toBe(
    'timestamp,latency_ms,input_to_paint_ms\n2026-11-28T06:13:25.109Z,338.232,\n2026-11-28T06:13:25.500Z,,12.000\n');
});

test('a summary has the middle and the ends of what was measured, and nothing where nothing was', () => {
  const lags = [30, 10, 20, 50, 40];
  expect(summariseLatency({ presses: 7, answered: 5, unanswered: 1 }, lags)).toEqual({ presses: 7, answered: 5, unanswered: 1, min_ms: 10, p50_ms: 30, p95_ms: 50, max_ms: 50 });
  expect(lags).toEqual([30, 10, 20, 50, 40]);
  const none = summariseLatency({ presses: 1, answered: 0, unanswered: 1 }, []);
  expect(none).toMatchObject({ min_ms: null, p50_ms: null, max_ms: null });
  expect(latencyLine(none)).toBe('input to paint: 1 press, 0 answered by a drawing');
  expect(latencyLine(summariseLatency({ presses: 5, answered: 5, unanswered: 0 }, lags))).toBe('input to paint: 5 presses, 5 answered by a drawing; half of them within 30.0 ms, 95 % within 50.0 ms, at most 50.0 ms');
});
