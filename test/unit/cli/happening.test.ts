// Everything that can happen, once, as line and as notification; and the page that lists the notifications, which is written from this.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tellHappening, type Happening } from '#app/cli/happening.js';
import { NotifySeverity } from '#app/protocol/constants.js';
import type { ChannelEvent } from '#app/protocol/events.js';
import type { Notice } from '#app/supervisor/notifications.js';
import { initialReconnect, stepReconnect, type ReconnectInput, type ReconnectRules } from '#app/supervisor/reconnect-policy.js';
import type { FrozenEvidence } from '#app/supervisor/watchdog.js';
import { eventSeverity, eventSource, eventText } from '#app/ui-terminal/session-event.js';

const evidence: FrozenEvidence = {
  id: 'display/0', generation: 7, wallMs: 5, silentMs: 5_120, outcome: 'ended',
  progress: { iterations: 9, handler: 'received', blockedOn: null, blockedCalls: 0, blockedTotalMs: 0, blockedMaxMs: 0, busyTotalMs: 0, busyMaxMs: 0, markAgeMs: 5_120, receiveAgeMs: 5_200, sendAgeMs: null, unlinkedDrops: 0, osThreadId: 12 },
  mailbox: { depth: 3, highWater: 3, dropped: 0, oldestAgeMs: 4_000, accepted: 9, delivered: 6, deadLetters: 0 },
  stack: { kind: 'idle' },
};
const event = (channel: string, given: ChannelEvent): Happening => ({ kind: 'channelEvent', channel, event: given });
const trouble = 'lost its connection (eof: the server closed it)';

/** What becomes a notification, by the words of the page. */
const notified: Readonly<Record<string, Happening>> = {
  'guest agent connects': event('main/0', { kind: 'agentChanged', connected: true }),
  'guest agent disconnects': event('main/0', { kind: 'agentChanged', connected: false }),
  'the server says something (NOTIFY)': event('inputs/0', { kind: 'notified', severity: NotifySeverity.warn, visibility: 2, what: 0, text: 'keyboard channel is insecure' }),
  'a gap, once for each key': event('display/0', { kind: 'gapSeen', gap: { key: 'display:message:199', detail: 'message 199 is not known' } }),
  'a channel is lost': { kind: 'channelLinksAgain', channel: 'cursor/0', trouble, waitMs: 250 },
  'it is linked again': { kind: 'channelLinkedAgain', channel: 'cursor/0', trouble },
  'a channel cannot be linked': { kind: 'channelUnavailable', channel: 'record/0', failure: { kind: 'deadline', phase: 'linking', waitedMs: 10_000, secure: false } },
  'a channel is silent, and is probed': { kind: 'channelSilent', channel: 'cursor/0', silentMs: 60_000, usualMs: 15_000 },
  'it is heard of again': { kind: 'channelHeardAgain', channel: 'cursor/0' },
  'nothing is drawn after input': { kind: 'screenBlank', blankMs: 10_000 },
  'the screen has another size, 500 ms after the last change': { kind: 'resolutionChanged', channel: 'display/0', width: 1_920, height: 1_080 },
  'the same of another screen': { kind: 'resolutionChanged', channel: 'display/1', width: 800, height: 600 },
  'news of channels were dropped, when it begins': { kind: 'eventsDropped' },
  'the capture cannot be written': { kind: 'captureNews', news: { kind: 'captureWriteFailed', file: 'display.pcap', code: 'ENOSPC', message: 'ENOSPC: no space left on device' } },
  'it can be written again': { kind: 'captureNews', news: { kind: 'captureWriteRecovered', file: 'display.pcap', dropped: 12 } },
  'the capture falls behind, when it begins': { kind: 'captureNews', news: { kind: 'captureFellBehind', channel: 'display/0', dropped: 3 } },
  'the sound file cannot be written': { kind: 'audioNews', news: { kind: 'audioFileFailed', path: 'x.wav', message: 'EACCES: permission denied' } },
  'the sound file can be written again': { kind: 'audioNews', news: { kind: 'audioFileRecovered', path: 'x.wav', lostSamples: 480 } },
  'the video cannot be written': { kind: 'videoNews', news: { kind: 'videoFileFailed', path: 'c/display-0.mkv', message: 'ENOSPC: no space left' } },
  'the video can be written again': { kind: 'videoNews', news: { kind: 'videoFileRecovered', path: 'c/display-0.mkv', lostFrames: 3 } },
  'the video’s encoder ends': { kind: 'videoNews', news: { kind: 'videoEncoderEnded', path: 'c/display-0.mkv', message: 'exit code 1: no space left' } },
  'a picture of the video cannot be encoded': { kind: 'videoNews', news: { kind: 'videoEncodingFailed', channel: 'display/0', message: 'no' } },
  'the player ends': { kind: 'audioNews', news: { kind: 'playerEnded', program: 'aplay', detail: 'exit code 1' } },
  'an actor is frozen': { kind: 'watchdogNews', news: { kind: 'frozen', evidence } },
  'it went on by itself': { kind: 'watchdogNews', news: { kind: 'frozen', evidence: { ...evidence, outcome: 'recovered' } } },
  'a file call does not return': { kind: 'watchdogNews', news: { kind: 'healthChanged', before: 'alive', verdict: { id: 'writer', generation: 1, health: 'blockedOnDisk', silentMs: 0 } } },
  'it has returned': { kind: 'watchdogNews', news: { kind: 'healthChanged', before: 'blockedOnDisk', verdict: { id: 'writer', generation: 1, health: 'alive', silentMs: 0 } } },
  'nobody reads an actor’s output': { kind: 'watchdogNews', news: { kind: 'healthChanged', before: 'alive', verdict: { id: 'log', generation: 1, health: 'blockedOnOutput', silentMs: 0 } } },
  'the clock jumps': { kind: 'watchdogNews', news: { kind: 'clockJumped', byMs: 61_000 } },
  'the main thread stands still': { kind: 'mainThreadFroze', freeze: { silentMs: 5_000, place: 'in sort (a.ts:1)', path: null } },
  'an actor fails and is started again': { kind: 'actorStartsAgain', generation: 2, restart: { id: 'cursor/0', reason: { kind: 'failed', error: { name: 'Error', message: 'no such shape', stack: '', code: null } }, waitMs: 250, budget: 'crash' } },
  'an actor fails for good': { kind: 'actorFailed', id: 'dashboard', generation: 1, message: 'EIO: i/o error' },
  'a mailbox is full and not read': { kind: 'mailboxStuck', mailbox: { receiver: 'audio', receiverGeneration: 1, sender: 'playback/0', senderGeneration: 2, lane: 'data', depth: 256, bound: 256, oldestAgeMs: 6_200, dropped: 12, doing: "in 'receive'" } },
  'an actor does not start': { kind: 'actorNotStarted', id: 'log', message: 'no thread could be made' },
  'a report is written': { kind: 'reportNews', news: { kind: 'written', of: { kind: 'disconnect', channel: 'main/0', error: 'eof' }, path: 'reports/ryll-disconnect-main-2026-05-18T20-37-42Z.zip' } },
  'a report cannot be written': { kind: 'reportNews', news: { kind: 'failed', of: { kind: 'frozenActor', actor: 'display/0', detail: '' }, message: 'ENOSPC: no space left on device', isRefused: false } },
  'too many reports wait to be written': { kind: 'reportNews', news: { kind: 'failed', of: { kind: 'manual', type: 'Display', description: '' }, message: '8 reports wait to be written already', isRefused: true } },
  'the user’s screen is locked': { kind: 'screenLockChanged', locked: true },
  'it is unlocked': { kind: 'screenLockChanged', locked: false },
};

