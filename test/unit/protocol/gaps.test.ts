import { expect, test } from 'vitest';
import { emptyGapLedger, gapKeysMax, recordGap } from '#app/protocol/gaps.js';

const gap = (key: string) => ({ key, detail: 'for people' });

test('a gap is new once and counted from then on', () => {
  const first = recordGap(emptyGapLedger, gap('main:a:b'));
  const second = recordGap(first.ledger, gap('main:a:b'));
  expect([first.first, second.first]).toEqual([true, false]);
  expect(Object.fromEntries(second.ledger)).toEqual({ 'main:a:b': 2 });
});

test('past the limit later keys fold into one, which is news once', () => {
  let ledger = emptyGapLedger;
  const firsts: string[] = [];
  for (let i = 0; i < gapKeysMax + 10; i++) {
    const recorded = recordGap(ledger, gap(`display:message:${i}`));
    ({ ledger } = recorded);
    if (recorded.first) firsts.push(recorded.gap.key);
  }
  expect(ledger.size).toBe(gapKeysMax);
  expect(firsts).toHaveLength(gapKeysMax);
  expect(firsts.at(-1)).toBe('display:other');
  expect(ledger.get('display:other')).toBe(11);
  expect(recordGap(ledger, gap('display:message:3')).gap.key).toBe('display:message:3');
});
