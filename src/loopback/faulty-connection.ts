// A connection with scripted faults: stands between the server and the connection that it has accepted, on whatever transport, and
// does to it what the script says when the moment comes. What a fault means for a link (a refusal, a duplicate) it only knows;
// the server asks. Faults of messages are the channel's to send, so that its ACK window stays true.

import type { FaultAction, FaultMoment, FaultScript, LoopbackFault } from './fault-script.ts';
import type { Cancel, LoopbackConnection, LoopbackConnectionEvents, LoopbackHost } from './loopback-host.ts';
import { garbage, oversized, truncated, type WirePlace } from './spoiled-bytes.ts';

/** What a fault wants of the channel that runs on the connection. */
export interface FaultyChannel {
  stopPings(): void;
  sendRaw(type: number, body: Uint8Array): void;
}

/** What the server tells and asks while it links. */
export interface LinkFaults {
  /** The link message has been read. */
  requested(type: number, id: number): void;
  /** The ticket has been read. */
  checking(): void;
  /** The link result has been sent, and no message yet. */
  linked(miniHeader: boolean, channel: FaultyChannel): void;
  /** The error that this moment of the link answers with; null = whatever is right. */
  refusal(moment: 'link' | 'ticket'): number | null;
  /** The channel counts as linked already. */
  readonly duplicate: boolean;
}

export const noFaults: LinkFaults = { requested: () => undefined, checking: () => undefined, linked: () => undefined, refusal: () => null, duplicate: false };

/** Written by the server, not yet by the connection. */
interface Late {
  readonly bytes: Uint8Array;
  readonly pieceBytes: number;
  readonly dueMs: number;
}

export class FaultyConnection implements LoopbackConnection, LinkFaults {
  readonly #host: LoopbackHost;
  readonly #inner: LoopbackConnection;
  readonly #script: FaultScript;
  readonly #timers = new Set<Cancel>();
  #server: LoopbackConnectionEvents | null = null;
  #faults: readonly LoopbackFault[] = [];
  #channel: FaultyChannel | null = null;
  #place: WirePlace = 'link';
  #messages = 0;
  #reads = true;
  #writes = true;
  /** Not even the server's own close gets through. */
  #holds = false;
  /** The server has been told that it is closed. */
  #over = false;
  #pieceBytes = Infinity;
  #delayMs = 0;
  readonly #late: Late[] = [];
  #lateAt = 0;
  #lateBytes = 0;
  #cancelLate: Cancel = () => undefined;
  #endsAfterLate = false;
  #lastByteMs = 0;

  constructor(host: LoopbackHost, inner: LoopbackConnection, script: FaultScript) {
    this.#host = host;
    this.#inner = inner;
    this.#script = script;
  }

  get secure(): boolean {
    return this.#inner.secure;
  }

  get local(): boolean {
    return this.#inner.local;
  }

  get queuedBytes(): number {
    return this.#inner.queuedBytes + this.#lateBytes;
  }

  get duplicate(): boolean {
    return this.#faults.some(({ action }) => action.kind === 'duplicate');
  }

