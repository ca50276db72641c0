// The actor of one SPICE channel, of whatever type: socket bytes are tapped, cut into frames and parsed; flow control is answered
// first; the channel's reducer decides the rest and this shell performs its effects. It decides nothing itself, waits for no
// other actor without a deadline, and ends when its connection does.

import { createTap, type HeaderKind, type Tap } from '../capture/tap.ts';
import type { WriterMessage } from '../capture/writer-message.ts';
import type { Address, Envelope } from '../mailbox/address.ts';
import { TapProducer } from '../mailbox/tap-producer.ts';
import { stepBase } from '../protocol/channels/base.ts';
import { behaviorFor, type AnyBehavior } from '../protocol/channels/behaviors.ts';
import type { ChannelEffect, ChannelInput, Outgoing } from '../protocol/channels/channel.ts';
import { unaskedPong } from '../protocol/channels/keepalive.ts';
import { answerListed, initialFlow, stepFlow, type FlowInput, type FlowState, type FlowStep } from '../protocol/channels/flow.ts';
import type { LinkFailure } from '../protocol/channel-link.ts';
import { ChannelType, channelName, clientCommonCapabilities } from '../protocol/constants.ts';
import type { ConnectionLoss, LinkPhase } from '../protocol/events.ts';
import { createFrameSplitter, push, unfinishedBytes, type Frame, type FrameSplitter } from '../protocol/frame-splitter.ts';
import { messageBodyBytesMax } from '../protocol/limits.ts';
import { parseServerMessage, serializeOutgoing, type AnyServerMessage, type Header } from '../protocol/message.ts';
import { initialLateness, stepLateness } from '../protocol/ping-lateness.ts';
import { setMultiMediaTime } from '../protocol/multi-media-clock.ts';
import { publishSerials, type SerialPublisher } from '../protocol/serial-board.ts';
import { expandFrame } from '../protocol/sub-messages.ts';
import { WireError } from '../protocol/wire/wire-error.ts';
import type { ChannelArgs, ChannelMail, ChannelReport } from './channel-args.ts';
import { ChannelConnection } from './channel-connection.ts';
import { countPing, openChannelCounters, pingBestBase, type ChannelCounters } from './channel-counters.ts';
import type { AnyPainter, PaintOutcome } from './channel-painter.ts';
import { ChannelLiveness } from './channel-liveness.ts';
import type { ChannelPlayer } from './channel-player.ts';
import { ChannelPublisher } from './channel-publisher.ts';
import { ChannelTimings } from './channel-timings.ts';
import { ChannelWait } from './channel-wait.ts';
import { ConnectionNews } from './connection-news.ts';
import { inputNoter, paintNoter } from './input-probe.ts';
import { loadPainter } from './load-painter.ts';
import { loadPlayer } from './load-player.ts';
import { TransportCounts } from './transport-counts.ts';
import type { Actor, ActorContext, ActorModule, JsonValue } from './kernel/actor.ts';

/** spice-server 0.15.1 dies when a display socket closes within about 10 ms of its link result and before its first message. */
const displayCloseGraceMs = 20;
/** How long a stopping channel waits for the server to close its side. */
const closeWaitMs = 500;

class ChannelActor implements Actor<ChannelMail> {
  readonly #context: ActorContext;
  readonly #args: ChannelArgs;
  readonly #name: string;
  readonly #behavior: AnyBehavior;
  readonly #painter: AnyPainter | null;
  readonly #player: ChannelPlayer | null;
  readonly #counters: ChannelCounters;
  readonly #counts: TransportCounts;
  readonly #timings: ChannelTimings;
  readonly #notePress: ReturnType<typeof inputNoter>;
  readonly #notePaint: ReturnType<typeof paintNoter>;
  readonly #publisher: ChannelPublisher;
  readonly #tap: Tap;
  readonly #writer: Address;
  readonly #serials: SerialPublisher;
  readonly #wait: ChannelWait;
  readonly #liveness: ChannelLiveness;
  readonly #connection: ChannelConnection;
  readonly #news: ConnectionNews;
  #state: unknown;
  #flow: FlowState = initialFlow;
  #splitter: FrameSplitter | null = null;
  #fullHeaderSerial: number | null = null;
  #phase: LinkPhase | 'starting' | 'closed' = 'starting';
  #secure = false;
  #linkedAtMs = 0;
  #pingedAtUs: number | null = null;
  /** When the bytes in hand were read. */
  #readAtMs = 0;
  #lateness = initialLateness;
  #pingLateMaxUs = 0;
  #heard = false;
  #serialAwaited = false;
  #stopping = false;

