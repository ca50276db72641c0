// The log sink's shell: owns a descriptor or a file on a thread of its own and writes one line for each event, and a summary every
// 10 s. An output that nobody reads blocks this thread only; what its mailbox then refuses is counted by sequence and said once. What
// the lines say is decided in `ui-terminal/plain-lines.ts`.

import { droppedLine, eventLine, summaryIntervalMs, summaryLine } from '../ui-terminal/plain-lines.ts';
import { fullRetryMs, openOutput } from './output-descriptor.ts';
import type { ActorModule } from './kernel/actor.ts';
import type { Cancel } from './kernel/host.ts';
import type { LogSinkArgs, LogSinkMessage } from '../ui-terminal/log-sink-message.ts';
import type { StatsSnapshot } from '../ui-terminal/view-model.ts';

/** Bytes kept for a descriptor that somebody made non-blocking and that is full; lines beyond it are dropped and counted. */
const pendingBytesMax = 256 * 1024;

export const actor: ActorModule<LogSinkArgs, LogSinkMessage> = {
  start(context, args) {
    const { clock, timers } = context.host;
    const output = openOutput(args.output, 'log', context.progress);

    let expected: number | null = null;
    let latest: StatsSnapshot | null = null;
    let summarised: StatsSnapshot | null = null;
    let pending: Uint8Array = new Uint8Array(0);
    let retry: Cancel | null = null;
    let isOver = false;
    /** Lines lost since the last one that was written. */
    let missing = 0;
    const counts = { lines: 0, bytes: 0, dropped: 0 };
    let summaryTimer: Cancel | null = args.summaries ? timers.after(summaryIntervalMs, summarise) : null;

    return {
      receive(message) {
        switch (message.kind) {
          case 'event': {
            const lost = expected === null ? 0 : Math.max(0, message.sequence - expected);
            expected = message.sequence + 1;
            missing += lost;
            counts.dropped += lost;
            append(eventLine(message.event));
            break;
          }
          case 'stats': latest = message.snapshot; break;
        }
      },
      observe: () => ({ ...counts, pendingBytes: pending.length }),
      stop() {
        if (isOver) return;
        if (args.summaries && latest !== null) append(summaryLine(clock.wallMs(), latest, summarised));
        end();
        output.close();
      },
    };

    function summarise(): void {
      summaryTimer = timers.after(summaryIntervalMs, summarise);
      if (latest === null || latest === summarised) return;
      append(summaryLine(clock.wallMs(), latest, summarised));
      summarised = latest;
    }

    function append(line: string): void {
      if (isOver) return;
      const text = missing > 0 ? `${droppedLine(clock.wallMs(), missing)}\n${line}\n` : `${line}\n`;
      const bytes = Buffer.from(text);
      if (pending.length > 0 && pending.length + bytes.length > pendingBytesMax) {
        missing += 1;
        counts.dropped += 1;
        return;
      }
      missing = 0;
      counts.lines += 1;
      pending = pending.length > 0 ? Buffer.concat([pending, bytes]) : bytes;
      if (retry === null) writePending();
    }

    function writePending(): void {
      retry = null;
      while (pending.length > 0) {
        const result = output.write(pending);
        if (result.kind === 'full') {
          retry = timers.after(fullRetryMs, writePending);
          return;
        }
        if (result.kind === 'gone') {
          end();
          context.exit({ kind: 'downstreamClosed', detail: `nobody reads the log any more (${result.code})` });
          return;
        }
        counts.bytes += result.bytes;
        pending = pending.subarray(result.bytes);
      }
    }

    function end(): void {
      isOver = true;
      summaryTimer?.();
      retry?.();
    }
  },
};
