// Session reports: hears what happens to a session and makes reports of it: of its own accord, for a person who asks, for a notification. It takes what a report is of at
// the moment that it is about, and holds the traffic still; a pool's thread writes the file. Which happenings are worth a report is report-policy.ts's to say.

import type { Cancel, HostBase } from '../actors/kernel/host.ts';
import { StackProbe, type StackReport } from '../actors/kernel/stack-probe.ts';
import { documentText } from '../capture/report/documents/document-text.ts';
import type { Json } from '../capture/report/documents/shape.ts';
import { dropLeast, expireSnapshots, putSnapshot, snapshotMs, takeSnapshot, type NotificationSnapshots, type SnapshotStep } from '../capture/report/notification-snapshots.ts';
import { folderOf, fileNameOf, isInScope, stateScopeOf, trafficScopeOf, type ManualType, type ReportFolders, type ReportKind, type ReportScope } from '../capture/report/report-kind.ts';
import type { Region, ReportPicture, ReportPlan, ReportText, ReportWritten } from '../capture/report/report-members.ts';
import { reportMetadata, type ReportBuild, type ReportMoment } from '../capture/report/report-metadata.ts';
import { foremost, initialPolicy, judge, type AutomaticKind, type ReportPolicy } from '../capture/report/report-policy.ts';
import { onScreen } from '../capture/report/report-region.ts';
import { withoutSecrets } from '../capture/report/secret-text.ts';
import { verdictOf } from '../capture/verdict.ts';
import { pinTapRing, releaseTapPins, type TapPins } from '../mailbox/tap-snapshot.ts';
import { isHostToken } from '../proxy/ip-address.ts';
import { metricsPlatform, noMetrics, notSampledReasons } from '../metrics/runtime-metrics.ts';
import type { Notification } from '../supervisor/notifications.ts';
import type { Health } from '../supervisor/health.ts';
import type { FrozenEvidence } from '../supervisor/watchdog.ts';
import { copyPixels, openSurface } from '../surface/shared-surface.ts';
import type { Happening } from './happening.ts';
import { reportDocuments, type ReportDocuments, type ReportedSession } from './report-documents.ts';
import { automaticKindOf } from './report-trigger.ts';
import type { SessionConnection } from './session-reconnect.ts';
import { ReportFailed, type ReportWriter } from './report-pool.ts';
import { runtimeMetrics } from './runtime-metrics.ts';
import type { SampledActor } from './session-sample.ts';
import { busyActors } from './session-stacks.ts';

export interface ReportOptions {
  readonly folders: ReportFolders;
  /** Losses, freezes and failures become reports of their own accord. */
  readonly automatic: boolean;
  /** So does each kind of gap. */
  readonly pedantic: boolean;
  readonly autoSnapshot: { readonly intervalMs: number; readonly filesMax: number } | null;
  /** False = key codes, clipboards and the encrypted ticket stay in the traffic. */
  readonly redacted: boolean;
  readonly build: ReportBuild;
  /** Of a simulation. */
  readonly seed: number | null;
  readonly writer: ReportWriter;
}

export interface SessionReportsParts {
  readonly host: Pick<HostBase, 'clock' | 'timers'>;
  /** Null = there are no reports. */
  readonly options: ReportOptions | null;
  readonly session: ReportedSession;
  readonly frozen: () => readonly FrozenEvidence[];
  readonly healthOf: (actor: SampledActor) => Health | null;
  readonly tell: (happening: Happening) => void;
  readonly videoDrops: () => number;
}

/** What a person asks for. */
export interface ManualRequest {
  readonly type: ManualType;
  readonly description: string;
  /** Judged already (report-region.ts). */
  readonly region: Region | null;
}

export type ReportOutcome = { readonly ok: true; readonly written: ReportWritten } | { readonly ok: false; readonly message: string };

export interface ReportCounts {
  readonly written: number;
  readonly failed: number;
  readonly heldBack: number;
  readonly autoSnapshotsSaved: number;
  readonly autoSnapshotsPruned: number;
}

