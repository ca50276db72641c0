// Happening: everything that can happen to a session and is worth a word, and the one place that words it: as a line for the terminal
// and the log, and as a notification for people who look later. Pure; what is told once, or only after a while, is session-news.ts's.

import type { AudioEvent } from '../actors/audio-mail.ts';
import type { MainFreeze } from '../actors/kernel/main-watch.ts';
import type { Exit } from '../actors/kernel/exit-reason.ts';
import type { PlannedRestart } from '../actors/supervisor-runner.ts';
import type { VideoEvent } from '../actors/video-mail.ts';
import type { WriterEvent } from '../capture/writer-message.ts';
import type { LinkFailure } from '../protocol/channel-link.ts';
import { NotifyVisibility } from '../protocol/constants.ts';
import type { ChannelEvent } from '../protocol/events.ts';
import type { Notice, NotificationSeverity, NotificationSource, NotificationVisibility } from '../supervisor/notifications.ts';
import type { StuckMailbox } from '../supervisor/stuck-mailboxes.ts';
import type { WatchdogEvent } from '../supervisor/watchdog.ts';
import { eventSeverity, eventSource, eventText, type SessionEvent, type Severity } from '../ui-terminal/session-event.ts';
import { formatDuration } from '../ui-terminal/units.ts';
import { wordWriterEvent } from './capture-facts.ts';
import { wordEvent, wordRestart } from './event-words.ts';
import { describeFailure } from './link-trouble.ts';
import { wordAudioEvent } from './session-sound.ts';
import { wordReport, type ReportNews } from './report-words.ts';
import type { SessionOutcome } from './session-outcome.ts';
import { wordVideoEvent } from './session-video.ts';
import { wordMainFreeze, wordStuckMailbox, wordWatchdogEvent } from './watch-words.ts';

export type Happening =
  /** Of the session as a whole: worded by the reconnect policy. */
  | { readonly kind: 'connectionNews'; readonly notice: Notice }
  | { readonly kind: 'channelEvent'; readonly channel: string; readonly event: ChannelEvent }
  /** `trouble` = how it was lost, or why its last link failed. */
  | { readonly kind: 'channelLinksAgain'; readonly channel: string; readonly trouble: string; readonly waitMs: number }
  | { readonly kind: 'channelLinkedAgain'; readonly channel: string; readonly trouble: string }
  | { readonly kind: 'channelUnavailable'; readonly channel: string; readonly failure: LinkFailure }
  | { readonly kind: 'channelSilent'; readonly channel: string; readonly silentMs: number; readonly usualMs: number }
  | { readonly kind: 'channelHeardAgain'; readonly channel: string }
  | { readonly kind: 'screenBlank'; readonly blankMs: number }
  | { readonly kind: 'resolutionChanged'; readonly channel: string; readonly width: number; readonly height: number }
  /** Channels had news for which the hub had no room. */
  | { readonly kind: 'eventsDropped' }
  | { readonly kind: 'captureNews'; readonly news: Exclude<WriterEvent, { readonly kind: 'captureClosed' }> }
  | { readonly kind: 'audioNews'; readonly news: AudioEvent }
  | { readonly kind: 'videoNews'; readonly news: VideoEvent }
  | { readonly kind: 'watchdogNews'; readonly news: WatchdogEvent }
  | { readonly kind: 'mainThreadFroze'; readonly freeze: MainFreeze }
  /** A mailbox has been full for a while, and nobody takes from it. */
  | { readonly kind: 'mailboxStuck'; readonly mailbox: StuckMailbox }
  /** For the record alone: what follows from it is told. */
  | { readonly kind: 'actorEnded'; readonly exit: Exit }
  | { readonly kind: 'sessionLost'; readonly outcome: SessionOutcome }
  /** What became of a report. */
  | { readonly kind: 'reportNews'; readonly news: ReportNews }
  | { readonly kind: 'actorStartsAgain'; readonly restart: PlannedRestart; readonly generation: number }
  /** It failed and is not started again. */
  | { readonly kind: 'actorFailed'; readonly id: string; readonly generation: number; readonly message: string }
  | { readonly kind: 'actorNotStarted'; readonly id: string; readonly message: string }
  | { readonly kind: 'screenLockChanged'; readonly locked: boolean }
  /** Nobody tells any more whether the screen is locked. */
  | { readonly kind: 'screenLockLost'; readonly provider: string; readonly why: string };

/** Either may be absent: not all is news, and some of it is told by a line that was there before. */
export interface Told {
  readonly line: SessionEvent | null;
  readonly notice: Notice | null;
}

/** The ancestor's sentence, word for word. */
export const eventsDroppedText = 'The display stalled and missed some updates from the server; details are in the next bug report';

const severities: Readonly<Record<Severity, NotificationSeverity>> = { info: 'Info', warning: 'Warn', error: 'Error' };
const lineSeverities: Readonly<Record<NotificationSeverity, Severity>> = { Info: 'info', Warn: 'warning', Error: 'error' };
const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

