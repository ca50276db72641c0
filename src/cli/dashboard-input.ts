// Dashboard input: what is pressed on a dashboard's terminal, done to the session, on the main thread, so that the keys work whatever the
// dashboard's own thread is doing. What a key means is `ui-terminal/dashboard-controls.ts`'s.

import { ControlTyping } from '../actors/control-typing.ts';
import type { Cancel, Timers } from '../actors/kernel/host.ts';
import { refusal } from '../control/request.ts';
import { planTyping } from '../control/typing.ts';
import { CellReader, type CellMemory } from '../mailbox/cell.ts';
import { initialControls, stepControls, type ControlsEffect, type ControlsFacts, type ControlsInput } from '../ui-terminal/dashboard-controls.ts';
import { placeFromBytes } from '../ui-terminal/picture-place.ts';
import { nothingUnread, readInput } from '../ui-terminal/terminal-input.ts';
import { DashboardActions } from './dashboard-actions.ts';
import { sampleFacts } from './session-sample.ts';
import type { SessionRun } from './session-run.ts';

/** An ESC after which nothing comes for so long, in milliseconds, is the key. Sequences come in one piece but for slow lines. */
const escapeAloneMs = 50;
/** Milliseconds from one typed character to the next. */
const charDelayMs = 10;
const inputsId = 'inputs/0';

export interface DashboardInputParts {
  readonly run: SessionRun;
  readonly timers: Timers;
  /** Where the dashboard says that the picture lies. */
  readonly place: CellMemory;
  quit(): void;
}

export class DashboardInput {
  readonly #parts: DashboardInputParts;
  readonly #place: CellReader;
  #unread = nothingUnread;
  #controls = initialControls;
  #cancelEscape: Cancel = () => undefined;
  #typing: ControlTyping | null = null;
  #isOver = false;
  readonly #actions: DashboardActions;

  constructor(parts: DashboardInputParts) {
    this.#parts = parts;
    this.#place = new CellReader(parts.place);
    this.#actions = new DashboardActions(parts);
  }

  /** Bytes from the terminal. */
  read(bytes: Uint8Array, isOver = false): void {
    if (this.#isOver) return;
    this.#cancelEscape();
    const { inputs, unread } = readInput(this.#unread, bytes, isOver);
    this.#unread = unread;
    if (unread.bytes.length > 0 && unread.paste === null && !isOver) this.#cancelEscape = this.#parts.timers.after(escapeAloneMs, () => this.read(new Uint8Array(0), true));
    for (const input of inputs) this.#step(input);
  }

  /** Nobody presses anything any more. */
  stop(): void {
    this.#isOver = true;
    this.#cancelEscape();
    this.#typing?.stop();
    this.#typing = null;
    this.#actions.stop();
    this.#step({ kind: 'letGo' });
  }

  #step(input: ControlsInput): void {
    const step = stepControls(this.#controls, input, () => this.#facts());
    this.#controls = step.state;
    for (const effect of step.effects) this.#perform(effect);
  }

  #perform(effect: ControlsEffect): void {
    const { run } = this.#parts;
    switch (effect.kind) {
      case 'quit':
        return this.#parts.quit();
      case 'redraw':
        return run.tellDashboard({ kind: 'redraw' });
      case 'reconnect':
        // A session that is up is not given away by a slip of the finger.
        if (run.reconnect.facts.phase.kind !== 'idle') run.reconnect.byHand();
        return;
      case 'passthrough':
        return run.tellDashboard(effect);
      case 'input':
        for (const command of effect.commands) run.command(inputsId, command);
        return;
      case 'type':
        return this.#type(effect.text);
      default:
        return this.#actions.perform(effect);
    }
  }

  #facts(): ControlsFacts {
    const { mouseMode, capsLock, surfaces } = sampleFacts(this.#parts.run);
    const bytes = this.#place.read()?.bytes;
    return { place: bytes === undefined ? null : placeFromBytes(bytes), displayId: surfaces[0]?.channelId ?? 0, mouseMode, capsLock, notificationIds: this.#actions.notifications.map(({ id }) => id) };
  }

  #type(text: string): void {
    const { run, timers } = this.#parts;
    if (this.#typing !== null) return this.#say('warning', 'a paste is being typed; paste again when it is done');
    const planned = planTyping(text, this.#controls.guest.held, this.#facts().capsLock);
    if (!planned.ok) return this.#say('warning', `the paste was not typed: ${planned.reason}`);
    this.#typing = new ControlTyping({
      timers,
      send: (commands, answered) => answered(commands.every((command) => run.command(inputsId, command)) ? { ok: true, result: {} } : refusal('bad_state', 'the inputs channel takes nothing at the moment')),
      done: (characters, reason) => {
        this.#typing = null;
        if (reason !== null) this.#say('warning', `the paste ended after ${characters} of ${planned.plan.characters} characters: ${reason}`);
      },
    }, planned.plan, charDelayMs);
    this.#typing.start();
  }

  #say(severity: 'info' | 'warning', text: string): void {
    this.#parts.run.say({ kind: 'noted', wallMs: Date.now(), severity, source: 'dashboard', text });
  }
}
