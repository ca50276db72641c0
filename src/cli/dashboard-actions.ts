// Dashboard actions: what the dashboard's keys ask of the session besides input for its guest: lists over the dashboard, screenshots, volume,
// reports. Which key asks for what is `ui-terminal/dashboard-controls.ts`'s.

import { resolve } from 'node:path';
import type { Cancel, Timers } from '../actors/kernel/host.ts';
import type { Notification } from '../supervisor/notifications.ts';
import type { ControlsEffect, OpenPane } from '../ui-terminal/dashboard-controls.ts';
import type { Pane } from '../ui-terminal/pane.ts';
import { gapsPane, helpPane, notificationsPane, reportPane } from '../ui-terminal/panes.ts';
import type { ReportOutcome } from './session-reports.ts';
import { manualTypeOf } from './session-requests.ts';
import type { SessionRun } from './session-run.ts';
import { writeScreenshots } from './screenshot.ts';

type Action = Extract<ControlsEffect, { readonly kind: 'pane' | 'markRead' | 'screenshot' | 'volume' | 'report' | 'fileNotification' }>;

/** A list that is open is told anew so often, in milliseconds, as the session's figures are. */
const refreshMs = 250;
const volumeStepPercent = 5;

export class DashboardActions {
  readonly #run: SessionRun;
  readonly #timers: Timers;
  #pane: OpenPane | null = null;
  #cancelRefresh: Cancel = () => undefined;
  #screenshotUnderWay = false;

  constructor({ run, timers }: { readonly run: SessionRun; readonly timers: Timers }) {
    this.#run = run;
    this.#timers = timers;
  }

  /** Newest first. */
  get notifications(): readonly Notification[] {
    return this.#run.news.notifications.entries.toReversed();
  }

  perform(action: Action): void {
    switch (action.kind) {
      case 'pane':
        this.#pane = action.pane;
        return this.#show();
      case 'markRead':
        return this.#run.news.markRead();
      case 'screenshot':
        return void this.#screenshot();
      case 'volume':
        return this.#volume(action.change);
      case 'report':
        return void this.#report(this.#run.reports.request({ type: manualTypeOf[action.type], description: action.description, region: null }));
      case 'fileNotification':
        return void this.#report(this.#run.reports.fileNotification(action.id));
    }
  }

  /** Shows nothing more. */
  stop(): void {
    this.#cancelRefresh();
  }

  #show(): void {
    this.#cancelRefresh();
    this.#run.tellDashboard({ kind: 'pane', pane: this.#pane === null ? null : this.#paneOf(this.#pane) });
    if (this.#pane?.kind === 'notifications' || this.#pane?.kind === 'gaps') this.#cancelRefresh = this.#timers.after(refreshMs, () => this.#show());
  }

  #paneOf(pane: OpenPane): Pane {
    switch (pane.kind) {
      case 'help':
        return helpPane;
      case 'notifications':
        return notificationsPane(this.notifications, pane.chosenId);
      case 'gaps':
        return gapsPane(this.#run.memory.channels.flatMap((memory) => Object.entries(this.#run.memory.facts(memory)?.gaps ?? {}).map(([key, count]) => ({ channel: memory.id, key, count }))));
      case 'report':
        return reportPane(pane.type, pane.description);
    }
  }

  async #screenshot(): Promise<void> {
    if (this.#run.surfaces.length === 0) return this.#say('warning', 'no screenshot: the server has shown no picture yet');
    if (this.#screenshotUnderWay) return this.#say('warning', 'a screenshot is being written; press F8 again when it is there');
    this.#screenshotUnderWay = true;
    try {
      const name = `ryll-screenshot-${new Date().toISOString().replace(/[-:]/g, '').replace(/\..*/, 'Z')}.png`;
      for (const { path, width, height } of await writeScreenshots(this.#run.surfaces, { picture: name, coverage: undefined })) this.#say('info', `wrote ${resolve(path)}, ${width}x${height}`);
    } catch (error) {
      this.#say('warning', `the screenshot could not be written: ${error instanceof Error ? error.message : String(error)}; check the folder and its free space`);
    } finally {
      this.#screenshotUnderWay = false;
    }
  }

  #volume(change: 'up' | 'down' | 'mute'): void {
    const { sound } = this.#run;
    const { percent, muted } = sound.volume;
    if (change === 'mute') sound.setMuted(!muted);
    else sound.setVolume(Math.max(0, Math.min(100, percent + (change === 'up' ? volumeStepPercent : -volumeStepPercent))));
    const now = sound.volume;
    this.#say('info', `volume ${now.percent} %${now.muted ? ', muted' : ''}${sound.isWanted ? '' : '; sound is not played: start with --audio-device or --audio-file'}`);
  }

  /** Files that were written, and disks that refused, are told of by those who write. */
  async #report(outcome: Promise<ReportOutcome>): Promise<void> {
    this.#say('info', 'a report is being made');
    const result = await outcome;
    if (!result.ok) this.#say('warning', `no report: ${result.message}`);
  }

  #say(severity: 'info' | 'warning', text: string): void {
    this.#run.say({ kind: 'noted', wallMs: Date.now(), severity, source: 'dashboard', text });
  }
}
