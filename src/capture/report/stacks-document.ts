// Stacks document: what every actor is doing at the moment of a report, for `stacks.json`: its state, the handler it is in, what it waits for, what waits for it, since
// when, and its JavaScript stack where one was taken. Pure: sightings in, a document out.

/** Ages in milliseconds; null = never. */
export interface ActorSighting {
  readonly actor: string;
  readonly generation: number;
  readonly threadId: number | null;
  readonly osThreadId: number | null;
  /** `running`, `waiting` to be started again, or how it ended. */
  readonly state: string;
  /** The watchdog's last verdict; null where nobody watches. */
  readonly health: string | null;
  readonly handler: string | null;
  readonly blockedOn: string | null;
  readonly iterations: number;
  readonly markAgeMs: number | null;
  readonly receiveAgeMs: number | null;
  readonly sendAgeMs: number | null;
  readonly mailbox: { readonly depth: number; readonly highWater: number; readonly max: number; readonly dropped: number; readonly deadLetters: number; readonly oldestAgeMs: number };
  /** Whose messages wait, by lane. */
  readonly backlogs: readonly { readonly sender: string; readonly senderGeneration: number; readonly lane: string; readonly depth: number; readonly bound: number; readonly oldestAgeMs: number }[];
  readonly stack: SeenStack | null;
}

/** `taken`: when, in seconds since the session began. */
export interface SeenStack {
  readonly kind: string;
  readonly place: string;
  readonly lines: readonly string[];
  readonly takenSecs: number;
}

/** Of an actor that was found frozen, before anything was done to it. */
export interface FrozenSighting {
  readonly actor: string;
  readonly generation: number;
  readonly foundSecs: number;
  readonly silentMs: number;
  readonly handler: string | null;
  readonly blockedOn: string | null;
  readonly mailboxDepth: number;
  readonly outcome: string;
  readonly stack: SeenStack;
}

export interface StacksFacts {
  readonly tsSecs: number;
  readonly actors: readonly ActorSighting[];
  readonly frozen: readonly FrozenSighting[];
}

export function stacksDocument({ tsSecs, actors, frozen }: StacksFacts): Readonly<Record<string, unknown>> {
  return {
    format: 1,
    ts_secs: rounded(tsSecs),
    actors: actors.map((seen) => ({
      actor: seen.actor,
      generation: seen.generation,
      thread_id: seen.threadId,
      os_thread_id: seen.osThreadId,
      state: seen.state,
      health: seen.health,
      handler: seen.handler,
      wait_point: waitPointOf(seen),
      iterations: seen.iterations,
      mark_age_ms: whole(seen.markAgeMs),
      last_receive_age_ms: whole(seen.receiveAgeMs),
      last_send_age_ms: whole(seen.sendAgeMs),
      mailbox_depth: seen.mailbox.depth,
      mailbox_high_water: seen.mailbox.highWater,
      mailbox_max: seen.mailbox.max,
      mailbox_dropped: seen.mailbox.dropped,
      mailbox_dead_letters: seen.mailbox.deadLetters,
      mailbox_oldest_age_ms: whole(seen.mailbox.oldestAgeMs),
      waiting: seen.backlogs.map((each) => ({
        sender: each.sender, sender_generation: each.senderGeneration, lane: each.lane, depth: each.depth, bound: each.bound, oldest_age_ms: whole(each.oldestAgeMs),
      })),
      stack: stackOf(seen.stack),
    })),
    frozen: frozen.map((seen) => ({
      actor: seen.actor,
      generation: seen.generation,
      found_ts_secs: rounded(seen.foundSecs),
      silent_ms: whole(seen.silentMs),
      handler: seen.handler,
      blocked_on: seen.blockedOn,
      mailbox_depth: seen.mailboxDepth,
      outcome: seen.outcome,
      stack: stackOf(seen.stack),
    })),
  };
}

/** What it waits in or for, in a few words. */
function waitPointOf({ state, handler, blockedOn, stack, markAgeMs, mailbox }: ActorSighting): string {
  if (state !== 'running') return 'not running';
  if (blockedOn !== null) return `a blocking call: ${blockedOn}`;
  if (stack !== null) return stack.place;
  if (handler !== null) return `inside '${handler}'`;
  if (markAgeMs === null) return 'its start';
  return mailbox.depth > 0 ? 'its turn: messages wait' : 'the next message or event';
}

function stackOf(stack: SeenStack | null): unknown {
  return stack === null ? null : { kind: stack.kind, place: stack.place, frames: stack.lines, taken_ts_secs: rounded(stack.takenSecs) };
}

const whole = (ms: number | null): number | null => (ms === null ? null : Math.round(ms));
const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000;
