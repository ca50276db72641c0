// Runs the client as its users do: `node dist/cli/main.js` in a process of its own, with the plain environment of a service.
import { join } from 'node:path';
import { run, start, type Finished, type RunOptions, type Running } from './run.ts';

export const MAIN = new URL('../../../dist/cli/main.js', import.meta.url).pathname;

const plain = (options: RunOptions): RunOptions => ({ ...options, env: { NO_COLOR: '1', TERM: 'dumb', ...options.env } });

/** Runs the client to its end. */
export const runCli = async (args: readonly string[], options: RunOptions = {}): Promise<Finished> => run(process.execPath, [MAIN, ...args], plain(options));

/** Starts the client and leaves it running: signal it, or await `finished`. */
export const startCli = (args: readonly string[], options: RunOptions = {}): Running => start(process.execPath, [MAIN, ...args], plain(options));

/** Where `connect --capture DIR` puts the files of the channel `display/0`. */
export const captureFileOf = (folder: string, channel: string): string => join(folder, `${channel.replace('/', '-')}.pcap`);
