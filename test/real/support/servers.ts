// Starts and stops the lab's servers (test/real/lab/*.sh) from tests. Each server is an instance with a folder of its own under
// LAB_TMP; stopping ends exactly the processes that the instance started. setup.ts stops what a failed test left.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from './run.ts';

export type ServerKind = 'qemu-bios' | 'qemu-linux' | 'xspice' | 'draw-server';

/** Variables of the lab's scripts: COMPRESSION, TLS, AUTH, SCENE, ONLY ... (the head of each script lists them). */
export type Variables = Readonly<Record<string, string>>;

export interface Server {
  readonly kind: ServerKind;
  /** What `start` reported: SPICE_HOST SPICE_PORT [SPICE_TLS_PORT SPICE_CA SPICE_PASSWORD SPICE_QMP SPICE_UNIX DISPLAY] SPICE_PID SPICE_DIR. */
  readonly env: Variables;
  /** One of `env` that has to be there. */
  get(name: string): string;
  stop(): Promise<void>;
}

export const LAB = new URL('../lab', import.meta.url).pathname;
const running = new Set<Server>();
let started = 0;

/** Where this run's servers and files live; removed at its end. */
const labFolder = (): string => {
  const folder = process.env['LAB_TMP'];
  if (folder === undefined) throw new Error('LAB_TMP is not set: run this through `npm run test:real`');
  return folder;
};

/** A new folder for a test's own files. */
export const scratchFolder = (label: string): string => {
  started += 1;
  const folder = join(labFolder(), `${label}-${process.pid}-${started}`);
  mkdirSync(folder, { recursive: true });
  return folder;
};

/** Starts a server and returns when it accepts connections. Throws with the script's own words when it does not. */
export const startServer = async (kind: ServerKind, variables: Variables = {}): Promise<Server> => {
  started += 1;
  const name = `${kind}-${process.pid}-${started}`;
  const script = join(LAB, `${kind}.sh`);
  const stop = async (): Promise<void> => {
    await runTool(script, ['stop'], { env: { NAME: name } });
    running.delete(server);
  };
  let env: Variables = {};
  const server: Server = {
    kind,
    get env() { return env; },
    get: (variable) => {
      const found = env[variable];
      if (found === undefined) throw new Error(`${kind} reported no ${variable}`);
      return found;
    },
    stop,
  };
  running.add(server);
  const report = await runTool(script, ['start'], { env: { ...variables, NAME: name }, timeoutMs: 300_000 });
  env = Object.fromEntries(report.split('\n').filter((line) => line.includes('=')).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  return server;
};

/** Runs `body` with a server that is gone afterwards, whatever happens. */
export const withServer = async <T>(kind: ServerKind, variables: Variables, body: (server: Server) => Promise<T>): Promise<T> => {
  const server = await startServer(kind, variables);
  try {
    return await body(server);
  } finally {
    await server.stop();
  }
};

export const stopAllServers = async (): Promise<void> => {
  await Promise.allSettled([...running].map((server) => server.stop()));
};

/** `127.0.0.1:5900`, the form of --direct. */
export const directOf = (server: Server): string => `${server.get('SPICE_HOST')}:${server.get('SPICE_PORT')}`;
