// Session requests: what programs ask of a running session through its control socket, done and answered on the main thread: input for the
// guest, statistics, notifications, the session's end or its renewal.

import { resolve } from 'node:path';
import type { SessionRequest } from '../actors/hub-mail.ts';
import { refusal, type Answer } from '../control/request.ts';
import type { ManualType } from '../capture/report/report-kind.ts';
import { judgeRegion } from '../capture/report/report-region.ts';
import type { ReportTypeWord, ReportWish, SessionCommand } from '../control/session-command.ts';
import type { ChannelCommand } from '../protocol/commands.ts';
import { serializeNotification, type Notice, type NotificationStore } from '../supervisor/notifications.ts';
import type { SessionReports } from './session-reports.ts';

const inputsId = 'inputs/0';

/** The session, as far as it is asked. */
export interface AskedSession {
  readonly requests: { subscribe(next: (request: SessionRequest) => void): unknown };
  readonly reconnect: { readonly refusal: string | null; byHand(): void };
  readonly news: { readonly notifications: NotificationStore; remember(notice: Notice): void };
  readonly reports: Pick<SessionReports, 'request' | 'fileNotification'>;
  answer(request: SessionRequest, answer: Answer): void;
  /** False when the channel does not run or has no room. */
  command(channel: string, command: ChannelCommand): boolean;
}

export interface SessionRequestActions {
  /** The session is to end, as its user would end it. */
  end(): void;
  /** The document of `--stats-json`. */
  stats(): object;
}

const done: Answer = { ok: true, result: {} };

export function answerRequests(session: AskedSession, actions: SessionRequestActions): void {
  session.requests.subscribe((request) => {
    if (request.command.kind === 'report') return void report(session, request, request.command.report);
    session.answer(request, answerOf(session, actions, request.command));
    // Its answer is on its way before the end begins.
    if (request.command.kind === 'disconnect') actions.end();
  });
}

/** Answered when the file is there, or why it is not. */
async function report(session: AskedSession, request: SessionRequest, wish: ReportWish): Promise<void> {
  const judged = wish.kind === 'session' && wish.region !== null ? judgeRegion(wish.region) : null;
  if (judged !== null && !judged.ok) {
    session.news.remember({ severity: 'Warn', source: 'BugReport', message: judged.message, visibility: null });
    return session.answer(request, refusal('bad_params', judged.message));
  }
  const outcome = wish.kind === 'notification'
    ? await session.reports.fileNotification(wish.id)
    : await session.reports.request({ type: manualTypeOf[wish.type], description: wish.description, region: judged?.region ?? null });
  if (!outcome.ok) return session.answer(request, refusal('bad_state', outcome.message));
  const { path, bytes, messages } = outcome.written;
  session.answer(request, { ok: true, result: { path: resolve(path), bytes, messages, privacy: privacyNote } });
}

export const manualTypeOf: Readonly<Record<ReportTypeWord, ManualType>> = { display: 'Display', input: 'Input', cursor: 'Cursor', connection: 'Connection', usb: 'Usb', audio: 'Audio' };

/** For whoever is about to send it to somebody. */
const privacyNote = 'The report holds what was on the wire of its channels: pictures of the screen, sound, files and USB data as far as they are among them. Tickets, key codes and clipboards are taken out. Look through it before you share it.';

function answerOf(session: AskedSession, actions: SessionRequestActions, command: Exclude<SessionCommand, { readonly kind: 'report' }>): Answer {
  switch (command.kind) {
    case 'disconnect':
      return done;
    case 'reconnect': {
      const refused = session.reconnect.refusal;
      if (refused !== null) return refusal('bad_state', refused);
      session.reconnect.byHand();
      return done;
    }
    case 'input':
      // One that has no room is the last: a release that came without its press would be none.
      return command.commands.every((each) => session.command(inputsId, each)) ? done : refusal('bad_state', 'the inputs channel takes nothing at the moment; ask again');
    case 'stats':
      return { ok: true, result: { ...actions.stats() } };
    case 'notifications': {
      const { entries, nextId, dropped } = session.news.notifications;
      const wanted = entries.filter(({ id }) => id > command.sinceId).slice(-command.limit);
      return { ok: true, result: { notifications: wanted.map(serializeNotification), last_id: nextId - 1, dropped } };
    }
  }
}
