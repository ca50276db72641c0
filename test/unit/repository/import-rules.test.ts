// The import rules of .oxlintrc.json, each proven by breaking it: one planted violation per rule in a temporary tree, linted
// with the repository's own configuration. It is not about which imports the sources have now (lint says that).
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

interface Planted {
  readonly file: string;
  readonly source: string;
  /** A piece of the rule's message, or null where the import is allowed. */
  readonly says: string | null;
}

const value = (specifier: string): string => `import { planted } from '${specifier}';\nexport const used = planted;\n`;
const typeOnly = (specifier: string): string => `import type { Planted } from '${specifier}';\nexport type Used = Planted;\n`;
const reExport = (specifier: string): string => `export { planted } from '${specifier}';\n`;
const dynamic = (specifier: string): string => `export const used = import('${specifier}');\n`;

const FOLDERS = ['protocol', 'decode', 'surface', 'capture', 'audio', 'metrics', 'control', 'proxy', 'mailbox', 'supervisor', 'actors/kernel', 'ui-terminal', 'client', 'loopback'];

const PLANTED: readonly Planted[] = [
  // cli is imported by none
  ...FOLDERS.map((folder) => ({ file: `src/${folder}/uses-cli.ts`, source: value(`${folder.includes('/') ? '../../' : '../'}cli/main.ts`), says: '' })),
  { file: 'src/actors/uses-cli.ts', source: value('../cli/main.ts'), says: 'composition root' },
  // the pure folders know no host and no package
  { file: 'src/protocol/wire/uses-node.ts', source: value('node:fs'), says: 'protocol is pure' },
  { file: 'src/decode/uses-node.ts', source: value('node:zlib'), says: 'decode is pure' },
  { file: 'src/surface/uses-node.ts', source: value('node:zlib'), says: 'surface is pure' },
  { file: 'src/capture/uses-node.ts', source: value('node:fs'), says: 'the writer actor owns the files' },
  { file: 'src/audio/uses-node.ts', source: value('node:fs'), says: 'sound as values' },
  { file: 'src/audio/uses-package.ts', source: value('@evan/opus/wasm/index.mjs'), says: 'sound as values' },
  { file: 'src/metrics/uses-node.ts', source: value('node:fs'), says: 'figures to documents' },
  { file: 'src/metrics/uses-mailbox.ts', source: value('../mailbox/counters.ts'), says: 'only itself' },
  { file: 'src/protocol/uses-metrics.ts', source: value('../metrics/procfs.ts'), says: 'only itself' },
  { file: 'src/control/uses-node.ts', source: value('node:net'), says: 'control is pure' },
  { file: 'src/proxy/uses-node.ts', source: value('node:net'), says: 'proxy is pure' },
  { file: 'src/ui-terminal/uses-node.ts', source: value('node:tty'), says: 'ui-terminal is pure' },
  { file: 'src/protocol/uses-package.ts', source: value('rxjs'), says: 'protocol is pure' },
  { file: 'src/decode/uses-package.ts', source: value('piscina'), says: 'decode is pure' },
  // each knows only what lies below it
  { file: 'src/protocol/messages/uses-decode.ts', source: value('../../decode/lz.ts'), says: 'only itself' },
  { file: 'src/protocol/names-decode.ts', source: typeOnly('../decode/lz.ts'), says: 'only itself' },
  { file: 'src/protocol/passes-decode.ts', source: reExport('../decode/lz.ts'), says: 'only itself' },
  { file: 'src/protocol/loads-decode.ts', source: dynamic('../decode/lz.ts'), says: 'only itself' },
  { file: 'src/decode/uses-surface.ts', source: value('../surface/canvas.ts'), says: 'neither surfaces nor threads' },
  { file: 'src/surface/uses-mailbox.ts', source: value('../mailbox/cell.ts'), says: 'it does not see them' },
  { file: 'src/capture/uses-mailbox.ts', source: value('../mailbox/tap-ring.ts'), says: 'usable without threads' },
  { file: 'src/capture/names-mailbox.ts', source: typeOnly('../mailbox/tap-ring.ts'), says: null },
  { file: 'src/capture/uses-surface.ts', source: value('../surface/canvas.ts'), says: 'mailbox types' },
  { file: 'src/audio/uses-mailbox.ts', source: value('../mailbox/counters.ts'), says: 'neither pixels nor threads' },
  { file: 'src/decode/uses-audio.ts', source: value('../audio/gain.ts'), says: 'neither surfaces nor threads' },
  { file: 'src/actors/player.ts', source: value('../audio/gain.ts'), says: null },
  { file: 'src/control/uses-actors.ts', source: value('../actors/main-actor.ts'), says: 'protocol and itself' },
  { file: 'src/proxy/uses-protocol.ts', source: value('../protocol/limits.ts'), says: 'no SPICE and nobody else' },
  { file: 'src/protocol/uses-proxy.ts', source: value('../proxy/socks5.ts'), says: 'only itself' },
  { file: 'src/mailbox/uses-protocol.ts', source: value('../protocol/catalog.ts'), says: 'threads, not SPICE' },
  { file: 'src/mailbox/uses-files.ts', source: value('node:fs'), says: 'clocks and timers are handed in' },
  { file: 'src/mailbox/uses-package.ts', source: value('rxjs'), says: 'needs no package' },
  { file: 'src/mailbox/uses-threads.ts', source: value('node:worker_threads'), says: null },
  { file: 'src/ui-terminal/uses-supervisor.ts', source: value('../supervisor/fan-out.ts'), says: 'draws values' },
  { file: 'src/client/uses-actors.ts', source: value('../actors/kernel/actor.ts'), says: 'another process' },
  { file: 'src/client/uses-threads.ts', source: value('node:worker_threads'), says: 'threads are the session' },
  { file: 'src/client/uses-control.ts', source: value('../control/line-splitter.ts') + value('node:net').replaceAll('planted', 'net').replace('used', 'other'), says: null },
  { file: 'src/loopback/uses-files.ts', source: value('node:fs'), says: 'belong to whoever starts it' },
  { file: 'src/loopback/uses-sockets.ts', source: value('node:net'), says: null },
  { file: 'src/loopback/uses-surface.ts', source: value('../surface/canvas.ts'), says: 'peer of the client' },
  { file: 'src/evidence/uses-cli.ts', source: value('../cli/main.ts'), says: 'no session and no command' },
  { file: 'src/evidence/uses-files.ts', source: value('node:fs'), says: null },
  // actors know each other only by address
  { file: 'src/actors/main-actor.ts', source: value('./writer-actor.ts'), says: 'by address and message' },
  { file: 'src/actors/inputs-actor.ts', source: typeOnly('./writer-actor.ts'), says: 'by address and message' },
  { file: 'src/actors/cursor-actor.ts', source: value('./kernel/actor.ts'), says: null },
  { file: 'src/actors/display-actor.ts', source: value('../surface/canvas.ts'), says: null },
  { file: 'src/actors/kernel/uses-actor.ts', source: value('../main-actor.ts'), says: 'it imports none of them' },
  { file: 'src/actors/kernel/uses-protocol.ts', source: value('../../protocol/catalog.ts'), says: 'not SPICE' },
  { file: 'src/actors/kernel/uses-proxy.ts', source: value('../../proxy/socks5.ts'), says: null },
  { file: 'src/actors/kernel/uses-node.ts', source: value('node:net'), says: null },
  // the supervisor knows actors only as child specs
  { file: 'src/supervisor/names-actor.ts', source: typeOnly('../actors/main-actor.ts'), says: 'only as child specs' },
  { file: 'src/supervisor/uses-kernel.ts', source: value('../actors/kernel/actor-system.ts'), says: 'handed a running actor system' },
  { file: 'src/supervisor/names-kernel.ts', source: typeOnly('../actors/kernel/child-spec.ts'), says: null },
  { file: 'src/supervisor/uses-protocol.ts', source: value('../protocol/catalog.ts'), says: 'not SPICE' },
  { file: 'src/supervisor/uses-node.ts', source: value('node:timers'), says: 'handed in' },
  { file: 'src/cli/uses-all.ts', source: value('../actors/main-actor.ts') + reExport('../loopback/server.ts'), says: null },
];

