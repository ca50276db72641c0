// Control works: who does what the control socket's clients ask for: the session through the hub, the picture pool, the waits, the traffic
// rings, and the one paste at a time. Each piece of work is answered once; what its client no longer wants is let go.

import type { ControlEvent } from '../control/control-event.ts';
import { refusal, type Answer } from '../control/request.ts';
import type { SessionCommand } from '../control/session-command.ts';
import type { TypingPlan } from '../control/typing.ts';
import { findSurface } from '../control/work-requests.ts';
import type { Work } from '../control/work.ts';
import type { ChannelCommand } from '../protocol/commands.ts';
import { releaseHeld, type HeldInput } from '../protocol/held-input.ts';
import type { ControlClient } from './control-client.ts';
import { runPicture, type ControlPictures } from './control-pictures.ts';
import type { SharedFacts } from './control-mail.ts';
import { trafficTail } from './control-traffic.ts';
import { ControlTyping } from './control-typing.ts';
import { ControlWaits } from './control-waits.ts';
import type { HubMail } from './hub-mail.ts';
import type { ActorContext } from './kernel/actor.ts';
import type { Cancel } from './kernel/host.ts';

/** How long the session has to answer, in milliseconds. */
const answerMs = 10_000;
/** A report waits for the disk, which has a minute. */
const reportMs = 70_000;
/** Clients for which a picture is made, or that have not read theirs, at a time: pictures are the only large replies. */
const picturesMax = 8;

export interface ControlWorksParts {
  readonly context: ActorContext;
  readonly pictures: ControlPictures;
  readonly sessionStartMs: number;
  facts(): SharedFacts;
  clients(): Iterable<ControlClient>;
  /** Whether shared memory is to be looked at may be another now. */
  changed(): void;
  guarded(run: () => void): void;
}

export class ControlWorks {
  readonly counts = { commands: 0, commandsRefused: 0, commandsUnanswered: 0 };
  readonly waits: ControlWaits;
  readonly #parts: ControlWorksParts;
  readonly #asked = new Map<number, { readonly answer: (answer: Answer) => void; readonly deadline: Cancel }>();
  /** What `waits` knows a client's wait by. */
  readonly #keys = new Map<ControlClient, Map<number, object>>();
  #typing: { readonly client: ControlClient; readonly run: ControlTyping } | null = null;
  #nextToken = 1;

  constructor(parts: ControlWorksParts) {
    this.#parts = parts;
    const { clock, timers } = parts.context.host;
    this.waits = new ControlWaits({ ...parts, clock, timers });
  }

  begin(client: ControlClient, token: number, work: Work, answer: (answer: Answer) => void): void {
    switch (work.kind) {
      case 'command':
        return this.#command(work.command, answer);
      case 'screenshot':
        return this.#screenshot(work, answer);
      case 'traffic': {
        const { channels } = this.#parts.facts();
        const wanted = work.channels === null ? channels : channels.filter(({ channel }) => work.channels?.includes(channel));
        return answer({ ok: true, result: { messages: trafficTail(wanted, work.limit, this.#parts.sessionStartMs) } });
      }
      case 'wait': {
        const key = {};
        const keys = this.#keys.get(client) ?? new Map<number, object>();
        this.#keys.set(client, keys.set(token, key));
        return this.waits.begin(key, work.wait, work.timeoutMs, (given) => {
          keys.delete(token);
          answer(given);
        });
      }
    }
  }

  abandon(client: ControlClient, token: number): void {
    const key = this.#keys.get(client)?.get(token);
    if (key !== undefined) this.waits.abandon(key);
    this.#keys.get(client)?.delete(token);
  }

  /** The client has gone. */
  forget(client: ControlClient): void {
    this.#keys.delete(client);
  }

  othersType(client: ControlClient): boolean {
    return this.#typing !== null && this.#typing.client !== client;
  }

  type(client: ControlClient, plan: TypingPlan, charDelayMs: number): void {
    const run = new ControlTyping({
      timers: { ...this.#parts.context.host.timers, after: (ms, step) => this.#parts.context.host.timers.after(ms, () => this.#parts.guarded(step)) },
      send: (commands, answered) => this.#command({ kind: 'input', commands }, answered),
      done: (characters, reason) => {
        this.#typing = null;
        client.typed(characters, reason);
      },
    }, plan, charDelayMs);
    this.#typing = { client, run };
    run.start();
  }

  stopTyping(client: ControlClient): void {
    if (this.#typing?.client !== client) return;
    this.#typing.run.stop();
    this.#typing = null;
  }

  /** What this client held is released, unless another holds it too. */
  release(client: ControlClient, held: HeldInput): void {
    const others = [...this.#parts.clients()].filter((each) => each !== client).map(({ state }) => state.held);
    const commands: readonly ChannelCommand[] = releaseHeld({
      scancodes: new Set([...held.scancodes].filter((scancode) => !others.some(({ scancodes }) => scancodes.has(scancode)))),
      buttons: new Set([...held.buttons].filter((button) => !others.some(({ buttons }) => buttons.has(button)))),
    });
    if (commands.length > 0) this.#command({ kind: 'input', commands }, () => undefined);
  }

  event(event: ControlEvent): void {
    this.waits.event(event);
  }

  /** The session has answered. */
  answered(token: number, answer: Answer): void {
    const asked = this.#asked.get(token);
    if (asked === undefined) return;
    this.#asked.delete(token);
    asked.deadline();
    asked.answer(answer);
  }

  /** Nothing is answered any more. */
  async close(): Promise<void> {
    this.waits.close();
    for (const { deadline } of this.#asked.values()) deadline();
    this.#asked.clear();
    await this.#parts.pictures.close();
  }

  #command(command: SessionCommand, answer: (answer: Answer) => void): void {
    const { context } = this.#parts;
    const token = this.#nextToken++;
    const request: HubMail = { kind: 'sessionRequest', from: context.id, token, command };
    if (context.address<HubMail>('hub').tell(request, { lane: 'control' }) !== 'accepted') {
      this.counts.commandsRefused += 1;
      return answer(refusal('internal_error', 'the session has no room for the command; ask again'));
    }
    this.counts.commands += 1;
    const patienceMs = command.kind === 'report' ? reportMs : answerMs;
    const deadline = context.host.timers.after(patienceMs, () => this.#parts.guarded(() => {
      this.counts.commandsUnanswered += 1;
      this.answered(token, refusal('internal_error', `the session did not answer within ${patienceMs / 1000} s`));
    }));
    this.#asked.set(token, { answer, deadline });
  }

  #screenshot({ target, format }: Extract<Work, { readonly kind: 'screenshot' }>, answer: (answer: Answer) => void): void {
    const surface = findSurface(this.#parts.facts().surfaces, target);
    if (surface === null) return answer(refusal('no_such_surface', 'the surface is gone'));
    if ([...this.#parts.clients()].filter(({ holdsPicture }) => holdsPicture).length > picturesMax) {
      return answer(refusal('bad_state', `${picturesMax} other clients have not read their pictures yet; ask again`));
    }
    runPicture(this.#parts.pictures, { kind: 'encode', surface: surface.buffer, region: target.region, format }, (result) => this.#parts.guarded(() => {
      if (result.kind === 'encoded') return answer({ ok: true, result: { width: result.width, height: result.height, format, data_base64: result.base64 } });
      if (result.kind === 'refused') return answer(refusal('bad_params', `the picture ${result.reason}`));
      return answer(refusal('internal_error', `the picture could not be made: ${result.kind === 'failed' ? result.message : result.kind}`));
    }));
  }
}
