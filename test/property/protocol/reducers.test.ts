// What a server may say at all: any number with any body, on every channel, in any order. No reducer throws, the gap ledger stays
// within its bound, and text is text whatever the bytes are.
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stepBase } from '#app/protocol/channels/base.js';
import { behaviorFor } from '#app/protocol/channels/behaviors.js';
import { textOf } from '#app/protocol/channels/text.js';
import { catalog } from '#app/protocol/catalog.js';
import { ChannelType, channelName, type ChannelTypeNumber } from '#app/protocol/constants.js';
import { emptyGapLedger, gapKeysMax, recordGap } from '#app/protocol/gaps.js';
import { parseServerMessage } from '#app/protocol/message.js';
import { arbitraryOf } from '../arbitrary.ts';
import { makeSerializer } from '#app/protocol/wire/serialize.js';
import { Writer } from '#app/protocol/wire/writer.js';
import type { Layout } from '#app/protocol/wire/layout.js';
import { sentText } from '../../support/driven-channel.ts';

const types: readonly ChannelTypeNumber[] = Object.values(ChannelType);

/** Bodies that fit their layout, as bytes. */
function wellFormed(type: ChannelTypeNumber): fc.Arbitrary<{ type: number; body: Uint8Array }> {
  const entries = Object.values(catalog[type].server) as readonly { readonly type: number; readonly layout: Layout<unknown> }[];
  return fc.oneof(
    ...entries.map((entry) =>
      arbitraryOf(entry.layout).map((value) => {
        const writer = new Writer();
        writer.beginBody();
        makeSerializer(entry.layout)(writer, value);
        writer.finishBody();
        return { type: entry.type, body: writer.take() };
      }),
    ),
  );
}

describe.each(types.map((type) => [channelName(type), type] as const))('%s', (name, type) => {
  const junk = fc.record({ type: fc.oneof(fc.integer({ min: 1, max: 330 }), fc.nat(0xffff)), body: fc.uint8Array({ maxLength: 64 }) });
  const message = fc.oneof({ weight: 3, arbitrary: wellFormed(type) }, { weight: 1, arbitrary: junk });

  test('takes whatever a server says; what it answers can be sent, its gaps are its own and its state can be shown', () => {
    const behavior = behaviorFor(type, { cacheId: 1, imageCachePixels: 1, glzWindowPixels: 1 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 30 }), (messages) => {
        let { state } = behavior.step(behavior.initial, { kind: 'linked', channelCapabilities: [] });
        for (const each of messages) {
          const parsed = parseServerMessage(type, each);
          const base = stepBase(type, parsed);
          const step = base === null ? behavior.step(state, { kind: 'message', message: parsed, nowMs: 0 }) : { state, effects: base };
          ({ state } = step);
          for (const effect of step.effects) {
            if (effect.kind === 'send') assert.match(sentText(type, effect.outgoing), /^\d+/);
            if (effect.kind === 'gap') assert.match(effect.gap.key, new RegExp(`^${name}:[^:]+:[^:]+$`));
            if (effect.kind === 'emit') structuredClone(effect.event);
          }
        }
        expect(() => JSON.stringify(behavior.describe(state))).not.toThrow();
      }),
      { numRuns: 60 },
    );
  });
});

test('the gap ledger of a channel never grows past its bound and counts every gap', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2_000), { maxLength: 1_000 }), (numbers) => {
      let ledger = emptyGapLedger;
      let firsts = 0;
      for (const number of numbers) {
        const recorded = recordGap(ledger, { key: `display:message:${number}`, detail: '' });
        ({ ledger } = recorded);
        if (recorded.first) firsts += 1;
      }
      expect(ledger.size).toBeLessThanOrEqual(gapKeysMax);
      expect(firsts).toBe(ledger.size);
      expect([...ledger.values()].reduce((sum, seen) => sum + seen, 0)).toBe(numbers.length);
    }),
    { numRuns: 30 },
  );
});

test('text: any bytes give a string without NUL, and UTF-8 gives what it says up to its first NUL', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    const text = textOf(bytes);
    expect(text.includes('\0')).toBe(false);
    expect(text.length).toBeLessThanOrEqual(bytes.length);
    encodeURIComponent(text); // throws for half a surrogate pair
  }));
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
    expect(textOf(new TextEncoder().encode(text))).toBe(text.split('\0')[0]);
  }));
});