  constructor(context: ActorContext, args: ChannelArgs, painter: AnyPainter | null, player: ChannelPlayer | null) {
    this.#context = context;
    this.#args = args;
    this.#name = channelName(args.channelType);
    this.#painter = painter;
    this.#player = player;
    painter?.attach?.((outcome) => {
      this.#painted(outcome);
      this.#publisher.changed();
    });
    this.#behavior = behaviorFor(args.channelType, args.displayOffer);
    this.#state = this.#behavior.initial;
    this.#counters = openChannelCounters(args.counters);
    this.#counts = new TransportCounts(args.channelType, args.counters, this.#counters);
    this.#timings = new ChannelTimings(args.timings);
    this.#notePress = inputNoter(args.inputProbe);
    this.#notePaint = paintNoter(args.inputProbe);
    this.#tap = createTap(new TapProducer(args.tap, context.generation), context.host.clock);
    this.#writer = context.address('writer');
    this.#serials = publishSerials(args.serials, args.channelType, args.channelId);
    this.#publisher = new ChannelPublisher({
      channel: context.id,
      hub: context.address<ChannelReport>('hub'),
      cell: args.state,
      counters: this.#counters,
      clock: context.host.clock,
      timers: context.host.timers,
      sessionStartMs: args.sessionStartMs,
      describe: () => this.#describe(),
    });
    this.#wait = new ChannelWait(args.serials, args, context.host.timers, {
      resumed: () => this.#handled(),
      gap: (key, detail) => this.#publisher.gap({ key: `${this.#name}:${key}`, detail }),
    });
    this.#news = new ConnectionNews(context.host);
    this.#liveness = new ChannelLiveness({
      clock: context.host.clock,
      timers: context.host.timers,
      rules: { idleMs: args.keepaliveIdleMs, silenceMsMax: args.silenceMsMax },
      keepalive: () => this.#keepAlive(),
      lost: (silentMs) => this.#silent(silentMs),
    });
    this.#connection = new ChannelConnection(
      context.host,
      args.endpoints,
      {
        handshake: {
          connectionId: args.connectionId,
          channelType: args.channelType,
          channelId: args.channelId,
          commonCaps: clientCommonCapabilities,
          channelCaps: this.#behavior.capabilities,
          password: args.password,
        },
        hasPlain: args.endpoints.plain !== null,
        hasSecure: args.endpoints.secure !== null,
        preferSecure: args.endpoints.preferSecure,
        deadlines: args.deadlines,
      },
      {
        phase: (phase, secure) => this.#phaseChanged(phase, secure),
        certified: (certificate) => void this.#publisher.emit({ kind: 'peerCertified', certificate }),
        ...(args.logsTlsKeys === true ? { keyLogged: (line: string) => void this.#writer.tell({ kind: 'tlsKeys', line } satisfies WriterMessage, { lane: 'control' }) } : {}),
        exchanged: (direction, bytes) => this.#wake(this.#tap.linkExchange(direction, bytes)),
        linked: ({ channelCapabilities, miniHeader }) => this.#linked(channelCapabilities, miniHeader),
        received: (bytes) => this.#received(bytes),
        failed: (failure) => void this.#failed(failure),
        lost: (cause) => this.#streamEnded(cause),
      },
    );
  }

  start(): void {
    this.#publisher.publish();
    this.#connection.start();
  }

  receive(message: ChannelMail, _from: Envelope): void {
    if (message.kind === 'command' && message.command.kind === 'recheckWait') return this.#wait.recheck();
    // What is meant for a connection that is gone is too late.
    if (!this.#connection.linked) return;
    switch (message.kind) {
      case 'command':
        return this.#step({ kind: 'command', command: message.command, nowMs: this.#context.host.clock.monotonicMs() });
      case 'probeConnection':
        return this.#keepAlive();
      case 'giveUpConnection':
        return this.#giveUp(message.why);
    }
  }

  observe(): JsonValue {
    // The description is plain data by construction of every reducer.
    return JSON.parse(JSON.stringify(this.#publisher.observable())) as JsonValue;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#closeAllowed();
    if (this.#connection.linked) {
      this.#connection.end();
      await this.#news.until(() => this.#phase === 'closed', closeWaitMs);
    }
    this.#connection.destroy();
    this.#ended();
  }

  /** Resolves when a display may be closed without killing the server, which dies of a close too soon after its link result. */
  async #closeAllowed(): Promise<void> {
    if (this.#args.channelType !== ChannelType.display) return;
    // With the ticket on its way the link result may be on its way back.
    await this.#news.until(() => this.#phase !== 'authenticating', closeWaitMs);
    if (!this.#connection.linked) return;
    await this.#news.until(() => this.#heard || this.#phase === 'closed', closeWaitMs);
    const ageMs = this.#context.host.clock.monotonicMs() - this.#linkedAtMs;
    await this.#news.until(() => this.#phase === 'closed', displayCloseGraceMs - ageMs);
  }

  #describe(): Readonly<Record<string, unknown>> {
    const { pingsReceived, pongsSent, acksSent, ackGeneration, ackWindow, left } = this.#flow;
    return {
      phase: this.#phase,
      secure: this.#secure,
      flow: { pingsReceived, pongsSent, acksSent, ackGeneration, ackWindow, left },
      ackIntervalsSecs: this.#counts.ackIntervalsSecs,
      ...this.#behavior.describe(this.#state),
      ...this.#painter?.describe(),
      ...(this.#player === null ? {} : { player: this.#player.describe() }),
    };
  }

  #phaseChanged(phase: LinkPhase, secure: boolean): void {
    this.#phase = phase;
    this.#secure = secure;
    this.#news.come();
    this.#publisher.publish();
    void this.#publisher.emit({ kind: 'linkPhaseChanged', phase, secure });
  }

  #linked(channelCapabilities: readonly number[], miniHeader: boolean): void {
    this.#linkedAtMs = this.#context.host.clock.monotonicMs();
    this.#splitter = createFrameSplitter({ header: miniHeader ? 'mini' : 'full', bodyBytesMax: messageBodyBytesMax });
    this.#fullHeaderSerial = miniHeader ? null : 0;
    this.#counters.keepalive_timeout_fired.set(0);
    this.#liveness.begin();
    this.#step({ kind: 'linked', channelCapabilities });
  }

  #received(chunk: Uint8Array): void {
    if (this.#splitter === null) return;
    this.#context.progress.enter('received');
    this.#readAtMs = this.#nowMs();
    this.#liveness.received();
    this.#counters.bytes_in.add(chunk.length);
    this.#counts.chunk(chunk.length);
    this.#counters.last_recv_ms.set(this.#sessionMs());
    let frames: readonly Frame[];
    let lost: WireError | null = null;
    try {
      frames = push(this.#splitter, chunk);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      lost = error;
      frames = this.#splitter.completed;
    }
    this.#receiveFrames(frames);
    if (lost !== null) this.#framingLost(lost);
    this.#timings.handled(this.#nowMs() - this.#readAtMs);
    this.#context.progress.leave();
  }

  #receiveFrames(frames: readonly Frame[]): void {
    if (frames.length === 0) return;
    this.#counters.messages_in.add(frames.length);
    for (const frame of frames) {
      this.#wake(this.#tap.append('received', frame.bytes, this.#headerKind));
      this.#counts.received(frame.type);
      this.#answerFlow(frame);
    }
    if (!this.#heard) {
      this.#heard = true;
      this.#counters.first_recv_ms.set(this.#sessionMs());
      this.#news.come();
    }
    for (const frame of frames) this.#inTurn(frame, (kept) => this.#handle(kept));
    this.#handled();
  }

  /** PONG, ACK_SYNC and ACK leave before any message of this chunk is looked at. */
  #answerFlow(frame: Frame): void {
    if (!this.#connection.writable) return;
    const carried = expandFrame(frame).frames.filter((each) => each !== frame);
    for (const each of carried) this.#reply(answerListed(this.#flow, this.#flowInput(each)));
    this.#reply(stepFlow(this.#flow, this.#flowInput(frame)));
  }

  #reply(step: FlowStep): void {
    const before = this.#flow;
    this.#flow = step.state;
    if (step.replies.length === 0) return;
    for (const reply of step.replies) this.#send(reply);
    if (step.state.pingsReceived > before.pingsReceived) {
      const nowMs = this.#nowMs();
      this.#timings.answered(nowMs - this.#readAtMs);
      this.#pingedAtUs = countPing(this.#counters, this.#pingedAtUs, nowMs - this.#args.sessionStartMs);
      this.#timings.pinged(this.#pingedAtUs);
    }
    this.#counters.pong_send_count.add(step.state.pongsSent - before.pongsSent);
    if (step.state.acksSent > before.acksSent) this.#counts.acked(this.#context.host.clock.monotonicMs() - this.#args.sessionStartMs);
  }

  #flowInput(frame: Frame): FlowInput {
    if (frame.type !== 3 && frame.type !== 4) return { kind: 'other' };
    const message = parseServerMessage(this.#args.channelType, frame);
    switch (message.kind) {
      case 'ping':
        this.#notePing(message.value.timestamp);
        return { kind: 'ping', id: message.value.id, timestamp: message.value.timestamp };
      case 'setAck':
        return { kind: 'setAck', generation: message.value.generation, window: message.value.window };
      default:
        return { kind: 'other' };
    }
  }

  #notePing(timestamp: bigint): void {
    this.#counters.last_ping_recv_ms.set(this.#sessionMs());
    const { state, lateUs } = stepLateness(this.#lateness, { timestamp, atUs: Math.round(this.#context.host.clock.monotonicMs() * 1000) });
    this.#lateness = state;
    if (state.bestUs === null) this.#counters.ping_best_us.set(0);
    if (lateUs === null) return;
    this.#pingLateMaxUs = Math.max(this.#pingLateMaxUs, lateUs);
    this.#counters.ping_late_us.set(lateUs);
    this.#counters.ping_late_max_us.set(this.#pingLateMaxUs);
    const best = pingBestBase + Math.round(state.bestUs ?? 0);
    if (best > 0 && best < 2 * pingBestBase) this.#counters.ping_best_us.set(best);
  }

  /** Handles `frame` now, or after the wait that is under way, and then with bytes of its own. */
  #inTurn(frame: Frame, handle: (frame: Frame) => void): void {
    if (!this.#wait.waiting) return this.#wait.inTurn(0, () => handle(frame));
    const bytes = frame.bytes.slice();
    const kept: Frame = { ...frame, bytes, body: bytes.subarray(bytes.length - frame.body.length) };
    this.#wait.inTurn(bytes.length, () => handle(kept));
  }

  #handle(frame: Frame): void {
    // A chunk may hold a thousand draws: each of them is progress.
    this.#context.progress.beat();
    const expanded = expandFrame(frame);
    for (const each of expanded.frames) this.#inTurn(each, (kept) => this.#handleMessage(parseServerMessage(this.#args.channelType, kept)));
    if (expanded.error !== null) this.#publisher.gap({ key: `${this.#name}:list:${expanded.error.code}`, detail: expanded.error.message });
    this.#wait.inTurn(0, () => {
      if (this.#serials.handled(frame.serial)) this.#serialAwaited = true;
    });
  }

  /** Messages were handled: whoever waits for them is told. */
  #handled(): void {
    if (this.#serialAwaited) void this.#publisher.emit({ kind: 'serialReached' });
    this.#serialAwaited = false;
    this.#publisher.changed();
  }

  #handleMessage(message: AnyServerMessage): void {
    const effects = stepBase(this.#args.channelType, message);
    if (effects !== null) for (const effect of effects) this.#perform(effect);
    else this.#step({ kind: 'message', message, nowMs: this.#context.host.clock.monotonicMs() });
    // The reference server's NOTIFY has one NUL more than it says; every other trailing byte is news.
    if ('trailingBytes' in message && message.trailingBytes > 0 && message.kind !== 'notify') {
      this.#publisher.gap({ key: `${this.#name}:trailing:${message.kind}`, detail: `${message.trailingBytes} bytes after what ${message.kind} is known to hold` });
    }
  }

  #step(input: ChannelInput<AnyServerMessage>): void {
    const step = this.#behavior.step(this.#state, input);
    if (step.state !== this.#state) {
      this.#state = step.state;
      this.#publisher.changed();
    }
    for (const effect of step.effects) this.#perform(effect);
  }

  #perform(effect: ChannelEffect): void {
    switch (effect.kind) {
      case 'send':
        this.#send(effect.outgoing);
        return;
      case 'emit':
        void this.#publisher.emit(effect.event);
        return;
      case 'gap':
        this.#publisher.gap(effect.gap);
        return;
      case 'paint':
        this.#counters.draws.add(1);
        this.#timedPaint(effect.message);
        return;
      case 'point':
        this.#paint(effect.message);
        return;
      case 'setMultiMediaTime':
        setMultiMediaTime(this.#args.multiMediaClock, effect.serverMs, this.#context.host.clock.monotonicMs());
        return;
      case 'play':
        for (const gap of this.#player?.play(effect.message) ?? []) this.#publisher.gap(gap);
        return;
      case 'awaitSerials':
        this.#wait.begin(effect.awaited);
        this.#wait.inTurn(0, () => effect.afterwards.forEach((each) => this.#perform(each)));
        return;
    }
  }

  #timedPaint(message: AnyServerMessage): void {
    const startMs = this.#nowMs();
    this.#paint(message);
    this.#timings.painted(this.#nowMs() - startMs);
    const lagMs = this.#notePaint(() => this.#nowMs());
    if (lagMs !== null) this.#timings.inputPainted(lagMs);
  }

  #paint(message: AnyServerMessage): void {
    const outcome = this.#painter?.paint(message) ?? null;
    if (outcome !== null) this.#painted(outcome);
  }

  #painted(outcome: PaintOutcome): void {
    for (const gap of outcome.gaps) this.#publisher.gap(gap);
    for (const event of outcome.events) void this.#publisher.emit(event);
    for (const outgoing of outcome.sends) this.#send(outgoing);
  }

  #send(outgoing: Outgoing): void {
    if (!this.#connection.writable) return;
    const header: Header = this.#fullHeaderSerial === null ? { header: 'mini' } : { header: 'full', serial: ++this.#fullHeaderSerial };
    const bytes = serializeOutgoing(this.#args.channelType, outgoing, header);
    this.#wake(this.#tap.append('sent', bytes, this.#headerKind));
    this.#counters.messages_out.add(1);
    this.#counts.sent(outgoing.name);
    this.#counters.bytes_out.add(bytes.length);
    this.#counters.last_send_ms.set(this.#sessionMs());
    this.#liveness.sent();
    this.#connection.write(bytes);
    if (outgoing.name === 'keyDown' || outgoing.name === 'mousePress') this.#notePress(this.#nowMs());
  }

  #keepAlive(): void {
    const outgoing = this.#behavior.keepalive === undefined ? unaskedPong : this.#behavior.keepalive(this.#state);
    if (outgoing === null || !this.#connection.writable) return;
    this.#send(outgoing);
    this.#counters.client_keepalive_send_count.add(1);
    this.#counters.last_client_keepalive_send_ms.set(this.#sessionMs());
  }

  /** The flag stands before anybody hears of the loss. */
  #silent(silentMs: number): void {
    this.#counters.keepalive_timeout_fired.set(1);
    this.#giveUp(`nothing was received for ${Math.round(silentMs / 1000)} s`);
  }

  #giveUp(why: string): void {
    this.#connection.destroy();
    void this.#lost({ kind: 'timeout', message: why, code: null });
  }

  #wake(needed: boolean): void {
    if (needed && this.#writer.tell(this.#tap.tappedMessage) !== 'accepted') this.#tap.wakeRefused();
  }

  get #headerKind(): HeaderKind {
    return this.#fullHeaderSerial === null ? 'mini' : 'full';
  }

  #nowMs(): number {
    return this.#context.host.clock.monotonicMs();
  }

  #sessionMs(): number {
    return Math.round(this.#nowMs() - this.#args.sessionStartMs) + 1;
  }

  #framingLost(error: WireError): void {
    this.#publisher.gap({ key: `${this.#name}:framing:${error.code}`, detail: error.message });
    this.#connection.destroy();
    void this.#lost({ kind: 'protocol', message: `the server's bytes are not messages any more: ${error.message}`, code: error.code });
  }

  #streamEnded(cause: ConnectionLoss): void {
    const unfinished = this.#splitter === null ? 0 : unfinishedBytes(this.#splitter);
    if (unfinished > 0) this.#publisher.gap({ key: `${this.#name}:framing:truncated`, detail: `the connection ended inside a message, after ${unfinished} bytes of it` });
    void this.#lost(cause);
  }

  async #failed(failure: LinkFailure): Promise<void> {
    this.#ended();
    if (this.#stopping) return;
    await this.#publisher.emit({ kind: 'linkFailed', failure });
    this.#context.exit({ kind: 'downstreamClosed', detail: `link failed: ${failure.kind}`, neverOpen: true });
  }

  async #lost(cause: ConnectionLoss): Promise<void> {
    if (this.#phase === 'closed') return;
    this.#ended();
    if (this.#stopping) return;
    await this.#publisher.emit({ kind: 'connectionLost', cause });
    this.#context.exit({ kind: 'downstreamClosed', detail: `${cause.kind}: ${cause.message}` });
  }

  #ended(): void {
    this.#phase = 'closed';
    this.#painter?.end?.();
    this.#liveness.end();
    this.#wait.abandon();
    this.#publisher.publish();
    this.#news.come();
  }
}

export const actor: ActorModule<ChannelArgs, ChannelMail> = {
  async start(context, args) {
    const channel = new ChannelActor(context, args, await loadPainter(args, context), await loadPlayer(context, args));
    channel.start();
    return channel;
  },
};
