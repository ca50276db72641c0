// The loopback server: a real SPICE server in this project's own code, for the demo and for tests. It accepts connections that
// somebody hands it, links them, and runs one reducer per channel. One client at a time, like the real one: a new main channel
// ends the session before it. It owns no listener and no thread.

import { ChannelType, clientCommonCapabilities, type ChannelTypeNumber } from '../protocol/constants.ts';
import type { OfferedChannel } from '../protocol/events.ts';
import { LinkErrorCode, type LinkError } from '../protocol/link-error.ts';
import { beginServerLink, stepServerLink, type ServerLinkEffect, type ServerLinkInput, type ServerLinkState } from '../protocol/link-acceptance.ts';
import type { LinkRequest } from '../protocol/link-codec.ts';
import { playbackServer, recordServer } from './channels/audio-servers.ts';
import { portServer, usbredirServer, webdavServer } from './channels/byte-stream-servers.ts';
import { cursorServer } from './channels/cursor-server.ts';
import { displayServer, type SceneName } from './channels/display-server.ts';
import { inputsServer } from './channels/inputs-server.ts';
import { mainServer } from './channels/main-server.ts';
import type { ServerChannel } from './channels/server-channel.ts';
import { ChannelRun, type AnyServerChannel } from './channel-run.ts';
import { FaultScript, type LoopbackFault } from './fault-script.ts';
import { FaultyConnection, noFaults, type LinkFaults } from './faulty-connection.ts';
import type { Compression } from './image-sender.ts';
import { createLinkKeys, type LinkKeys } from './link-keys.ts';
import type { LoopbackConnection, LoopbackConnectionEvents, LoopbackHost } from './loopback-host.ts';
import { makeEachTime, type Remember } from './remember.ts';
import { Session } from './session.ts';

export interface LoopbackTicket {
  /** What clients must give; null = any ticket is right, if it is one. */
  readonly password: string | null;
  /** Wall time from which on it is refused, in milliseconds since 1970; null = never. */
  readonly validUntilMs: number | null;
  /** How often each channel may be linked with it, 1 = a ticket for a single use; absent = as often as it likes. */
  readonly linksMax?: number;
}

export interface LoopbackOptions {
  readonly name: string;
  readonly ticket: LoopbackTicket;
  /** Channel types that are refused on a plain connection (NEED_SECURED). */
  readonly securedTypes: readonly number[];
  readonly displays: number;
  readonly scene: SceneName;
  readonly compression: Compression;
  /** PINGs on main and display, and on the other channels; null = none but the opening ones. */
  readonly pingEveryMs: number | null;
  readonly quietPingEveryMs: number | null;
  /** How often the connectivity check looks at main; null = never. The real server's is 30 s. */
  readonly checkEveryMs: number | null;
  /** After this time a display that takes no pictures is closed. */
  readonly stallMs: number;
  readonly firstPicture: number;
  /** The picture at which the scene stops moving; null = never. */
  readonly lastPicture: number | null;
  readonly agent: boolean;
  /** What goes wrong on purpose, on which channel and when. */
  readonly faults: readonly LoopbackFault[];
}

/** Times are the real server's. */
export const defaultLoopbackOptions: LoopbackOptions = {
  name: 'loopback', ticket: { password: null, validUntilMs: null }, securedTypes: [], displays: 1, scene: 'default', compression: 'auto',
  pingEveryMs: 15_000, quietPingEveryMs: 300_000, checkEveryMs: 30_000, stallMs: 30_000, firstPicture: 0, lastPicture: null, agent: true,
  faults: [],
};

/** What servers of one process may share, because it costs more than a link and says nothing of any of them. */
export interface SharedByServers {
  readonly keys: LinkKeys;
  readonly remember: Remember<Uint8Array>;
}

const pointerEveryMs = 100;
const portName = 'org.ryll-actors.loopback.0';

