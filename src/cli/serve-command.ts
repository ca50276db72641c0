// `serve`: the loopback server on ports of this machine, until it is told to stop. It says one line for each listener, so that a
// script can read the port that it was given.

import { readFile } from 'node:fs/promises';
import { createNodeBase } from '../actors/kernel/node-base.ts';
import { listen, type Listener, type Listening } from '../loopback/node-listener.ts';
import { defaultLoopbackOptions, LoopbackServer, type LoopbackOptions } from '../loopback/server.ts';
import { ChannelType, type ChannelName } from '../protocol/constants.ts';
import type { ServeOptions } from './arguments.ts';
import { formatProblem, type CliProblem } from './cli-problem.ts';
import type { ExitName } from './exit-codes.ts';
import { listenForEnd } from './session-end.ts';

/** Only this machine can reach it: it is a server for tests. */
const listenAddress = '127.0.0.1';

export async function serveCommand(options: ServeOptions): Promise<ExitName> {
  const server = new LoopbackServer(createNodeBase(), loopbackOptions(options));
  const requests = listenForEnd(undefined, (code) => process.exit(code));
  const inputEnded = (): void => requests.ask('ok');
  if (options.untilStdinEnds) process.stdin.resume().once('end', inputEnded);
  const listeners: Listener[] = [];
  try {
    for (const listening of await listenings(options)) {
      const listener = await listen(server, listening);
      listeners.push(listener);
      process.stdout.write(`listening on ${listener.address}${listening.kind === 'tls' ? ' (TLS)' : ''}\n`);
    }
    return await requests.asked;
  } catch (error) {
    process.stderr.write(`${formatProblem(listenProblem(error))}\n`);
    return 'listenFailed';
  } finally {
    server.close();
    await Promise.all(listeners.map((listener) => listener.close()));
    if (options.untilStdinEnds) process.stdin.off('end', inputEnded).destroy();
    requests.release();
  }
}

function loopbackOptions(options: ServeOptions): LoopbackOptions {
  const { password, scene, compression, secureChannels, pingInterval, stopAt, checkInterval, ticketLifetime, ticketUses, fault } = options;
  return {
    ...defaultLoopbackOptions,
    ticket: {
      password: password ?? null,
      validUntilMs: ticketLifetime === undefined ? null : Date.now() + ticketLifetime * 1_000,
      ...(ticketUses === undefined ? {} : { linksMax: ticketUses }),
    },
    scene,
    compression,
    // The command line lets only names of channel types through.
    securedTypes: (secureChannels ?? []).map((name) => ChannelType[name as ChannelName]),
    pingEveryMs: pingInterval ?? defaultLoopbackOptions.pingEveryMs,
    lastPicture: stopAt ?? null,
    checkEveryMs: checkInterval ?? defaultLoopbackOptions.checkEveryMs,
    faults: fault ?? [],
  };
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

function listenProblem(error: unknown): CliProblem {
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : { code: undefined, message: String(error) };
  const of = (name: string, text: string): CliProblem => ({ code: `serve.${name}`, exit: 'listenFailed', message: text });
  switch (code) {
    case 'EADDRINUSE':
      return of('addressInUse', `The server cannot listen: ${message}; something listens there already, choose another port or path (port 0 takes a free one).`);
    case 'EACCES':
      return of('notPermitted', `The server cannot listen: ${message}; choose a port from 1024 on, or a path in a folder of your own.`);
    case 'ENOENT':
      return of('fileMissing', `The server cannot listen: ${message}; check --tls-cert, --tls-key and the folder of --unix.`);
    default:
      return of(code?.startsWith('ERR_OSSL') === true || code?.startsWith('ERR_TLS') === true ? 'certificate' : 'failed', `The server cannot listen: ${message}; check the addresses, and with --tls-port the certificate and its key.`);
  }
}
