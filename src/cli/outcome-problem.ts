// Outcome problem: how a session ended by itself, as a problem with its exit code and a sentence that names the cause and the next step.

import { heldCopy } from '../supervisor/held-copy.ts';
import { channelBudgets } from '../supervisor/restart-budget.ts';
import type { Escalation } from '../supervisor/supervisor-state.ts';
import type { CliProblem } from './cli-problem.ts';
import type { ConnectionTarget } from './connection-target.ts';
import type { TroubleContext } from './connection-trouble.ts';
import { explainTrouble } from './error-text.ts';
import { socketClose, troubleOf, wasSecure } from './link-trouble.ts';
import type { Password } from './password-source.ts';
import type { SessionOutcome } from './session-outcome.ts';

export function problemOf(outcome: SessionOutcome, target: ConnectionTarget, password: Password): CliProblem {
  const context: TroubleContext = { channel: 'main/0', secure: false, target, passwordOrigin: password.origin, nowSeconds: Math.floor(Date.now() / 1000) };
  switch (outcome.kind) {
    case 'connectFailed':
      return explainTrouble(troubleOf(outcome.failure), { ...context, secure: wasSecure(outcome.failure) });
    case 'mainLost':
      return explainTrouble({ kind: 'mainLost', cause: socketClose(outcome.cause), serverReason: outcome.serverReason }, context);
    case 'mainCrashed': {
      const { reason } = outcome;
      const detail = reason.kind === 'failed' ? reason.error.message : reason.kind;
      return { code: 'main.crashed', exit: 'mainLost', message: `The main channel's actor ended by itself (${detail}), and the session with it; please report it with a capture (--capture).` };
    }
    case 'relinkRefused': {
      const cause = explainTrouble(troubleOf(outcome.failure), { ...context, channel: outcome.channel, secure: wasSecure(outcome.failure) });
      return { ...cause, message: `${outcome.channel} was lost and could not be linked again: ${cause.message}` };
    }
    case 'gaveUp':
      return gaveUp(outcome.escalation, target);
    case 'held':
      return held(outcome, target, password);
  }
}

/** How it was lost says which exit code; what became of it since is added. */
function held({ variant, cause }: Extract<SessionOutcome, { readonly kind: 'held' }>, target: ConnectionTarget, password: Password): CliProblem {
  const lost = cause === null ? null : problemOf(cause, target, password);
  const words = [lost?.message, heldCopy(variant).body.replace(/\s+/g, ' ')].filter((text) => text !== undefined).map((text) => (/[.!?]$/.test(text) ? text : `${text}.`));
  return { code: `reconnect.${variant.kind}`, exit: lost?.exit ?? 'connectFailed', message: words.join(' ') };
}

function gaveUp({ child, spent, reason }: Escalation, target: ConnectionTarget): CliProblem {
  const problem = (why: string): CliProblem => ({ code: `supervisor.${spent}`, exit: 'gaveUp', message: why });
  const report = 'please report it with a capture (--capture)';
  const last = reason.kind === 'failed' ? reason.error.message : reason.kind === 'downstreamClosed' ? reason.detail : reason.kind;
  switch (spent) {
    case 'lostPeer': {
      const { restartsMax } = channelBudgets.lostPeer;
      return problem(`${child} lost its connection to ${target.label} again and again (${last}) although main stayed up, and was given up after ${restartsMax} new links; check what lies between, such as a proxy with an idle limit.`);
    }
    case 'frozen':
      return problem(`${child} stood still again and again and was given up, and the session with it; ${report}.`);
    case 'start': {
      const why = `${child} could not be started: ${last.replace(/\.$/, '')}.`;
      // What the user asked to be written, and cannot be: nothing to report.
      return child === 'writer' ? { code: 'capture.start', exit: 'captureFailed', message: why } : problem(`${why} The session ended with it; ${report}.`);
    }
    case 'crash':
    case 'intensity':
      return problem(`${child} failed again and again (${last}) and was given up, and the session with it; ${report}.`);
  }
}
