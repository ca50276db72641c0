// Events: the facts that one channel reports while it lives, in the past tense. They are terminal facts and changes of state
// on their way to the hub, never samples: rates and counts are read from shared counters, pixels from shared surfaces.

import type { Gap } from './gaps.ts';
import type { LinkFailure } from './channel-link.ts';

/** How far one channel's connection has come. `linked` means: the link result was 0. */
export type LinkPhase = 'dialing' | 'linking' | 'authenticating' | 'linked';

/** One screen of the guest: a rectangle of a surface, in pixels (MONITORS_CONFIG of the display channel). */
export interface Head {
  readonly monitorId: number;
  readonly surfaceId: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A channel that the server offers. */
export interface OfferedChannel {
  readonly type: number;
  readonly id: number;
}

export type ChannelEvent =
  | { readonly kind: 'linkPhaseChanged'; readonly phase: LinkPhase; readonly secure: boolean }
  /** Over TLS, before the link: the SHA-256 fingerprint of the server's certificate. */
  | { readonly kind: 'peerCertified'; readonly certificate: string }
  | { readonly kind: 'linkFailed'; readonly failure: LinkFailure }
  | { readonly kind: 'connectionLost'; readonly cause: ConnectionLoss }
  | { readonly kind: 'sessionInitialised'; readonly sessionId: number; readonly displayChannelsHint: number; readonly ramHint: number }
  | { readonly kind: 'channelsListed'; readonly channels: readonly OfferedChannel[] }
  | { readonly kind: 'mouseModeChanged'; readonly current: number; readonly supported: number }
  | { readonly kind: 'agentChanged'; readonly connected: boolean }
  | { readonly kind: 'serverNamed'; readonly name: string }
  | { readonly kind: 'serverIdentified'; readonly uuid: string }
  | { readonly kind: 'notified'; readonly severity: number; readonly visibility: number; readonly what: number; readonly text: string }
  | { readonly kind: 'serverDisconnecting'; readonly reason: number }
  | { readonly kind: 'gapSeen'; readonly gap: Gap }
  | { readonly kind: 'surfaceCreated'; readonly surfaceId: number; readonly width: number; readonly height: number; readonly format: number; readonly buffer: SharedArrayBuffer;
      /** One byte a pixel, 1 = drawn only by operations that are honoured in full; null unless it was asked for. */ readonly coverage: SharedArrayBuffer | null }
  | { readonly kind: 'surfaceDestroyed'; readonly surfaceId: number }
  /** The primary surface is complete enough to show (MARK). */
  | { readonly kind: 'surfaceMarked' }
  | { readonly kind: 'headsConfigured'; readonly heads: readonly Head[] }
  | { readonly kind: 'playbackChanged'; readonly playing: boolean; readonly channels: number; readonly frequencyHz: number }
  | { readonly kind: 'serialReached' }
  | { readonly kind: 'portOpened'; readonly name: string; readonly opened: boolean };

/** How a connection ended, as the socket layer names it, and `protocol`: its bytes made no sense, so this side ended it. */
export type ConnectionLossKind =
  | 'fin' | 'rst' | 'refused' | 'unreachable' | 'timeout' | 'tls' | 'tlsSubject' | 'tlsTruncated' | 'local' | 'error' | 'protocol'
  | 'proxyUnreached' | 'proxyTls' | 'proxyAuth' | 'proxyDenied' | 'proxyFailed' | 'proxyProtocol';

/** Why a connection ended, or did not come about. */
export interface ConnectionLoss {
  readonly kind: ConnectionLossKind;
  readonly message: string;
  readonly code: string | null;
}
