import { expect, test } from 'vitest';
import { channelCounterNames, countPing, openChannelCounters } from '#app/actors/channel-counters.js';
import { createCounters, readCounters } from '#app/mailbox/counters.js';

test('the time between two PINGs is known from the second on, in whole microseconds; a new connection begins anew', () => {
  const memory = createCounters(channelCounterNames);
  const counters = openChannelCounters(memory);
  const read = () => {
    const { ping_recv_count, ping_interval_count, ping_interval_us, ping_interval_at_us } = readCounters(memory);
    return [ping_recv_count, ping_interval_count, ping_interval_us, ping_interval_at_us];
  };
  const first = countPing(counters, null, 1_000.0004);
  expect(read()).toEqual([1, 0, 0, 0]);
  countPing(counters, first, 3_199.3434);
  expect(read()).toEqual([2, 1, 2_199_343, 3_199_343]);
  countPing(openChannelCounters(memory), null, 9_000);
  expect(read()).toEqual([3, 1, 2_199_343, 3_199_343]);
});

test('who reads the counters in their order and finds a new count finds its interval', () => {
  const at = (name: (typeof channelCounterNames)[number]): number => channelCounterNames.indexOf(name);
  expect(at('ping_interval_count')).toBeLessThan(Math.min(at('ping_interval_us'), at('ping_interval_at_us')));
});
