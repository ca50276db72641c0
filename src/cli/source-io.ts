/**
 * Fetches the bytes of a connection file: from a path, standard input or a URL, each with a size cap, the URL with a deadline. It does not look into them.
 * Handed to connection-source.ts, so that tests can hand it something else.
 */
import { lstat, open, unlink } from 'node:fs/promises';
import { fail, succeed } from './cli-problem.ts';
import type { Outcome } from './cli-problem.ts';
import { KEY_FILE_BYTES_MAX } from './key-file.ts';

/** How long a URL may take from the request to the last byte, in milliseconds. */
const URL_DEADLINE_MS = 15_000;

export interface SourceIo {
  /** @param what names the file's part in messages: `connection file`, `CA file`, … */
  readFile(path: string, what: string): Promise<Outcome<Uint8Array>>;
  readStdin(): Promise<Outcome<Uint8Array>>;
  fetchUrl(url: string): Promise<Outcome<Uint8Array>>;
  /** Null when it is gone; otherwise why not. */
  deleteFile(path: string): Promise<string | null>;
}

export function createSourceIo(options: { readonly stdin: AsyncIterable<unknown>; readonly urlDeadlineMs?: number }): SourceIo {
  return {
    readFile: readFileCapped,
    async readStdin() {
      const bytes = await collect(options.stdin);
      return bytes === null ? tooLarge('standard input') : succeed(bytes);
    },
    fetchUrl: (url) => fetchCapped(url, options.urlDeadlineMs ?? URL_DEADLINE_MS),
    async deleteFile(path) {
      try {
        // A pipe or a device is not the issuer's, and behind a link the ticket would stay.
        if (!(await lstat(path)).isFile()) return 'it is not a regular file';
        await unlink(path);
        return null;
      } catch (error) {
        return reasonOf(error);
      }
    },
  };
}

async function readFileCapped(path: string, what: string): Promise<Outcome<Uint8Array>> {
  try {
    const file = await open(path, 'r');
    try {
      // Read as a stream: a pipe or /dev/stdin has no size to ask for.
      const bytes = await collect(file.createReadStream({ autoClose: false, end: KEY_FILE_BYTES_MAX }));
      return bytes === null ? tooLarge(path) : succeed(bytes);
    } finally {
      await file.close();
    }
  } catch (error) {
    return fail('source.unreadable', 'sourceInvalid', `The ${what} ${path} cannot be read: ${reasonOf(error)}.`);
  }
}

async function fetchCapped(url: string, deadlineMs: number): Promise<Outcome<Uint8Array>> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), deadlineMs);
  try {
    const response = await fetch(url, { signal: deadline.signal, headers: { accept: 'application/x-virt-viewer, */*;q=0.1' } });
    if (!response.ok) {
      deadline.abort();
      return fail('source.url.status', 'sourceInvalid', `${shownUrl(url)} answered ${response.status} ${response.statusText}; check the address, or whether its one-time link was used already.`);
    }
    const bytes = response.body === null ? new Uint8Array(0) : await collect(response.body);
    return bytes === null ? tooLarge(shownUrl(url)) : succeed(bytes);
  } catch (error) {
    if (deadline.signal.aborted) return fail('source.url.timeout', 'sourceInvalid', `${shownUrl(url)} did not answer completely within ${deadlineMs / 1000} s; check that it can be reached from here.`);
    return fail('source.url.failed', 'sourceInvalid', `${shownUrl(url)} cannot be fetched: ${reasonOf(error)}.`);
  } finally {
    clearTimeout(timer);
  }
}

/** Null when there is more than the cap; what was being read is then cancelled. */
async function collect(stream: AsyncIterable<unknown>): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
    if (!(bytes instanceof Uint8Array)) continue;
    total += bytes.byteLength;
    if (total > KEY_FILE_BYTES_MAX) return null;
    chunks.push(bytes);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function tooLarge(what: string): Outcome<Uint8Array> {
  return fail('source.tooLarge', 'sourceInvalid', `${what} is larger than ${KEY_FILE_BYTES_MAX / 1024} KiB and so is no connection file.`);
}

/** A link to a connection file is often itself a secret: its query is not shown. */
function shownUrl(url: string): string {
  try {
    const { protocol, host, pathname, search } = new URL(url);
    return `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`;
  } catch {
    return 'the URL';
  }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'permission denied'],
  ['EISDIR', 'it is a folder'],
  ['ENOTFOUND', 'the host name is not known'],
  ['ECONNREFUSED', 'nothing listens there'],
]);

/** `fetch` says only "fetch failed"; the reason is its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return REASONS.get(code) ?? cause.message;
}
