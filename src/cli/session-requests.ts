// Session requests: what programs ask of a running session through its control socket, done and answered on the main thread: input for the
// guest, statistics, notifications, the session's end or its renewal.

import type { SessionRequest } from '../actors/hub-mail.ts';
import { refusal, type Answer } from '../control/request.ts';
import type { SessionCommand } from '../control/session-command.ts';
import type { ChannelCommand } from '../protocol/commands.ts';
import { serializeNotification, type NotificationStore } from '../supervisor/notifications.ts';

const inputsId = 'inputs/0';

/** The session, as far as it is asked. */
export interface AskedSession {
  readonly requests: { subscribe(next: (request: SessionRequest) => void): unknown };
  readonly reconnect: { readonly refusal: string | null; byHand(): void };
  readonly news: { readonly notifications: NotificationStore };
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
    session.answer(request, answerOf(session, actions, request.command));
    // Its answer is on its way before the end begins.
    if (request.command.kind === 'disconnect') actions.end();
  });
}

function answerOf(session: AskedSession, actions: SessionRequestActions, command: SessionCommand): Answer {
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
