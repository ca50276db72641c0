// The metrics' actor, on a thread of its own: whoever asks on its socket is given the session's figures as Prometheus's text. It reads shared memory and procfs when it
// is asked and asks no actor; the newest handles come from the hub. Work is bounded by one scrape at a time.

import { readCounters } from '../mailbox/counters.ts';
import { readHistogram, workBoundsUs } from '../mailbox/histogram.ts';
import { prometheusText } from '../metrics/prometheus-text.ts';
import type { RuntimeSample } from '../metrics/runtime-metrics.ts';
import { sessionFamilies, type ActorFigures, type ChannelFigures } from '../metrics/session-families.ts';
import { inputBoundsUs, inputToPaint } from './channel-timings.ts';
import type { HubNews } from './hub-mail.ts';
import { readInputProbe } from './input-probe.ts';
import { mainLoopLag, type ActorSource, type ChannelSource, type MetricsArgs, type MetricSources } from './metrics-mail.ts';
import { serveMetrics, type MetricsServer } from './metrics-server.ts';
import { createRuntimeSampler, type RuntimeSampler } from './runtime-sampler.ts';
import { ThreadTotals } from './thread-totals.ts';
import type { Actor, ActorContext, ActorModule, JsonValue } from './kernel/actor.ts';

/** What the system has not told by then is left out of that answer. */
const sampleMs = 1_000;

class Metrics implements Actor<HubNews> {
  readonly #context: ActorContext;
  readonly #threads = new ThreadTotals();
  readonly #sampler: RuntimeSampler | null;
  #server: MetricsServer | null = null;
  #sources: MetricSources | null = null;
  #scrapes = 0;
  #scrape: Promise<string> | null = null;

  constructor(context: ActorContext, { clockTicks }: MetricsArgs) {
    this.#context = context;
    this.#sampler = samplerOrNull(clockTicks);
  }

  async start({ address }: MetricsArgs): Promise<void> {
    this.#server = await serveMetrics(address, () => this.#text());
  }

  receive(news: HubNews): void {
    if (news.kind === 'metrics') this.#sources = news.sources;
  }

  observe(): JsonValue {
    return { scrapes: this.#scrapes, hasSources: this.#sources !== null };
  }

  stop(): void {
    this.#server?.close();
  }

  /** Who asks while an answer is being made is given that one. */
  #text(): Promise<string> {
    this.#scrape ??= this.#compose().finally(() => (this.#scrape = null));
    return this.#scrape;
  }

  async #compose(): Promise<string> {
    this.#scrapes += 1;
    const process = await this.#sampleProcess();
    const sources = this.#sources;
    if (sources === null) throw new Error('the session has not begun yet; ask again in a second');
    this.#context.progress.enter('scrape');
    try {
      return prometheusText(sessionFamilies({
        connected: sources.connected,
        reconnects: sources.reconnects,
        channels: sources.channels.map(channelFigures),
        actors: sources.actors.map((actor) => this.#actorFigures(actor, process)),
        consumers: sources.consumers,
        presses: readInputProbe(sources.inputs),
        mainLoop: readHistogram(readCounters(sources.mainLoop), mainLoopLag, workBoundsUs),
        process,
        nowSecs: this.#context.host.clock.wallMs() / 1_000,
        scrapes: this.#scrapes,
      }));
    } finally {
      this.#context.progress.leave();
    }
  }

  async #sampleProcess(): Promise<RuntimeSample | null> {
    let cancel = (): void => undefined;
    const tooLate = new Promise<null>((resolve) => (cancel = this.#context.host.timers.after(sampleMs, () => resolve(null))));
    try {
      return await Promise.race([this.#sampler?.sample() ?? null, tooLate]);
    } catch {
      return null;
    } finally {
      cancel();
    }
  }

  #actorFigures({ id, isRunning, restarts, osThreadId, mailbox }: ActorSource, process: RuntimeSample | null): ActorFigures {
    const thread = osThreadId === null || !isRunning ? undefined : process?.threads?.find(({ tid }) => tid === osThreadId);
    return { id, isRunning, restarts, mailbox, cpuMs: this.#threads.of(id, thread ?? null) };
  }
}

function samplerOrNull(clockTicks: number): RuntimeSampler | null {
  try {
    return createRuntimeSampler(clockTicks);
  } catch {
    return null; // no addon on this machine: everything but the process's own figures is there
  }
}

function channelFigures({ id, counters, timings, tap, state, losses, restarts }: ChannelSource): ChannelFigures {
  const times = readCounters(timings);
  const work = (name: string) => readHistogram(times, name, workBoundsUs);
  const paints = id.startsWith('display/');
  return {
    id, state, restarts, losses, tap,
    counters: readCounters(counters),
    pingJitterUs: times['ping_jitter_us'] ?? 0,
    handling: work('handling'),
    pong: work('pong'),
    paint: paints ? work('paint') : null,
    decode: paints ? work('decode') : null,
    inputToPaint: paints ? readHistogram(times, inputToPaint, inputBoundsUs) : null,
  };
}

/** Its start fails with a reason for people when nobody can listen at its address. */
export const actor: ActorModule<MetricsArgs, HubNews> = {
  async start(context, args) {
    const metrics = new Metrics(context, args);
    await metrics.start(args);
    return metrics;
  },
};
