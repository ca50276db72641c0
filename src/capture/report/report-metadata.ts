// metadata.json of a report: what it is about, of which build, session and moment. The ancestor's fields with their meanings, and after them what it does not have.
// Pure.

import { descriptionOf, isoSeconds, reportTypeOf, stateScopeOf, type ReportKind } from './report-kind.ts';
import type { Region } from './report-members.ts';

const format = 'ryll-actors-report/1';

/** What does not change while a session runs. */
export interface ReportBuild {
  readonly version: string;
  /** Null = unknown. */
  readonly gitSha: string | null;
  readonly platform: string;
  readonly architecture: string;
  readonly node: string;
  /** Runtime packages with their versions. */
  readonly packages: Readonly<Record<string, string>>;
}

export interface ReportMoment {
  readonly wallMs: number;
  /** Since the session began. */
  readonly uptimeSecs: number;
}

export interface MetadataFacts {
  readonly kind: ReportKind;
  readonly build: ReportBuild;
  readonly region: Region | null;
  /** For people; no password in it. */
  readonly target: string;
  /** What the report is of: its state, its traffic. */
  readonly triggered: ReportMoment;
  /** When it was put together. */
  readonly submitted: ReportMoment;
  readonly sessionStartedWallMs: number;
  readonly redacted: boolean;
  /** Of the simulation; null in real life. */
  readonly seed: number | null;
  /** Bytes that all traffic rings may show. */
  readonly trafficCapBytes: number;
  /** Channels whose traffic is in the report; some of it could not be held of those that are `incomplete`. */
  readonly traffic: readonly { readonly channel: string; readonly incomplete: boolean }[];
}

export function reportMetadata(facts: MetadataFacts): Readonly<Record<string, unknown>> {
  const { kind, build, region, triggered, submitted } = facts;
  return {
    ryll_version: build.version,
    ryll_git_sha: build.gitSha ?? 'unknown',
    platform_os: build.platform === 'darwin' ? 'macos' : build.platform === 'win32' ? 'windows' : build.platform,
    platform_arch: build.architecture === 'x64' ? 'x86_64' : build.architecture === 'arm64' ? 'aarch64' : build.architecture,
    report_type: reportTypeOf(kind),
    channel: stateScopeOf(kind),
    description: descriptionOf(kind, triggered.uptimeSecs),
    region,
    timestamp: isoSeconds(submitted.wallMs),
    target: facts.target,
    session_uptime_secs: rounded(submitted.uptimeSecs),
    triggered_at: isoSeconds(triggered.wallMs),
    triggered_uptime_secs: rounded(triggered.uptimeSecs),
    format,
    session_started_at: new Date(facts.sessionStartedWallMs).toISOString(),
    redacted: facts.redacted,
    seed: facts.seed,
    node_version: build.node,
    packages: build.packages,
    traffic_cap_bytes: facts.trafficCapBytes,
    traffic_channels: facts.traffic.map(({ channel }) => channel),
    traffic_incomplete: facts.traffic.filter(({ incomplete }) => incomplete).map(({ channel }) => channel),
  };
}

const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000;
