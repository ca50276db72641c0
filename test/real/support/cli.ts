// Runs the client as its users do: `node dist/cli/main.js` in a process of its own, with the plain environment of a service.
import { start, type RunOptions, type Running } from './run.ts';

export const MAIN = new URL('../../../dist/cli/main.js', import.meta.url).pathname;

const plain = (options: RunOptions): RunOptions => ({ ...options, env: { NO_COLOR: '1', TERM: 'dumb', ...options.env } });

/** Starts the client and leaves it running: signal it, or await `finished`. */
export const startCli = (args: readonly string[], options: RunOptions = {}): Running => start(process.execPath, [MAIN, ...args], plain(options));
