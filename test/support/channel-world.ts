// Channel actors with a real hub and nothing else around them: the session's own child specs, the reports as they come, and the
// shared memory in which counters and states outlive the actors. The same on threads and in virtual time.
import { ActorSystem } from '#app/actors/kernel/actor-system.js';
import type { SharedFacts } from '#app/actors/control-mail.js';
import type { ChildHandle } from '#app/actors/kernel/child-handle.js';
import type { Endpoint, Host } from '#app/actors/kernel/host.js';
import type { ChannelMail } from '#app/actors/channel-args.js';
import type { SessionReport } from '#app/actors/hub-mail.js';
import type { StatsSnapshot } from '#app/ui-terminal/view-model.js';
import { SessionMemory, type ChannelMemory } from '#app/cli/session-memory.js';
import { channelArgs } from '#app/cli/session-args.js';
import { channelPlan, planOf } from '#app/cli/session-tree.js';
import type { LinkDeadlines } from '#app/protocol/channel-link.js';
import type { ChannelEvent } from '#app/protocol/events.js';
import type { TapRingHandle } from '#app/mailbox/tap-ring.js';
import { smallRing } from './tap-rings.ts';
import { sharedFacts } from './control-facts.ts';

export interface StartOptions {
  readonly plain?: Endpoint | null;
  readonly secure?: Endpoint | null;
  readonly preferSecure?: boolean;
  readonly password?: string;
  readonly connectionId?: number;
  readonly deadlines?: LinkDeadlines;
  /** Default: a ring that holds a few hundred bytes, because most tests look at no tap. */
  readonly tap?: TapRingHandle;
}

type EventOf<K extends ChannelEvent['kind']> = Extract<ChannelEvent, { readonly kind: K }>;

const EMPTY_SNAPSHOT: StatsSnapshot = { atMs: 0, session: { label: '', title: '', state: 'connecting', detail: '', connectedAtMs: null }, actors: [] };
const NO_FACTS: SharedFacts = sharedFacts({ connected: false });
const UNREACHABLE: Endpoint = { transport: 'tcp', address: '192.0.2.1', port: 5900, tls: null };

export class ChannelWorld {
  readonly system: ActorSystem;
  readonly memory: SessionMemory;
  /** What was reported, in order, without the doorbells of cells. */
  readonly reports: { readonly channel: string; readonly event: ChannelEvent }[] = [];
  readonly #host: Host;
  #looking: (() => void)[] = [];

  constructor(host: Host, options: { readonly placement?: 'local' } = {}) {
    this.#host = host;
    this.system = new ActorSystem(host, options);
    this.memory = new SessionMemory(host.clock);
  }

  /** Starts the hub, whose reports end up in `reports`. */
  async startHub(): Promise<ChildHandle> {
    const hear = (report: SessionReport): void => {
      if (report.kind !== 'channelEvent') return;
      this.reports.push({ channel: report.channel, event: report.event });
      if (report.event.kind === 'serialReached') this.#ring(report.channel);
      for (const look of this.#looking.splice(0)) look();
    };
    return this.system.start({ ...planOf('hub'), args: { reports: { next: hear, error: () => undefined, complete: () => undefined }, sample: () => EMPTY_SNAPSHOT, facts: () => NO_FACTS } });
  }

  start(type: number, id: number, options: StartOptions = {}): Promise<ChildHandle> {
    const memory = this.memory.channel(type, id);
    const { plain = UNREACHABLE, secure = null, preferSecure = false, password = '', connectionId = 0, deadlines } = options;
    const args = channelArgs({ memory, session: this.memory, connectionId, endpoints: { plain, secure, preferSecure }, password, ramHintBytes: 0, keepaliveIdleMs: null, trackCoverage: false, volume: null });
    const tap = options.tap ?? smallRing({ channel: memory.id });
    return this.system.start({ ...channelPlan(memory.id, type), args: { ...args, tap, ...(deadlines === undefined ? {} : { deadlines }) } });
  }

  /** The first event of this kind from this channel, past or to come. */
  async event<K extends ChannelEvent['kind']>(channel: string, kind: K): Promise<EventOf<K>> {
    for (;;) {
      const found = this.events(channel).find((event) => event.kind === kind);
      // The kind was just compared.
      if (found !== undefined) return found as EventOf<K>;
      await new Promise<void>((resolve) => this.#looking.push(resolve));
    }
  }

  events(channel: string): readonly ChannelEvent[] {
    return this.reports.filter((report) => report.channel === channel).map(({ event }) => event);
  }

  gaps(channel: string): string[] {
    return this.events(channel).flatMap((event) => (event.kind === 'gapSeen' ? [event.gap.key] : []));
  }

  counters(type: number, id: number): Readonly<Record<string, number>> {
    return this.memory.counters(this.#memoryOf(type, id));
  }

  /** The newest state in the channel's cell. */
  state(type: number, id: number): Readonly<Record<string, unknown>> {
    return this.memory.facts(this.#memoryOf(type, id))?.state ?? {};
  }

  nowMs(): number {
    return this.#host.clock.monotonicMs();
  }

  #memoryOf(type: number, id: number): ChannelMemory {
    return this.memory.channel(type, id);
  }

  /** What the session does: whoever may be waiting looks again. */
  #ring(handledBy: string): void {
    for (const child of this.system.children) {
      if (!this.memory.channels.some(({ id }) => id === child.id) || child.id === handledBy) continue;
      child.address.tell({ kind: 'command', command: { kind: 'recheckWait' } } satisfies ChannelMail);
    }
  }
}
