// The channel link under any order of news, sensible or not: it never throws, ends once, and is silent after its end.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { initialLink, stepLink, type LinkEffect, type LinkInput, type LinkOptions } from '#app/protocol/channel-link.js';
import { linkReply, linkResult } from '../../support/link-bytes.ts';

const options: fc.Arbitrary<LinkOptions> = fc.record({
  handshake: fc.constant({ connectionId: 1, channelType: 2, channelId: 0, commonCaps: [0b1011], channelCaps: [], password: 'p' }),
  hasPlain: fc.boolean(),
  hasSecure: fc.boolean(),
  preferSecure: fc.boolean(),
  deadlines: fc.constant({ dialMs: 1, linkMs: 2, authenticateMs: 3 }),
});

const bytes = (value: fc.Arbitrary<Uint8Array>): fc.Arbitrary<LinkInput> => value.map((each) => ({ kind: 'bytes', bytes: each }));
const reply = fc.record({ error: fc.constantFrom(0, 0, 0, 1, 5, 6), common: fc.constantFrom(0b1011, 0b0011, 0b1100, 0) }).map(linkReply);
const piece = fc.tuple(reply, fc.nat(202), fc.nat(202)).map(([whole, from, to]) => whole.slice(Math.min(from, to), Math.max(from, to)));

const news: fc.Arbitrary<LinkInput> = fc.oneof(
  fc.constant<LinkInput>({ kind: 'start' }),
  { weight: 3, arbitrary: fc.constant<LinkInput>({ kind: 'connected' }) },
  { weight: 3, arbitrary: bytes(reply) },
  { weight: 3, arbitrary: fc.constant<LinkInput>({ kind: 'ticketEncrypted', encrypted: new Uint8Array(128) }) },
  { weight: 3, arbitrary: bytes(fc.constantFrom(0, 0, 7, 8, 99).map(linkResult)) },
  bytes(piece),
  bytes(fc.uint8Array({ maxLength: 40 })),
  fc.constant<LinkInput>({ kind: 'closed', cause: { kind: 'fin', message: 'closed', code: null } }),
  fc.constant<LinkInput>({ kind: 'deadline' }),
);

const isBegun = (effect: LinkEffect | undefined): boolean => effect?.kind === 'phase' && effect.phase !== 'linked';
const isEnd = (effect: LinkEffect): boolean => effect.kind === 'linked' || effect.kind === 'failed';

test('at most one end, nothing after it, at most two dials, a deadline for every phase entered', () => {
  fc.assert(
    fc.property(options, fc.array(news, { maxLength: 20 }), (chosen, inputs) => {
      let state = initialLink(chosen);
      const effects: LinkEffect[] = [];
      for (const input of [{ kind: 'start' } as const, ...inputs]) {
        const step = stepLink(state, input);
        ({ state } = step);
        effects.push(...step.effects);
      }
      const ends = effects.filter(isEnd);
      expect(ends.length).toBeLessThanOrEqual(1);
      expect(effects.findIndex(isEnd)).toBe(ends.length === 0 ? -1 : effects.length - 1);
      expect(['linked', 'failed'].includes(state.phase)).toBe(ends.length === 1);

      const dials = effects.filter((effect) => effect.kind === 'dial').map(({ secure }) => secure);
      expect(new Set(dials).size).toBe(dials.length);
      expect(dials.every((secure) => (secure ? chosen.hasSecure : chosen.hasPlain))).toBe(true);
      const behindPhases = effects.filter((_, index) => isBegun(effects[index - 1]));
      expect(behindPhases.every(({ kind }) => kind === 'setDeadline')).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('a reply and a result are understood however they are cut', () => {
  const stream = [...linkReply({ channel: 9 }), ...linkResult(), 1, 2, 3];
  const base: LinkOptions = { handshake: { connectionId: 1, channelType: 2, channelId: 0, commonCaps: [0b1011], channelCaps: [], password: 'p' }, hasPlain: true, hasSecure: false, preferSecure: false, deadlines: { dialMs: 1, linkMs: 1, authenticateMs: 1 } };
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 300 }), (sizes) => {
      let state = initialLink(base);
      let linked: LinkEffect | undefined;
      const late: number[] = [];
      const feed = (input: LinkInput): void => {
        const step = stepLink(state, input);
        ({ state } = step);
        for (const effect of step.effects) {
          if (effect.kind === 'encryptTicket') feed({ kind: 'ticketEncrypted', encrypted: new Uint8Array(128) });
          if (effect.kind === 'linked') linked = effect;
        }
      };
      feed({ kind: 'start' });
      feed({ kind: 'connected' });
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const chunk = stream.slice(at, at + sizes[turn % sizes.length]!);
        at += chunk.length;
        if (linked === undefined) feed({ kind: 'bytes', bytes: Uint8Array.from(chunk) });
        else late.push(...chunk);
      }
      expect(linked).toMatchObject({ kind: 'linked', channelCapabilities: [9], miniHeader: true });
      expect(linked?.kind === 'linked' ? [...linked.rest, ...late] : null).toEqual([1, 2, 3]);
    }),
  );
});
