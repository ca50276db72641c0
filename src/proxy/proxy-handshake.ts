// Proxy handshake: from "connected to the proxy" to "the tunnel stands", whichever of the two protocols the proxy speaks. Pure: sockets, TLS
// to the proxy and deadlines are the host's. One handshake serves one connection.

import { beginHttpConnect, stepHttpConnect, type HttpConnectState } from './http-connect.ts';
import type { ProxyCredentials, ProxyEffect, ProxyTarget } from './proxy-exchange.ts';
import { beginSocks5, stepSocks5, type Socks5State } from './socks5.ts';

export type ProxyProtocol = 'httpConnect' | 'socks5';

export type ProxyHandshakeState = { readonly protocol: 'httpConnect'; readonly exchange: HttpConnectState } | { readonly protocol: 'socks5'; readonly exchange: Socks5State };

export interface ProxyHandshakeStep {
  readonly state: ProxyHandshakeState;
  readonly effects: readonly ProxyEffect[];
}

export function beginProxyHandshake(protocol: ProxyProtocol, target: ProxyTarget, credentials: ProxyCredentials | null): ProxyHandshakeStep {
  switch (protocol) {
    case 'httpConnect': {
      const { state, effects } = beginHttpConnect(target, credentials);
      return { state: { protocol, exchange: state }, effects };
    }
    case 'socks5': {
      const { state, effects } = beginSocks5(target, credentials);
      return { state: { protocol, exchange: state }, effects };
    }
  }
}

/** Takes bytes of the proxy, in any pieces; they are not kept. After `established` or `failed` nothing more comes of it. */
export function stepProxyHandshake(handshake: ProxyHandshakeState, bytes: Uint8Array): ProxyHandshakeStep {
  switch (handshake.protocol) {
    case 'httpConnect': {
      const { state, effects } = stepHttpConnect(handshake.exchange, bytes);
      return { state: { protocol: handshake.protocol, exchange: state }, effects };
    }
    case 'socks5': {
      const { state, effects } = stepSocks5(handshake.exchange, bytes);
      return { state: { protocol: handshake.protocol, exchange: state }, effects };
    }
  }
}
