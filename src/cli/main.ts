#!/usr/bin/env node
// The composition root's door: the command line's actions, wired. What a bug throws past here is the only stack trace a user sees.

import { initAtStartup } from '../actors/runtime-sampler.ts';
import { runProgram } from './arguments.ts';
import { connectCommand } from './connect-command.ts';
import { doctorExit, doctorOptions, formatChecks, runChecks } from './doctor.ts';
import { processEnd } from './process-end.ts';
import { sessionTree } from './session-tree.ts';
import { createSourceIo } from './source-io.ts';
import { treeText } from './tree-text.ts';
import { formatVersion, readVersion } from './version.ts';

initAtStartup();
process.setSourceMapsEnabled(true);

// A reader that has gone (`| head -1`) is no failure: what must be written whole (`--stats-json -`) asks its own write.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const output = { out: (text: string): void => void process.stdout.write(text), error: (text: string): void => void process.stderr.write(text) };

const code = await runProgram(
  process.argv.slice(2),
  {
    async connect(options) {
      if (options.detach !== true) return connectCommand(options);
      const { detachedConnect } = await import('./detached-session.ts');
      return detachedConnect(options, process.argv.slice(1), output);
    },
    async doctor(options) {
      const checks = await runChecks(doctorOptions(options.capture ?? null));
      output.out(`${formatChecks(checks)}\n`);
      return doctorExit(checks);
    },
    async demo(options) {
      const { demoCommand } = await import('./demo-command.ts');
      return demoCommand(options);
    },
    async serve(options) {
      const { serveCommand } = await import('./serve-command.ts');
      return serveCommand(options);
    },
    async vvCheck(options) {
      const { vvCheckCommand } = await import('./vv-command.ts');
      return vvCheckCommand(options, createSourceIo({ stdin: process.stdin }), output);
    },
    async inspect(options) {
      const { inspectCommand } = await import('./inspect-command.ts');
      return inspectCommand(options, { out: process.stdout, error: process.stderr });
    },
    async explain(options) {
      const { explainCommand } = await import('./explain-command.ts');
      return explainCommand(options, { out: process.stdout, error: process.stderr });
    },
    async control(command, choice) {
      const { controlCommand } = await import('./control-commands.ts');
      return controlCommand(command, choice, output);
    },
    async list(options) {
      const { listCommand } = await import('./control-commands.ts');
      return listCommand(options, output);
    },
    async replay(options) {
      const { replayCommand } = await import('./replay-command.ts');
      return replayCommand(options, { out: process.stdout, error: process.stderr });
    },
    tree: () => treeText(sessionTree()),
    version: () => formatVersion(readVersion()),
  },
  output,
);
processEnd.finish(code);