/** What the server saw, for tests. */
export interface LoopbackReport {
  readonly connections: number;
  readonly sessions: number;
  /** Links that were not made, by the reason that was given. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Rules of the protocol that clients broke, as `display:ack-ahead`. */
  readonly violations: Readonly<Record<string, number>>;
  /** Why the server ended sessions by itself. */
  readonly ended: readonly string[];
  /** The current session's channels, or the last one's, by name. */
  readonly channels: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export class LoopbackServer {
  readonly #host: LoopbackHost;
  readonly #options: LoopbackOptions;
  readonly #keys: LinkKeys;
  readonly #remember: Remember<Uint8Array>;
  readonly #violations = new Map<string, number>();
  readonly #refusals = new Map<string, number>();
  readonly #ended: string[] = [];
  readonly #open = new Set<LoopbackConnection>();
  readonly #script: FaultScript;
  /** Links that were made with the current ticket, by channel. */
  readonly #ticketLinks = new Map<string, number>();
  #ticket: LoopbackTicket;
  #session: Session | null = null;
  #lastChannels: LoopbackReport['channels'] = {};
  #connections = 0;
  #sessions = 0;

  constructor(host: LoopbackHost, options: LoopbackOptions, shared: Partial<SharedByServers> = {}) {
    this.#host = host;
    this.#options = options;
    this.#keys = shared.keys ?? createLinkKeys();
    this.#remember = shared.remember ?? makeEachTime;
    this.#ticket = options.ticket;
    this.#script = new FaultScript(options.faults);
  }

  /** From the next link on. */
  setTicket(ticket: LoopbackTicket): void {
    this.#ticket = ticket;
    this.#ticketLinks.clear();
  }

  /** Takes one connection; the caller feeds it. */
  accept(connection: LoopbackConnection): LoopbackConnectionEvents {
    if (this.#options.faults.length === 0) return this.#serve(connection, noFaults);
    const faulty = new FaultyConnection(this.#host, connection, this.#script);
    return faulty.heardBy(this.#serve(faulty, faulty));
  }

  #serve(connection: LoopbackConnection, faults: LinkFaults): LoopbackConnectionEvents {
    this.#connections += 1;
    this.#open.add(connection);
    let link: ServerLinkState = beginServerLink();
    let run: ChannelRun | null = null;
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
          faults.requested(effect.request.channelType, effect.request.channelId);
          return step(this.#answer(effect.request, connection, faults));
        case 'checkTicket':
          faults.checking();
          return step({ kind: 'ticketChecked', code: link.phase === 'checking' ? (faults.refusal('ticket') ?? this.#ticketResult(link.request, effect.encrypted)) : LinkErrorCode.error });
        case 'linked':
          run = this.#begin(effect.request, effect.miniHeader, connection, faults.duplicate);
          if (run !== null) faults.linked(effect.miniHeader, run);
          run?.start();
          if (effect.rest.byteLength > 0) run?.received(effect.rest);
          return;
        case 'failed':
          count(this.#refusals, refusalName(effect.error));
          return connection.end();
      }
    };
    return {
      received: (bytes) => {
        if (run === null) step({ kind: 'bytes', bytes });
        else run.received(bytes);
      },
      drained: () => run?.drained(),
      closed: () => {
        this.#open.delete(connection);
        if (run === null) step({ kind: 'closed' });
        else this.#closed(run);
      },
    };
  }

  /** Rules of the protocol that clients broke, without the rest of the report. */
  get violations(): LoopbackReport['violations'] {
    return Object.fromEntries(this.#violations);
  }

  observe(): LoopbackReport {
    return {
      connections: this.#connections,
      sessions: this.#sessions,
      refusals: Object.fromEntries(this.#refusals),
      violations: this.violations,
      ended: this.#ended,
      channels: this.#session?.observe() ?? this.#lastChannels,
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
    const others = [ChannelType.inputs, ChannelType.cursor, ChannelType.playback, ChannelType.record, ChannelType.usbredir, ChannelType.port, ChannelType.webdav];
    return [...displays, ...others.map((type) => ({ type, id: 0 }))];
  }

  #answer({ channelType, channelId }: LinkRequest, { secure, local }: LoopbackConnection, faults: LinkFaults): ServerLinkInput {
    const isBare = !secure && !local && this.#options.securedTypes.includes(channelType);
    const channelCaps = this.#channelOf(channelType, channelId, null)?.capabilities ?? [];
    return { kind: 'answered', error: faults.refusal('link') ?? (isBare ? LinkErrorCode.needSecured : LinkErrorCode.ok), publicKeyDer: this.#keys.publicKeyDer, commonCaps: clientCommonCapabilities, channelCaps };
  }

  #ticketResult({ channelType, channelId, connectionId }: LinkRequest, encrypted: Uint8Array): number {
    const { password, validUntilMs, linksMax } = this.#ticket;
    const given = this.#keys.decryptTicket(encrypted);
    if (given === null) return LinkErrorCode.permissionDenied; // not even a ticket, which is refused without a password too
    if (password !== null && given !== password) return LinkErrorCode.permissionDenied;
    if (validUntilMs !== null && this.#host.clock.wallMs() >= validUntilMs) return LinkErrorCode.permissionDenied;
    const links = count(this.#ticketLinks, `${channelType}/${channelId}`);
    if (links > (linksMax ?? Infinity)) return LinkErrorCode.permissionDenied;
    // A main channel with an id is the target of a migration, and nothing migrates here.
    if (channelType === ChannelType.main) return connectionId === 0 && channelId === 0 ? LinkErrorCode.ok : LinkErrorCode.badConnectionId;
    if (this.#session === null || connectionId !== this.#session.id) return LinkErrorCode.badConnectionId;
    const offered = this.#offered().some(({ type, id }) => type === channelType && id === channelId);
    return offered ? LinkErrorCode.ok : LinkErrorCode.channelNotAvailable;
  }

  #begin({ channelType, channelId, channelCaps }: LinkRequest, miniHeader: boolean, connection: LoopbackConnection, duplicate: boolean): ChannelRun | null {
    if (channelType === ChannelType.main) {
      this.#endSession();
      this.#sessions += 1;
      this.#session = new Session(this.#newSessionId());
    }
    const session = this.#session;
    const channel = this.#channelOf(channelType, channelId, session);
    if (session === null || channel === null || duplicate || session.isTaken(channelType, channelId)) {
      // A second link for an open channel is given result 0 and then closed, as by the real server.
      connection.end();
      return null;
    }
    const { pingEveryMs, quietPingEveryMs, checkEveryMs } = this.#options;
    const isMain = channelType === ChannelType.main;
    const everyMs = isMain || channelType === ChannelType.display ? pingEveryMs : quietPingEveryMs;
    const run = new ChannelRun(
      this.#host, channel, connection,
      // Unix sockets are not pinged, except main's.
      { id: channelId, miniHeader, channelCaps, pingEveryMs: connection.local && !isMain ? null : everyMs, checkEveryMs: isMain ? checkEveryMs : null },
      {
        violated: (rule) => void count(this.#violations, rule),
        tell: (note) => session.tell(note, run),
        sessionEnded: (why) => {
          this.#ended.push(why);
          this.#endSession();
        },
      },
    );
    session.add(run);
    return run;
  }

  /** Not 0, which asks for a new session, and not the one before: a client that comes late must be told so. */
  #newSessionId(): number {
    const bytes = this.#host.random.bytes(4);
    const id = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
    return id === 0 || id === this.#session?.id ? this.#newSessionId() : id;
  }

  #closed(run: ChannelRun): void {
    run.stop();
    const session = this.#session;
    if (session === null || !session.runs.has(run)) return;
    session.remove(run);
    if (run.type === ChannelType.main) this.#endSession();
  }

  #endSession(): void {
    const ended = this.#session;
    if (ended === null) return;
    for (const run of ended.runs) {
      run.stop();
      run.connection.end();
      ended.remove(run);
    }
    this.#lastChannels = ended.observe();
    this.#session = null;
  }

  /** `session` null = only its capabilities matter. */
  #channelOf(type: number, id: number, session: Session | null): AnyServerChannel | null {
    const { name, agent, scene, compression, firstPicture, lastPicture, displays, stallMs } = this.#options;
    const isIdle = scene === 'idle';
    // The shell gives a reducer back its own state and its own channel's messages, and nothing else.
    const of = <C extends ChannelTypeNumber, S>(channel: ServerChannel<C, S>): AnyServerChannel => channel as unknown as AnyServerChannel;
    switch (type) {
      case ChannelType.main:
        return of(mainServer({ sessionId: session?.id ?? 0, name, channels: this.#offered(), agent, tellsTime: !isIdle }));
      case ChannelType.display:
        return of(displayServer({
          id, displays, scene, compression, lastPicture, stallMs,
          firstPicture: session?.pictureOf(id) ?? firstPicture,
          screens: session?.screens ?? [],
          remember: this.#remember,
          dictionary: (number) => (session ?? new Session(0)).dictionary(number),
        }));
      case ChannelType.inputs:
        return of(inputsServer());
      case ChannelType.cursor:
        return of(cursorServer(isIdle ? null : pointerEveryMs));
      case ChannelType.playback:
        return of(playbackServer(!isIdle));
      case ChannelType.record:
        return of(recordServer(!isIdle));
      case ChannelType.usbredir:
        return of(usbredirServer());
      case ChannelType.port:
        return of(portServer(portName));
      case ChannelType.webdav:
        return of(webdavServer());
      default:
        return null;
    }
  }
}

function refusalName(error: LinkError): string {
  return error.kind === 'refused' ? (error.name ?? String(error.code)) : error.kind;
}

/** @returns the new count */
function count(counts: Map<string, number>, key: string): number {
  const counted = (counts.get(key) ?? 0) + 1;
  counts.set(key, counted);
  return counted;
}
