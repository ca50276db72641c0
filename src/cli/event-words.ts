// Event words: what a channel reports, worded for people. Which facts are worth a line and how much attention they want is
// decided here, once, for the terminal, the log and the statistics alike.

import { channelName, MouseMode, NotifySeverity } from '../protocol/constants.ts';
import type { PlannedRestart } from '../actors/supervisor-runner.ts';
import type { ChannelEvent } from '../protocol/events.ts';
import type { SessionEvent, Severity } from '../ui-terminal/session-event.ts';
import { formatBytes } from '../ui-terminal/units.ts';
import { describeFailure, describeLoss } from './link-trouble.ts';

const noted = (wallMs: number, source: string, severity: Severity, text: string): SessionEvent => ({ kind: 'noted', wallMs, source, severity, text });

const mouseModeWords: Readonly<Record<number, string>> = { [MouseMode.server]: 'server (relative)', [MouseMode.client]: 'client (absolute)' };

function noticeSeverity(severity: number): Severity {
  switch (severity) {
    case NotifySeverity.warn:
      return 'warning';
    case NotifySeverity.error:
      return 'error';
    default:
      return 'info';
  }
}

/** The line for one event, or `null` when it is not news for people. `verbose` adds the steps of a link. */
export function wordEvent(wallMs: number, channel: string, event: ChannelEvent, verbose: boolean): SessionEvent | null {
  const note = (severity: Severity, text: string): SessionEvent => noted(wallMs, channel, severity, text);
  switch (event.kind) {
    case 'linkPhaseChanged':
      if (event.phase !== 'linked' && !verbose) return null;
      return note('info', `${event.phase}${event.secure ? ' (TLS)' : ''}`);
    case 'peerCertified':
      return verbose ? note('info', `certificate ${event.certificate}`) : null;
    case 'linkFailed':
      return note('error', describeFailure(event.failure));
    case 'connectionLost':
      return note('error', `connection lost (${describeLoss(event.cause)})`);
    case 'sessionInitialised':
      return note('info', `session ${event.sessionId} initialised, video memory ${formatBytes(event.ramHint)}`);
    case 'channelsListed':
      return note('info', `the server offers ${event.channels.map(({ type, id }) => `${channelName(type)}/${id}`).join(', ')}`);
    case 'mouseModeChanged':
      return note('info', `mouse mode ${mouseModeWords[event.current] ?? event.current}`);
    case 'agentChanged':
      return note('info', event.connected ? 'guest agent connected' : 'guest agent disconnected');
    case 'serverNamed':
      return note('info', `guest name ${event.name}`);
    case 'serverIdentified':
      return note('info', `guest uuid ${event.uuid}`);
    case 'notified':
      return note(noticeSeverity(event.severity), `the server says: ${event.text}`);
    case 'serverDisconnecting':
      return note('warning', `the server is about to disconnect (reason ${event.reason})`);
    case 'gapSeen':
      return note('warning', `gap ${event.gap.key}: ${event.gap.detail}`);
    case 'surfaceCreated':
      return note('info', `screen ${event.width}x${event.height}`);
    case 'surfaceDestroyed':
      return verbose ? note('info', `surface ${event.surfaceId} destroyed`) : null;
    case 'headsConfigured':
      return note('info', `heads ${event.heads.map(({ width, height, x, y }) => `${width}x${height}+${x}+${y}`).join(' ')}`);
    case 'playbackChanged':
      return note('info', event.playing ? `sound plays, ${event.channels} channels at ${event.frequencyHz} Hz` : 'sound stopped');
    case 'surfaceMarked':
    case 'serialReached':
      return null;
    case 'portOpened':
      return note('info', `${event.name} is ${event.opened ? 'open' : 'closed'} on the guest's side`);
  }
}

/** The line for an actor that ended by a mistake of ours, or was frozen, and is started again. */
export function wordRestart(wallMs: number, { id, reason, waitMs }: PlannedRestart, generation: number): SessionEvent {
  return {
    kind: 'actorStateChanged', wallMs, actor: id, generation, state: reason.kind === 'frozen' ? 'frozen' : 'failed',
    reason: reason.kind === 'failed' ? reason.error.message : reason.kind === 'downstreamClosed' ? reason.detail : null, restartInMs: waitMs,
  };
}
