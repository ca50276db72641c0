// Requests and what is sent back: the shapes of a line on the control socket. Requests are read here with every check that does not depend
// on the method; replies and events are made into lines. It knows no method and no state.

/** Stable codes: those of version 1.2 of the ancestor's protocol, then those of 1.3. Clients compare them, the messages beside them are for people. */
export type ControlErrorCode =
  | 'no_hello_yet'
  | 'protocol_version_mismatch'
  | 'busy'
  | 'unknown_method'
  | 'bad_params'
  | 'bad_state'
  | 'no_such_surface'
  | 'unsupported_format'
  | 'internal_error'
  | 'timeout'
  | 'cancelled'
  | 'too_many_waits';

export interface ControlError {
  readonly code: ControlErrorCode;
  readonly message: string;
}

/** Chosen by the client and echoed. Integers are those that JSON keeps exact: below 2^53. */
export type RequestId = number | string;

export interface Request {
  readonly id: RequestId;
  readonly method: string;
  readonly params: Params;
}

export type Params = Readonly<Record<string, unknown>>;

/** `id` null: the line had none that could be echoed. */
export type ParsedRequest = { readonly ok: true; readonly request: Request } | { readonly ok: false; readonly id: RequestId | null; readonly error: ControlError };

/** What a method answers. */
export type Answer = { readonly ok: true; readonly result: Params } | { readonly ok: false; readonly error: ControlError };

/** Ids are echoed, so their length bounds what a reply can hold. */
const idCharactersMax = 256;

export const refusal = (code: ControlErrorCode, message: string): { readonly ok: false; readonly error: ControlError } => ({ ok: false, error: { code, message } });

export function parseRequest(text: string): ParsedRequest {
  const bad = (message: string, id: RequestId | null = null): ParsedRequest => ({ id, ...refusal('bad_params', message) });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad('the line is not JSON');
  }
  if (!isObject(value)) return bad('the line is not a JSON object');
  const { id, method, params } = value;
  if (!isRequestId(id)) return bad(`id must be an integer below 2^53 or a string of at most ${idCharactersMax} characters`);
  if (typeof method !== 'string') return bad('method must be a string', id);
  if (!isObject(params)) return bad('params must be an object, {} when there is nothing to say', id);
  return { ok: true, request: { id, method, params } };
}

/** One line with its line end. Without an id when there is none to echo. */
export function replyLine(id: RequestId | null, answer: Answer): string {
  const body = answer.ok ? { ok: true, result: answer.result } : { ok: false, error: answer.error };
  return `${JSON.stringify(id === null ? body : { id, ...body })}\n`;
}

export function eventLine(event: string, data: Params): string {
  return `${JSON.stringify({ event, data })}\n`;
}

export function isRequestId(id: unknown): id is RequestId {
  return typeof id === 'string' ? id.length <= idCharactersMax : Number.isSafeInteger(id);
}

function isObject(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
