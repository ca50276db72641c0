// Waits for a state that has no event of its own, by looking again; the test's own time limit is the deadline.
export async function until<T>(what: string, look: () => T | null | undefined | false | Promise<T | null | undefined | false>, deadlineMs = 15_000): Promise<T> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    if (performance.now() > endMs) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
}
