// Fault injection: what a test can do to an actor of a real session, as data in its child's arguments, and how it is done. An actor without
// injected faults does not run through this file: the composition root puts faulty-actor.ts, which does, in the actor's place.

import { execFileSync } from 'node:child_process';
import { constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crashNatively } from './kernel/native-calls.ts';
import type { Host, SocketEvents, StreamSocket } from './kernel/host.ts';

/** What happens to the actor, each with what it stands for. */
export const actorFaultKinds = {
  throw: 'throws in a timer: a bug',
  spin: 'loops for ever: a bug that a throw does not end',
  heap: 'allocates until its heap is full: a leak',
  wait: 'waits on a word that nobody writes: a deadlock',
  block: 'waits in a system call that never returns: a hung disk, a pipe that nobody reads',
  cut: 'its sockets are cut: a network that fails',
  hugeAllocation: 'asks for one allocation that no heap has room for: ends the whole process, whatever its limits',
  nativeCrash: 'reads address 0 in native code: ends the whole process',
  slow: 'takes 100 ms more for each message and each piece of a stream: an overloaded actor',
} as const;
export type ActorFaultKind = keyof typeof actorFaultKinds;

export interface ActorFault {
  readonly kind: ActorFaultKind;
  /** From the start of the actor. */
  readonly atMs: number;
  /** Generations 1 to this one have the fault, so that a restart can be seen to help; Infinity = each. */
  readonly generationsMax: number;
}

/** What faulty-actor.ts is started with in place of the actor itself. */
export interface FaultyArgs {
  readonly module: string;
  readonly args: unknown;
  readonly faults: readonly ActorFault[];
}

export const slowMs = 100;

/** Ends or holds the thread that calls it. The other kinds go on beside the actor's own work. */
export function commit(kind: Exclude<ActorFaultKind, 'heap' | 'cut' | 'slow'>): void {
  switch (kind) {
    case 'throw': throw new Error('injected fault');
    case 'spin': for (;;);
    case 'wait': Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); return;
    case 'block': return readFromNobody();
    case 'hugeAllocation': return allocateTooMuch();
    case 'nativeCrash': return crashNatively();
  }
}

/**
 * A Map doubles its one table, until the next one does not fit. V8 gives up the process, not the thread, when a single large allocation fails:
 * the `ERR_WORKER_OUT_OF_MEMORY` of a slow leak never comes (tried on Node 20, with a heap of 128 MiB).
 */
function allocateTooMuch(): void {
  const table = new Map<number, number>();
  for (;;) table.set(table.size, 0);
}

/**
 * Steps of a leak, each a megabyte of numbers. Of small objects the collector would make a long fight, in which other threads starve on few cores;
 * a copy is made in a sixth of the time of an array that is filled number by number.
 */
export function leak(): () => unknown {
  const numbers = Array.from({ length: 131_072 }, () => 0.5);
  return () => numbers.slice();
}

/** Takes time as work does: nothing else of this thread runs. */
export function delay(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** A read of a pipe whose only writer is this very thread: a system call that nobody can end. Nothing is left on disk. */
export function readFromNobody(): void {
  const folder = mkdtempSync(join(tmpdir(), 'ryll-fault-'));
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  const pipe = openSync(path, constants.O_RDWR);
  rmSync(folder, { recursive: true });
  readSync(pipe, new Uint8Array(1));
}

export interface FaultyHost {
  readonly host: Host;
  /** Every open socket ends as if its peer had reset it. */
  readonly cut: () => void;
}

/** @param onChunk runs before each piece of a stream is handed on */
export function faultyHost(host: Host, onChunk: () => void): FaultyHost {
  const open = new Set<() => void>();
  const dial: Host['dial'] = (endpoint, events) => {
    let isOver = false;
    const close = (cause: Parameters<SocketEvents['closed']>[0]): void => {
      if (isOver) return;
      isOver = true;
      open.delete(cut);
      events.closed(cause);
    };
    const socket: StreamSocket = host.dial(endpoint, {
      connected: (certificate) => {
        if (!isOver) events.connected(certificate);
      },
      ...(events.keyLogged === undefined ? {} : { keyLogged: (line: string) => events.keyLogged?.(line) }),
      chunk: (bytes) => {
        onChunk();
        if (!isOver) events.chunk(bytes);
      },
      closed: close,
    });
    const cut = (): void => {
      socket.destroy();
      close({ kind: 'rst', message: 'the connection was cut by an injected fault', code: 'ECONNRESET' });
    };
    open.add(cut);
    return socket;
  };
  return { host: { ...host, dial }, cut: () => open.forEach((cut) => cut()) };
}