  /** What the transport tells goes through here on its way to the server. */
  heardBy(server: LoopbackConnectionEvents): LoopbackConnectionEvents {
    this.#server = server;
    return {
      received: (bytes) => {
        if (!this.#reads || this.#over) return;
        this.#touched();
        server.received(bytes);
      },
      drained: () => {
        if (this.#lateBytes === 0 && !this.#over) server.drained();
      },
      closed: () => {
        this.#dropLate();
        this.#letGo();
      },
    };
  }

  requested(type: number, id: number): void {
    this.#faults = this.#script.nextLink(type, id);
    this.#commitDue(({ kind }) => kind === 'link');
  }

  checking(): void {
    this.#place = 'ticket';
    this.#commitDue(({ kind }) => kind === 'ticket');
  }

  linked(miniHeader: boolean, channel: FaultyChannel): void {
    this.#place = miniHeader ? 'mini' : 'full';
    this.#channel = channel;
    for (const { action, moment } of this.#faults) {
      if (moment.kind !== 'time') continue;
      if (moment.ms === 0) this.#commit(action);
      else this.#after(moment.ms, () => this.#commit(action));
    }
  }

  refusal(moment: 'link' | 'ticket'): number | null {
    for (const { action, moment: at } of this.#faults) if (action.kind === 'refuse' && at.kind === moment) return action.code;
    return null;
  }

  write(bytes: Uint8Array): void {
    this.#out(bytes);
    if (this.#channel === null) return;
    this.#messages += 1;
    this.#commitDue((moment) => moment.kind === 'message' && moment.number === this.#messages);
  }

  end(): void {
    if (this.#holds || this.#over) return;
    if (this.#lateBytes > 0) this.#endsAfterLate = true;
    else this.#inner.end();
  }

  destroy(): void {
    this.#inner.destroy();
  }

  reset(): void {
    this.#inner.reset();
  }

  pause(): void {
    this.#inner.pause();
  }

  vanish(): void {
    this.#inner.vanish();
  }

  #commitDue(isNow: (moment: FaultMoment) => boolean): void {
    for (const { action, moment } of this.#faults) if (isNow(moment)) this.#commit(action);
  }

  #commit(action: FaultAction): void {
    if (this.#over) return;
    switch (action.kind) {
      case 'refuse':
      case 'duplicate':
        return; // the server asks for these
      case 'stopReading':
        this.#stopReading();
        return;
      case 'stopWriting':
        this.#stopWriting();
        return;
      case 'spin':
        this.#holds = true;
        this.#stopReading();
        this.#stopWriting();
        return;
      case 'stopPings':
        this.#channel?.stopPings();
        return;
      case 'halfOpen':
        this.#stopWriting();
        this.#inner.vanish();
        return this.#letGo();
      case 'fin':
      case 'rst':
        return this.#cut(action.kind);
      case 'garbage':
        return this.#out(garbage(this.#place));
      case 'truncate':
        this.#out(truncated(this.#place));
        return this.#cut('fin');
      case 'oversize':
        if (this.#place !== 'ticket') this.#out(oversized(this.#place));
        return;
      case 'message':
        this.#channel?.sendRaw(action.type, action.body);
        return;
      case 'split':
        this.#pieceBytes = action.bytes;
        return;
      case 'delay':
        this.#delayMs = action.ms;
        return;
      case 'idle':
        this.#lastByteMs = this.#host.clock.monotonicMs();
        return this.#watchIdle(action.ms, action.cut);
    }
  }

  #stopReading(): void {
    this.#reads = false;
    this.#inner.pause();
  }

  #stopWriting(): void {
    this.#writes = false;
    this.#dropLate();
  }

  #cut(how: 'fin' | 'rst'): void {
    if (how === 'rst') this.#inner.reset();
    else if (this.#lateBytes > 0) this.#endsAfterLate = true;
    else this.#inner.end();
    this.#letGo();
  }

  /** The server forgets the connection at once: its channel is free for a new link. */
  #letGo(): void {
    if (this.#over) return;
    this.#over = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#server?.closed();
  }

  #out(bytes: Uint8Array): void {
    if (!this.#writes || this.#over) return;
    if (this.#pieceBytes === Infinity && this.#delayMs === 0 && this.#lateBytes === 0) {
      this.#touched();
      this.#inner.write(bytes);
      return;
    }
    const isFirst = this.#lateBytes === 0;
    this.#late.push({ bytes, pieceBytes: this.#pieceBytes, dueMs: this.#host.clock.monotonicMs() + this.#delayMs });
    this.#lateBytes += bytes.byteLength;
    if (isFirst) this.#sendLate();
  }

  /** The next piece when it is due, each in a turn of its own. */
  #sendLate(): void {
    const { clock, timers } = this.#host;
    const waitMs = (this.#late[0]?.dueMs ?? 0) - clock.monotonicMs();
    const send = (): void => this.#sendPiece();
    this.#cancelLate = waitMs > 0 ? timers.after(waitMs, send) : timers.soon(send);
  }

  #sendPiece(): void {
    const [first] = this.#late;
    if (first === undefined) return;
    const piece = first.bytes.subarray(this.#lateAt, this.#lateAt + first.pieceBytes);
    this.#lateAt += piece.byteLength;
    this.#lateBytes -= piece.byteLength;
    if (this.#lateAt >= first.bytes.byteLength) {
      this.#late.shift();
      this.#lateAt = 0;
    }
    this.#touched();
    this.#inner.write(piece);
    if (this.#lateBytes > 0) this.#sendLate();
    else if (this.#endsAfterLate) this.#inner.end();
    else if (this.#inner.queuedBytes === 0 && !this.#over) this.#server?.drained();
  }

  #dropLate(): void {
    this.#cancelLate();
    this.#late.length = 0;
    this.#lateAt = 0;
    this.#lateBytes = 0;
  }

  #touched(): void {
    this.#lastByteMs = this.#host.clock.monotonicMs();
  }

  #watchIdle(ms: number, cut: 'fin' | 'rst'): void {
    this.#after(Math.max(1, this.#lastByteMs + ms - this.#host.clock.monotonicMs()), () => {
      if (this.#host.clock.monotonicMs() - this.#lastByteMs >= ms) this.#cut(cut);
      else this.#watchIdle(ms, cut);
    });
  }

  #after(ms: number, run: () => void): void {
    const cancel = this.#host.timers.after(ms, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
  }
}
