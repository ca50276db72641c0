// Runs the client on a real terminal: a tmux server of this test's own, one pane, looked at with capture-pane. What the terminal
// was like before and after (stty, alternate screen, cursor, mouse) is what "restored" means.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAIN } from './cli.ts';
import { runTool } from './run.ts';
import { scratchFolder } from './servers.ts';
import { until } from './still.ts';

/** What a program that restores the terminal leaves: tmux's flags of the pane, and stty's settings equal to those before. */
export interface TerminalState {
  readonly alternateScreen: boolean;
  readonly cursorShown: boolean;
  readonly mouseReported: boolean;
  readonly sttyUnchanged: boolean;
}

export interface Terminal {
  /** The pane's text as it stands. */
  capture(): Promise<string>;
  /** Waits until the pane shows it. */
  shows(text: RegExp, timeoutMs?: number): Promise<string>;
  /** Keys by tmux's names: `q`, `C-c`. */
  keys(...names: string[]): Promise<void>;
  /** Bytes as a terminal sends them: a text, a sequence of its mouse. */
  bytes(text: string): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Waits for the client's end. */
  exitCode(timeoutMs?: number): Promise<number>;
  state(): Promise<TerminalState>;
  close(): Promise<void>;
}

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** Where the client runs. */
  readonly folder?: string;
  /** More variables; their values have no quotes in them. */
  readonly env?: Readonly<Record<string, string>>;
}

export const openTerminal = async (args: readonly string[], { columns = 120, rows = 40, env = {}, folder: workingFolder }: TerminalOptions = {}): Promise<Terminal> => {
  const folder = scratchFolder('terminal');
  const at = (name: string): string => join(folder, name);
  const quoted = args.map((arg) => `'${arg.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  writeFileSync(at('script.sh'), [
    ...(workingFolder === undefined ? [] : [`cd '${workingFolder}'`]),
    `stty -g >'${at('before')}'`,
    ...Object.entries(env).map(([name, value]) => `export ${name}='${value}'`),
    `sh -c 'echo $$ >"${at('pid')}"; exec "$@"' sh '${process.execPath}' '${MAIN}' ${quoted}`,
    `code=$?; stty -g >'${at('after')}'; echo $code >'${at('code.new')}'; mv '${at('code.new')}' '${at('code')}'`,
    'exec sleep 600',
  ].join('\n'));
  const tmux = async (...words: string[]): Promise<string> => runTool('tmux', ['-u', '-S', at('socket'), '-f', '/dev/null', ...words], { env: { TMUX: undefined, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' } });
  await tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), `sh '${at('script.sh')}'`);
  const capture = async (): Promise<string> => tmux('capture-pane', '-p');
  return {
    capture,
    shows: async (text, timeoutMs = 20_000) => {
      let last = '';
      try {
        return await until(`the terminal shows ${String(text)}`, timeoutMs, async () => {
          last = await capture();
          return text.test(last) ? last : null;
        });
      } catch (error) {
        throw new Error(`${error instanceof Error ? error.message : String(error)}; it shows:\n${last}`, { cause: error });
      }
    },
    keys: async (...names) => { await tmux('send-keys', ...names); },
    bytes: async (text) => { await tmux('send-keys', '-H', ...Array.from(Buffer.from(text), (byte) => byte.toString(16))); },
    resize: async (newColumns, newRows) => { await tmux('resize-window', '-x', String(newColumns), '-y', String(newRows)); },
    signal: (name) => { process.kill(Number(readFileSync(at('pid'), 'utf8')), name); },
    exitCode: async (timeoutMs = 20_000) => until('the client ends', timeoutMs, () => (existsSync(at('code')) ? Number(readFileSync(at('code'), 'utf8')) : null)),
    state: async () => {
      const flags = await tmux('display-message', '-p', '#{alternate_on} #{cursor_flag} #{mouse_any_flag}');
      const [alternate, cursor, mouse] = flags.trim().split(' ');
      return {
        alternateScreen: alternate === '1',
        cursorShown: cursor === '1',
        mouseReported: mouse === '1',
        sttyUnchanged: readFileSync(at('before'), 'utf8') === readFileSync(at('after'), 'utf8'),
      };
    },
    close: async () => { await tmux('kill-server').catch(() => { /* it had ended */ }); },
  };
};
