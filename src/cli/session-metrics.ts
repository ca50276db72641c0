// Session metrics: where a session's figures are, for the actors that serve and write them: handles of shared memory and the few numbers that only the main
// thread knows. It computes no figure; metrics/session-families.ts does, when somebody asks.

import { histogramNames, histogramWriter, workBoundsUs } from '../mailbox/histogram.ts';
import type { MailboxStats } from '../mailbox/address.ts';
import { addStats, NO_STATS } from '../mailbox/link-stats.ts';
import { createCounters, readCounters } from '../mailbox/counters.ts';
import { ChannelType } from '../protocol/constants.ts';
import { clockTicksPerSecond } from '../actors/kernel/native-calls.ts';
import type { ChildHandle } from '../actors/kernel/child-handle.ts';
import type { HubMetrics, SubscriptionCount } from '../actors/hub-mail.ts';
import { latencyCounterNames, mainLoopLag, type ActorSource, type LatencyArgs, type MetricsAddress, type MetricsArgs, type MetricSources } from '../actors/metrics-mail.ts';
import { answersAfter, readInputProbe } from '../actors/input-probe.ts';
import { summariseLatency, type LatencySummary } from '../metrics/latency-summary.ts';
import type { CliProblem } from './cli-problem.ts';
import type { SessionMemory } from './session-memory.ts';
import { sampleChannel, type SampledActor, type SampledSession } from './session-sample.ts';

export interface MeasuredSession extends SampledSession {
  lossCounts(channel: string): Readonly<Record<string, number>>;
}

export class SessionMetrics {
  readonly #totals = new MailboxTotals();
  readonly #mainLoop = createCounters(histogramNames(mainLoopLag, workBoundsUs));
  readonly #late = histogramWriter(this.#mainLoop, mainLoopLag, workBoundsUs);
  readonly #latency = createCounters(latencyCounterNames);

  forHub(session: MeasuredSession): HubMetrics {
    return { late: this.#late, sources: (subscriptions) => this.#sources(session, subscriptions) };
  }

  metricsArgs(address: MetricsAddress | null): MetricsArgs | null {
    return address === null ? null : { address, clockTicks: clockTicksPerSecond() };
  }

  latencyArgs(path: string, memory: SessionMemory): LatencyArgs {
    return { path, main: memory.channel(ChannelType.main, 0).counters, inputs: memory.inputProbe, sessionStartMs: memory.startedAtMs, counters: this.#latency };
  }

  /** What the input probe has found so far. */
  latency({ inputProbe }: Pick<SessionMemory, 'inputProbe'>): LatencySummary {
    return summariseLatency(readInputProbe(inputProbe), answersAfter(inputProbe, 0).map(({ lagMs }) => lagMs));
  }

  /** What is wrong with the latency file, once the session has stopped; null when it holds everything, or none was asked for. */
  latencyProblem(path: string): CliProblem | null {
    const { rows_lost: lost = 0, failures = 0 } = readCounters(this.#latency);
    if (failures === 0) return null;
    return { code: 'latency.incomplete', exit: 'outputFailed', message: `The latencies in ${path} are incomplete: the disk refused them, and ${lost} of them found no room; check the folder and its free space.` };
  }

  #sources(session: MeasuredSession, subscriptions: readonly SubscriptionCount[]): MetricSources {
    return {
      connected: session.connected,
      reconnects: session.reconnect.facts.autoReconnectCount,
      channels: session.memory.channels.map((memory) => {
        const { state, restarts } = sampleChannel(session, memory);
        return { id: memory.id, counters: memory.counters, timings: memory.timings, tap: session.memory.tapCounters(memory), state, restarts, losses: session.lossCounts(memory.id) };
      }),
      actors: session.actors.map((actor) => this.#actorSource(actor)),
      consumers: subscriptions.map(({ consumer, dropped }) => ({ id: consumer, dropped })),
      inputs: session.memory.inputProbe,
      mainLoop: this.#mainLoop,
    };
  }

  #actorSource({ id, handle, exit }: SampledActor): ActorSource {
    return { id, isRunning: exit === null, restarts: Math.max(0, handle.generation - 1), osThreadId: handle.progress.read().osThreadId, mailbox: this.#totals.of(id, handle) };
  }
}

/** Mailboxes begin anew with each generation; what is counted here does not. */
class MailboxTotals {
  readonly #known = new Map<string, { readonly handle: Pick<ChildHandle, 'mailbox'>; readonly before: MailboxStats }>();

  of(id: string, handle: Pick<ChildHandle, 'mailbox'>): MailboxStats {
    const known = this.#known.get(id);
    const before = known === undefined ? NO_STATS : known.handle === handle ? known.before : addStats(known.before, { ...known.handle.mailbox(), depth: 0, oldestAgeMs: 0 });
    if (known?.handle !== handle) this.#known.set(id, { handle, before });
    return addStats(before, handle.mailbox());
  }
}
