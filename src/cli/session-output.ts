// Session output: where a session shows itself: a dashboard on a terminal, plain lines elsewhere. It decides which, prepares what the
// consumers are started with, and connects the terminal's keys and size changes; the consumers' own threads do all writing.

import type { Timers } from '../actors/kernel/host.ts';
import { createTerminalLease, restoreTerminal } from '../actors/terminal-lease.ts';
import { readTerminalSize } from '../actors/terminal-size.ts';
import type { ColorDepth } from '../ui-terminal/cell-bytes.ts';
import type { DashboardArgs, OutputTarget } from '../ui-terminal/dashboard-message.ts';
import type { LogSinkArgs } from '../ui-terminal/log-sink-message.ts';
import { createCell } from '../mailbox/cell.ts';
import { placeBytes } from '../ui-terminal/picture-place.ts';
import { DashboardInput } from './dashboard-input.ts';
import type { SessionRun } from './session-run.ts';

const framesPerSecond = 15;
const stdout = 1;
const stderr = 2;

export interface SessionOutput {
  readonly dashboard: DashboardArgs | null;
  readonly log: LogSinkArgs | null;
  /** Keys, mouse and resizes go to the session; `quit` is told. */
  attach(run: SessionRun, timers: Timers, quit: () => void): AttachedTerminal;
}

export interface AttachedTerminal {
  /** What is held is released, and nothing more is pressed: to be called while the session is there. */
  release(): void;
  /** Lets go of the terminal and puts it right. */
  detach(): void;
}

/** Colours that the terminal says it has. `NO_COLOR` (any value) means none. */
function colorDepthOf(environment: NodeJS.ProcessEnv): ColorDepth {
  if ((environment['NO_COLOR'] ?? '') !== '') return 'none';
  if (/^(truecolor|24bit)$/i.test(environment['COLORTERM'] ?? '')) return 'truecolor';
  return environment['TERM'] === 'linux' ? 'none' : 'palette256';
}

/** @param documentOnStdout the statistics go to standard output, so lines go to standard error */
export function chooseOutput(label: string, headless: boolean, documentOnStdout: boolean): SessionOutput {
  const usable = process.stdout.isTTY && process.stdin.isTTY && process.env['TERM'] !== 'dumb';
  return headless || documentOnStdout || !usable ? plainOutput(documentOnStdout ? stderr : stdout) : dashboardOutput(label);
}

function plainOutput(descriptor: number): SessionOutput {
  return { dashboard: null, log: { output: { kind: 'descriptor', descriptor }, summaries: true }, attach: () => ({ release: () => undefined, detach: () => undefined }) };
}

function dashboardOutput(label: string): SessionOutput {
  const terminal: OutputTarget = { kind: 'descriptor', descriptor: stdout };
  const place = createCell(placeBytes);
  const lease = createTerminalLease();
  const size = readTerminalSize(terminal) ?? { columns: 80, rows: 24 };
  return {
    dashboard: { terminal, lease, colorDepth: colorDepthOf(process.env), framesPerSecond, ...size, label, place },
    log: null,
    attach(run, timers, quit) {
      const input = new DashboardInput({ run, timers, place, quit });
      const restore = (): void => restoreTerminal(lease, terminal);
      const onKeys = (chunk: Buffer): void => input.read(chunk);
      const onResize = (): void => {
        const now = readTerminalSize(terminal);
        if (now !== null) run.tellDashboard({ kind: 'resize', ...now });
      };
      const onContinue = (): void => {
        process.stdin.setRawMode(true);
        run.tellDashboard({ kind: 'redraw' });
      };
      process.stdin.setRawMode(true);
      process.stdin.on('data', onKeys);
      process.on('SIGWINCH', onResize);
      process.on('SIGCONT', onContinue);
      process.on('exit', restore);
      const detach = (): void => {
        process.stdin.off('data', onKeys);
        process.stdin.pause();
        process.stdin.setRawMode(false);
        process.off('SIGWINCH', onResize);
        process.off('SIGCONT', onContinue);
        restore();
        process.off('exit', restore);
      };
      return { release: () => input.stop(), detach };
    },
  };
}
