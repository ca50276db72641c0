// Once per run: checks that the client is compiled and the programs are there, makes the run's folder, and at the end stops any
// server that is still running (also when a test file's process was killed) and removes the folder. KEEP_LAB=1 keeps it.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { runTool } from './run.ts';
import { LAB } from './servers.ts';

const PROGRAMS = ['qemu-system-x86_64', 'Xorg', 'ffmpeg', 'xterm', 'x11perf', 'xwud', 'gcc', 'pkg-config', 'tshark', 'tmux', 'python3', 'openssl', 'tinyproxy', 'stunnel4', 'microsocks'];

const missing = (): string[] => {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return PROGRAMS.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
};

const setup = (): (() => Promise<void>) => {
  const absent = missing();
  if (absent.length > 0) throw new Error(`missing: ${absent.join(' ')}. Run test/real/install-packages.sh as root, then again.`);
  if (!existsSync('dist/cli/main.js')) throw new Error('dist/cli/main.js is not there: run `npm run build` first');
  const folder = mkdtempSync(join(tmpdir(), 'ryll-real-'));
  process.env['LAB_TMP'] = folder;
  // Control sockets of sessions under test lie there, too, and go with it.
  process.env['XDG_RUNTIME_DIR'] = folder;
  return async () => {
    for (const name of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name)) {
      const pids = readdirSync(join(folder, name)).some((file) => file.endsWith('.pid'));
      if (pids) await runTool(join(LAB, 'qemu-bios.sh'), ['stop'], { env: { NAME: name } });
    }
    if (process.env['KEEP_LAB'] === '1') console.log(`kept: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  };
};

export default setup;
