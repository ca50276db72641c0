// procfs: what Linux writes about a process and its threads in /proc, as values. Text in, numbers out; who reads the files is
// actors/procfs-sampler.ts.

/** One line of `/proc/self/stat` or `/proc/self/task/TID/stat`. Times are clock ticks, 100 a second nearly everywhere (`sysconf(_SC_CLK_TCK)`). */
export interface TaskStat {
  /** Of the process or the thread. */
  readonly id: number;
  /** At most 15 bytes; for a thread the name that it was given, otherwise that of the thread that started it. */
  readonly name: string;
  readonly userTicks: number;
  readonly systemTicks: number;
  /** Since the system booted. Tells a thread from a later one with the same id. */
  readonly startTicks: number;
}

/** Fields of proc(5), counted from 1; the name is the second. */
const userField = 14;
const systemField = 15;
const startField = 22;
/** The state: the first field after the name. */
const afterName = 3;

/** Null when it is not such a line. The name may hold brackets, spaces and newlines: it ends at the last bracket that closes. */
export function parseTaskStat(text: string): TaskStat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const id = wholeNumber(text.slice(0, open).trim());
  const fields = text.slice(close + 1).trim().split(/\s+/);
  const field = (number: number): number | null => wholeNumber(fields[number - afterName]);
  const userTicks = field(userField);
  const systemTicks = field(systemField);
  const startTicks = field(startField);
  if (id === null || userTicks === null || systemTicks === null || startTicks === null) return null;
  return { id, name: text.slice(open + 1, close), userTicks, systemTicks, startTicks };
}

/** Memory from `/proc/self/status`, in KiB. */
export interface MemoryStatus {
  readonly rssKb: number;
  readonly vmSizeKb: number;
}

/** Null when a figure is missing, as for a process that is ending. */
export function parseMemoryStatus(text: string): MemoryStatus | null {
  const kilobytes = (name: string): number | null => wholeNumber(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(text)?.[1]);
  const rssKb = kilobytes('VmRSS');
  const vmSizeKb = kilobytes('VmSize');
  return rssKb === null || vmSizeKb === null ? null : { rssKb, vmSizeKb };
}

/** Seconds since the system booted, from `/proc/uptime`; null when it is not that file. */
export function parseUptime(text: string): number | null {
  const seconds = /^(\d+(?:\.\d+)?)(?:\s|$)/.exec(text)?.[1];
  return seconds === undefined ? null : Number(seconds);
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}