/** Everything of one moment. Its pins are its owner's to release. */
interface Taken {
  readonly moment: ReportMoment;
  readonly pins: readonly TapPins[];
  readonly documents: ReportDocuments;
}

interface Pictured {
  readonly region: Region | null;
  readonly pictures: readonly ReportPicture[];
}

const unpictured: Pictured = { region: null, pictures: [] };

/** How long runtime metrics are sampled, in milliseconds: the ancestor's. */
const manualWindowMs = 2_000;
const pedanticWindowMs = 1_000;
/** Channels that a server takes down go within this time, main among them or not, and are one report. Shorter than the wait before a channel is linked again. */
const burstMs = 50;
const autoSnapshotBytesMax = 512 * 1024 * 1024;
/** People are told of auto-snapshots that cannot be written once in a while. */
const autoFailureMs = 300_000;
/** An actor that is in the middle of the same thing for so long, while a person asks for a report, has its stack taken. */
const quietMs = 100;
/** How long what is under way at the end of a session may take, in milliseconds. */
const lastWritesMs = 15_000;

export class SessionReports {
  readonly #parts: SessionReportsParts;
  #policy: ReportPolicy = initialPolicy;
  #snapshots: NotificationSnapshots<Taken> = [];
  /** Of every connection of the session: an older ticket may still stand somewhere. */
  readonly #secrets = new Set<string>();
  /** Losses of the last moment, which may have one cause. */
  #burst: Extract<AutomaticKind, { readonly kind: 'disconnect' }>[] = [];
  #cancelBurst: Cancel = () => undefined;
  #cancelExpiry: Cancel = () => undefined;
  #cancelAuto: Cancel | null = null;
  #autoFailedMs: number | null = null;
  #everUp = false;
  #stopped: Promise<void> | null = null;
  readonly #underWay = new Set<Promise<ReportOutcome>>();
  #counts = { written: 0, failed: 0, autoSnapshotsSaved: 0, autoSnapshotsPruned: 0 };
  /** A thread is inside a blocked call still. */
  leftBehind = false;

  constructor(parts: SessionReportsParts) {
    this.#parts = parts;
  }

