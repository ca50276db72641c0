// Stacks in words: what a probe found, as one place for an event's line and as a whole for a file. It leaves nothing out that a frame says.

import type { StackFrame, StackReport } from './stack-probe.ts';

/** Where the thread was, in one line without its end: `in decodeRow (src/decode/quic-rows.ts:120)`. */
export function placeOf(report: StackReport): string {
  switch (report.kind) {
    case 'stack': {
      // Node's own frames are where our code was when it was stopped; the line to look at is ours.
      const frame = report.frames.find(({ file }) => !file.startsWith('node:')) ?? report.frames[0];
      return frame === undefined ? 'in code without a stack' : `in ${frame.functionName} (${frame.file}:${frame.line})`;
    }
    case 'idle':
      return 'its event loop turns and runs nothing';
    case 'native': {
      const { osThread } = report;
      if (osThread === null) return 'inside native code';
      const call = osThread.systemCall === null ? '' : `, in the system call ${osThread.systemCall}`;
      return `inside native code, ${osThread.state}${call}`;
    }
    case 'unavailable':
      return `its stack could not be taken: ${report.why}`;
  }
}

/** Every frame on a line of its own, innermost first. */
export function stackLines(report: StackReport): readonly string[] {
  if (report.kind !== 'stack') return [placeOf(report)];
  const more = report.framesLeftOut === 0 ? [] : [`and ${report.framesLeftOut} more`];
  return [...report.frames.map((frame) => `at ${frame.functionName} (${positionOf(frame)})`), ...more];
}

function positionOf({ file, line, column }: StackFrame): string {
  return `${file}:${line}:${column}`;
}
