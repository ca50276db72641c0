// The simulated network on its own: what a simulation believes of TCP is worth a test, or its findings are about itself.
import { expect, test } from 'vitest';
import { createVirtualHost } from '#app/actors/kernel/virtual-host.js';
import type { SocketClose } from '#app/actors/kernel/host.js';
import { SimulatedNetwork } from './network.ts';
import { Seeded } from './seeded.ts';

const endpoint = { transport: 'tcp', address: '192.0.2.1', port: 5900, tls: null } as const;

function dialling() {
  const host = createVirtualHost({ seed: 1 });
  const network = new SimulatedNetwork(() => host, new Seeded(1), { opened: () => undefined, delivered: () => undefined, sent: () => undefined, closed: () => undefined, passes: () => 1 });
  const served: string[] = [];
  const serve = (name: string) => () => {
    served.push(name);
    return { received: () => undefined, drained: () => undefined, closed: () => undefined };
  };
  const heard: (SocketClose['kind'] | 'connected')[] = [];
  const dial = () => network.dial(endpoint, { connected: () => heard.push('connected'), chunk: () => undefined, closed: ({ kind }) => heard.push(kind) });
  return { host, network, served, serve, heard, dial };
}

test('a client whose server died while it was on its way is refused, and never served by what is left of it', async () => {
  const { host, network, served, serve, heard, dial } = dialling();
  network.accept = serve('old');
  dial();
  network.accept = null;
  await host.advance(1_000);
  expect({ served, heard }).toEqual({ served: [], heard: ['refused'] });
  expect(network.connections.size).toBe(0);
});

test('a client that arrives after another server has taken the place is served by that one', async () => {
  const { host, network, served, serve, heard, dial } = dialling();
  network.accept = serve('old');
  dial();
  network.accept = serve('new');
  await host.advance(1_000);
  expect({ served, heard }).toEqual({ served: ['new'], heard: ['connected'] });
});
