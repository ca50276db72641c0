// Typing in virtual time: the pace, what is held and let go, and what a session that takes nothing does to it.
import { expect, test } from 'vitest';
import { ControlTyping } from '#app/actors/control-typing.js';
import { createVirtualHost } from '#app/actors/kernel/virtual-host.js';
import type { Answer } from '#app/control/request.js';
import { planTyping } from '#app/control/typing.js';
import type { ChannelCommand } from '#app/protocol/commands.js';
import { nothingHeld, type HeldInput } from '#app/protocol/held-input.js';

const ok: Answer = { ok: true, result: {} };
const word = (command: ChannelCommand): string => ('scancode' in command ? `${command.kind === 'pressKey' ? '+' : '-'}${command.scancode.toString(16)}` : command.kind);

function typing(text: string, charDelayMs: number, held: HeldInput = nothingHeld, answerOf: (count: number) => Answer | null = () => ok) {
  const host = createVirtualHost({ seed: 1 });
  const planned = planTyping(text, held, false);
  if (!planned.ok) throw new Error(planned.reason);
  const sent: string[] = [];
  const done: unknown[] = [];
  let count = 0;
  const run = new ControlTyping({
    timers: host.timers,
    send: (commands, answered) => {
      sent.push(`${host.clock.monotonicMs()}: ${commands.map(word).join(' ')}`);
      const answer = answerOf(++count);
      if (answer !== null) answered(answer);
    },
    done: (characters, reason) => done.push([characters, reason]),
  }, planned.plan, charDelayMs);
  run.start();
  return { host, run, sent, done };
}

test('a key is down for half the delay, and the next follows after the other half', async () => {
  const { host, sent, done } = typing('aB', 10);
  await host.advance(100);
  expect(sent.map((line) => line.replace(/^\d+/, (ms) => String(Number(ms) - Number(sent[0]?.split(':')[0]))))).toEqual(['0: +1e', '5: -1e', '10: +2a +30', '15: -30 -2a']);
  expect(done).toEqual([[2, null]]);
  expect(host.pending).toBe(0);
});

test('what the client holds is up meanwhile and down again afterwards, also when the typing is stopped half way', async () => {
  const held: HeldInput = { scancodes: new Set([0x1d]), buttons: new Set() };
  const whole = typing('a', 0, held);
  await whole.host.advance(10);
  expect(whole.sent.map((line) => line.split(': ')[1])).toEqual(['-1d', '+1e', '-1e', '+1d']);
  const half = typing('A', 1_000, held);
  await half.host.advance(10);
  half.run.stop();
  expect(half.sent.at(-1)?.split(': ')[1]).toBe('-2a -1e +1d');
  await half.host.advance(5_000);
  expect([half.done, half.host.pending]).toEqual([[], 0]);
});

test('a step waits for the session to take the one before; one that is refused ends it, with the characters that were typed', async () => {
  const slow = typing('abc', 10, nothingHeld, (count) => (count < 4 ? ok : null));
  await slow.host.advance(10_000);
  expect(slow.sent).toHaveLength(4);
  const refused = typing('abc', 10, nothingHeld, (count) => (count === 4 ? { ok: false, error: { code: 'bad_state', message: 'no room' } } : ok));
  await refused.host.advance(1_000);
  expect(refused.done).toEqual([[1, 'no room']]);
  // The key whose release was refused is released once more.
  expect(refused.sent.at(-1)?.split(': ')[1]).toBe('-30');
});