const ROOT = new URL('../../../', import.meta.url).pathname;
const tree = mkdtempSync(join(tmpdir(), 'ryll-import-rules-'));
/** file -> every message the import rules gave on it */
const reported = new Map<string, string[]>();

beforeAll(() => {
  copyFileSync(join(ROOT, '.oxlintrc.json'), join(tree, '.oxlintrc.json'));
  for (const { file, source } of PLANTED) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), source);
  }
  const run = spawnSync(process.execPath, [join(ROOT, 'node_modules/oxlint/bin/oxlint'), '--format', 'json', 'src'], { cwd: tree, encoding: 'utf8' });
  const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: { code?: string; filename: string; help?: string }[] };
  for (const { code, filename, help } of diagnostics) {
    if (!code?.includes('no-restricted-imports')) continue;
    reported.set(filename, [...(reported.get(filename) ?? []), help ?? '']);
  }
});

afterAll(() => rmSync(tree, { recursive: true, force: true }));

test.each(PLANTED.filter(({ says }) => says !== null))('$file is refused', ({ file, says }) => {
  expect(reported.get(file)?.join('\n') ?? 'nothing was reported').toContain(says);
  expect(reported.has(file)).toBe(true);
});

test.each(PLANTED.filter(({ says }) => says === null))('$file is allowed', ({ file }) => {
  expect(reported.get(file)).toBeUndefined();
});
