// The loopback server in virtual time with bare clients on memory connections: what a test says happens, and nothing else does.
import { createVirtualHost, type VirtualHost } from '#app/actors/kernel/virtual-host.js';
import { dialInMemory } from '#app/loopback/memory-connection.js';
import { defaultLoopbackOptions, LoopbackServer, type LoopbackOptions } from '#app/loopback/server.js';
import { ChannelType, type ChannelTypeNumber } from '#app/protocol/constants.js';
import { BareClient, type BareOptions } from './bare-client.ts';

export interface Way {
  readonly secure: boolean;
  readonly local: boolean;
}

const PLAIN: Way = { secure: false, local: false };

/** What DISPLAY_INIT offers: as spice-gtk does. */
export const displayInit = { pixmapCacheId: 1, pixmapCacheSize: BigInt(20 << 20), glzDictionaryId: 1, glzWindowSize: 3 << 20 };

export class LoopbackWorld {
  readonly host: VirtualHost = createVirtualHost({ seed: 1 });
  readonly server: LoopbackServer;

  constructor(options: Partial<LoopbackOptions> = {}) {
    this.server = new LoopbackServer(this.host, { ...defaultLoopbackOptions, ...options });
  }

  /** Links one channel, or does not, and lets everything happen that can without time passing. */
  async link<C extends ChannelTypeNumber>(type: C, options: BareOptions = {}, way: Way = PLAIN): Promise<BareClient<C>> {
    const client = new BareClient(type, (events) => dialInMemory(this.server, this.host.timers, way, events), options);
    await this.host.settle();
    return client;
  }

  /** A session: its main channel and its id. */
  async begin(options: BareOptions = {}, way: Way = PLAIN): Promise<{ readonly main: BareClient<1>; readonly connectionId: number }> {
    const main = await this.link(ChannelType.main, { channelCaps: [0b0110], ...options }, way);
    return { main, connectionId: main.first('init').value.sessionId };
  }

  /** A display that has said INIT. */
  async display(connectionId: number, options: BareOptions = {}): Promise<BareClient<2>> {
    const display = await this.link(ChannelType.display, { connectionId, ...options });
    display.send('init', displayInit);
    await this.host.settle();
    return display;
  }
}
