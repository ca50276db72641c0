// Pointer movement under any order of commands and acknowledgements: nothing is lost, nothing piles up.
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inputsBehavior, movementsUnderWayMax } from '#app/protocol/channels/inputs.js';
import { driveChannel } from '../../support/driven-channel.ts';

type Step = { readonly kind: 'nudgeMouse'; readonly dx: number; readonly dy: number } | { readonly kind: 'moveMouse'; readonly x: number; readonly y: number; readonly displayId: number } | { readonly kind: 'pressButton' | 'releaseButton'; readonly button: number } | { readonly kind: 'ack' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('nudgeMouse' as const), dx: fc.integer({ min: -50, max: 50 }), dy: fc.integer({ min: -50, max: 50 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('moveMouse' as const), x: fc.nat(4_000), y: fc.nat(4_000), displayId: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('pressButton' as const, 'releaseButton' as const), button: fc.integer({ min: 1, max: 7 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'ack' as const }) },
);

interface Movement {
  readonly kind: 'motion' | 'position';
  readonly x: number;
  readonly y: number;
}

function movementOf(sent: string): Movement | null {
  const [number, body = ''] = sent.split(' ');
  if (number !== '111' && number !== '112') return null;
  const bytes = Buffer.from(body, 'hex');
  return { kind: number === '111' ? 'motion' : 'position', x: bytes.readInt32LE(0), y: bytes.readInt32LE(4) };
}

test('sent deltas plus waiting ones are what was asked; the newest position is sent or waits; only a button passes the limit', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const inputs = driveChannel(inputsBehavior);
      const asked = { dx: 0, dy: 0 }, sent = { dx: 0, dy: 0 };
      let newest: string | null = null, newestSent: string | null = null;
      let underWay = 0;
      for (const each of steps) {
        const isButton = each.kind === 'pressButton' || each.kind === 'releaseButton';
        if (each.kind === 'nudgeMouse') [asked.dx, asked.dy] = [asked.dx + each.dx, asked.dy + each.dy];
        if (each.kind === 'moveMouse') newest = `${each.x},${each.y}`;
        if (each.kind === 'ack') underWay = Math.max(0, underWay - 4);
        const result = each.kind === 'ack' ? inputs.message(111) : inputs.command(each);
        const movements = result.sent.map(movementOf);
        for (const movement of movements) {
          if (movement === null) continue;
          underWay += 1;
          if (movement.kind === 'motion') [sent.dx, sent.dy] = [sent.dx + movement.x, sent.dy + movement.y];
          else newestSent = `${movement.x},${movement.y}`;
          assert(isButton || underWay <= movementsUnderWayMax);
        }
        const { motion, position } = inputs.state.merged;
        expect({ dx: sent.dx + (motion?.dx ?? 0), dy: sent.dy + (motion?.dy ?? 0) }).toEqual(asked);
        expect(position === null ? newestSent : `${position.x},${position.y}`).toBe(newest);
        // Movement waits only while there is no room, and a click leaves none waiting and comes after all of it.
        const waits = motion !== null || position !== null;
        expect(waits && (isButton || underWay < movementsUnderWayMax)).toBe(false);
        expect(isButton && movements.at(-1) !== null).toBe(false);
        expect(inputs.describe()['movementsUnderWay']).toBe(underWay);
      }
    }),
  );
});
