// Restart budgets: three accounts of one child that are never mixed. A lost peer is the world's doing, a crash is a bug, a
// freeze is the watchdog's finding; each has a number of restarts in a period, waits that grow, and is given up for alone.

import type { ExitReason } from '../actors/kernel/exit-reason.ts';
import { addRestart, type RestartIntensity } from './restart-intensity.ts';

export const budgetNames = ['lostPeer', 'crash', 'frozen'] as const;
export type BudgetName = (typeof budgetNames)[number];

export interface RestartBudget extends RestartIntensity {
  /** Milliseconds before the first, second, … restart in a row; the last stands for all that follow. */
  readonly waitsMs: readonly [number, ...number[]];
  /** No wait is shorter than this, whatever the list says. */
  readonly waitMsMin: number;
}

export interface RestartBudgets extends Readonly<Record<BudgetName, RestartBudget>> {
  /** A child that lived this long, in milliseconds, was healthy: its accounts are empty again. */
  readonly healthyAfterMs: number;
}

/** A wait is longer or shorter by up to this share, so that many clients of one server do not come back at one moment. */
const jitterShare = 0.2;

/** A link that was made is not yet health: a server that still holds the old one accepts the new one and closes it at once. */
const healthyAfterMs = 5_000;

/**
 * How long the loss of one peer waits for the loss of the one on which it depends (relink.ts). A server that dies closes all
 * connections at one moment, and what is heard first must not be dialled again.
 */
export const foldWindowMs = 100;

/** What a secondary channel may spend before its session ends. */
export const channelBudgets: RestartBudgets = {
  lostPeer: { restartsMax: 5, periodMs: 60_000, waitsMs: [0, 250, 1_000, 4_000, 15_000], waitMsMin: foldWindowMs },
  crash: { restartsMax: 5, periodMs: 60_000, waitsMs: [0, 250, 500, 1_000, 2_000], waitMsMin: 0 },
  frozen: { restartsMax: 2, periodMs: 60_000, waitsMs: [0], waitMsMin: 0 },
  healthyAfterMs,
};

/** The restarts of one child that still count, by budget: monotonic milliseconds, oldest first. */
export type RestartAccount = Readonly<Record<BudgetName, readonly number[]>>;

export const emptyAccount: RestartAccount = { lostPeer: [], crash: [], frozen: [] };

/** Which budget an exit is charged to. */
export function budgetOf(reason: ExitReason): BudgetName {
  switch (reason.kind) {
    case 'downstreamClosed':
      return 'lostPeer';
    case 'frozen':
      return 'frozen';
    case 'failed':
    case 'killed':
    case 'normal':
    case 'shutdown':
      return 'crash';
  }
}

export type Charge =
  | { readonly kind: 'granted'; readonly account: RestartAccount; readonly waitMs: number }
  | { readonly kind: 'exhausted' };

/**
 * Charges one restart.
 * @param aliveMs how long the child lived and showed that it did; the silence of a frozen one does not count
 * @param random 0 to 1, for the jitter
 */
export function charge(budgets: RestartBudgets, account: RestartAccount, name: BudgetName, aliveMs: number, nowMs: number, random: number): Charge {
  const counted = aliveMs >= budgets.healthyAfterMs ? emptyAccount : account;
  const budget = budgets[name];
  const { times, exceeded } = addRestart(counted[name], nowMs, budget);
  if (exceeded) return { kind: 'exhausted' };
  const listed = budget.waitsMs[Math.min(times.length, budget.waitsMs.length) - 1] ?? budget.waitsMs[0];
  const jittered = Math.round(listed * (1 + jitterShare * (2 * random - 1)));
  return { kind: 'granted', account: { ...counted, [name]: times }, waitMs: Math.max(budget.waitMsMin, jittered) };
}
