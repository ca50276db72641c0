// What is written in Prometheus's format reads back as what was meant, whatever labels and help texts hold.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prometheusText, type MetricFamily } from '#app/metrics/prometheus-text.js';
import { readPrometheus } from '../support/read-prometheus.ts';

const label = fc.string({ unit: fc.oneof(fc.constantFrom('"', '\\', '\n', '{', '}', ',', '='), fc.string({ minLength: 1, maxLength: 1 })) }).filter((text) => !text.includes('\r'));

test('counters and gauges', () => {
  fc.assert(fc.property(label, fc.uniqueArray(label, { maxLength: 4 }), fc.double({ noNaN: true, min: 0 }), (help, channels, value) => {
    const family: MetricFamily = { name: 'a_total', help, type: 'counter', samples: channels.map((channel) => ({ labels: { channel, kind: 'x' }, value })) };
    const read = readPrometheus(prometheusText([family])).get('a_total');
    expect(read?.samples.map(({ labels }) => labels['channel']) ?? []).toEqual(channels);
    for (const sample of read?.samples ?? []) expect(sample.value).toBe(value);
    expect(read ?? { help, type: 'counter' }).toMatchObject({ help, type: 'counter' });
  }));
});

test('buckets are cumulative, the last is everything, and sum and count stand beside them', () => {
  fc.assert(fc.property(fc.array(fc.nat({ max: 1e9 }), { minLength: 3, maxLength: 3 }), (counts) => {
    const [a = 0, b = 0, c = 0] = counts;
    const family: MetricFamily = { name: 'h_seconds', help: 'h', type: 'histogram', samples: [{ labels: { channel: 'main/0' }, bounds: [0.001, 0.5], counts, sum: 7.5 }] };
    expect(readPrometheus(prometheusText([family])).get('h_seconds')?.samples).toEqual([
      { name: 'h_seconds_bucket', labels: { channel: 'main/0', le: '0.001' }, value: a },
      { name: 'h_seconds_bucket', labels: { channel: 'main/0', le: '0.5' }, value: a + b },
      { name: 'h_seconds_bucket', labels: { channel: 'main/0', le: '+Inf' }, value: a + b + c },
      { name: 'h_seconds_sum', labels: { channel: 'main/0' }, value: 7.5 },
      { name: 'h_seconds_count', labels: { channel: 'main/0' }, value: a + b + c },
    ]);
  }));
});

test('a family of nothing is not there', () => {
  expect(prometheusText([{ name: 'a', help: '', type: 'gauge', samples: [] }])).toBe('');
});
