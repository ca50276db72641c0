// Where the reports of a session in virtual time go: zips that the program's own zip writer makes, in this thread. Virtual time stands still while one
// is written, as if the disk took no time at all; so it passes in slices, between which what was begun is waited for.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VirtualHost } from '#app/actors/kernel/virtual-host.js';
import type { ReportPlan, ReportWritten } from '#app/capture/report/report-members.js';
import type { ReportWriter } from '#app/cli/report-pool.js';
import type { ReportOptions, ReportOutcome, SessionReports } from '#app/cli/session-reports.js';
import writeReport from '#app/pool/report-task.js';

/** Longer than a burst of losses, and much shorter than the wait for a report that is being written. */
const sliceMs = 1_000;
const build = { version: '0.0.0', gitSha: null, platform: 'linux', architecture: 'x64', node: 'v20', packages: {} };

export class ReportDisk implements ReportWriter {
  readonly #host: VirtualHost;
  readonly #folder = mkdtempSync(join(tmpdir(), 'ryll-zips-'));
  readonly #underWay = new Set<Promise<unknown>>();
  /** Of every zip, in the order in which they were asked for. */
  readonly paths: string[] = [];

  constructor(host: VirtualHost) {
    this.#host = host;
  }

  /** As `connect` has them by default. */
  get options(): ReportOptions {
    return { folders: { bugReportDir: this.#folder, pedanticDir: null, captureFolder: null }, automatic: true, pedantic: false, autoSnapshot: null, redacted: true, build, seed: null, writer: this };
  }

  write(plan: ReportPlan): Promise<ReportWritten> {
    const place = this.paths.push('') - 1;
    const written = writeReport(plan).then((done) => {
      this.paths[place] = done.path;
      return done;
    });
    const settled = written.then(() => undefined, () => undefined).finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
    return written;
  }

  async close(): Promise<boolean> {
    await Promise.all(this.#underWay);
    return true;
  }

  /** Lets virtual time pass. */
  async pass(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= sliceMs) {
      await this.#host.advance(Math.min(sliceMs, leftMs));
      await Promise.all(this.#underWay);
    }
    await this.#host.settle();
  }

  /** A report of the session as it is now, as a person asks for it without saying more. */
  async ask(reports: SessionReports): Promise<string> {
    let outcome: ReportOutcome | null = null;
    void reports.request({ type: 'Display', description: '', region: null }).then((known) => (outcome = known));
    // Its runtime metrics are of two seconds, or of eight on a machine that does not tell them.
    const known = async (): Promise<ReportOutcome> => {
      while (outcome === null) await this.pass(sliceMs / 2);
      return outcome;
    };
    const ended = await known();
    if (!ended.ok) throw new Error(ended.message);
    return ended.written.path;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
