// The metrics' socket: HTTP on a unix socket of its owner's or on a port of this machine, for scrapers. It knows requests, deadlines and bounds; the text is
// its caller's. A client that is slow, wrong or one too many costs itself its answer.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { prometheusContentType } from '../metrics/prometheus-text.ts';
import { listenOwnerOnly } from './control-listener.ts';
import type { MetricsAddress } from './metrics-mail.ts';

export interface MetricsServer {
  /** Takes no more clients, gives the path back and drops who is connected. */
  close(): void;
}

/** A scraper has one connection; a few of them may be. Those above are closed at once. */
const connectionsMax = 16;
/** For a request to come whole, and for a client to take its answer. */
const clientMs = 5_000;
const headerBytesMax = 8 * 1_024;
const path = '/metrics';

/** Rejects with a reason for people when nobody can listen there. @param text never rejects for long: its own deadline is its business */
export async function serveMetrics(address: MetricsAddress, text: () => Promise<string>): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: clientMs, headersTimeout: clientMs, keepAliveTimeout: clientMs, maxHeaderSize: headerBytesMax, connectionsCheckingInterval: clientMs }, (request, response) => {
    void answer(request, response, text);
  });
  server.maxConnections = connectionsMax;
  server.timeout = clientMs;
  const listening = address.kind === 'unix' ? await listenOwnerOnly(server, address.path) : await listenOnPort(server, address.host, address.port);
  return {
    close: () => {
      listening.close();
      server.closeAllConnections();
    },
  };
}

function listenOnPort(server: Server, host: string, port: number): Promise<MetricsServer> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(error.code === 'EADDRINUSE' ? `port ${port} of ${host} is taken; choose another` : error.code === 'EACCES' ? `port ${port} is not for everybody; choose one from 1024 on` : error.message));
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      // Running out of descriptors costs that client its connection.
      server.on('error', () => undefined);
      server.unref();
      resolve({ close: () => server.close() });
    });
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, text: () => Promise<string>): Promise<void> {
  const say = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): void => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'content-length': String(Buffer.byteLength(body)), 'cache-control': 'no-store', ...headers });
    response.end(request.method === 'HEAD' ? '' : body);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'Only GET is answered.\n', { allow: 'GET, HEAD', connection: 'close' });
  if (request.url?.split('?')[0] !== path) return say(404, `Metrics are at ${path}.\n`);
  try {
    say(200, await text(), { 'content-type': prometheusContentType });
  } catch (error) {
    say(500, `No metrics: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
