// Strategy: which children go together when one of them has ended. Erlang/OTP's three, by name and by meaning. It does not say
// whether the one that ended comes back (restart-decision.ts), nor whether it may once more (restart-budget.ts).

export const strategies = ['oneForOne', 'oneForAll', 'restForOne'] as const;
export type Strategy = (typeof strategies)[number];

/**
 * The children that are started again with the one that ended, in the order of their start, the ended one among them. Those of
 * them that run are stopped first, in the reverse order.
 * @param order ids of all children in the order of their start; `ended` is one of them
 */
export function startedAgainWith(strategy: Strategy, order: readonly string[], ended: string): readonly string[] {
  switch (strategy) {
    case 'oneForOne':
      return [ended];
    case 'oneForAll':
      return order;
    case 'restForOne':
      return order.slice(order.indexOf(ended));
  }
}
