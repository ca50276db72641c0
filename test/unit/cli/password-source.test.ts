import { describe, expect, test } from 'vitest';
import { fail, succeed } from '#app/cli/cli-problem.js';
import { promptPassword, readPassword } from '#app/cli/password-source.js';
import type { PasswordOptions, PromptTerminal } from '#app/cli/password-source.js';

const NOTHING: PasswordOptions = { passwordFile: undefined, environment: undefined, fromSource: null };
const io = (content: Uint8Array | null) => ({
  readFile: async () => (content === null ? fail('source.unreadable', 'sourceInvalid', 'absent') : succeed(content)),
});
const read = async (options: Partial<PasswordOptions>, file: string | Uint8Array | null = null) =>
  readPassword({ ...NOTHING, ...options }, io(typeof file === 'string' ? new TextEncoder().encode(file) : file));

describe('the password', () => {
  test('comes from --password-file before the environment before the connection file', async () => {
    expect(await read({ passwordFile: 'f', environment: 'e', fromSource: 's' }, 'file\n')).toEqual(succeed({ text: 'file', origin: 'passwordFile' }));
    expect(await read({ environment: 'e', fromSource: 's' })).toEqual(succeed({ text: 'e', origin: 'environment' }));
    expect(await read({ environment: '', fromSource: 's' })).toEqual(succeed({ text: 's', origin: 'source' }));
    expect(await read({})).toEqual(succeed({ text: '', origin: 'none' }));
  });

  test.each([
    ['secret\n', 'secret'],
    ['secret\r\n', 'secret'],
    [' two words \n\n', ' two words \n'],
    ['', ''],
  ])('of the file %j is %j: one line end is the editor\'s, the rest is meant', async (content, text) => {
    expect(await read({ passwordFile: 'f' }, content)).toEqual(succeed({ text, origin: 'passwordFile' }));
  });

  test('that no server would take is refused, whatever it came from', async () => {
    const long = 'x'.repeat(61);
    for (const outcome of [await read({ passwordFile: 'f' }, long), await read({ environment: long }), await read({ fromSource: long })]) {
      expect(outcome).toMatchObject({ ok: false, problem: { code: 'password.invalid', exit: 'sourceInvalid', message: expect.stringContaining('61 bytes') } });
    }
    expect(await read({ environment: 'ü'.repeat(30) })).toMatchObject({ ok: true });
    expect(await read({ passwordFile: 'f' }, 'a\0b')).toMatchObject({ ok: false, problem: { message: expect.stringContaining('NUL') } });
    expect(await read({ passwordFile: 'f' }, Uint8Array.of(0xff))).toMatchObject({ ok: false, problem: { message: expect.stringContaining('UTF-8') } });
    expect(await read({ passwordFile: 'f' })).toMatchObject({ ok: false, problem: { code: 'source.unreadable' } });
  });
});

/** A terminal that types these keys once it is listened to. */
function terminal(keys: readonly (string | Uint8Array)[], isTTY = true) {
  const log: string[] = [];
  const listeners = new Set<(chunk: Uint8Array | string) => void>();
  const fake: PromptTerminal = {
    input: {
      isTTY,
      setRawMode: (raw) => log.push(`raw ${raw}`),
      resume: () => queueMicrotask(() => keys.forEach((key) => listeners.forEach((listener) => listener(key)))),
      pause: () => log.push('pause'),
      on: (_, listener) => listeners.add(listener),
      off: (_, listener) => listeners.delete(listener),
    },
    output: { isTTY, write: (text) => log.push(text) },
  };
  return { fake, log, listeners };
}

describe('the question for a password', () => {
  test('shows nothing of the answer and leaves the terminal as it was', async () => {
    const { fake, log, listeners } = terminal(['se', 'cx\u007f', new TextEncoder().encode('ret\r')]);
    expect(await promptPassword('vm', fake)).toEqual(succeed({ text: 'secret', origin: 'prompt' }));
    expect(log).toEqual(['Password for vm: ', 'raw true', 'raw false', 'pause', '\n']);
    expect(listeners.size).toBe(0);
  });

  test('takes a character that arrives in two pieces, and Ctrl+U starts over', async () => {
    const [first, second] = new TextEncoder().encode('ü');
    const { fake } = terminal(['wrong\u0015', Uint8Array.of(first ?? 0), Uint8Array.of(second ?? 0), '\u001b', '\n']);
    expect(await promptPassword('vm', fake)).toEqual(succeed({ text: 'ü', origin: 'prompt' }));
  });

  test.each(['\u0003', '\u0004'])('answered by %j is a refusal', async (key) => {
    const { fake, log } = terminal(['abc', key]);
    expect(await promptPassword('vm', fake)).toMatchObject({ ok: false, problem: { code: 'password.declined', exit: 'interrupted' } });
    expect(log).toContain('raw false');
  });

  test('is not asked where nobody could answer', async () => {
    const { fake, log } = terminal(['x\n'], false);
    expect(await promptPassword('vm', fake)).toMatchObject({ ok: false, problem: { exit: 'authFailed', message: expect.stringContaining('--password-file') } });
    expect(log).toEqual([]);
  });
});
