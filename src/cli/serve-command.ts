// `serve`: the loopback server on ports of this machine, until it is told to stop. It says one line for each listener, so that a
// script can read the port that it was given.

import { readFile } from 'node:fs/promises';
import { createNodeBase } from '../actors/kernel/node-base.ts';
import { listen, type Listener, type Listening } from '../loopback/node-listener.ts';
import { defaultLoopbackOptions, LoopbackServer } from '../loopback/server.ts';
import type { ServeOptions } from './arguments.ts';
import { formatProblem } from './cli-problem.ts';
import type { ExitName } from './exit-codes.ts';
import { listenForEnd } from './session-end.ts';

/** Only this machine can reach it: it is a server for tests. */
const listenAddress = '127.0.0.1';

export async function serveCommand(options: ServeOptions): Promise<ExitName> {
  const server = new LoopbackServer(createNodeBase(), {
    ...defaultLoopbackOptions, password: options.password ?? null, scene: options.scene, compression: options.compression,
  });
  const requests = listenForEnd(undefined, (code) => process.exit(code));
  const listeners: Listener[] = [];
  try {
    for (const listening of await listenings(options)) {
      const listener = await listen(server, listening);
      listeners.push(listener);
      process.stdout.write(`listening on ${listener.address}${listening.kind === 'tls' ? ' (TLS)' : ''}\n`);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${formatProblem({ code: 'serve.listen', exit: 'listenFailed', message: `The server cannot listen: ${reason}; choose another port or path.` })}\n`);
    await close(server, listeners);
    requests.release();
    return 'listenFailed';
  }
  const end = await requests.asked;
  await close(server, listeners);
  requests.release();
  return end;
}

async function listenings(options: ServeOptions): Promise<readonly Listening[]> {
  const wanted: Listening[] = [];
  if (options.port !== undefined) wanted.push({ kind: 'tcp', address: listenAddress, port: options.port });
  if (options.tlsPort !== undefined && options.tlsCert !== undefined && options.tlsKey !== undefined) {
    const [certPem, keyPem] = await Promise.all([readFile(options.tlsCert, 'utf8'), readFile(options.tlsKey, 'utf8')]);
    wanted.push({ kind: 'tls', address: listenAddress, port: options.tlsPort, certPem, keyPem });
  }
  if (options.unix !== undefined) wanted.push({ kind: 'unix', path: options.unix });
  return wanted;
}

async function close(server: LoopbackServer, listeners: readonly Listener[]): Promise<void> {
  server.close();
  await Promise.all(listeners.map((listener) => listener.close()));
}