/** `verbose` adds lines, and no notifications. */
export function tellHappening(happening: Happening, wallMs: number, verbose: boolean): Told {
  const noted = (source: string, severity: Severity, text: string): SessionEvent => ({ kind: 'noted', wallMs, source, severity, text });
  switch (happening.kind) {
    case 'connectionNews': {
      const { notice } = happening;
      return { line: noted('connection', lineSeverities[notice.severity], notice.message), notice };
    }
    case 'channelEvent': {
      const { channel, event } = happening;
      const line = wordEvent(wallMs, channel, event, verbose);
      return { line, notice: line === null ? null : noticeOfChannel(channel, event, line) };
    }
    case 'channelLinksAgain': {
      const { channel, trouble, waitMs } = happening;
      return both(noted(channel, 'warning', `${trouble}, linking again ${waitMs < 1 ? 'now' : `in ${formatDuration(Math.round(waitMs))}`}`), 'Connection');
    }
    case 'channelLinkedAgain':
      // That it is linked has its line, as every time.
      return { line: null, notice: notice('Info', 'Connection', `${happening.channel}: linked again after: ${happening.trouble}`) };
    case 'channelUnavailable':
      return both(noted(happening.channel, 'error', describeFailure(happening.failure)), 'Connection');
    case 'channelSilent': {
      const { channel, silentMs, usualMs } = happening;
      return both(noted(channel, 'warning', `silent for ${seconds(silentMs)}, where a PING came every ${seconds(usualMs)} before: probing its connection`), 'Connection');
    }
    case 'channelHeardAgain':
      return both(noted(happening.channel, 'info', 'heard of again'), 'Connection');
    case 'screenBlank':
      return both(
        noted('display', 'warning', `nothing was drawn for ${seconds(happening.blankMs)} after input: the guest hangs, blanks its screen or has nothing to show for it`),
        'Internal',
      );
    case 'resolutionChanged': {
      // The new screen has had its line. The first display is the one that everybody means.
      const { channel, width, height } = happening;
      return { line: null, notice: notice('Info', 'Internal', `Display resolution: ${width}x${height}${channel === 'display/0' ? '' : ` (${channel})`}`) };
    }
    case 'eventsDropped':
      return both(noted('session', 'warning', eventsDroppedText), 'Connection', eventsDroppedText);
    case 'captureNews':
      return both(noted('writer', happening.news.kind === 'captureWriteRecovered' ? 'info' : 'error', wordWriterEvent(happening.news)), 'Internal');
    case 'audioNews': {
      const { severity, text } = wordAudioEvent(happening.news);
      const line = noted('audio', severity, text);
      // Another format is no trouble: the guest's sound goes on.
      return happening.news.kind === 'audioFileChanged' ? { line, notice: null } : both(line, 'Internal');
    }
    case 'videoNews': {
      const { severity, text } = wordVideoEvent(happening.news);
      return both(noted('video', severity, text), 'Internal');
    }
    case 'watchdogNews':
      return both(wordWatchdogEvent(wallMs, happening.news), 'Internal');
    case 'mainThreadFroze':
      return both(wordMainFreeze(wallMs, happening.freeze), 'Internal');
    case 'mailboxStuck':
      return both(wordStuckMailbox(wallMs, happening.mailbox), 'Internal');
    case 'reportNews': {
      const { severity, text } = wordReport(happening.news);
      return both(noted('report', severity, text), 'BugReport', text);
    }
    case 'actorEnded':
    case 'sessionLost':
      return { line: null, notice: null };
    case 'actorStartsAgain': {
      const { restart, generation } = happening;
      const line = wordRestart(wallMs, restart, generation);
      // Who was found frozen has been told by whoever found it.
      return restart.reason.kind === 'frozen' ? { line, notice: null } : both(line, 'Internal');
    }
    case 'actorFailed': {
      const { id, generation, message } = happening;
      return both({ kind: 'actorStateChanged', wallMs, actor: id, generation, state: 'failed', reason: message, restartInMs: null }, 'Internal');
    }
    case 'actorNotStarted':
      return both(noted(happening.id, 'error', `did not start: ${happening.message}`), 'Internal');
    case 'screenLockChanged': {
      const { locked } = happening;
      const text = locked ? 'Screen locked' : 'Screen unlocked';
      return both(noted('screen lock', locked ? 'warning' : 'info', text), 'Internal', text);
    }
    case 'screenLockLost':
      return { line: noted('screen lock', 'info', `${happening.provider} tells no more of it: ${happening.why}`), notice: null };
  }
}

/** The line, and the same as a notification, which has no source of its own to name the actor by. */
function both(line: SessionEvent | null, source: NotificationSource, message?: string): Told {
  if (line === null) return { line, notice: null };
  return { line, notice: notice(severities[eventSeverity(line)], source, message ?? `${eventSource(line)}: ${eventText(line)}`) };
}

/** How a session or a channel is lost is told by those who know what follows from it. */
function noticeOfChannel(channel: string, event: ChannelEvent, line: SessionEvent): Notice | null {
  switch (event.kind) {
    case 'notified':
      return { severity: severities[eventSeverity(line)], source: { Spice: { channel: ancestorName(channel), what: event.what } }, message: event.text, visibility: visibilityOf(event.visibility) };
    case 'agentChanged':
      return notice('Info', 'Connection', event.connected ? 'Guest agent connected' : 'Guest agent disconnected');
    case 'gapSeen':
      return both(line, 'Gap').notice;
    default:
      return null;
  }
}

const notice = (severity: NotificationSeverity, source: NotificationSource, message: string): Notice => ({ severity, source, message, visibility: null });

/** `display/0` as the ancestor names its kind: `Display`. */
function ancestorName(channel: string): string {
  const [name = ''] = channel.split('/');
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** A number that SPICE does not have says nothing. */
function visibilityOf(visibility: number): NotificationVisibility | null {
  switch (visibility) {
    case NotifyVisibility.low:
      return 'Low';
    case NotifyVisibility.medium:
      return 'Medium';
    case NotifyVisibility.high:
      return 'High';
    default:
      return null;
  }
}
