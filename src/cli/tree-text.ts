// The session's tree as text, for `ryll-actors tree`: each supervisor with its strategy and what it allows, each actor with what a
// child spec says of it. A list for people; the tree itself is session-tree.ts.

import type { ActorPlan, RestartPolicy, SupervisorSpec } from '../supervisor/supervisor-spec.ts';
import { budgetNames } from '../supervisor/restart-budget.ts';

const seconds = (ms: number): string => `${ms / 1000} s`;

function policyText(policy: RestartPolicy): string {
  if (policy.kind === 'intensity') return `${policy.intensity.restartsMax} restarts in ${seconds(policy.intensity.periodMs)}`;
  const { budgets } = policy;
  return `each child: ${budgetNames.map((name) => `${name} ${budgets[name].restartsMax} in ${seconds(budgets[name].periodMs)}`).join(', ')}`;
}

function describeNode(node: SupervisorSpec | ActorPlan): string {
  if (node.kind === 'supervisor') return `${node.id}  ${node.strategy}, ${policyText(node.policy)}; ${node.restart}`;
  const shutdown = typeof node.shutdown === 'number' ? seconds(node.shutdown) : node.shutdown;
  const tells = node.links.length === 0 ? '' : `; tells ${node.links.join(', ')}`;
  return `${node.id}  ${node.placement === 'thread' ? 'own thread' : 'main thread'}; ${node.restart}; shutdown ${shutdown}; mailbox ${node.mailbox.dataMax}+${node.mailbox.controlMax}${tells}`;
}

/** One line for each supervisor and actor, without a line feed at the end. */
export function treeText(root: SupervisorSpec): string {
  const lines: string[] = [describeNode(root)];
  const visit = (node: SupervisorSpec, indent: string): void => {
    const nodes = [...node.children, ...node.added];
    for (const [index, child] of nodes.entries()) {
      const isLast = index === nodes.length - 1;
      lines.push(`${indent}${isLast ? '└─' : '├─'} ${describeNode(child)}`);
      if (child.kind === 'supervisor') visit(child, `${indent}${isLast ? '   ' : '│  '}`);
    }
  };
  visit(root, '');
  return lines.join('\n');
}
