import { afterEach, expect, test, vi } from 'vitest';
import { listenForEnd, type EndRequests } from '#app/cli/session-end.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const listeners = (): number[] => SIGNALS.map((signal) => process.listenerCount(signal));

let requests: EndRequests | null = null;
afterEach(() => {
  requests?.release();
  requests = null;
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test.each([['SIGINT', 'interrupted'], ['SIGTERM', 'terminated'], ['SIGHUP', 'terminated']] as const)('%s ends the session as %s', async (signal, end) => {
  requests = listenForEnd(undefined, () => undefined);
  process.emit(signal);
  expect(await requests.asked).toBe(end);
});

test('a second signal ends the process at once, with the code of its kind', async () => {
  const exit = vi.fn<(code: number) => void>();
  requests = listenForEnd(undefined, exit);
  process.emit('SIGTERM');
  expect(exit).not.toHaveBeenCalled();
  process.emit('SIGINT');
  expect(exit).toHaveBeenCalledWith(130);
  expect(await requests.asked).toBe('terminated');
});

test('the time runs from the start of the session, once', async () => {
  vi.useFakeTimers();
  requests = listenForEnd(2, () => undefined);
  const asked = vi.fn<(end: string) => void>();
  void requests.asked.then(asked);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).not.toHaveBeenCalled();
  requests.startTime();
  await vi.advanceTimersByTimeAsync(1_000);
  requests.startTime();
  await vi.advanceTimersByTimeAsync(999);
  expect(asked).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toHaveBeenCalledWith('ok');
});

test('without a time it never runs out, and the quit key ends it', async () => {
  vi.useFakeTimers();
  requests = listenForEnd(undefined, () => undefined);
  requests.startTime();
  expect(vi.getTimerCount()).toBe(0);
  requests.ask('ok');
  expect(await requests.asked).toBe('ok');
});

test('what was listened to is let go', () => {
  vi.useFakeTimers();
  const before = listeners();
  requests = listenForEnd(60, () => undefined);
  requests.startTime();
  expect(listeners()).toEqual(before.map((count) => count + 1));
  requests.release();
  expect(listeners()).toEqual(before);
  expect(vi.getTimerCount()).toBe(0);
});
