// The corpus, faults that need threads, a disk or a process of their own: what is injected into actors and writer, and the two that end the
// whole process. The entries of one run share a process, so that each also shows that it leaves the others alone.

/** One fault in one actor of the run's process. */
export interface ActorEntry {
  readonly name: string;
  /** As `connect --inject` takes it. */
  readonly inject: string;
  /** What must be said, each in a line of its own. */
  readonly names: readonly RegExp[];
  /** What must not be said of anybody. */
  readonly never?: RegExp;
}

export interface ActorRun {
  readonly name: string;
  readonly args: readonly string[];
  readonly capture: boolean;
  /** No other process of the corpus runs beside it. */
  readonly alone: boolean;
  readonly entries: readonly ActorEntry[];
  /** The exit code after Ctrl+C. */
  readonly exit: number;
  /** The last line. */
  readonly last: RegExp;
}

const inCommit = String.raw`in commit \(src/actors/fault-injection\.ts:\d+\)`;

export const actorRuns: readonly ActorRun[] = [
  {
    name: 'five channels, a fault in each', args: ['--auto-snapshot-interval', '3', '--frozen-after', '4', '--channels', 'main,display,inputs,cursor,playback,record'], capture: false, alone: true, exit: 130, last: /./,
    entries: [
      { name: 'an endless loop is frozen, with the file and line of the loop, and starts again', inject: 'display/0:spin@1s', names: [new RegExp(`display/0#1 frozen: silent for .* s in 'timer', ${inCommit}`), /display\/0 linked$/], never: /display\/0#2 (frozen|failed)/ },
      { name: 'a wait that nobody ends is frozen, with file and line', inject: 'inputs/0:wait@1s', names: [new RegExp(`inputs/0#1 frozen: silent for .* s in 'timer', ${inCommit}`)], never: /inputs\/0#2 (frozen|failed)/ },
      { name: 'a throw is the actor\'s failure, with its message', inject: 'cursor/0:throw@1s', names: [/cursor\/0#1 failed: injected fault, starting again now/], never: /cursor\/0#2 (frozen|failed)/ },
      { name: 'a socket that is cut is a lost connection', inject: 'playback/0:cut@1s', names: [/playback\/0 lost its connection \(rst: the connection was cut by an injected fault\), linking again now/], never: /playback\/0#\d+ (frozen|failed)/ },
      { name: 'a slow actor is no frozen one', inject: 'record/0:slow@0s', names: [/record\/0 linked$/], never: /record\/0#\d+ (frozen|failed)/ },
    ],
  },
  {
    name: 'heap, hub and writer', args: ['--frozen-after', '60', '--channels', 'main,display,port'], capture: true, alone: false, exit: 130, last: /./,
    entries: [
      { name: 'a heap that grows too far is that channel\'s failure', inject: 'port/0:heap@0s', names: [/port\/0#1 failed: .*memory/i], never: /(main|display|inputs|cursor)\/0#\d+ (frozen|failed)/ },
      { name: 'a hub that throws is started again, and no channel has noticed', inject: 'hub:throw@4s', names: [/hub#1 failed: injected fault, starting again now/] },
      { name: 'a writer that throws goes on in files of its own', inject: 'writer:throw@2s', names: [/writer#1 failed: injected fault, starting again now/], never: /capture.*incomplete/ },
    ],
  },
  {
    name: 'a full disk', args: ['--auto-snapshot-interval', '3', '--frozen-after', '60', '--channels', 'main,display'], capture: true, alone: false, exit: 130, last: /The capture in .* is incomplete: .*\.pcapng could not be written \(ENOSPC.*\[capture\.incomplete\]/,
    entries: [{ name: 'each file that cannot be written is named once', inject: 'writer:diskFull@1s', names: [/writer main-0\.pcapng cannot be written: ENOSPC: .* it is tried again every second/], never: /(main|display|inputs|cursor)\/0#\d+ (frozen|failed)|writer#\d+ (frozen|failed)/ }],
  },
  {
    name: 'a slow disk', args: ['--auto-snapshot-interval', '3', '--frozen-after', '60', '--channels', 'main,display'], capture: true, alone: false, exit: 130, last: /./,
    entries: [{ name: 'costs nobody anything: the capture is complete, and the writer is no frozen actor', inject: 'writer:diskSlow@1s', names: [/display\/0 linked$/], never: /writer#\d+ (frozen|failed)|incomplete|(main|display)\/0#\d+ (frozen|failed)/ }],
  },
];

/** What takes the whole process with it. */
export interface AbortEntry {
  readonly name: string;
  readonly inject: string;
  /** The signal, as Node names it. */
  readonly signal: string;
  /** What the runtime says, which is all that is said. */
  readonly says: readonly RegExp[];
}

export const abortFaults: readonly AbortEntry[] = [
  { name: 'one huge allocation in one actor', inject: 'cursor/0:hugeAllocation@2s', signal: 'SIGABRT', says: [/^FATAL ERROR: .*JavaScript heap out of memory/] },
  { name: 'a crash in native code in one actor', inject: 'cursor/0:nativeCrash@2s', signal: 'SIGSEGV', says: [] },
];
