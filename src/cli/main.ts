#!/usr/bin/env node
// The composition root's door: the command line's actions, wired. What a bug throws past here is the only stack trace a user sees.

import { runProgram } from './arguments.ts';
import { connectCommand } from './connect-command.ts';
import { doctorExit, doctorOptions, formatChecks, runChecks } from './doctor.ts';
import { formatVersion, readVersion } from './version.ts';

process.setSourceMapsEnabled(true);

const output = { out: (text: string): void => void process.stdout.write(text), error: (text: string): void => void process.stderr.write(text) };

/** Until the built-in server stands. */
function unbuilt(command: string): Promise<'failed'> {
  output.error(`ryll-actors: ${command} is not part of this build yet\n`);
  return Promise.resolve('failed');
}

process.exitCode = await runProgram(
  process.argv.slice(2),
  {
    connect: connectCommand,
    async doctor(options) {
      const checks = await runChecks(doctorOptions(options.capture ?? null));
      output.out(`${formatChecks(checks)}\n`);
      return doctorExit(checks);
    },
    demo: () => unbuilt('demo'),
    serve: () => unbuilt('serve'),
    version: () => formatVersion(readVersion()),
  },
  output,
);
