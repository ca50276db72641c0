// Session options: everything that one session is run with, whatever it was read from. Values and the host; no actor.

import type { ControlArgs } from '../actors/control-mail.ts';
import type { MetricsAddress } from '../actors/metrics-mail.ts';
import type { ActorSystem } from '../actors/kernel/actor-system.ts';
import type { Host } from '../actors/kernel/host.ts';
import type { ChannelFilter } from '../protocol/session.ts';
import type { RestartBudgets } from '../supervisor/restart-budget.ts';
import type { DashboardArgs } from '../ui-terminal/dashboard-message.ts';
import type { LogSinkArgs } from '../ui-terminal/log-sink-message.ts';
import type { ConnectionTarget } from './connection-target.ts';
import type { DisplayWishes } from './display-options.ts';
import type { InjectedFault } from './injected-faults.ts';
import type { ScreenLock } from './screen-lock.ts';
import type { CaptureSettings } from './session-capture.ts';
import type { SoundOptions } from './session-sound.ts';
import type { VideoOptions } from './session-video.ts';
import type { TargetEndpoints } from './resolve-target.ts';
import type { ReportOptions } from './session-reports.ts';
import type { ReconnectOptions } from './session-reconnect.ts';
import type { Version } from './version.ts';

export interface SessionRunOptions {
  readonly host: Host;
  readonly target: ConnectionTarget;
  /** Every address of the server, best first. */
  readonly endpoints: readonly TargetEndpoints[];
  readonly password: string;
  readonly filter: ChannelFilter;
  /** Channel names that the connection file forbids (`disable-channels`). */
  readonly disabled: ReadonlySet<string>;
  /** Every actor on this thread, for diagnosis. */
  readonly singleThread: boolean;
  /** An actor that is silent for so long with work waiting is ended as frozen, in milliseconds; null = nobody watches, where there are no threads. */
  readonly frozenMs: number | null;
  /** An idle connection is given a sign of life after so long, in milliseconds; null = none is. */
  readonly keepaliveIdleMs: number | null;
  /** Only in tests. */
  readonly faults: readonly InjectedFault[];
  /** Null = nothing is captured. */
  readonly captureFolder: string | null;
  /** Absent = there are no reports. */
  readonly reports?: ReportOptions | null;
  /** The file to which the keys of TLS connections are added; absent = none. */
  readonly tlsKeyLog?: string | undefined;
  /** What the traffic rings share, in MiB; absent = as little as they ever have. */
  readonly trafficTotalMib?: number;
  /** How it is captured; absent = as `--capture` does it without more options. */
  readonly captureSettings?: CaptureSettings;
  readonly version: Version;
  /** What follows the loss of the session; null = its end. */
  readonly reconnect: ReconnectOptions | null;
  readonly monitors: number;
  readonly trackCoverage: boolean;
  /** What displays hold and ask for; absent = as without any option. */
  readonly display?: DisplayWishes;
  readonly verbose: boolean;
  readonly dashboard: DashboardArgs | null;
  readonly log: LogSinkArgs | null;
  readonly sound: SoundOptions;
  /** Absent or null = the screen is not recorded. */
  readonly video?: VideoOptions | null;
  readonly control: Omit<ControlArgs, 'sessionStartMs'> | null;
  /** Where metrics are served; absent or null = nowhere. */
  readonly metrics?: MetricsAddress | null;
  /** The file of latencies; absent or null = none. */
  readonly latency?: { readonly path: string } | null;
  /** What tells whether the user's screen is locked; absent = nobody does. */
  readonly screenLock?: ScreenLock;
  /** The actor system of the session, where it is not the ordinary one: a simulation stands around every actor. */
  readonly createSystem?: (host: Host) => ActorSystem;
  /** What each channel may spend on restarts, where it is not the ordinary: a test restarts more often than anybody should. */
  readonly channelBudgets?: RestartBudgets;
}
