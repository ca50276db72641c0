import { expect, it } from 'vitest';
import { describeReplies, forgetRequests, noReplies, noteReply, noteRequest, noteWaiting } from '#app/protocol/channels/agent-replies.js';

it('an answer belongs to the oldest request without one', () => {
  const asked = noteRequest(noteRequest(noReplies, 10), 20);
  expect(describeReplies(asked)).toMatchObject({ requests: 2, replies: 0, outstanding: 2 });
  expect(describeReplies(noteReply(noteReply(asked, false, 35), true, 21.5))).toMatchObject({ replies: 2, replyErrors: 1, lastReplyMs: 21.5, replyLagsUs: [25_000, 1_500], outstanding: 0 });
});

it('an agent that never answers has at most 99 outstanding requests, and one that answers too much none', () => {
  let replies = noReplies;
  for (let ask = 0; ask < 300; ask++) replies = noteRequest(replies, ask);
  expect(describeReplies(replies)).toMatchObject({ requests: 300, outstanding: 99 });
  expect(describeReplies(noteReply(forgetRequests(replies), false, 1))).toMatchObject({ replies: 1, replyLagsUs: [], outstanding: 0 });
});

it('waiting for tokens is counted when it begins, and has a beginning while it lasts', () => {
  const waiting = noteWaiting(noteWaiting(noReplies, true, 5), true, 9);
  expect(describeReplies(waiting)).toMatchObject({ stalls: 1, starvedSinceMs: 5 });
  expect(describeReplies(noteWaiting(noteWaiting(waiting, false, 11), true, 12))).toMatchObject({ stalls: 2, starvedSinceMs: 12 });
});

it('the last 16 lags are kept', () => {
  let replies = noReplies;
  for (let ask = 0; ask < 40; ask++) replies = noteReply(noteRequest(replies, 0), false, ask);
  expect(replies.replyLagsUs).toEqual(Array.from({ length: 16 }, (_, index) => (24 + index) * 1000));
});