/** Told as a line alone. */
const lineOnly: Readonly<Record<string, Happening>> = {
  'the end of main, which the reconnect policy tells': event('main/0', { kind: 'connectionLost', cause: { kind: 'fin', message: 'closed', code: null } }),
  'a link': event('display/0', { kind: 'linkPhaseChanged', phase: 'linked', secure: false }),
  'a screen, whose size may change again': event('display/0', { kind: 'surfaceCreated', surfaceId: 0, width: 8, height: 8, format: 32, buffer: new SharedArrayBuffer(8), coverage: null }),
  'sound in another format': { kind: 'audioNews', news: { kind: 'audioFileChanged', path: 'x-2.wav', format: { channels: 2, frequencyHz: 44_100 } } },
  'the restart of an actor whose freeze has been told': { kind: 'actorStartsAgain', generation: 2, restart: { id: 'cursor/0', reason: { kind: 'frozen' }, waitMs: 250, budget: 'frozen' } },
  'a screen lock that nobody tells of any more': { kind: 'screenLockLost', provider: 'logind', why: 'exit code 1' },
};

/** For the record alone. */
const silent: readonly Happening[] = [
  { kind: 'actorEnded', exit: { id: 'cursor/0', generation: 2, reason: { kind: 'killed' }, abandoned: false } },
  { kind: 'sessionLost', outcome: { kind: 'mainLost', cause: { kind: 'fin', message: 'closed', code: null }, serverReason: null } },
];

const noticeOf = (happening: Happening): Notice | null => tellHappening(happening, 5, false).notice;
const sourceText = ({ source }: Notice): string => (typeof source === 'string' ? source : `Spice ${source.Spice.channel} ${source.Spice.what}`);