  get counts(): ReportCounts {
    return { ...this.#counts, heldBack: this.#policy.heldBack };
  }

  /** Everything that happens to the session. */
  hear(happening: Happening): void {
    const { options } = this.#parts;
    if (options === null || this.#stopped !== null) return;
    if (happening.kind === 'channelEvent' && happening.event.kind === 'sessionInitialised') this.#sessionUp();
    const kind = automaticKindOf(happening, { everUp: this.#everUp, channels: new Set(this.#parts.session.memory.channels.map(({ id }) => id)) });
    if (kind === null || !(kind.kind === 'pedantic' ? options.pedantic : options.automatic)) return;
    if (kind.kind === 'disconnect') this.#addToBurst(kind);
    else this.#fire(kind);
  }

  /** A notification was said, or said again: what is known now is kept for a report of it. */
  remembered({ id, severity, source }: Notification): void {
    // Of what reports have to say there is nothing to report.
    if (this.#parts.options === null || this.#stopped !== null || source === 'BugReport') return;
    const kind: ReportKind = { kind: 'notification', id, state: 'AtFire', severity, message: '' };
    this.#keep(putSnapshot(this.#snapshots, { id, severity, takenMs: this.#nowMs(), value: this.#take(kind) }));
    this.#cancelExpiry();
    this.#cancelExpiry = this.#parts.host.timers.after(snapshotMs, () => this.#keep(expireSnapshots(this.#snapshots, this.#nowMs())));
  }

  /** A person asks for a report of the session as it is now. */
  async request({ type, description, region }: ManualRequest): Promise<ReportOutcome> {
    if (this.#parts.options === null || this.#stopped !== null) return noReports;
    const kind: ReportKind = { kind: 'manual', type, description };
    const pictures = type === 'Display' ? this.#pictures(region) : [];
    const pins = this.#pin(trafficScopeOf(kind));
    const moment = this.#moment();
    const stacks = await this.#probe();
    return this.#write(kind, { moment, pins, documents: this.#documents(kind, stacks) }, { region, pictures });
  }

  /** A person asks for a report of a notification, with what was known when it was said as long as that is kept. */
  fileNotification(id: number): Promise<ReportOutcome> {
    if (this.#parts.options === null || this.#stopped !== null) return Promise.resolve(noReports);
    const entry = this.#parts.session.news.notifications.entries.find((each) => each.id === id);
    if (entry === undefined) return Promise.resolve({ ok: false, message: `there is no notification ${id}` });
    const { severity, message } = entry;
    const { value, ...step } = takeSnapshot(this.#snapshots, id, this.#nowMs());
    this.#keep(step);
    const kind: ReportKind = { kind: 'notification', id, state: value === null ? 'PostEventOnly' : 'AtFire', severity, message };
    return this.#write(kind, value ?? this.#take(kind));
  }

  /** Fires what is due, then waits for what is being written. Nothing is heard any more. Idempotent. */
  stop(): Promise<void> {
    if (this.#stopped !== null) return this.#stopped;
    this.#fireBurst();
    this.#cancelExpiry();
    this.#cancelAuto?.();
    this.#keep({ snapshots: [], released: this.#snapshots.map(({ value }) => value) });
    const { options } = this.#parts;
    this.#stopped = options === null ? Promise.resolve() : this.#finish(options.writer);
    return this.#stopped;
  }

  /** What was begun is written, also what still waits for its runtime metrics. */
  async #finish(writer: ReportWriter): Promise<void> {
    const { timers } = this.#parts.host;
    let cancel: Cancel = () => undefined;
    const patience = new Promise<void>((resolve) => (cancel = timers.after(lastWritesMs, resolve)));
    await Promise.race([Promise.allSettled(this.#underWay), patience]);
    cancel();
    this.leftBehind = !(await writer.close(lastWritesMs));
  }

  #sessionUp(): void {
    this.#everUp = true;
    const { options, host } = this.#parts;
    if (options?.autoSnapshot == null || this.#cancelAuto !== null) return;
    const { intervalMs } = options.autoSnapshot;
    const next = (inMs: number): void => {
      this.#cancelAuto = host.timers.after(inMs, () => void due());
    };
    const due = async (): Promise<void> => {
      const startMs = this.#nowMs();
      await this.#autoSnapshot();
      // From the beginning of one to that of the next, and never two at a time.
      if (this.#stopped === null) next(Math.max(0, startMs + intervalMs - this.#nowMs()));
    };
    next(intervalMs);
  }

  async #autoSnapshot(): Promise<void> {
    const kind: ReportKind = { kind: 'autoSnapshot' };
    const outcome = await this.#write(kind, this.#take(kind));
    if (!outcome.ok) return;
    this.#counts.autoSnapshotsSaved += 1;
    this.#counts.autoSnapshotsPruned += outcome.written.pruned;
  }

  #addToBurst(kind: Extract<AutomaticKind, { readonly kind: 'disconnect' }>): void {
    this.#burst.push(kind);
    if (this.#burst.length === 1) this.#cancelBurst = this.#parts.host.timers.after(burstMs, () => this.#fireBurst());
  }

  #fireBurst(): void {
    this.#cancelBurst();
    const losses = this.#burst.splice(0);
    if (losses.length === 0) return;
    const due = losses.filter((loss) => judge(this.#policy, loss, this.#nowMs()).fires);
    // When all of them have just had a report, one counts as held back.
    const first = foremost(due.length === 0 ? losses : due);
    this.#fire(first);
    // The others are in that report: theirs would be the same.
    for (const loss of due) if (loss !== first) this.#policy = judge(this.#policy, loss, this.#nowMs()).policy;
  }

  #fire(kind: AutomaticKind): void {
    const { policy, fires } = judge(this.#policy, kind, this.#nowMs());
    this.#policy = policy;
    if (fires) void this.#write(kind, this.#take(kind));
  }

  #take(kind: ReportKind): Taken {
    return { moment: this.#moment(), pins: this.#pin(trafficScopeOf(kind)), documents: this.#documents(kind, new Map()) };
  }

  /** Over a window of time, where the report is not of a moment that has passed. */
  #metrics(kind: ReportKind): Promise<unknown> {
    switch (kind.kind) {
      case 'manual':
      case 'autoSnapshot':
        return runtimeMetrics(this.#parts.host.timers, manualWindowMs);
      case 'pedantic':
        return runtimeMetrics(this.#parts.host.timers, pedanticWindowMs);
      case 'notification':
        return Promise.resolve(noMetrics(metricsPlatform(process.platform), notSampledReasons.notification));
      case 'disconnect':
      case 'frozenActor':
      case 'failedActor':
        return Promise.resolve(noMetrics(metricsPlatform(process.platform), notSampledReasons.disconnect));
    }
  }

  #documents(kind: ReportKind, stacks: ReadonlyMap<string, StackReport>): ReportDocuments {
    const { session, frozen, healthOf } = this.#parts;
    const { startedAtMs, startedAtWallMs } = session.memory;
    const sighted = { actors: session.actors, frozen: frozen(), healthOf, startedAtMs, startedAtWallMs };
    return reportDocuments(session, { kind, scope: stateScopeOf(kind), nowMs: this.#nowMs(), sighted, stacks, written: { ...this.#counts, videoDropCount: this.#parts.videoDrops() } });
  }

  /** Never rejects: what becomes of a report is told, and is the outcome. */
  #write(kind: ReportKind, taken: Taken, more: Pictured = unpictured): Promise<ReportOutcome> {
    const written = this.#writeNow(kind, taken, more).finally(() => this.#underWay.delete(written));
    this.#underWay.add(written);
    return written;
  }

  async #writeNow(kind: ReportKind, taken: Taken, more: Pictured): Promise<ReportOutcome> {
    const options = this.#parts.options!;
    const isAuto = kind.kind === 'autoSnapshot';
    try {
      const metrics = await this.#metrics(kind);
      const written = await options.writer.write(this.#plan(options, kind, taken, { ...more, metrics }));
      this.#counts.written += 1;
      if (!isAuto) this.#parts.tell({ kind: 'reportNews', news: { kind: 'written', of: kind, path: written.path } });
      return { ok: true, written };
    } catch (error) {
      this.#counts.failed += 1;
      const message = error instanceof Error ? error.message : String(error);
      const isTold = !isAuto || this.#autoFailedMs === null || this.#nowMs() - this.#autoFailedMs >= autoFailureMs;
      if (isAuto && isTold) this.#autoFailedMs = this.#nowMs();
      if (isTold) this.#parts.tell({ kind: 'reportNews', news: { kind: 'failed', of: kind, message, isRefused: error instanceof ReportFailed && error.code === 'tooMany' } });
      return { ok: false, message };
    } finally {
      for (const pins of taken.pins) releaseTapPins(pins);
    }
  }

  #plan(options: ReportOptions, kind: ReportKind, { moment, pins, documents }: Taken, { region, pictures, metrics }: Pictured & { readonly metrics: unknown }): ReportPlan {
    const { session } = this.#parts;
    const submitted = this.#moment();
    const metadata = reportMetadata({
      kind, build: options.build, region, target: session.reconnect.connection.target.label, triggered: moment, submitted, sessionStartedWallMs: session.memory.startedAtWallMs, redacted: options.redacted, seed: options.seed,
      trafficCapBytes: session.memory.channels.reduce((sum, { tap }) => sum + tap.ringBytes, 0),
      traffic: pins.map(({ handle, incomplete }) => ({ channel: handle.channel, incomplete })),
    });
    for (const secret of secretsOf(session.reconnect.connection)) this.#secrets.add(secret);
    // Names are made of what peers and people say, too.
    const name = String(withoutSecrets(fileNameOf(kind, submitted.wallMs, moment.uptimeSecs), [...this.#secrets])).replaceAll(/[[\]]/g, '_');
    // Every document is of plain values.
    const text = (document: unknown): string => documentText(withoutSecrets(document, [...this.#secrets]) as Json);
    const described: ReportText[] = [
      { name: 'metadata.json', text: text(metadata) },
      ...[...documents].map(([member, document]) => ({ name: member, text: text(document) })),
      { name: 'runtime-metrics.json', text: text(metrics) },
    ];
    const members: ReportText[] = [
      ...described,
      { name: 'verdict.json', text: text(verdictOf(new Map(described.map((member) => [member.name, member.text])))) },
      { name: 'replay.txt', text: `ryll-actors replay ${name}\nryll-actors explain ${name}\n` },
    ];
    return {
      path: `${folderOf(kind.kind, options.folders)}/${name}`,
      members,
      traffic: pins.length === 0 ? null : { pins, redacted: options.redacted },
      pictures,
      rolling: kind.kind === 'autoSnapshot' ? { prefix: 'ryll-auto-snapshot-', filesMax: options.autoSnapshot?.filesMax ?? 1, bytesMax: autoSnapshotBytesMax } : null,
    };
  }

  /** A report that is being written matters more than what is kept in case somebody asks. */
  #pin(scope: ReportScope): readonly TapPins[] {
    const rings = this.#parts.session.memory.channels.filter(({ id }) => isInScope(scope, id)).map(({ tap }) => tap);
    for (;;) {
      const pins = rings.map((ring) => pinTapRing(ring));
      if (this.#snapshots.length === 0 || !pins.some(({ incomplete }) => incomplete)) return pins;
      for (const each of pins) releaseTapPins(each);
      this.#keep(dropLeast(this.#snapshots));
    }
  }

  #keep({ snapshots, released }: SnapshotStep<Taken>): void {
    this.#snapshots = snapshots;
    for (const { pins } of released) for (const each of pins) releaseTapPins(each);
  }

  async #probe(): Promise<ReadonlyMap<string, StackReport>> {
    const probe = new StackProbe(this.#parts.host.timers);
    const stacks = new Map<string, StackReport>();
    for (const { id, handle } of busyActors(this.#parts.session.actors, quietMs)) {
      stacks.set(id, await probe.probe({ threadId: handle.threadId ?? -1, osThreadId: handle.progress.read().osThreadId }));
    }
    return stacks;
  }

  /** Of the largest screen. */
  #pictures(region: Region | null): readonly ReportPicture[] {
    const [largest] = this.#parts.session.surfaces.toSorted((a, b) => b.width * b.height - a.width * a.height);
    if (largest === undefined) return [];
    const { width, height, pixels } = copyPixels(openSurface(largest.buffer));
    const seen = region === null ? null : onScreen(region, { width, height });
    const whole: ReportPicture = { name: 'screenshot.png', width, height, pixels, region: null };
    return seen === null ? [whole] : [whole, { ...whole, name: 'screenshot-region.png', region: seen }];
  }

  #moment(): ReportMoment {
    return { wallMs: this.#parts.host.clock.wallMs(), uptimeSecs: (this.#nowMs() - this.#parts.session.memory.startedAtMs) / 1000 };
  }

  #nowMs(): number {
    return this.#parts.host.clock.monotonicMs();
  }
}

/** What must not be in any text of a report. */
function secretsOf({ password, target: { host, proxy } }: SessionConnection): readonly string[] {
  // A token for the proxy is as good as a key.
  const token = host !== null && isHostToken(host) ? host : '';
  return [password, proxy?.password ?? '', token].filter((secret) => secret !== '');
}

const noReports: ReportOutcome = { ok: false, message: 'this session makes no reports' };
