// Session: one SPICE session as its main channel tells it: its id, the channels that the server offers and which of them this
// client links, and how it ends. Pure; whoever applies the effects starts the channel actors. It knows no actor and no restart.

import { ChannelType, channelName } from './constants.ts';
import type { ChannelEvent, ConnectionLoss, OfferedChannel } from './events.ts';
import type { Gap } from './gaps.ts';
import type { LinkFailure } from './channel-link.ts';

/** Channel types that have a reducer. Others are named once as a gap and left alone. */
const handledTypes: ReadonlySet<number> = new Set([
  ChannelType.main,
  ChannelType.display,
  ChannelType.inputs,
  ChannelType.cursor,
  ChannelType.playback,
  ChannelType.record,
  ChannelType.usbredir,
  ChannelType.port,
  ChannelType.webdav,
]);

/** Channels of one session; a list that names more is cut, with a gap. */
export const sessionChannelsMax = 64;

/** How a session ended. `connectFailed` = it never was; `mainLost` = it was and its main channel went. */
export type SessionEnd =
  | { readonly kind: 'connectFailed'; readonly failure: LinkFailure }
  | { readonly kind: 'mainLost'; readonly cause: ConnectionLoss; readonly serverReason: number | null };

export interface SessionState {
  readonly sessionId: number | null;
  readonly serverName: string | null;
  readonly serverUuid: string | null;
  readonly agentConnected: boolean;
  /** Ids (`display/0`) of the channels that were asked for, main included. */
  readonly started: ReadonlySet<string>;
  readonly skipped: ReadonlySet<string>;
  /** Keys of the gaps that were reported: each is worth telling once, however often the server repeats its cause. */
  readonly gapsTold: ReadonlySet<string>;
  readonly serverReason: number | null;
  readonly end: SessionEnd | null;
}

export type SessionEffect =
  | { readonly kind: 'startChannel'; readonly type: number; readonly id: number; readonly connectionId: number }
  | { readonly kind: 'reportGap'; readonly gap: Gap }
  | { readonly kind: 'end'; readonly end: SessionEnd };

export interface SessionStep {
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}

/** Which of the offered channels the user wants, by names (`display`) and ids (`display/1`): `null` = all. Main always. */
export type ChannelFilter = ReadonlySet<string> | null;

/** What the user and the connection file say about channels. */
export interface ChannelChoice {
  readonly filter: ChannelFilter;
  readonly disabled: ReadonlySet<string>;
}

function isWanted(choice: ChannelChoice, name: string, key: string): boolean {
  if (choice.disabled.has(name) || choice.disabled.has(key)) return false;
  return choice.filter === null || choice.filter.has(name) || choice.filter.has(key);
}

const channelKey = (type: number, id: number): string => `${channelName(type)}/${id}`;

export const initialSession: SessionState = {
  sessionId: null,
  serverName: null,
  serverUuid: null,
  agentConnected: false,
  started: new Set([channelKey(ChannelType.main, 0)]),
  skipped: new Set(),
  gapsTold: new Set(),
  serverReason: null,
  end: null,
};

const unchanged = (state: SessionState): SessionStep => ({ state, effects: [] });

/** One event of the channel `from` (`main/0`), applied to the session. */
export function stepSession(state: SessionState, from: string, event: ChannelEvent, choice: ChannelChoice): SessionStep {
  if (state.end !== null || from !== channelKey(ChannelType.main, 0)) return unchanged(state);
  switch (event.kind) {
    case 'sessionInitialised':
      return unchanged({ ...state, sessionId: event.sessionId });
    case 'serverNamed':
      return unchanged({ ...state, serverName: event.name });
    case 'serverIdentified':
      return unchanged({ ...state, serverUuid: event.uuid });
    case 'agentChanged':
      return unchanged({ ...state, agentConnected: event.connected });
    case 'serverDisconnecting':
      return unchanged({ ...state, serverReason: event.reason });
    case 'channelsListed':
      return startOffered(state, event.channels, choice);
    case 'linkFailed':
      return endWith(state, { kind: 'connectFailed', failure: event.failure });
    case 'connectionLost':
      return endWith(state, { kind: 'mainLost', cause: event.cause, serverReason: state.serverReason });
    case 'linkPhaseChanged':
    case 'peerCertified':
    case 'mouseModeChanged':
    case 'notified':
    case 'gapSeen':
    case 'surfaceCreated':
    case 'surfaceDestroyed':
    case 'surfaceMarked':
    case 'headsConfigured':
    case 'playbackChanged':
    case 'serialReached':
    case 'portOpened':
      return unchanged(state);
  }
}

function endWith(state: SessionState, end: SessionEnd): SessionStep {
  return { state: { ...state, end }, effects: [{ kind: 'end', end }] };
}

/**
 * Later lists are additions (devices appear while the guest runs): a channel that was started is never started again here,
 * because a second link for an open channel gets result 0 and is then closed (protocol.md 6.9).
 */
function startOffered(state: SessionState, offered: readonly OfferedChannel[], choice: ChannelChoice): SessionStep {
  const connectionId = state.sessionId;
  const started = new Set(state.started);
  const skipped = new Set(state.skipped);
  const gapsTold = new Set(state.gapsTold);
  const effects: SessionEffect[] = [];
  const report = (key: string, detail: string): void => {
    if (gapsTold.has(key)) return;
    gapsTold.add(key);
    effects.push({ kind: 'reportGap', gap: { key, detail } });
  };
  if (connectionId === null) {
    report('main:channels:early', 'a channel list came before the session was initialised');
    return { state: { ...state, gapsTold }, effects };
  }
  for (const { type, id } of offered) {
    const key = channelKey(type, id);
    if (started.has(key) || skipped.has(key) || type === ChannelType.main) continue;
    if (!isWanted(choice, channelName(type), key)) {
      skipped.add(key);
    } else if (!handledTypes.has(type)) {
      skipped.add(key);
      report(`main:channel:${channelName(type)}`, `${key} is not handled and stays unlinked`);
    } else if (started.size >= sessionChannelsMax) {
      skipped.add(key);
      report('main:channels:tooMany', `${key} is past the limit of ${sessionChannelsMax} channels`);
    } else {
      started.add(key);
      effects.push({ kind: 'startChannel', type, id, connectionId });
    }
  }
  return { state: { ...state, started, skipped, gapsTold }, effects };
}
