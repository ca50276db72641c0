// The loopback server: a real SPICE server in this project's own code, for the demo and for tests. It accepts connections that
// somebody hands it, links them, and runs one reducer per channel. One client at a time, like the real one: a new main channel
// ends the session before it. It owns no listener and no thread.

import { ChannelType, clientCommonCapabilities } from '../protocol/constants.ts';
import type { ChannelTypeNumber } from '../protocol/constants.ts';
import type { OfferedChannel } from '../protocol/events.ts';
import { LinkErrorCode } from '../protocol/link-error.ts';
import { beginServerLink, stepServerLink, type ServerLinkEffect, type ServerLinkInput, type ServerLinkState } from '../protocol/link-acceptance.ts';
import type { LinkRequest } from '../protocol/link-codec.ts';
import { displayServer, type SceneName } from './channels/display-server.ts';
import { mainServer } from './channels/main-server.ts';
import type { ServerChannel } from './channels/server-channel.ts';
import { cursorServer, inputsServer, playbackServer, portServer, recordServer } from './channels/small-servers.ts';
import { ChannelRun, type AnyServerChannel } from './channel-run.ts';
import type { Compression } from './image-sender.ts';
import { createLinkKeys, type LinkKeys } from './link-keys.ts';
import type { LoopbackConnection, LoopbackConnectionEvents, LoopbackHost } from './loopback-host.ts';
import { sceneHeight, sceneWidth } from './scene.ts';

export interface LoopbackOptions {
  readonly name: string;
  /** What clients must give; null = every ticket is right. */
  readonly password: string | null;
  /** Wall time after which the ticket is refused, in milliseconds since 1970; null = never. */
  readonly ticketUntilMs: number | null;
  /** Channel types that are refused on a plain connection (NEED_SECURED). */
  readonly securedTypes: readonly number[];
  readonly displays: number;
  readonly scene: SceneName;
  readonly compression: Compression;
  readonly pingEveryMs: number;
  /** How often the connectivity check looks, in milliseconds; 0 = never. The real server's is 30 s. */
  readonly checkEveryMs: number;
  readonly firstPicture: number;
  readonly agent: boolean;
  readonly sound: boolean;
}

export const defaultLoopbackOptions: LoopbackOptions = {
  name: 'loopback', password: null, ticketUntilMs: null, securedTypes: [], displays: 1, scene: 'default', compression: 'auto',
  pingEveryMs: 2_000, checkEveryMs: 30_000, firstPicture: 0, agent: true, sound: true,
};

const pointerEveryMs = 100;
const portName = 'org.ryll-actors.loopback.0';

interface Session {
  readonly id: number;
  /** By `type/id`. */
  readonly channels: Map<string, ChannelRun>;
}

