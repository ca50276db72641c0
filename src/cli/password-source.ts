/**
 * Where the ticket comes from: `--password-file`, the environment, the connection file or address, or a question on the terminal, in this order. Never from an
 * option of its own: command lines are visible to every user of the machine.
 */
import { fail, succeed } from './cli-problem.ts';
import type { Outcome } from './cli-problem.ts';
import type { SourceIo } from './source-io.ts';
import { passwordProblem } from './vv-forms.ts';

export const PASSWORD_VARIABLE = 'RYLL_PASSWORD';

export type PasswordOrigin = 'passwordFile' | 'environment' | 'source' | 'prompt' | 'none';

export interface Password {
  /** Empty with the origin `none`: a server without tickets takes it. */
  readonly text: string;
  readonly origin: PasswordOrigin;
}

export interface PasswordOptions {
  readonly passwordFile: string | undefined;
  /** The value of RYLL_PASSWORD; an empty one counts as not set. */
  readonly environment: string | undefined;
  /** From the connection file or address. */
  readonly fromSource: string | null;
}

/** What was given, without asking anybody. */
export async function readPassword(options: PasswordOptions, io: Pick<SourceIo, 'readFile'>): Promise<Outcome<Password>> {
  if (options.passwordFile !== undefined) {
    const text = await readSecretFile(options.passwordFile, 'password file', io);
    return text.ok ? checked({ text: text.value, origin: 'passwordFile' }, `The password in ${options.passwordFile}`) : text;
  }
  if (options.environment !== undefined && options.environment !== '') return checked({ text: options.environment, origin: 'environment' }, `The password in ${PASSWORD_VARIABLE}`);
  if (options.fromSource !== null) return checked({ text: options.fromSource, origin: 'source' }, 'The password of the connection');
  return succeed({ text: '', origin: 'none' });
}

/** The one secret in a file, whichever it is of. @param what the file, as `readFile` names it in its problems */
export async function readSecretFile(path: string, what: string, io: Pick<SourceIo, 'readFile'>): Promise<Outcome<string>> {
  const bytes = await io.readFile(path, what);
  if (!bytes.ok) return bytes;
  // An editor ends the line; what else stands there belongs to the password.
  const text = decodeUtf8(bytes.value)?.replace(/\r?\n$/, '');
  return text === undefined ? fail('password.invalid', 'sourceInvalid', `The password in ${path} cannot be used: it is not UTF-8 text.`) : succeed(text);
}

/** What asking needs of a terminal. `process.stdin` and `process.stderr` fit. */
export interface PromptTerminal {
  readonly input: {
    readonly isTTY?: boolean;
    setRawMode(raw: boolean): unknown;
    resume(): unknown;
    pause(): unknown;
    on(event: 'data', listener: (chunk: Uint8Array | string) => void): unknown;
    off(event: 'data', listener: (chunk: Uint8Array | string) => void): unknown;
  };
  readonly output: { readonly isTTY?: boolean; write(text: string): unknown };
}

/** Whether a question would reach somebody: both ends are terminals. */
function canPrompt(terminal: PromptTerminal): boolean {
  return terminal.input.isTTY === true && terminal.output.isTTY === true;
}

/** Asks once, showing nothing of what is typed. Ctrl+C and Ctrl+D are a refusal to answer. */
export async function promptPassword(label: string, terminal: PromptTerminal): Promise<Outcome<Password>> {
  if (!canPrompt(terminal)) {
    return fail('password.noTerminal', 'authFailed', `A password is needed and there is no terminal to ask on; use --password-file or ${PASSWORD_VARIABLE}.`);
  }
  const { input, output } = terminal;
  output.write(`Password for ${label}: `);
  input.setRawMode(true);
  const typed = await new Promise<string | null>((resolve) => {
    let text = '';
    const decoder = new TextDecoder();
    const listener = (chunk: Uint8Array | string): void => {
      for (const character of typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })) {
        if (character === '\r' || character === '\n') return finish(text);
        if (character === '\u0003' || character === '\u0004') return finish(null);
        if (character === '\u007f' || character === '\b') text = Array.from(text).slice(0, -1).join('');
        else if (character === '\u0015') text = '';
        else if (character >= ' ') text += character;
      }
    };
    const finish = (answer: string | null): void => {
      input.off('data', listener);
      resolve(answer);
    };
    input.on('data', listener);
    input.resume();
  });
  input.setRawMode(false);
  // A reading standard input keeps the process alive.
  input.pause();
  output.write('\n');
  return typed === null ? fail('password.declined', 'interrupted', 'No password was given.') : checked({ text: typed, origin: 'prompt' }, 'The password');
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function checked(password: Password, what: string): Outcome<Password> {
  const fault = passwordProblem(password.text);
  return fault === null ? succeed(password) : fail('password.invalid', 'sourceInvalid', `${what} cannot be used: ${fault}.`);
}
