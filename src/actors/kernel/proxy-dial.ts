/**
 * One try to reach a server through a proxy, as the socket that makes it sees it: which bytes go to the proxy, when the tunnel stands, and what every failure
 * before that means as a close. The words of the two protocols are src/proxy's; it opens nothing itself, node-socket.ts does.
 */
import { beginProxyHandshake, stepProxyHandshake, type ProxyHandshakeState } from '../../proxy/proxy-handshake.ts';
import type { ProxyEffect, ProxyFaultKind } from '../../proxy/proxy-exchange.ts';
import type { DialStage, ProxiedEndpoint, ProxyCloseKind, SocketClose } from './host.ts';
import { socketCloseFromError, socketCloseOf } from './socket-close.ts';

/** Our own code: the proxy ended the connection before it had answered. */
const PROXY_CLOSED = 'PROXY_CLOSED';

const CLOSE_BY_FAULT: Readonly<Record<ProxyFaultKind, ProxyCloseKind>> = { auth: 'proxyAuth', denied: 'proxyDenied', failed: 'proxyFailed', protocol: 'proxyProtocol' };

export interface ProxyDialEvents {
  send(bytes: Uint8Array): void;
  /** The tunnel stands; `rest` is the server's already and valid during the call. False: read no further for now. */
  established(rest: Uint8Array): boolean;
  failed(cause: SocketClose): void;
}

export class ProxyDial {
  readonly #endpoint: ProxiedEndpoint;
  readonly #events: ProxyDialEvents;
  #handshake: ProxyHandshakeState | null = null;

  constructor(endpoint: ProxiedEndpoint, events: ProxyDialEvents) {
    this.#endpoint = endpoint;
    this.#events = events;
  }

  get stage(): DialStage {
    return this.#handshake === null ? 'proxy' : 'proxyReply';
  }

  /** The connection to the proxy stands, TLS with it included. */
  begin(): void {
    const { proxy, host, port } = this.#endpoint;
    const { state, effects } = beginProxyHandshake(proxy.protocol, { host, port }, proxy.credentials);
    this.#handshake = state;
    this.#perform(effects);
  }

  /** False: read no further for now. */
  take(bytes: Uint8Array): boolean {
    // Sockets tell that they stand before they tell what came.
    if (this.#handshake === null) return true;
    const { state, effects } = stepProxyHandshake(this.#handshake, bytes);
    this.#handshake = state;
    return this.#perform(effects);
  }

  /** What it means that the connection to the proxy ended now: by an error, or in order. */
  closeOf(error: Error | null): SocketClose {
    const hasTls = this.#endpoint.proxy.tls !== null;
    const close = error === null ? null : socketCloseFromError(error, hasTls);
    if (this.#handshake === null) {
      if (close === null) return hasTls ? socketCloseOf('proxyTls', 'the proxy closed the connection during the TLS handshake', PROXY_CLOSED) : unreached('the proxy closed the connection at once', PROXY_CLOSED);
      return close.kind === 'tls' ? { ...close, kind: 'proxyTls' } : unreached(close.message, close.code);
    }
    return socketCloseOf('proxyProtocol', `the proxy closed the connection before its answer${close === null ? '' : ` (${close.message})`}`, close?.code ?? PROXY_CLOSED);
  }

  #perform(effects: readonly ProxyEffect[]): boolean {
    let readOn = true;
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.#events.send(effect.bytes);
          break;
        case 'established':
          readOn = this.#events.established(effect.rest);
          break;
        case 'failed':
          this.#events.failed(socketCloseOf(CLOSE_BY_FAULT[effect.fault.kind], effect.fault.message, effect.fault.code));
          readOn = false;
          break;
      }
    }
    return readOn;
  }
}

function unreached(message: string, code: string | null): SocketClose {
  return socketCloseOf('proxyUnreached', message, code);
}
