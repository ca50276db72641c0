// What an actor is to the kernel: a module that starts it, and an object that receives, shows itself and stops. An actor
// knows its context and nothing of threads; the same module runs on a thread of its own or beside others in one thread.

import type { Address, Envelope } from '../../mailbox/address.ts';
import type { ExitReason, StopReason } from './exit-reason.ts';
import type { Host } from './host.ts';
import type { ProgressMark } from './progress.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export interface Actor<M = unknown> {
  /** Handles one message. A throw here ends the actor with reason `failed`. Never called after `stop`. */
  receive(message: M, from: Envelope): void;
  /** A small snapshot of the state. Called between messages; must not change anything. */
  observe(): JsonValue;
  /** Finishes within the child spec's shutdown time. Addresses still work; messages no longer arrive. */
  stop(reason: StopReason): void | Promise<void>;
}

/** What a module exports as `actor`. */
export interface ActorModule<A = unknown, M = unknown> {
  /** A throw or rejection here fails the start. `args` come from the child spec. */
  start(context: ActorContext, args: A): Actor<M> | Promise<Actor<M>>;
}

export interface ActorContext {
  readonly id: string;
  /** 1 for the first start of this id, then one more with each. */
  readonly generation: number;
  readonly host: Host;
  /** The address of an actor named in the child spec's `links`. Throws for any other name. Lasts across the other's restarts. */
  address<M = unknown>(name: string): Address<M>;
  readonly progress: ProgressMark;
  /** Ends this actor with a reason of its own. Nothing is received after it. */
  exit(reason: ExitReason): void;
}
