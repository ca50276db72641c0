// PINGs and PONGs as the server keeps books of them.
import { expect, test } from 'vitest';
import { emptyLedger, latencyMs, pinged, ponged, type PingLedger } from '#app/loopback/ping-ledger.js';

const ping = (ledger: PingLedger, sentMs: number): PingLedger => pinged(ledger, { timestamp: BigInt(sentMs), sentMs, ordinal: 1, generation: 0 }).ledger;

test('a PONG with id and time of its PING counts, with how long it took', () => {
  const step = ponged(ping(emptyLedger, 10), { id: 1, timestamp: 10n }, 17);
  expect(step).toMatchObject({ violation: null, ledger: { pongs: 1, unaskedPongs: 0, outstanding: [], latenciesMs: [7] } });
});

test('a PONG that nobody asked for is counted apart, and is no violation: clients may send one as a sign of life', () => {
  expect(ponged(ping(emptyLedger, 10), { id: 99, timestamp: 0n }, 17)).toMatchObject({ ping: null, violation: null, ledger: { pongs: 0, unaskedPongs: 1 } });
});

test('a changed time and a changed order are violations', () => {
  expect(ponged(ping(emptyLedger, 10), { id: 1, timestamp: 11n }, 17).violation).toBe('pong-timestamp');
  expect(ponged(ping(ping(emptyLedger, 10), 20), { id: 2, timestamp: 20n }, 21).violation).toBe('pong-order');
});

test('shares of the times taken', () => {
  let ledger = emptyLedger;
  for (let index = 1; index <= 100; index += 1) ({ ledger } = ponged(ping(ledger, 0), { id: index, timestamp: 0n }, index));
  expect([latencyMs(ledger, 0.5), latencyMs(ledger, 0.99), latencyMs(ledger, 1)]).toEqual([51, 100, 100]);
  expect(latencyMs(emptyLedger, 0.5)).toBeNull();
});