/** What the server saw, for tests. */
export interface LoopbackReport {
  readonly connections: number;
  readonly sessions: number;
  readonly refusals: Readonly<Record<string, number>>;
  readonly violations: Readonly<Record<string, number>>;
  readonly channels: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export class LoopbackServer {
  readonly #host: LoopbackHost & { readonly clock: { wallMs(): number } };
  readonly #options: LoopbackOptions;
  readonly #keys: LinkKeys = createLinkKeys();
  readonly #violations = new Map<string, number>();
  readonly #refusals = new Map<string, number>();
  readonly #open = new Set<LoopbackConnection>();
  #session: Session | null = null;
  #connections = 0;
  #sessions = 0;

  constructor(host: LoopbackHost & { readonly clock: { wallMs(): number } }, options: LoopbackOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** Takes one connection; the caller feeds it. */
  accept(connection: LoopbackConnection): LoopbackConnectionEvents {
    this.#connections += 1;
    this.#open.add(connection);
    let link: ServerLinkState = beginServerLink();
    let channel: ChannelRun | null = null;
    const step = (input: ServerLinkInput): void => {
      const next = stepServerLink(link, input);
      link = next.state;
      for (const effect of next.effects) perform(effect);
    };
    const perform = (effect: ServerLinkEffect): void => {
      switch (effect.kind) {
        case 'send':
          return connection.write(effect.bytes);
        case 'requested':
          return step(this.#answer(effect.request, connection.secure));
        case 'checkTicket':
          return step({ kind: 'ticketChecked', code: link.phase === 'checking' ? this.#ticketResult(link.request, effect.encrypted) : LinkErrorCode.error });
        case 'linked':
          channel = this.#begin(effect.request, effect.miniHeader, connection);
          if (effect.rest.length > 0) channel?.received(effect.rest);
          return;
        case 'failed':
          this.#count(this.#refusals, effect.error.kind === 'refused' ? (effect.error.name ?? String(effect.error.code)) : effect.error.kind);
          return connection.end();
      }
    };
    return {
      received: (bytes) => {
        if (channel === null) step({ kind: 'bytes', bytes });
        else channel.received(bytes);
      },
      closed: () => {
        this.#open.delete(connection);
        if (channel === null) step({ kind: 'closed' });
        else this.#closed(channel);
      },
    };
  }

  observe(): LoopbackReport {
    const channels = [...(this.#session?.channels ?? [])].map(([key, run]) => [key, run.observe()]);
    return {
      connections: this.#connections,
      sessions: this.#sessions,
      refusals: Object.fromEntries(this.#refusals),
      violations: Object.fromEntries(this.#violations),
      channels: Object.fromEntries(channels),
    };
  }

  /** Ends every connection at once. */
  close(): void {
    this.#endSession();
    for (const connection of this.#open) connection.destroy();
    this.#open.clear();
  }

  #offered(): readonly OfferedChannel[] {
    const displays = Array.from({ length: this.#options.displays }, (_, id) => ({ type: ChannelType.display, id }));
    const others = [ChannelType.inputs, ChannelType.cursor, ChannelType.playback, ChannelType.record, ChannelType.port].map((type) => ({ type, id: 0 }));
    return [...displays, ...others];
  }

  #answer(request: LinkRequest, secure: boolean): ServerLinkInput {
    const error = !secure && this.#options.securedTypes.includes(request.channelType) ? LinkErrorCode.needSecured : LinkErrorCode.ok;
    const channelCaps = this.#serverOf(request.channelType, 0)?.capabilities ?? [];
    return { kind: 'answered', error, publicKeyDer: this.#keys.publicKeyDer, commonCaps: clientCommonCapabilities, channelCaps };
  }

  #ticketResult(request: LinkRequest, encrypted: Uint8Array): number {
    const { password, ticketUntilMs } = this.#options;
    const ticket = this.#keys.decryptTicket(encrypted);
    if (ticket === null) return LinkErrorCode.permissionDenied; // not even a ticket, which is refused without a password too
    if (password !== null && ticket !== password) return LinkErrorCode.permissionDenied;
    if (ticketUntilMs !== null && this.#host.clock.wallMs() >= ticketUntilMs) return LinkErrorCode.permissionDenied;
    const isMain = request.channelType === ChannelType.main;
    if (isMain) return request.connectionId === 0 && request.channelId === 0 ? LinkErrorCode.ok : LinkErrorCode.badConnectionId;
    if (this.#session === null || request.connectionId !== this.#session.id) return LinkErrorCode.badConnectionId;
    const offered = this.#offered().some(({ type, id }) => type === request.channelType && id === request.channelId);
    return offered ? LinkErrorCode.ok : LinkErrorCode.channelNotAvailable;
  }

  #begin(request: LinkRequest, miniHeader: boolean, connection: LoopbackConnection): ChannelRun | null {
    if (request.channelType === ChannelType.main) {
      this.#endSession();
      this.#sessions += 1;
      this.#session = { id: 0x1000 + this.#sessions, channels: new Map() };
    }
    const session = this.#session;
    const channel = this.#serverOf(request.channelType, session?.id ?? 0);
    const key = `${request.channelType}/${request.channelId}`;
    if (session === null || channel === null || session.channels.has(key)) {
      // A second link for an open channel is given result 0 and then closed, as the real server does.
      connection.end();
      return null;
    }
    const run = new ChannelRun(this.#host, channel, connection, miniHeader, {
      violated: (rule) => {
        this.#count(this.#violations, rule);
        // The real server closes a channel whose client says what it does not understand.
        if (/:(unknown|malformed)-/.test(rule)) connection.end();
      },
      sessionEnded: () => this.#endSession(),
    });
    session.channels.set(key, run);
    run.start();
    return run;
  }

  #closed(channel: ChannelRun): void {
    channel.stop();
    const session = this.#session;
    if (session === null) return;
    for (const [key, run] of session.channels) if (run === channel) session.channels.delete(key);
    if (channel.type === ChannelType.main) this.#endSession();
  }

  #endSession(): void {
    const ended = this.#session;
    this.#session = null;
    for (const run of ended?.channels.values() ?? []) {
      run.stop();
      run.connection.end();
    }
  }

  #serverOf(type: number, sessionId: number): AnyServerChannel | null {
    const { name, pingEveryMs, checkEveryMs, agent, scene, compression, firstPicture, sound } = this.#options;
    const of = <C extends ChannelTypeNumber, S>(channel: ServerChannel<C, S>): AnyServerChannel => channel as unknown as AnyServerChannel;
    switch (type) {
      case ChannelType.main:
        return of(mainServer({ sessionId, name, channels: this.#offered(), pingEveryMs, checkEveryMs, agent, width: sceneWidth, height: sceneHeight }));
      case ChannelType.display:
        return of(displayServer({ scene, compression, pingEveryMs, firstPicture }));
      case ChannelType.inputs:
        return of(inputsServer());
      case ChannelType.cursor:
        return of(cursorServer(scene === 'default' ? pointerEveryMs : null));
      case ChannelType.playback:
        return of(playbackServer(sound));
      case ChannelType.record:
        return of(recordServer());
      case ChannelType.port:
        return of(portServer(portName));
      default:
        return null;
    }
  }

  #count(counts: Map<string, number>, key: string): void {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
}
