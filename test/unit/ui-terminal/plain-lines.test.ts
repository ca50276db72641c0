import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { droppedLine, eventLine, lineColumnsMax, summaryLine } from '#app/ui-terminal/plain-lines.js';
import { formatAge, formatBytes, formatCount, formatDuration, formatRate, formatTimeOfDay } from '#app/ui-terminal/units.js';
import { hostileText } from '../../support/hostile-text.js';
import { sampleEvents, sampleSnapshot } from '../../support/sample-view.js';

describe('lines', () => {
  test('one fact each: time, severity, who, what', () => {
    expect(sampleEvents.map(eventLine)).toEqual([
      '2026-11-03T12:34:56.789Z info session connected: QEMU 7.2, session 0x4c2a11e0',
      '2026-11-03T12:34:58.889Z warn inputs/0#3 waiting: connection reset by the server, starting again in 250 ms',
      '2026-11-03T12:34:59.159Z info inputs/0#4 running',
      '2026-11-03T12:35:00.789Z warn display/0#1 gap display:image:lz4: image left out',
      '2026-11-03T12:35:00.889Z warn display/0#1 gap display:image:lz4: image left out',
      '2026-11-03T12:35:05.789Z error playback/0#1 frozen: silent for 5.0 s with 40 messages waiting, starting again now',
    ]);
  });
  test('the first summary has totals, later ones rates since the one before', () => {
    expect(summaryLine(0, sampleSnapshot(121_000), null)).toBe('1970-01-01T00:00:00.000Z info summary 127.0.0.1:5900 (plain) connected for 2 min 00 s; 11 of 12 actors running, 4 restarts; received 290 MB, sent 2.9 MB; pings 36, pongs 35; queued 415, gaps 2, drops 17');
    expect(summaryLine(0, sampleSnapshot(131_000), sampleSnapshot(121_000))).toContain('; in 2.4 MB/s, out 24 kB/s;');
  });
  test('missing lines are named with their number', () => {
    expect(droppedLine(0, 1)).toBe('1970-01-01T00:00:00.000Z warn log 1 line left out: this output was not read fast enough');
    expect(droppedLine(0, 12_345)).toContain('12345 lines left out');
  });
  test('no text of a peer breaks a line in two or reaches the terminal as a command', () => {
    fc.assert(fc.property(hostileText(2000), fc.double(), (text, wallMs) => {
      const line = eventLine({ kind: 'noted', wallMs, severity: 'error', source: text, text });
      // eslint-disable-next-line no-control-regex
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      expect(line.length).toBeLessThanOrEqual(lineColumnsMax * 2);
    }));
  });
});

describe('numbers', () => {
  test.each([[0, '0 B'], [999, '999 B'], [999.6, '1.0 kB'], [1234, '1.2 kB'], [9949, '9.9 kB'], [9960, '10 kB'], [999_499, '999 kB'], [999_500, '1.0 MB'], [2.5e15, '2.5 PB'], [Number.NaN, '0 B'], [-5, '0 B']])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
  test.each([[0, '0 ms'], [999, '999 ms'], [999.9, '1.0 s'], [59_949, '59.9 s'], [59_999, '1 min 00 s'], [3_599_600, '1 h 00 min'], [7_500_000, '2 h 05 min'], [90_000_000, '1 d 01 h'], [Number.POSITIVE_INFINITY, '0 ms'], [-1, '0 ms']])('%d ms are %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
  test('never wider than their columns', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 1e17, noNaN: true }), (value) => {
      expect(formatBytes(value).length).toBeLessThanOrEqual(6);
      expect(formatRate(value).length).toBeLessThanOrEqual(8);
      expect(formatCount(value).length).toBeLessThanOrEqual(4);
    }));
    expect([formatAge(0), formatAge(59_999), formatAge(60_000), formatAge(8e7), formatAge(9e9)]).toEqual(['0s', '59s', '1m', '22h', '104d']);
    expect([formatTimeOfDay(0), formatTimeOfDay(-1000), formatTimeOfDay(86_399_999), formatTimeOfDay(Number.NaN)]).toEqual(['00:00:00', '23:59:59', '23:59:59', '00:00:00']);
  });
});
