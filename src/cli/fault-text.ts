// Fault text: the notation of faults on the command line, `SUBJECT:FAULT=VALUE@MOMENTxTIMES`, taken apart. `connect --inject` and
// `serve --fault` share it; which parts may be there and what they mean is theirs.

export interface FaultText {
  readonly subject: string;
  readonly kind: string;
  /** What stands behind `=`; null = nothing does. */
  readonly value: string | null;
  /** What stands behind `@`; null = nothing does. */
  readonly moment: string | null;
  /** `x3` = the first three, `xall`, `x2-4`, `x2-all`; null = not said. */
  readonly times: { readonly first: number; readonly last: number } | null;
}

const notation = /^([a-z]+(?:\/\d{1,3})?|\*):([A-Za-z]+?)(?:=([^@]*?))?(?:@([a-z]+?(?::\d{1,6})?|\d+(?:\.\d+)?m?s))?(?:x(?:(\d{1,4})-)?(\d{1,4}|all))?$/;
const duration = /^(\d+(?:\.\d+)?)(ms|s)$/;
const durationMsMax = 3_600_000;

/** @returns null for what is not in this notation */
export function splitFaultText(text: string): FaultText | null {
  const [, subject, kind, value, moment, first, last] = notation.exec(text) ?? [];
  if (subject === undefined || kind === undefined) return null;
  const times = last === undefined ? null : { first: first === undefined ? 1 : Number(first), last: last === 'all' ? Infinity : Number(last) };
  return { subject, kind, value: value ?? null, moment: moment ?? null, times };
}

/** `3s`, `1.5s` or `500ms` in milliseconds. @returns `tooLong` above an hour, null for what is no time */
export function parseDuration(text: string): number | 'tooLong' | null {
  const [, amount, unit] = duration.exec(text) ?? [];
  if (amount === undefined) return null;
  const ms = Number(amount) * (unit === 's' ? 1_000 : 1);
  return ms > durationMsMax ? 'tooLong' : ms;
}
