import { describe, expect, test } from 'vitest';
import { budgetOf, channelBudgets, charge, emptyAccount, type BudgetName, type RestartAccount } from '#app/supervisor/restart-budget.js';
import { everyReason } from '../../support/supervision.js';

/** The waits that one failure after the other is granted, each right after the wait; `null` where it is refused. */
function waits(name: BudgetName, count: number, aliveMs = 0, random = 0.5): (number | null)[] {
  let account: RestartAccount = emptyAccount;
  let nowMs = 0;
  return Array.from({ length: count }, () => {
    const charged = charge(channelBudgets, account, name, aliveMs, nowMs, random);
    if (charged.kind === 'exhausted') return null;
    account = charged.account;
    nowMs += charged.waitMs + aliveMs;
    return charged.waitMs;
  });
}

test('each exit is charged to one budget: a lost peer, a freeze, and everything else is a crash', () => {
  expect(everyReason.map((reason) => [reason.kind, budgetOf(reason)])).toEqual([
    ['normal', 'crash'], ['shutdown', 'crash'], ['killed', 'crash'], ['failed', 'crash'], ['frozen', 'frozen'], ['downstreamClosed', 'lostPeer'],
  ]);
});

describe('the budgets of a channel', () => {
  test('a lost peer is linked again after 0 (the window for main), 0.25, 1, 4 and 15 s, and then no more', () => {
    expect(waits('lostPeer', 6)).toEqual([100, 250, 1_000, 4_000, 15_000, null]);
  });

  test('a crash has no wait for the first restart, and five in all', () => {
    expect(waits('crash', 6)).toEqual([0, 250, 500, 1_000, 2_000, null]);
  });

  test('a frozen one comes back twice', () => {
    expect(waits('frozen', 3)).toEqual([0, 0, null]);
  });

  test('waits differ by up to a fifth either way', () => {
    expect(waits('lostPeer', 5, 0, 0)).toEqual([100, 200, 800, 3_200, 12_000]);
    expect(waits('lostPeer', 5, 0, 1)).toEqual([100, 300, 1_200, 4_800, 18_000]);
  });

  test('the accounts are separate: five lost peers leave five crashes and two freezes', () => {
    let account: RestartAccount = emptyAccount;
    const granted = (['lostPeer', 'crash', 'frozen'] as const).flatMap((name) => Array.from({ length: 6 }, () => {
      const charged = charge(channelBudgets, account, name, 0, 0, 0.5);
      if (charged.kind === 'granted') account = charged.account;
      return charged.kind === 'granted' ? name : 'none';
    }));
    expect(granted.filter((name) => name !== 'none')).toEqual([...Array<string>(5).fill('lostPeer'), ...Array<string>(5).fill('crash'), 'frozen', 'frozen']);
  });

  test('who lived 5 s was healthy: the next loss is the first again', () => {
    expect(waits('lostPeer', 20, 5_000)).toEqual(Array<number>(20).fill(100));
    expect(waits('lostPeer', 6, 4_999)).toEqual([100, 250, 1_000, 4_000, 15_000, null]);
  });

  test('losses are forgotten after a minute', () => {
    let account: RestartAccount = emptyAccount;
    for (let i = 0; i < 5; i++) {
      const charged = charge(channelBudgets, account, 'lostPeer', 0, 0, 0.5);
      account = charged.kind === 'granted' ? charged.account : account;
    }
    expect(charge(channelBudgets, account, 'lostPeer', 0, 60_000, 0.5).kind).toBe('exhausted');
    expect(charge(channelBudgets, account, 'lostPeer', 0, 60_001, 0.5)).toMatchObject({ kind: 'granted', waitMs: 100 });
  });
});
