// Why a recording cannot be opened at all. What is wrong inside one that can is a `ReadingFault`: then what was read before it counts.

export type RecordingErrorCode = 'unreadable' | 'notARecording' | 'empty' | 'notAZip' | 'tooLarge';

export class RecordingError extends Error {
  override readonly name = 'RecordingError';
  readonly code: RecordingErrorCode;
  readonly path: string;

  /** @param message what is wrong with `path`, as the end of a sentence */
  constructor(code: RecordingErrorCode, path: string, message: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'permission denied'],
  ['EISDIR', 'it is a folder'],
]);

/** The system's reason in words. */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return REASONS.get(code) ?? error.message;
}
