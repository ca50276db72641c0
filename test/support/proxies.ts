// Proxies to dial through, on real sockets: HTTP CONNECT (plain or over TLS) and SOCKS5, with credentials where a test wants them. They
// read as little as a proxy must and are no part of what is tested; the real ones are in test/real.
import { connect, type Socket } from 'node:net';
import { plainPeer, tlsPeer, type Peer } from './dialled.ts';

export interface ProxyScript {
  /** `user:password`; absent = nobody is asked. */
  readonly login?: string;
  /** What is answered in place of a tunnel. */
  readonly refuse?: Buffer;
  /** The answer and the target's first bytes go out in one piece, or the answer byte by byte. */
  readonly pace?: 'together' | 'bytes';
  /** TLS to the proxy: the certificate's PEM (pki.server by default when `true`). */
  readonly tls?: true | { readonly cert: string };
  /** Accepts and never answers. */
  readonly mute?: boolean;
}

export interface TestProxy extends Peer {
  /** What clients asked for: `vm.example:5900`. */
  readonly asked: string[];
}

type Serve = (client: Socket, asked: string[], script: ProxyScript) => void;

/** Names resolve to the loopback address here, and only here. */
const onward = (port: number): Socket => connect({ host: '127.0.0.1', port, noDelay: true });

export async function httpProxy(script: ProxyScript = {}): Promise<TestProxy> {
  return listen(script, (client, asked) => {
    let head = '';
    const read = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      client.off('data', read);
      const target = /^CONNECT (\S+):(\d+) HTTP\/1\.0\r\n/.exec(head);
      asked.push(`${target?.[1]}:${target?.[2]}`);
      const credentials = /^Proxy-Authorization: Basic (\S+)$/m.exec(head)?.[1];
      if (script.login !== undefined && Buffer.from(credentials ?? '', 'base64').toString() !== script.login) {
        return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="test"\r\n\r\n');
      }
      tunnel(client, Number(target?.[2]), Buffer.from('HTTP/1.1 200 Connection established\r\nX-Test: 1\r\n\r\n'), script);
    };
    client.on('data', read);
  });
}

export async function socksProxy(script: ProxyScript = {}): Promise<TestProxy> {
  return listen(script, (client, asked) => {
    let bytes = Buffer.alloc(0);
    let stage: 'methods' | 'login' | 'request' = 'methods';
    const read = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      if (stage === 'methods' && bytes.length >= 2 + (bytes[1] ?? 0)) {
        const offered = bytes.subarray(2, 2 + (bytes[1] ?? 0));
        const method = script.login === undefined ? 0 : offered.includes(2) ? 2 : 0xff;
        bytes = bytes.subarray(2 + offered.length);
        client.write(Buffer.of(5, method));
        if (method === 0xff) return void client.end();
        stage = method === 2 ? 'login' : 'request';
      }
      if (stage === 'login' && bytes.length > 2 && bytes.length >= 3 + (bytes[1] ?? 0) + (bytes[2 + (bytes[1] ?? 0)] ?? 0)) {
        const userEnd = 2 + (bytes[1] ?? 0);
        const end = userEnd + 1 + (bytes[userEnd] ?? 0);
        const isRight = `${bytes.toString('utf8', 2, userEnd)}:${bytes.toString('utf8', userEnd + 1, end)}` === script.login;
        bytes = bytes.subarray(end);
        client.write(Buffer.of(1, isRight ? 0 : 1));
        if (!isRight) return void client.end();
        stage = 'request';
      }
      const nameLength = bytes[4] ?? 0;
      const addressEnd = bytes[3] === 3 ? 5 + nameLength : 8;
      if (stage !== 'request' || bytes.length < addressEnd + 2) return;
      client.off('data', read);
      const port = bytes.readUInt16BE(addressEnd);
      asked.push(`${bytes[3] === 3 ? bytes.subarray(5, addressEnd).toString() : [...bytes.subarray(4, 8)].join('.')}:${port}`);
      tunnel(client, port, Buffer.of(5, 0, 0, 1, 127, 0, 0, 1, 1, 2), script);
    };
    client.on('data', read);
  });
}

async function listen(script: ProxyScript, serve: Serve): Promise<TestProxy> {
  const asked: string[] = [];
  const accept = (client: Socket): void => {
    client.setNoDelay(true);
    if (script.mute === true) client.resume();
    else serve(client, asked, script);
  };
  const peer = script.tls === undefined ? await plainPeer(accept) : await tlsPeer(accept, script.tls === true ? {} : script.tls);
  return { ...peer, asked };
}

function tunnel(client: Socket, port: number, answer: Buffer, script: ProxyScript): void {
  if (script.refuse !== undefined) return void client.end(script.refuse);
  const server = onward(port);
  server.on('error', () => client.destroy());
  client.on('close', () => server.destroy());
  server.on('close', () => client.destroy());
  const start = (first: Buffer): void => {
    if (script.pace === 'bytes') for (const byte of answer) client.write(Buffer.of(byte));
    else client.write(Buffer.concat([answer, first]));
    client.pipe(server);
    server.pipe(client);
  };
  // Together: the target speaks first, and what it says leaves with the answer.
  if (script.pace === 'together') server.once('data', (first) => start(first));
  else server.once('connect', () => start(Buffer.alloc(0)));
}