describe('a notification', () => {
  test.each(Object.entries(notified))('is made when %s', (_, happening) => {
    expect(noticeOf(happening)).not.toBeNull();
  });

  const told = Object.entries(notified).flatMap(([what, happening]) => {
    const { line, notice } = tellHappening(happening, 5, false);
    return line === null ? [] : [{ what, happening, line, notice }];
  });

  test.each(told)('when $what has the weight of its line', ({ line, notice }) => {
    expect(notice?.severity).toBe({ info: 'Info', warning: 'Warn', error: 'Error' }[eventSeverity(line)]);
  });

  const hasOwnSentence = (happening: Happening): boolean =>
    happening.kind === 'screenLockChanged' || happening.kind === 'reportNews' || happening.kind === 'eventsDropped' || (happening.kind === 'channelEvent' && happening.event.kind !== 'gapSeen');

  test.each(told.filter(({ happening }) => !hasOwnSentence(happening)))('when $what has the words of its line', ({ line, notice }) => {
    expect(notice?.message).toBe(`${eventSource(line)}: ${eventText(line)}`);
  });

  test.each(Object.entries(lineOnly))('is not made of %s', (_, happening) => {
    const { line, notice } = tellHappening(happening, 5, false);
    expect(line).not.toBeNull();
    expect(notice).toBeNull();
  });

  test.each(silent)('is not made of $kind, and no line either', (happening) => {
    expect(tellHappening(happening, 5, true)).toEqual({ line: null, notice: null });
  });

  test('is made of nothing that only --verbose tells', () => {
    expect(tellHappening(event('display/0', { kind: 'linkPhaseChanged', phase: 'dialing', secure: false }), 5, true)).toMatchObject({ line: { severity: 'info' }, notice: null });
  });

  test.each([[0, 'Info', 'Low'], [1, 'Warn', 'Medium'], [2, 'Error', 'High'], [77, 'Info', null]])('of the server’s severity and visibility %i', (number, severity, visibility) => {
    expect(noticeOf(event('main/0', { kind: 'notified', severity: number, visibility: number, what: 4, text: 'x' })))
      .toEqual({ severity, visibility, source: { Spice: { channel: 'Main', what: 4 } }, message: 'x' });
  });

  test('of the connection keeps what the reconnect policy made it', () => {
    const notice: Notice = { severity: 'Warn', source: 'BugReport', message: 'Session ticket expires in 30 seconds.', visibility: null };
    expect(tellHappening({ kind: 'connectionNews', notice }, 5, false)).toEqual({ line: { kind: 'noted', wallMs: 5, source: 'connection', severity: 'warning', text: notice.message }, notice });
  });
});

test('every kind of happening is in one of the lists', () => {
  const kinds: Readonly<Record<Happening['kind'], boolean>> = {
    connectionNews: true, channelEvent: true, channelLinksAgain: true, channelLinkedAgain: true, channelUnavailable: true, channelSilent: true, channelHeardAgain: true,
    screenBlank: true, resolutionChanged: true, eventsDropped: true, captureNews: true, audioNews: true, videoNews: true, watchdogNews: true, mainThreadFroze: true, actorStartsAgain: true,
    actorFailed: true, actorNotStarted: true, actorEnded: true, sessionLost: true, mailboxStuck: true, screenLockChanged: true, screenLockLost: true, reportNews: true,
  };
  const listed = new Set([...Object.values(notified), ...Object.values(lineOnly), ...silent].map(({ kind }) => kind));
  expect(Object.keys(kinds).filter((kind) => !listed.has(kind as Happening['kind']))).toEqual(['connectionNews']);
});

/** The rows of the page's table that begins with this column. */
function rowsOf(column: string): string[] {
  const page = readFileSync(new URL('../../../docs/notifications.md', import.meta.url), 'utf8');
  return page.slice(page.indexOf(`| ${column} |`)).split(/\n\n|\n$/, 1)[0]?.split('\n').slice(2) ?? [];
}

test('docs/notifications.md lists what the reconnect policy says', () => {
  const said = new Set<string>();
  const run = (rules: Partial<ReconnectRules>, ...inputs: readonly (ReconnectInput & { readonly atMs?: number })[]): void => {
    let state = initialReconnect;
    for (const input of inputs) {
      const moment = { nowMs: input.atMs ?? 0, wallMs: input.atMs ?? 0, random: 0 };
      const step = stepReconnect(state, input, moment, { target: 'vm:5900', singleUse: false, ticketValidUntilMs: null, freshTickets: false, retryInitial: false, jitter: 0, ...rules });
      state = step.state;
      for (const effect of step.effects) if (effect.kind === 'notify') said.add(`| ${effect.source} | ${effect.severity} | ${effect.message} |`);
    }
  };
  const lost = { kind: 'lost', error: 'refused' } as const;
  run({}, { kind: 'connected' }, lost, { kind: 'tick', atMs: 1e3 }, lost, { kind: 'tick', atMs: 1e5 }, lost, { kind: 'tick', atMs: 2e5 }, lost, { kind: 'manualRequested' });
  run({}, lost);
  run({ singleUse: true }, { kind: 'connected' }, lost);
  run({ ticketValidUntilMs: 30_000 }, { kind: 'connected' }, { ...lost, atMs: 30_000 });
  const generic = (row: string): string => row.replace(/(attempt) [1-3]/, '$1 N').replace(/expires in \d+ /, 'expires in N ').replaceAll('refused', 'CAUSE').replace('vm:5900', 'TARGET');
  expect(rowsOf('Source')).toEqual([...new Set([...said].map(generic))]);
});

test('docs/notifications.md lists all others, as they are', () => {
  expect(rowsOf('Happens')).toEqual(Object.entries(notified).flatMap(([what, happening]) => {
    const notice = noticeOf(happening);
    return notice === null ? [] : [`| ${what} | ${sourceText(notice)} | ${notice.severity} | ${notice.message} |`];
  }));
});
